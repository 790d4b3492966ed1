from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pacer import app, resume
from pacer.cli import main
from pacer.engine import Post
from pacer.errors import HardwareError, InputError
from pacer.inputs import Command, Input, Tick
from pacer.outputs import Notice, Split, State
from pacer.recorder import Recorder
from pacer.recording import Anchor, Header, OutputDigest, read
from pacer.sources.radio import platform_radio
from tests.support import direct

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SETUP = direct.kit()
START_T, CUT_T = 1003.0, 1020.0
INPUTS: tuple[Input, ...] = (
    Tick(1000.0),
    Command(1001.0, "start"),
    Command(1003.0, "start"),  # confirmed: there is no GPS
    *(Tick(1003.0 + n) for n in range(1, 18)),
)


@dataclass
class Machine:
    """A machine whose clocks and boots a test sets."""

    t: float = 1000.0
    utc: datetime = NOON
    boot: str | None = "first"

    def now(self) -> float:
        return self.t

    def anchor(self, t: float) -> Anchor:
        return Anchor(self.utc.isoformat(), t, self.boot)

    def passes(self, seconds: float) -> None:
        self.t += seconds
        self.utc += timedelta(seconds=seconds)

    def reboots(self, seconds: float) -> None:
        self.t, self.boot = 7.0, f"after {self.boot}"
        self.utc += timedelta(seconds=seconds)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    one = Machine()
    monkeypatch.setattr(resume, "anchor_now", one.anchor)
    return one


def cut_off(machine: Machine, path: Path, inputs: tuple[Input, ...] = INPUTS) -> Path:
    """Writes a run that is cut off within a line, 20 s after it began."""
    header = Header("mile", SETUP, machine.anchor(machine.now()))
    recorder = Recorder(path, header)
    for item in inputs:
        recorder.append(item)
    recorder.close()
    with path.open("ab") as file:
        file.write(b'0123abcd {"k":"t","t":10')
    machine.passes(CUT_T - 1000.0)
    return path


def on_disk(resumed: resume.Resumed, *items: Input) -> None:
    recorder = resumed.recorder()
    for item in items:
        recorder.append(item)
    recorder.close()


def test_the_race_clock_goes_on_across_a_reboot_by_utc(machine: Machine, tmp_path: Path) -> None:
    path = cut_off(machine, tmp_path / "a.pacer")
    machine.reboots(73.0)
    resumed = resume.take_up(path, machine)
    assert resumed.clock.now() == pytest.approx(CUT_T + 73.0)
    assert resumed.silent_s == pytest.approx(73.0)
    machine.passes(2.5)
    *_, state = resumed.session.step(Tick(resumed.clock.now()))
    assert isinstance(state, State)
    assert state.elapsed_s == pytest.approx(CUT_T + 75.5 - START_T)
    assert "73 s" in resumed.notice().text


def test_within_one_boot_a_stepped_wall_clock_changes_nothing(machine: Machine, tmp_path: Path) -> None:
    path = cut_off(machine, tmp_path / "a.pacer")
    machine.passes(4.0)
    machine.utc -= timedelta(hours=1)
    assert resume.take_up(path, machine).clock.now() == CUT_T + 4.0


def test_a_run_that_was_resumed_after_a_reboot_is_resumed_again(machine: Machine, tmp_path: Path) -> None:
    path = cut_off(machine, tmp_path / "a.pacer")
    machine.reboots(60.0)
    once = resume.take_up(path, machine)
    on_disk(once, Tick(once.clock.now()))
    machine.passes(5.0)
    machine.utc += timedelta(hours=1)  # the same boot: nobody asks the wall
    twice = resume.take_up(path, machine)
    assert twice.clock.now() == pytest.approx(CUT_T + 65.0)
    on_disk(twice, Tick(twice.clock.now()))
    machine.reboots(10.0)
    assert resume.take_up(path, machine).clock.now() == pytest.approx(CUT_T + 75.0)


def test_what_was_recorded_is_never_touched_and_replays_as_one_run(machine: Machine, tmp_path: Path) -> None:
    path = cut_off(machine, tmp_path / "a.pacer")
    before = path.read_bytes()
    resumed = resume.take_up(path, machine)
    recorder, items = resumed.recorder(), [Tick(CUT_T + n) for n in range(5)]
    for item in items:
        recorder.append(item)
        for output in resumed.session.step(item):
            resumed.digest.add(output)
    recorder.end(CUT_T + 5, resumed.digest)
    recorder.close()
    assert path.read_bytes().startswith(before)
    assert read(path).inputs == (*INPUTS, *items)
    assert main(["replay", "--verify", str(path)]) == 0


def test_splits_of_before_are_handed_over(machine: Machine, tmp_path: Path) -> None:
    tap = (*INPUTS, Command(CUT_T, "lap"))
    resumed = resume.take_up(cut_off(machine, tmp_path / "a.pacer", tap), machine)
    (split,) = [said for said in resumed.said if isinstance(said, Split)]
    assert split.elapsed_s == CUT_T - START_T


@pytest.mark.parametrize("seconds", [-1.0, 3700.0])
def test_a_gap_that_cannot_be_or_is_too_long_is_refused(
    machine: Machine, tmp_path: Path, seconds: float
) -> None:
    path = cut_off(machine, tmp_path / "a.pacer")
    machine.reboots(seconds)
    words = "set the clock" if seconds < 0 else r"ends 1:01:40 ago: allowed are 1:00:00"
    with pytest.raises(InputError, match=words):
        resume.take_up(path, machine)


def test_a_run_that_is_over_is_refused(machine: Machine, tmp_path: Path) -> None:
    path = cut_off(machine, tmp_path / "a.pacer", (*INPUTS, Command(CUT_T, "stop")))
    with pytest.raises(InputError, match=r"a.pacer: that run is over after 0:17"):
        resume.take_up(path, machine)


def test_a_run_that_recorded_nothing_is_refused(machine: Machine, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.pacer", Header("mile", SETUP, machine.anchor(0.0)))
    recorder.end(0.0, OutputDigest())
    recorder.close()
    with pytest.raises(InputError, match="nothing was recorded"):
        resume.take_up(tmp_path / "a.pacer", machine)


def test_a_run_that_is_still_being_recorded_is_refused(machine: Machine, tmp_path: Path) -> None:
    resumed = resume.take_up(cut_off(machine, tmp_path / "a.pacer"), machine)
    recorder = resumed.recorder()
    with pytest.raises(InputError, match="another pacer is recording it"):
        resume.take_up(resumed.path, machine)
    recorder.close()
    resume.take_up(resumed.path, machine)


def test_of_two_that_take_up_a_run_at_once_one_goes_on(machine: Machine, tmp_path: Path) -> None:
    path = cut_off(machine, tmp_path / "a.pacer")
    first, second = (resume.take_up(path, machine) for _ in range(2))
    recorder = first.recorder()
    before = path.read_bytes()
    with pytest.raises(InputError, match="another pacer is recording it"):
        second.recorder()
    assert path.read_bytes() == before
    recorder.close()


def test_a_recording_whose_utc_is_no_time_is_refused(machine: Machine, tmp_path: Path) -> None:
    for utc in ("soon", "2026-05-01T12:00:00"):
        path = tmp_path / f"{utc}.pacer"
        recorder = Recorder(path, Header("mile", SETUP, Anchor(utc, 0.0, None)))
        recorder.append(Tick(1.0))
        recorder.close()
        with pytest.raises(InputError, match="allowed is ISO 8601 with offset"):
            resume.take_up(path, machine)


@pytest.mark.parametrize(
    ("t", "utc"),
    [(1e300, "2026-05-01T12:00:00+00:00"), (1000.0, "9999-12-31T23:59:59-23:59")],
    ids=["of a damaged clock", "of a year that none can reckon with"],
)
def test_a_recording_from_beyond_every_calendar_is_refused_in_a_line(
    machine: Machine, tmp_path: Path, t: float, utc: str
) -> None:
    recorder = Recorder(tmp_path / "a.pacer", Header("mile", SETUP, Anchor(utc, 1000.0, None)))
    recorder.append(Tick(t))
    recorder.close()
    with pytest.raises(InputError, match="its last input is of a year beyond 9999"):
        resume.take_up(recorder.path, machine)


def test_the_last_recording_of_a_configuration_is_found(machine: Machine, tmp_path: Path) -> None:
    config = tmp_path / "mile.toml"
    config.write_text(f'name = "mile"\nrecordings = "{tmp_path}"\n')
    names = ["2026-05-01T10-00-00Z-mile", "2026-05-01T10-00-00Z-mile-2", "2026-05-01T11-00-00Z-mile-repeats"]
    for second, name in enumerate(names):
        path = cut_off(machine, tmp_path / f"{name}.pacer")
        os.utime(path, (second, second))
    (tmp_path / "2026-05-01T12-00-00Z-mile.pacer").touch()  # wrote nothing
    found, path = resume.find(config)
    assert (found.name, path.stem) == ("mile", names[1])
    config.write_text(f'name = "other"\nrecordings = "{tmp_path}"\n')
    with pytest.raises(InputError, match="no recording of 'other'"):
        resume.find(config)


def test_a_recording_leads_to_its_configuration(machine: Machine, tmp_path: Path) -> None:
    config, path = tmp_path / "mile.toml", tmp_path / "a.pacer"
    config.write_text('name = "mile"\n[mqtt]\nbroker = "none"\n')
    header = Header("mile", SETUP, machine.anchor(0.0), str(config))
    recorder = Recorder(path, header)
    recorder.append(Tick(0.0))
    recorder.close()
    assert read(path).header == header
    found, again = resume.find(path)
    assert (found.mqtt.broker, again) == ("none", path)
    without = cut_off(machine, tmp_path / "b.pacer")
    with pytest.raises(InputError, match="pacer run CONFIG --resume"):
        resume.find(without)


class NoRadio:
    """A source that finds no adapter."""

    name = "ble"

    async def run(self, post: Post) -> None:
        del post
        raise HardwareError("no adapter")


async def test_without_an_adapter_the_recording_is_kept(machine: Machine, tmp_path: Path) -> None:
    path = cut_off(machine, tmp_path / "a.pacer")
    resumed = resume.take_up(path, machine)
    plan = app.Plan("mile", SETUP, platform_radio, clock=resumed.clock, resumed=resumed)
    engine, recording = app.compose(plan)
    with pytest.raises(HardwareError):
        await app.run_engine(replace(engine, sources=(NoRadio(),)), recording, keep=True)
    assert recording == path
    assert read(path).inputs[: len(INPUTS)] == INPUTS


class Silent:
    """A source that never hears anything."""

    name = "silent"

    async def run(self, post: Post) -> None:
        del post
        await asyncio.Event().wait()


async def test_the_front_is_told_what_was_and_how_long_nothing_was_heard(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cut_off(machine, tmp_path / "a.pacer", (*INPUTS, Command(CUT_T, "lap")))
    machine.passes(9.0)
    resumed = resume.take_up(path, machine)
    engine, recording = app.compose(
        app.Plan("mile", SETUP, platform_radio, clock=resumed.clock, resumed=resumed)
    )
    engine = replace(engine, sources=(Silent(),))
    asyncio.get_running_loop().call_soon(engine.stop)
    await app.run_engine(engine, recording, keep=True)
    said = capsys.readouterr().out
    assert '"kind": "tap"' in said
    assert "resumed: nothing was heard for 9 s" in said
    assert any(isinstance(output, Notice) for output in resumed.said)
