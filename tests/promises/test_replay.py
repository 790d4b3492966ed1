"""R5 to R8: what a recording is good for: the same again, unseen change, a run that goes on, for ever."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pacer import resume
from pacer.errors import InputError
from pacer.outputs import Finished, Output
from pacer.recorder import Recorder
from pacer.recording import FORMAT, Anchor, line, parse, read
from pacer.session import Session
from tests.promises import goldens
from tests.promises.promised import Measured, Promise

R5 = Promise("R5", "a replay gives the same outputs", "equal with `==`")
R6 = Promise("R6", "behaviour cannot change unseen", "events exactly, numbers to 1e-6, as accepted before")
R7 = Promise("R7", "a run goes on after a crash", "its outputs equal the uninterrupted run's")
R8 = Promise(
    "R8",
    "old recordings stay readable, newer ones are refused by name",
    "one recording of each format, for ever",
)

PACED = goldens.FOLDER / "paced.pacer"


@R5
@pytest.mark.parametrize("path", goldens.paths(), ids=lambda path: path.stem)
def test_r5_a_replay_gives_the_same_outputs(path: Path, measured: Measured) -> None:
    again = Session(read(path).header.setup)
    assert tuple(said for item in read(path).inputs for said in again.step(item)) == goldens.outputs(path)
    measured(R5, f"{len(goldens.paths())} golden recordings: equal")


@R6
@pytest.mark.parametrize("path", goldens.paths(), ids=lambda path: path.stem)
def test_r6_behaviour_cannot_change_unseen(path: Path, measured: Measured) -> None:
    """Compares with what was accepted; PACER_ACCEPT=1 accepts what comes of it now, for git to show."""
    if os.environ.get("PACER_ACCEPT"):
        goldens.write_expected(path)
    was = [json.loads(text) for text in goldens.expected(path).read_text().splitlines()]
    now = list(goldens.lines(goldens.outputs(path)))
    assert [one.get("is") for one in now] == [one.get("is") for one in was]
    changed = list(goldens.differences(was, now))
    assert not changed, f"{len(changed)} numbers changed, at first {changed[0]}"
    measured(R6, f"{len(goldens.paths())} golden recordings: as accepted")


@dataclass(slots=True)
class Machine:
    """A machine whose clock was set to the run's end, and that was booted anew."""

    t: float = 3.0
    said: list[Output] = field(default_factory=list)

    def now(self) -> float:
        return self.t


@R7
@pytest.mark.parametrize("tenth", range(1, 10))
def test_r7_a_run_goes_on_after_a_crash_as_if_there_had_been_none(
    tenth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    whole = read(PACED)
    finish_t = next(said.t for said in goldens.outputs(PACED) if isinstance(said, Finished))
    cut = sum(item.t < finish_t for item in whole.inputs) * tenth // 10
    rest = whole.inputs[cut:]
    path = tmp_path / "a.pacer"
    recorder = Recorder(path, replace(whole.header, anchor=Anchor(goldens.UTC, 0.0, "before")))
    for item in whole.inputs[:cut]:
        recorder.append(item)
    recorder.close()
    here = f"2026-05-01T10:{int(rest[0].t) // 60:02}:{rest[0].t % 60:09.6f}+00:00"
    monkeypatch.setattr(resume, "anchor_now", lambda t: Anchor(here, t, "after"))
    began = time.process_time()
    resumed = resume.take_up(path, Machine())
    an_hour_s = (time.process_time() - began) * 3600 / whole.inputs[cut - 1].t
    assert resumed.clock.now() == pytest.approx(rest[0].t, abs=1e-6)
    later = [said for item in rest for said in resumed.session.step(item)]
    assert later == list(goldens.outputs(PACED)[-len(later) :])
    before = Session(whole.header.setup)
    count = sum(len(before.step(item)) for item in whole.inputs[:cut])
    assert count + len(later) == len(goldens.outputs(PACED))
    measured(R7, "cut at each tenth of a run: equal")
    measured(R7, "{:.0f} s of CPU to take up an hour", an_hour_s)


@R8
def test_r8_old_recordings_stay_readable_and_newer_ones_are_refused_by_name(measured: Measured) -> None:
    formats = set()
    for path in goldens.paths():
        first = path.read_bytes().split(b"\n")[0]
        formats.add(json.loads(first[9:])["format"])
        recording = read(path)
        assert recording.inputs
        assert len(recording.damage) == (path.stem == "crash-tail")
    assert formats == set(range(1, FORMAT + 1)), "one golden recording of each format, for ever"
    body = json.loads(first[9:]) | {"format": FORMAT + 1, "pacer": "99"}
    del body["k"]
    with pytest.raises(
        InputError, match=f"format {FORMAT + 1}, written by pacer '99'.*reads format {FORMAT}"
    ):
        parse(line("h", body), "newer.pacer")
    measured(R8, f"each format up to {FORMAT} is read, {FORMAT + 1} is refused")
