"""L4: what is known of a person stays in files of his own."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pacer import calibration_file, demo, gatt
from pacer.audio import out
from pacer.clock import LoopClock
from pacer.display import certificate
from pacer.inputs import Input, Notification
from pacer.measurement import Fix
from pacer.outputs import Notice, Output
from pacer.recorder import new_path
from pacer.session import Session
from tests.promises.promised import Measured, Promise
from tests.support import scene

L4 = Promise("L4", "private by default", "recordings of mode 0600; no place, address or heart rate in logs")
SECONDS = 60.0  # s over the air: sensors are found, a start, a run
BUG_EVERY = 100  # inputs
ADDRESS = re.compile(r"(?i)(?:[0-9a-f]{2}[:_-]){5}[0-9a-f]{2}")


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """Lets everybody read what a program does not keep to itself."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def every_word(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Gathers what any library logs, however little it matters."""
    caplog.set_level(logging.DEBUG)
    for name in ("pacer.engine", "pacer.mqtt", "pacer.follow", "bleak", "bumble", "aiomqtt", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


def broken_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a bug in the core, whose words tell all that it was working on."""
    step, count = Session.step, iter(range(1, 1_000_000))

    def failing(self: Session, item: Input) -> list[Output]:
        out = step(self, item)
        if next(count) % BUG_EVERY == 0:
            known = self.run
            raise ValueError(f"{item!r} {out!r} {known and (known.heart, known.runner)!r}")
        return out

    monkeypatch.setattr(Session, "step", failing)


def secrets(inputs: Sequence[Input]) -> Iterator[str]:
    """Lists how a place or a heart rate may be written: as sent, and as a number to a kilometre."""
    for item in inputs:
        match item:
            case Notification(char=gatt.LOCATION_AND_SPEED, t=t, data=data):
                yield data.hex()
                for fix in gatt.decode(item.char, t, data):
                    if isinstance(fix, Fix) and fix.lat_deg is not None and fix.lon_deg is not None:
                        yield f"{fix.lat_deg:.4f}"[:-2]
                        yield f"{fix.lon_deg:.4f}"[:-2]
            case Notification(char=gatt.HEART_RATE_MEASUREMENT, data=data):
                yield repr(data)
                yield "bpm"


@L4
@pytest.mark.usefixtures("open_to_all")
def test_l4_a_whole_run_tells_the_log_nothing_of_the_person(
    tmp_path: Path,
    every_word: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    measured: Measured,
) -> None:
    broken_now_and_then(monkeypatch)
    run = scene.play(demo.Options("pod-dropout"), tmp_path, SECONDS)
    assert run.path
    assert run.path.stat().st_mode & 0o777 == 0o600
    words = logging.Formatter()
    loud = [words.format(one) for one in every_word.records if one.levelno >= logging.INFO]
    quiet = [words.format(one) for one in every_word.records if one.levelno < logging.INFO]
    hidden = set(secrets(run.inputs))
    assert len(hidden) > 50
    assert any(ADDRESS.search(text) for text in quiet), "they would be found if they were there"
    assert any(secret in text for text in quiet for secret in hidden)
    assert [one.code for one in run.of(Notice)].count("core-failed") > 2
    assert len(loud) > 2
    assert [text for text in loud if ADDRESS.search(text)] == []
    assert [text for text in loud if any(secret in text for secret in hidden)] == []
    measured(L4, f"{len(hidden)} places and heart rates of a run with bugs: none in the log; recording 0600")


@L4
@pytest.mark.usefixtures("open_to_all")
async def test_l4_what_is_kept_of_a_person_is_his_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    certificate.context(home / "display", ["127.0.0.1"])
    calibration_file.write(home / "calibration.toml", ())
    new_path(home / "recordings", "mile")
    async with out.opened(home / "run.wav", LoopClock()):
        pass
    modes = {str(path.relative_to(home)): path.stat().st_mode & 0o777 for path in home.rglob("*")}
    assert len(modes) == 6
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
