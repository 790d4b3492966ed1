"""A run over GATT and bleak leaves a recording that gives the same run again, whole or cut."""

from __future__ import annotations

import json
import stat
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pacer import demo
from pacer.cli import main
from pacer.recording import line, read
from pacer.session import Session
from tests.support import scene
from tests.support.played import Scene

SOLO = demo.Options("solo", 1)
LIMIT_S = 60.0  # s: some 40 s of running, with cues; the rest of a mile would only cost time
CUTS = 24  # places at which the recording is cut


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene.play(SOLO, tmp_path_factory.mktemp("recordings"), LIMIT_S)


def path_of(run: Scene) -> Path:
    assert run.path is not None
    return run.path


def replayed(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]], list[str]]:
    """Replays a file as JSON; returns the exit code, the states and the lines on stderr."""
    capsys.readouterr()
    code = main(["replay", str(path), "--json"])
    out, err = capsys.readouterr()
    return code, [json.loads(text) for text in out.splitlines()], err.splitlines()


def test_the_same_outputs_come_from_the_recording_alone(run: Scene) -> None:
    recording = read(path_of(run))
    session = Session(recording.header.setup)

    again = [output for item in recording.inputs for output in session.step(item)]

    assert len(again) > 500
    assert again == run.outputs
    assert recording.damage == ()


def test_verify_compares_the_digests(run: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(path_of(run)), "--verify"]) == 0
    assert "equal to the recorded run's" in capsys.readouterr().err


def test_verify_finds_one_changed_tick(
    run: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = path_of(run).read_bytes().splitlines(keepends=True)
    tick = max(n for n, raw in enumerate(lines) if raw[9:].startswith(b'{"k":"t"'))
    body = json.loads(lines[tick][9:])
    lines[tick] = line("t", {"t": body["t"] + 0.001})
    changed = tmp_path / "changed.pacer"
    changed.write_bytes(b"".join(lines))

    assert main(["replay", str(changed), "--verify"]) == 2
    assert "outputs differ" in capsys.readouterr().err


def test_only_the_owner_may_read_it(run: Scene) -> None:
    assert stat.S_IMODE(path_of(run).stat().st_mode) == 0o600


def test_its_header_holds_the_whole_start(run: Scene) -> None:
    header = read(path_of(run)).header

    assert header.setup == demo.demo_setup(SOLO)
    assert header.setup.seed == 1
    assert header.anchor.utc
    assert header.anchor.pacer


def test_cut_anywhere_it_replays_up_to_the_cut(
    run: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = path_of(run).read_bytes()
    header = data.index(b"\n") + 1
    _, whole, _ = replayed(path_of(run), capsys)
    counts: list[int] = []
    for place in range(header, len(data), (len(data) - header) // CUTS):
        cut = tmp_path / f"{place}.pacer"
        cut.write_bytes(data[:place])

        code, states, err = replayed(cut, capsys)

        assert code == 0
        assert states == whole[: len(states)]
        assert len(err) <= 1  # one line for the torn one
        counts.append(len(states))
    assert all(before <= after for before, after in pairwise(counts))
    assert len(whole) * (CUTS - 1) / CUTS <= counts[-1] + 1


def test_cut_in_its_header_it_is_refused_in_one_line(
    run: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = path_of(run).read_bytes()
    header = data.index(b"\n")
    for place in (0, 1, 8, 9, 20, header // 2, header - 1):
        cut = tmp_path / f"{place}.pacer"
        cut.write_bytes(data[:place])

        code, states, err = replayed(cut, capsys)

        assert (code, states, len(err)) == (2, [], 1)
        assert str(cut) in err[0]
