"""The baselines say what a phone would say: by the metres between fixes, wherever the runner really is."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pacer.cue import Decision, Memory, decide, hear
from pacer.cue.raw_pace import RawPace
from pacer.measurement import Fix
from pacer.setup import PolicySpec
from tests.unit.cue.test_policies import CRUISE, NOW

# metres per degree of latitude at 47 degrees, by the WGS-84 series (NIMA TR8350.2)
LAT = math.radians(47.0)
DEGREE_M = 111132.92 - 559.82 * math.cos(2 * LAT) + 1.175 * math.cos(4 * LAT)


def fix(t: float, north_m: float) -> Fix:
    return Fix(t, 47.0 + north_m / DEGREE_M, 8.0)


def run(speed_mps: float, seconds: int, every_s: float = 1.0) -> RawPace:
    """Returns what a phone has of a runner who runs north evenly from t = 0 on."""
    raw = RawPace()
    for k in range(round(seconds / every_s) + 1):
        raw = raw.heard(fix(k * every_s, speed_mps * k * every_s))
    return raw


@pytest.mark.parametrize("every_s", [1.0, 0.1])
def test_raw_pace_is_metres_over_seconds_however_fast_the_receiver(every_s: float) -> None:
    assert run(5.0, 30, every_s).speed_mps(30.0, 5.0) == pytest.approx(5.0, rel=1e-4)


def test_raw_pace_is_unknown_before_it_has_run_so_long_and_after_silence() -> None:
    assert run(5.0, 3).speed_mps(3.0, 5.0) is None
    assert run(5.0, 30).speed_mps(36.0, 5.0) is None
    assert RawPace().speed_mps(0.0, 5.0) is None
    assert RawPace().heard(Fix(1.0, None, None, speed_mps=5.0)) == RawPace()


def said(name: str, speed_mps: float, seconds: int = 80) -> list[tuple[float, Decision]]:
    memory, out = Memory(), []
    for t in range(seconds):
        memory = hear(PolicySpec(name), memory, fix(float(t), speed_mps * t))
        memory, decision = decide(PolicySpec(name), memory, replace(NOW, t=float(t), elapsed_s=float(t)))
        out += [(float(t), decision)] if decision else []
    return out


def test_bang_bang_speaks_every_5_s_and_never_where_the_pace_is_near() -> None:
    fast = said("bang-bang", 1.05 * CRUISE)
    assert [t for t, _ in fast] == [12.0 + 5 * k for k in range(14)]
    assert {(d.word, round(d.change_mps / CRUISE, 3)) for _, d in fast} == {("ease", -0.02)}
    assert said("bang-bang", 1.01 * CRUISE) == []


def test_runnerup_waits_for_20_s_and_is_silent_for_30_s_after() -> None:
    # 6 s a mile slower than the target; 4 s are let go
    slow = said("runnerup", 1609.344 / (1609.344 / CRUISE + 6))
    assert [(t, d.word) for t, d in slow] == [(20.0, "press"), (50.0, "press")]
    assert said("runnerup", 1609.344 / (1609.344 / CRUISE + 4)) == []


def test_no_other_policy_keeps_fixes() -> None:
    assert hear(PolicySpec("steady"), Memory(), fix(0.0, 0.0)) == Memory()
