"""P4 and P5: clocks may be set, and machines may sleep; the run takes no notice, and claims nothing."""

from __future__ import annotations

import ast
import time
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import ClassVar, Self

import pytest

from pacer import demo, recorder
from pacer.clock import BootClock
from pacer.inputs import Input, Notification, Tick
from pacer.outputs import Cue, State
from pacer.recording import read
from tests.promises import goldens
from tests.promises.promised import Measured, Promise
from tests.support import scene
from tests.support.direct import feed
from tests.support.verdict import STALE_S

P4 = Promise(
    "P4",
    "a clock that is set changes nothing",
    "an hour to either side, the end of summer time: outputs equal",
)
P5 = Promise("P5", "waking from sleep is safe", "10 min: all is stale at the first tick; no cue until fresh")

ROOT = Path(__file__).parents[2]
PACED = goldens.FOLDER / "paced.pacer"
PLAYED_S = 35.0  # s: half of them running
SUMMER_ENDS = 1_792_890_000.0  # Unix s, 2026-10-25 01:00 UTC, in Europe
ASLEEP_S = 600.0  # s

# Modules that may look at the wall clock, and what for; nobody else may, however the clock is called.
DATED = {
    "pacer/recorder.py": "the anchor in a recording's header, and its file's name",
    "pacer/app.py": "how old the lessons of earlier runs are",
    "pacer/calibrate.py": "likewise",
    "pacer/display/certificate.py": "from when to when it is valid",
}
WALL = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
}


class Leaping(datetime):
    """Tells another hour at each look: about the end of summer time, and hours off to either side."""

    looks: ClassVar[int] = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        cls.looks += 1
        return cls.fromtimestamp(SUMMER_ENDS + 3600.0 * (cls.looks % 5 - 2), tz)


@P4
def test_p4_a_wall_clock_that_is_set_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    """Plays sensors, radio, engine, MQTT and devices in virtual time; the machine's clock leaps meanwhile."""
    options = demo.Options("paced", 1)
    plain = scene.play(options, tmp_path / "plain", limit_s=PLAYED_S)
    monkeypatch.setattr(time, "time", lambda: Leaping.now().timestamp())
    monkeypatch.setattr(recorder, "datetime", Leaping)
    leapt = scene.play(options, tmp_path / "leapt", limit_s=PLAYED_S)
    assert Leaping.looks > 0
    assert any(state.phase == "running" for state in plain.of(State))
    assert leapt.outputs == plain.outputs
    measured(P4, f"{len(plain.outputs)} outputs equal while it leaps by hours")


@P4
def test_p4_the_wall_clock_is_looked_at_only_where_dates_are_written() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "pacer").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in WALL
    }
    assert found == set(DATED)


@P4
@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system has no clock that counts sleep")
def test_p4_inputs_are_stamped_by_a_clock_that_nobody_can_set() -> None:
    before, stamp, after = (f() for f in (boot_s, BootClock().now, boot_s))
    assert before - 1e-6 <= stamp <= after + 1e-6


def boot_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def slept(asleep_t: float) -> list[Input]:
    """Returns a run in which the machine slept from `asleep_t` s on: all later times are later by that."""
    inputs = read(PACED).inputs
    return [i if i.t < asleep_t else replace(i, t=round(i.t + ASLEEP_S, 6)) for i in inputs]


@P5
@pytest.mark.parametrize(
    "asleep_t", [15.0, 28.7, 45.05]
)  # in the start, just after a cue, and within a second
def test_p5_waking_from_sleep_is_safe(asleep_t: float, measured: Measured) -> None:
    items = slept(asleep_t)
    outputs = feed(read(PACED).header.setup, items)
    woke_t = asleep_t + ASLEEP_S
    heard_t = next(i.t for i in items if isinstance(i, Notification) and i.t >= woke_t)
    dark = [o for o in outputs if isinstance(o, State) and woke_t <= o.t < heard_t]
    assert dark, "no tick before the first packet"
    for state in dark:
        assert (state.runner.speed_mps, state.runner.distance_m, state.pace_mps) == (None, None, None)
        assert (state.standing.gap_s, state.standing.finish_s, state.cue) == (None, None, None)
        assert {one.state for one in state.sensors} <= {"gone", "asleep"}
    told = [i.t for i in items if isinstance(i, Notification) and i.char in ("2a53", "2a67")]
    for cue in outputs:
        if isinstance(cue, Cue) and cue.t >= woke_t:
            assert any(cue.t - STALE_S <= t <= cue.t for t in told)
    states = [o for o in outputs if isinstance(o, State)]
    assert states[-1].runner.speed_mps is not None, "and the run goes on"
    measured(P5, "stale at the first of {:.0f} ticks before anything was heard", len(dark))


@P5
def test_p5_a_packet_that_comes_first_on_waking_makes_only_its_own_sensor_live() -> None:
    items = slept(45.05)
    woke = next(i for i, item in enumerate(items) if item.t > ASLEEP_S)
    first = next(item for item in items[woke:] if isinstance(item, Notification))
    items.insert(woke, replace(first, t=items[woke].t - 0.01))
    outputs = feed(read(PACED).header.setup, items)
    state = next(o for o in outputs if isinstance(o, State) and o.t > ASLEEP_S)
    seen = {one.name: one.state for one in state.sensors}
    assert seen.pop(first.sensor) not in ("gone", "asleep")
    assert set(seen.values()) <= {"gone", "asleep"}
    assert isinstance(items[woke + 1], Tick | Notification)
