from __future__ import annotations

import math
from itertools import pairwise
from statistics import mean, stdev

import pytest

from firmware_sim.constants import STEP_S, RunnerBody
from firmware_sim.scenario import load
from firmware_sim.world import World
from tests.unit.firmware_sim.coach import GUN_T, finished

EVEN_400_S = 281.0 * 400 / 1609.344  # 69.84 s


def moved(world: World, to_t: float) -> World:
    while world.t < to_t:
        world.step()
    return world


@pytest.mark.parametrize("seed", range(1, 21))
def test_solo_takes_4_44_whatever_the_seed(seed: int) -> None:
    assert finished("solo", seed).finish_s == pytest.approx(284.0, abs=0.5)


def test_solo_is_erratic_as_the_note_has_it() -> None:
    world = finished("solo", 1)
    legs = world.splits(200.0)
    # paces 4:32 4:34 4:56 5:11 5:04 4:46 4:34 4:30; the standing start costs the first leg 1 to 2 s
    wanted = [272, 274, 296, 311, 304, 286, 274, 270]
    scale = 284.0 / sum(wanted) * 1600 / 1609.344
    for leg, pace in zip(legs[1:], wanted[1:], strict=True):
        assert leg == pytest.approx(pace * scale, abs=1.2)
    assert max(legs) - min(legs) > 4


@pytest.mark.parametrize("seed", range(1, 6))
def test_even_takes_4_41(seed: int) -> None:
    world = finished("even", seed)
    assert world.finish_s == pytest.approx(281.0, abs=0.5)
    assert max(world.splits()[1:]) - min(world.splits()[1:]) < 2.5


def test_surge_is_an_eighth_faster_for_90_metres_and_changes_nothing_before() -> None:
    even, surge = finished("even", 3), finished("surge", 3)
    for distance in (400.0, 899.0):
        assert surge.time_at(distance) == even.time_at(distance)
    took = [(w.time_at(985.0) or 0) - (w.time_at(910.0) or 0) for w in (even, surge)]
    assert took[0] / took[1] == pytest.approx(1.12, abs=0.03)


@pytest.mark.parametrize("seed", range(1, 6))
def test_good_cues_keep_every_split_within_a_second_and_a_half(seed: int) -> None:
    world = finished("paced", seed, cues=True)
    assert world.finish_s == pytest.approx(281.0, abs=1.0)
    for split in world.splits():
        assert split == pytest.approx(EVEN_400_S, abs=1.5)


def test_rider_knows_his_pace_but_for_his_speedometer() -> None:
    """Uncued, the runs lie around 4:41 with the spread of a 1 % speedometer: outside in the bends or not."""
    times = [finished("paced", seed).finish_s or 0 for seed in range(1, 17)]
    assert mean(times) == pytest.approx(281.0, abs=2.1)  # three standard errors of 2.8 s
    assert 1.4 < stdev(times) < 4.5


def test_cues_matter() -> None:
    """Seed 3's speedometer is far off: uncued he is paced several seconds too fast."""
    uncued, cued = finished("paced", 3), finished("paced", 3, cues=True)
    assert abs((uncued.finish_s or 0) - 281) > 3 * abs((cued.finish_s or 0) - 281)


@pytest.mark.parametrize("gun_t", [0.0, 3.02, 60.0])
def test_run_does_not_depend_on_how_long_they_stood(gun_t: float) -> None:
    world = World(load("solo"), 14)
    world.gun(gun_t)
    while world.finish_s is None:
        world.step()
    assert world.finish_s == pytest.approx(finished("solo", 14).finish_s, abs=0.05)


@pytest.mark.parametrize("name", ["solo", "even"])
def test_nobody_heeds_a_cue_where_the_scenario_says_so(name: str) -> None:
    assert finished(name, 2, cues=True).runner.distance_m == finished(name, 2).runner.distance_m


def test_truth_is_the_same_for_the_same_seed_only() -> None:
    first, again, other = (finished("paced", seed, cues=True) for seed in (4, 4, 5))
    assert first.runner.distance_m == again.runner.distance_m
    assert first.rider.path_m == again.rider.path_m
    assert first.finish_s != other.finish_s


def test_everybody_stands_until_the_gun_and_reacts_after_it() -> None:
    world = World(load("paced"), 1)
    world.gun(GUN_T)
    moved(world, GUN_T + RunnerBody().reaction_s)
    assert world.runner_at(world.t).distance_m == 0
    assert world.rider_at(world.t).path_m == 0
    moved(world, GUN_T + 0.5)
    assert 0 < world.runner_at(world.t).distance_m < 2
    assert world.finish_s is None
    assert world.splits() == []


def test_start_is_exponential() -> None:
    """The speed one and two time constants in tell 1 - 1/e and 1 - 1/e**2 of the speed, noise apart."""
    world = moved(World(load("even"), 1), GUN_T)
    world.gun(GUN_T)
    moved(world, GUN_T + 12)
    full = world.runner_at(GUN_T + 10).path_mps
    reached = next(
        k for k in range(200) if world.runner_at(GUN_T + k * STEP_S).path_mps > full * (1 - 1 / math.e)
    )
    tau = reached * STEP_S - RunnerBody().reaction_s
    assert 0.6 < tau < 2.6  # 1.3 s, lognormal 25 %
    assert world.runner_at(GUN_T + 0.15 + 2 * tau).path_mps == pytest.approx(
        full * (1 - math.e**-2), rel=0.06
    )


def test_runner_goes_through_the_finish_and_slows_down() -> None:
    world = finished("paced", 1)
    through = world.runner_at(world.t).speed_mps
    assert through > 5
    moved(world, world.t + 15)
    assert world.runner_at(world.t).speed_mps == pytest.approx(1.5, abs=0.4)
    assert world.rider_at(world.t).speed_mps < 3
    assert world.rider_at(world.t).distance_m > world.runner_at(world.t).distance_m


def test_rider_stays_beside_the_runner_and_rides_further() -> None:
    world = finished("paced", 2)
    lap_start, lap_end = world.time_at(409.344), world.time_at(1209.344)
    assert lap_start is not None
    assert lap_end is not None
    here, there = (world.rider_at(GUN_T + t) for t in (lap_start, lap_end))
    # two laps, 1.3 m outside the measured line: 2 pi 1.3 m = 8.17 m more each
    covered = there.distance_m - here.distance_m
    assert there.path_m - here.path_m == pytest.approx(covered + 2 * 8.17 * covered / 800, abs=1.0)
    for t in range(int(GUN_T) + 10, int(GUN_T) + 270):
        ahead = world.rider_at(t).distance_m - world.runner_at(t).distance_m
        assert -1 < ahead < 8


def test_distance_never_falls_and_path_is_longer_outside_the_line() -> None:
    world = finished("solo", 7)
    for trace in (world.runner, world.rider):
        assert all(b >= a for a, b in pairwise(trace.distance_m))
    end = world.runner_at(world.t)
    assert end.path_m - end.distance_m == pytest.approx(
        2 * math.pi * 0.25 * 4, abs=4.0
    )  # 0.25 m out, sd 0.15


def test_gun_may_be_moved_until_somebody_moves() -> None:
    world = World(load("even"), 1)
    world.gun(5.0)
    world.gun(2.0)
    moved(world, 2.1)
    world.gun(2.05)  # within the reaction time: nobody has noticed
    moved(world, 3.0)
    with pytest.raises(ValueError, match=r"no gun at 4\.0 s"):
        world.gun(4.0)


def test_gun_cannot_be_fired_in_the_past() -> None:
    world = moved(World(load("even"), 1), 3.0)
    with pytest.raises(ValueError, match=r"no gun at 2\.5 s: the world is at 3\.0 s"):
        world.gun(2.5)


def test_unknown_cue_is_refused() -> None:
    world = World(load("paced"), 1)
    with pytest.raises(ValueError, match="'faster' is unknown; allowed: ease, hold, press"):
        world.see("faster")
