"""`pacer replay` as a person reads it: the summary on stdout, and what happened beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacer.cli import main
from pacer.playback import splits_told
from pacer.recorder import Recorder
from pacer.recording import Anchor, Header, read
from pacer.session import Session
from tests.promises import goldens
from tests.support.direct import FOOTPOD, GPS, kit, paced

TUNNEL = goldens.FOLDER / "tunnel.pacer"  # its receiver is silent from 20 to 40 s after the gun


def test_what_happened_is_told_with_the_clock_of_the_race(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(TUNNEL)]) == 0
    said = capsys.readouterr()
    assert "finished after" in said.out
    gone, back = (line for line in said.err.splitlines() if " gps " in line)
    assert gone.startswith(("0:22 warning: gps ", "0:23 warning: gps "))
    assert back.startswith(("0:40 info: gps ", "0:41 info: gps "))


def test_programs_read_states_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(TUNNEL), "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_a_track_that_was_found_is_told_with_the_command_that_keeps_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "on a track.pacer"
    setup = kit(FOOTPOD, GPS, course=None)
    recorder = Recorder(path, Header("mile", setup, Anchor("2026-05-01T10:00:00+00:00", 0.0, None)))
    for item in paced().inputs:
        recorder.append(item)
    recorder.close()
    assert main(["replay", str(path)]) == 0
    told = capsys.readouterr().err.splitlines()
    assert any("a track was found: a lap of" in line for line in told)
    assert told[-1].endswith(f": pacer course learn '{path}' keeps it")
    monkeypatch.chdir(tmp_path)
    assert main(["course", "learn", str(path)]) == 0, "and the command does"


def test_a_run_that_is_over_is_summed_up_as_its_replay_is(capsys: pytest.CaptureFixture[str]) -> None:
    recording, session = read(TUNNEL), Session(read(TUNNEL).header.setup)
    for item in recording.inputs[: len(recording.inputs) // 2]:
        session.step(item)
    assert splits_told(session, TUNNEL) is None
    for item in recording.inputs[len(recording.inputs) // 2 :]:
        session.step(item)
    assert main(["replay", str(TUNNEL)]) == 0
    assert f"{splits_told(session, TUNNEL)}\n" == capsys.readouterr().out
    assert splits_told(session, Path("gone.pacer")) is None
