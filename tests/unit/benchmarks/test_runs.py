"""The measuring stick itself: simulated runs are what they say, and agree with published figures."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from firmware_sim import constants as c
from firmware_sim.scenario import load
from firmware_sim.world import World
from pacer.course import course
from pacer.gatt import decode
from pacer.inputs import Command, Notification
from pacer.measurement import Fix
from pacer.setup import RouteSpec
from tests.benchmarks import runs
from tests.benchmarks.runs import SimRun, simulate
from tests.benchmarks.scenarios import KITS

MILE_M = 1609.344


def at(run: SimRun, distance_m: float) -> float:
    """Returns the seconds after the gun at which the truth reaches a distance."""
    return float(np.interp(distance_m, run.truth.s, run.truth.t)) - run.truth.gun_t


def taps(run: SimRun) -> list[Command]:
    return [i for i in run.inputs if isinstance(i, Command) and i.verb == "lap"]


@pytest.mark.parametrize("name", [name for name, kit in KITS.items() if not kit.earlier])
def test_a_run_is_whole(name: str) -> None:
    run = simulate(name, 1000)
    target = run.setup.target
    arrivals = [item.t for item in run.inputs]
    assert arrivals == sorted(arrivals)
    assert at(run, target.distance_m) == pytest.approx(target.time_s, abs=0.02)
    assert np.diff(run.truth.t) == pytest.approx(0.1)
    assert np.cumsum(run.truth.v) * 0.1 == pytest.approx(run.truth.s)
    assert (run.truth.s[run.truth.t <= run.truth.gun_t] == 0).all()
    assert len(run.nuisances.pod_scale) == len(run.truth.t)
    names = {item.sensor for item in run.inputs if isinstance(item, Notification)}
    assert names == {spec.name for spec in run.setup.sensors}


def test_an_earlier_run_teaches_the_kit_and_is_not_told_the_truth() -> None:
    run = simulate("gps10-calibrated", 1001)
    known, true = run.setup.calibration, float(np.mean(run.nuisances.pod_scale[300:]))
    assert known.footpod_scale == pytest.approx(true, abs=0.02)
    assert abs(known.footpod_scale - true) > 1e-4
    assert known.footpod_scale_sd < 0.015
    assert known.map_sd_m is not None
    assert known.map_sd_m < 0.7


def test_the_same_seed_gives_the_same_run() -> None:
    assert simulate("multipath", 7).inputs == simulate("multipath", 7).inputs
    assert simulate("multipath", 7).inputs != simulate("multipath", 8).inputs


def test_taps_are_late_by_a_twentieth_and_off_by_a_fifth_of_a_second() -> None:
    world = World(load("study/even"), seed=0)
    world.gun(0.0)
    while world.finish_s is None:
        world.step()

    found = [error for seed in range(30) for _, _, error in runs._taps(world, KITS["even"], seed)]

    assert 80 <= len(found) < 90  # 3 % are missing
    middle = np.quantile(found, (0.16, 0.5, 0.84))
    assert middle[1] == pytest.approx(0.05, abs=0.09)
    assert (middle[2] - middle[0]) / 2 == pytest.approx(0.20, abs=0.07)
    assert max(found) > 0.9  # some are late by 1 to 3 s


def test_a_tap_is_at_its_line() -> None:
    run = simulate("even", 1000)
    for tap, (line, error) in zip(taps(run), run.nuisances.taps, strict=True):
        assert tap.t - run.truth.gun_t == pytest.approx(at(run, line) + error, abs=0.02)


def test_the_walk_is_walked() -> None:
    run = simulate("walk", 1000)
    assert 50 / (at(run, 850.0) - at(run, 800.0)) == pytest.approx(1.5, abs=0.15)
    assert 400 / (at(run, 700.0) - at(run, 300.0)) == pytest.approx(3.4, abs=0.1)
    there = np.searchsorted(run.truth.s, (700.0, 830.0))
    ratio = run.nuisances.pod_scale[there[1]] / run.nuisances.pod_scale[there[0]]
    assert ratio > 1 + c.FootpodErrors().walking - 0.04  # the walking gait, less what the speed itself does


def test_laps_two_and_three_are_run_in_lane_two() -> None:
    run, even = simulate("lane2", 1000), simulate("even", 1000)
    where = [float(np.interp(s, run.truth.s, run.truth.lateral)) for s in (300.0, 600.0, 1100.0, 1300.0)]
    same = [float(np.interp(s, even.truth.s, even.truth.lateral)) for s in (300.0, 600.0, 1100.0, 1300.0)]
    assert np.subtract(where, same) == pytest.approx([0.0, 1.05, 1.05, 0.0], abs=0.35)  # it wanders by 0.1


def test_the_pod_of_cal5_is_off_by_five_per_cent() -> None:
    off = [float(np.median(simulate("cal5", seed).nuisances.pod_scale)) - 1 for seed in range(6)]
    assert min(off) < 0 < max(off)
    assert np.abs(off) == pytest.approx(np.full(6, 0.05), abs=0.035)


def test_multipath_pushes_fixes_beside_the_stand() -> None:
    clear, bent = simulate("even", 1000).nuisances, simulate("multipath", 1000).nuisances
    pushed = np.hypot(bent.bias_east - clear.bias_east, bent.bias_north - clear.bias_north)
    run = simulate("multipath", 1000)
    s = np.interp(bent.valid_t, run.truth.t, run.truth.s)
    coming = (s > 380) & (s < 409)  # late on the home straight of the first lap
    assert 3 < pushed[coming].max() < 13
    assert pushed[s < 300].max() < 0.1 or pushed[s < 300].max() > 6  # nothing, or the burst


def test_the_road_is_beside_its_map_and_has_hills_and_holes() -> None:
    run = simulate("road5k", 1000)
    route = run.setup.course
    assert isinstance(route, RouteSpec)
    heights = [p[2] for p in route.points if p[2] is not None]
    assert max(heights) - min(heights) == pytest.approx(0.04 * 1000 / math.pi, abs=0.1)
    speed = [
        100 / (at(run, s + 50) - at(run, s - 50)) for s in (1250.0, 1750.0)
    ]  # steepest up, steepest down
    assert speed[1] / speed[0] > 1.15
    assert not taps(run)


@pytest.mark.parametrize(
    ("name", "factor"), [("mismatch-gps15", 1.5), ("mismatch-tau35", 1.0), ("mismatch-lag", 1.0)]
)
def test_mismatches_change_the_receiver_and_nothing_else(name: str, factor: float) -> None:
    run, plain = simulate(name, 1000), simulate("erratic", 1000)
    assert np.array_equal(run.truth.s, plain.truth.s)
    assert run.nuisances.gps.slow_m == pytest.approx(c.GPS_B.slow_m * factor)
    assert replace(run.nuisances, gps=plain.nuisances.gps).gps == c.GPS_B
    assert run.nuisances.gps != c.GPS_B


def test_a_fix_is_where_truth_and_nuisances_say() -> None:
    """What is sent is the map's place for the truth, the bias of that fix, and something white."""
    run = simulate("even", 1003)
    setup, n = run.setup, run.nuisances
    line = course(setup.course, setup.target.distance_m)
    assert line is not None
    assert line.origin is not None
    off = []
    for item in run.inputs:
        if not isinstance(item, Notification) or item.char != "2a67":
            continue
        (fix,) = decode(item.char, item.t, item.data)
        assert isinstance(fix, Fix)
        assert fix.lat_deg is not None
        assert fix.lon_deg is not None
        assert fix.sensor_t is not None
        i = int(np.searchsorted(n.fix_t, fix.sensor_t - c.START_UNIX_S - 0.01))
        s, lateral = (np.interp(n.valid_t[i], run.truth.t, x) for x in (run.truth.s, run.truth.lateral))
        east, north = line.position(float(s), float(lateral))
        x, y = line.origin.to_enu(fix.lat_deg, fix.lon_deg)
        off.append((x - east - n.bias_east[i], y - north - n.bias_north[i]))
    assert np.median(np.abs(off)) == pytest.approx(0.6745 * c.GPS_B.white_m * n.spread, rel=0.2)
