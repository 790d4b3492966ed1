"""A runner gets a stitch; his rider rides away (strict), or waits (elastic): by the simulator's truth."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from statistics import fmean, pstdev

import pytest

from pacer.inputs import Command
from pacer.outputs import Cue, Notice, State
from tests.support import direct
from tests.support.played import Scene

LEAD_M, BOUND_M = 2.0, 5.76  # m: 1 s at 4:41
# A rider acts up to 2.5 s late and takes a second or two to brake, as does the estimate to see that somebody
# slows down, by 1.3 m/s: the gap may open so much beyond the bound, for some seconds.
LATE_M = 5.5  # m
STITCH_S = (100.0, 170.0)  # s after the gun, from its beginning until all is well again
KEY_S = 60.0  # s after the gun, when M is pressed


@cache
def run(mode: str, seed: int = 1) -> Scene:
    """Returns a run that begins strict; at `KEY_S` the mode is chosen."""
    setup = replace(direct.kit(), lead_m=LEAD_M)
    key = Command(direct.GUN_T + KEY_S, mode)  # type: ignore[arg-type]
    return direct.drive("stitch", seed, setup, [direct.START, key])


def apart_m(played: Scene, since_s: float, until_s: float) -> list[float]:
    """Lists how far the rider was before the runner, a tenth of a second apart."""
    gun_t, world = direct.GUN_T, played.world
    ticks = [gun_t + k / 10 for k in range(round(10 * since_s), round(10 * until_s))]
    return [world.rider_at(t).distance_m - world.runner_at(t).distance_m for t in ticks]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_gap_never_opens_beyond_the_bound_but_for_the_riders_own_delay(seed: int) -> None:
    assert max(apart_m(run("elastic", seed), *STITCH_S)) < LEAD_M + BOUND_M + LATE_M


def test_a_strict_rider_rides_away() -> None:
    assert max(apart_m(run("strict"), *STITCH_S)) > 30.0


def test_what_is_asked_of_the_rider_goes_down_with_the_runner() -> None:
    asked = {mode: min(_asked(run(mode), 105.0, 125.0)) for mode in ("strict", "elastic")}
    assert asked["elastic"] < 4.6  # the runner's 4.4 m/s; in a bend 3 % more
    assert asked["strict"] > 5.6


def test_the_rest_is_planned_anew_and_run_evenly_together() -> None:
    """Six seconds lost in 600 m: 3 % faster is all that is asked, and the runner is not left again."""
    elastic = run("elastic")
    assert all(abs(apart - LEAD_M) < 2.5 for apart in apart_m(elastic, 180.0, 275.0))
    legs = elastic.world.splits(100.0)[10:]
    assert pstdev(legs) / fmean(legs) < 0.02
    assert 5.9 < fmean(_asked(elastic, 200.0, 270.0)) < 5.7566 * 1.03 * 1.018  # m/s in lane 2, a lap's mean
    assert elastic.world.finish_s is not None
    assert 281.0 < elastic.world.finish_s < 284.5


def test_nobody_is_told_to_ease_who_is_behind_with_the_line() -> None:
    """The runner's cues go by the line that waited: in the stitch he is called, and never held back in it."""
    said = [cue for cue in run("elastic").of(Cue) if cue.to == "runner"]
    in_it = [cue.word for cue in said if STITCH_S[0] < cue.t - direct.GUN_T < 150.0]
    assert "press" in in_it
    assert "ease" not in in_it


def test_the_recorded_run_is_the_same_again() -> None:
    elastic = run("elastic")
    assert direct.feed(replace(direct.kit(), lead_m=LEAD_M), elastic.inputs) == elastic.outputs
    assert [one.code for one in elastic.of(Notice) if one.code == "elastic"] == ["elastic"]


def _asked(played: Scene, since_s: float, until_s: float) -> list[float]:
    return [
        state.rider_asked_mps
        for state in played.of(State)
        if since_s < state.t - direct.GUN_T < until_s and state.rider_asked_mps is not None
    ]
