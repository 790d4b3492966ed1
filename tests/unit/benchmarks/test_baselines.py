"""The peers' algorithms on sequences whose answers are known beforehand."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import pytest

from pacer.course import Origin, Oval
from pacer.measurement import Fix, Stride
from pacer.setup import SensorSpec, Setup, Target, TrackSpec
from pacer.units import MILE_M
from tests.benchmarks.baselines import FACTORIES, Baseline
from tests.benchmarks.baselines.complementary import Complementary
from tests.benchmarks.baselines.kalman_2d import POSITION_VAR, Kalman2d, discrete_white_noise
from tests.benchmarks.baselines.runnerup import _trimmed
from tests.benchmarks.play import play
from tests.benchmarks.runs import simulate

TRACK = TrackSpec(lat_deg=47.0, lon_deg=8.0, heading_deg=20.0)
SETUP = Setup(
    sensors=(
        SensorSpec("gps", "runner", "gps", address="a"),
        SensorSpec("pod", "runner", "footpod", address="b"),
    ),
    course=TRACK,
    target=Target(MILE_M, 281.0),
)
GUN_T = 10.0
OVAL = Oval.of(TRACK, MILE_M)
HERE = Origin(47.0, 8.0)
LATENCY_S = 0.30  # of a phone's fix
POD_LATENCY_S = 0.43


def fix(stamp: float, east: float, north: float, speed: float | None = 5.0, late: float = 0.0) -> Fix:
    lat, lon = HERE.to_degrees(east, north)
    return Fix(stamp + LATENCY_S + late, lat, lon, speed, sensor_t=1e9 + stamp)


def on_track(stamp: float, s_m: float, lateral_m: float = 0.0, speed: float = 5.0) -> Fix:
    return fix(stamp, *OVAL.position(s_m, lateral_m), speed)


def stride(stamp: float, count_m: float | None, speed: float = 5.0) -> Stride:
    return Stride(stamp + POD_LATENCY_S, speed, 90.0, None, count_m, running=True)


def made(name: str) -> Baseline:
    return FACTORIES[name](SETUP, GUN_T)


def north(baseline: Baseline, until: int, speed: float | None = 5.0) -> None:
    """Stands until the gun, then runs north at 5 m/s."""
    for stamp in range(8, until + 1):
        baseline.observe(fix(stamp, 0.0, 5.0 * max(0.0, stamp - GUN_T), speed))


def test_raw_gps_adds_up_and_reckons_for_three_seconds() -> None:
    raw = made("raw-gps")
    north(raw, 20)
    assert raw.at(20.5) == pytest.approx((52.5, 5.0), abs=1e-3)
    assert raw.at(60.0)[0] == pytest.approx(65.0, abs=1e-3)
    raw.observe(fix(21, 3.0, 54.0))  # a step of 5 m, to the side
    raw.observe(fix(22, 0.0, 58.0))  # and back
    assert raw.at(22.0)[0] == pytest.approx(60.0, abs=1e-3)


def test_stale_and_doubled_fixes_are_dropped() -> None:
    raw = made("raw-gps")
    north(raw, 20)
    raw.observe(fix(20, 0.0, 50.0, late=0.2))
    raw.observe(fix(18, 0.0, 40.0, late=2.4))
    assert raw.at(20.0)[0] == pytest.approx(50.0, abs=1e-3)


def test_a_late_fix_is_taken_as_of_its_stamp() -> None:
    raw = made("raw-gps")
    north(raw, 20)
    raw.observe(fix(21, 0.0, 55.0, late=2.0))
    assert raw.at(23.3)[0] == pytest.approx(55.0 + 2.3 * 5.0, abs=1e-3)


@pytest.mark.parametrize(("name", "window_s"), [("gps-mean-5s", 5.0), ("gps-mean-30s", 30.0)])
def test_moving_means(name: str, window_s: float) -> None:
    mean = made(name)
    north(mean, 14)  # 4 s of 5 m/s, which is all of the window that is not zero
    assert mean.at(14.0)[1] == pytest.approx(20.0 / window_s, abs=1e-3)
    north(mean, 60)
    assert mean.at(60.0)[1] == pytest.approx(5.0, abs=1e-3)


def test_runnerup_smooths_and_forgets() -> None:
    current = made("runnerup")
    north(current, 20)
    current.observe(fix(21, 0.0, 60.0, 10.0))
    assert current.at(21.0)[1] == pytest.approx(0.4 * 10 + 0.6 * 5)
    assert current.at(36.5)[1] is None


def test_runnerup_without_a_speed_takes_the_distance() -> None:
    current = made("runnerup")
    north(current, 12, None)
    assert current.at(12.0)[1] == pytest.approx(0.4 * 5 + 0.6 * (0.4 * 5), abs=1e-3)


def test_runnerups_coach_waits_20_s_and_trims() -> None:
    coach = made("runnerup-coach")
    shown = []
    for stamp in range(8, 61):
        coach.observe(fix(stamp, 0.0, 5.0 * max(0.0, stamp - GUN_T)))
        shown.append(coach.at(stamp + LATENCY_S)[1])
    assert shown[: 8 + 10 + 2 + 1] == [None] * 21
    assert shown[-1] == pytest.approx(5.0, abs=1e-3)
    assert _trimmed(deque([100.0, *range(18), -100.0])) == pytest.approx(8.5)


def test_opentracks_cuts_corners() -> None:
    tracks = made("opentracks-gps")
    for stamp, place in enumerate([(0, 0), (0, 0), (0, 6), (6, 6), (12, 6)], start=9):
        tracks.observe(fix(stamp, *place))
    # 18 m run; the point at 12 m is only 8.5 m from the start, the last 13.4 m
    assert tracks.at(13.0)[0] == pytest.approx(math.hypot(12, 6), abs=1e-3)


def test_opentracks_drops_bad_fixes_and_leaps() -> None:
    tracks = made("opentracks-gps")
    north(tracks, 12)
    lat, lon = HERE.to_degrees(0.0, 100.0)
    tracks.observe(Fix(13.3, lat, lon, 5.0, h_acc_m=50.0, sensor_t=1e9 + 13))
    assert tracks.at(12.0)[0] == pytest.approx(10.0, abs=1e-3)
    tracks.observe(fix(14, 0.0, 500.0))
    assert tracks.at(14.0)[0] == pytest.approx(10.0, abs=1e-3)


def test_opentracks_believes_the_footpod_until_it_is_silent() -> None:
    tracks = made("opentracks")
    north(tracks, 20)
    tracks.observe(stride(9, 100.0, 0.0))
    tracks.observe(stride(20, 144.0, 4.0))
    assert tracks.at(20.0) == pytest.approx((44.0, 4.0))
    assert tracks.at(26.0)[1] == 0.0


def test_the_textbook_filter_reaches_kalatas_gain() -> None:
    assert discrete_white_noise(1.0, 2.0) == pytest.approx(np.array([[0.5, 1.0], [1.0, 2.0]]))
    textbook = Kalman2d(SETUP, GUN_T)
    north(textbook, 100)
    index = 0.5 / 3.0  # Kalata's tracking index: sigma_a T^2 / sigma_z
    r = (4 + index - math.sqrt(8 * index + index**2)) / 4
    assert textbook.P[0, 0] / POSITION_VAR == pytest.approx(1 - r**2, rel=1e-6)
    assert textbook.at(100.0)[1] == pytest.approx(5.0, abs=1e-3)


@pytest.mark.parametrize("name", ["snap", "kalman-2d-course", "alpha-beta"])
def test_matched_places_keep_the_lap(name: str) -> None:
    matched = made(name)
    for stamp in range(8, 171):
        matched.observe(on_track(stamp, 5.0 * max(0.0, stamp - GUN_T), 3.0))
    # 2 laps; the smooth ones lag where a bend begins, and 3 m outside it is more way
    assert matched.at(170.0)[0] == pytest.approx(800.0, abs=0.05 if name == "snap" else 4.0)


def test_a_hole_does_not_lose_the_lap() -> None:
    matched = made("snap")
    for stamp in (*range(8, 60), *range(150, 160)):
        matched.observe(on_track(stamp, 5.0 * max(0.0, stamp - GUN_T)))
    assert matched.at(159.0)[0] == pytest.approx(745.0, abs=0.05)


def test_alpha_beta_gains() -> None:
    smooth = made("alpha-beta")
    smooth.observe(on_track(10.0, 0.0))
    smooth.observe(on_track(11.0, 4.0))
    assert smooth.at(11.0) == pytest.approx((1.0, 0.16), abs=0.001)


def test_the_footpod_counts_from_the_gun_whatever_its_odometer_says() -> None:
    pod = made("footpod")
    pod.observe(stride(9, 1000.0, 0.0))
    pod.observe(stride(20, 1050.0))
    assert pod.at(20.0) == pytest.approx((50.0, 5.0))
    pod.observe(stride(19.5, 1047.5))  # overtaken
    assert pod.at(21.0)[0] == pytest.approx(55.0)
    pod.observe(stride(22, 0.0))  # reset: 2 s at 5 m/s
    pod.observe(stride(23, 5.0))
    assert pod.at(23.0)[0] == pytest.approx(65.0)


@pytest.mark.parametrize(("reads", "scale"), [(1.05, 1 / 1.05), (1.12, 0.9)])
def test_a_lap_calibrates_the_footpod(reads: float, scale: float) -> None:
    pod = made("footpod-laps")
    line_m = 409.344
    pod.observe(stride(9, 0.0, 0.0))
    pod.observe(stride(80, line_m * reads, 6.0))
    pod.tap(80.0)
    assert pod.at(80.0) == pytest.approx((line_m, 6.0 * scale))
    pod.observe(stride(90, line_m * reads + 60.0, 6.0))
    assert pod.at(90.0)[0] == pytest.approx(line_m + 60.0 * scale)


def test_the_stopwatch_runs_on_the_last_lap() -> None:
    watch = made("stopwatch")
    assert watch.at(GUN_T + 10)[1] == pytest.approx(MILE_M / 281.0)
    watch.tap(GUN_T + 70)
    assert watch.at(GUN_T + 80)[0] == pytest.approx(409.344 * 80 / 70)
    watch.tap(GUN_T + 100)  # half a lap on: no line is near
    assert watch.at(GUN_T + 100)[1] == pytest.approx(409.344 / 70)


def test_the_complementary_filter_learns_the_scale() -> None:
    fused = Complementary(SETUP, GUN_T)
    for stamp in range(8, 281):
        ran = 5.0 * max(0.0, stamp - GUN_T)
        true_now = ran - 5.0 * 0.3 * (stamp > GUN_T)  # a phone's position is 0.3 s old when it is stamped
        fused.observe(on_track(stamp, true_now))
        fused.observe(stride(stamp, 1.04 * ran, 5.2 * (stamp > GUN_T)))
        for tenth in range(10):
            fused.at(stamp + 0.5 + tenth / 10)
    assert fused._scale == pytest.approx(1 / 1.04, abs=0.002)
    assert fused.at(281.4)[0] == pytest.approx(5.0 * 271.4, abs=0.5)


def test_every_peer_runs_a_whole_mile() -> None:
    run = simulate("even", 1000)
    last = int(np.searchsorted(run.truth.s, MILE_M)) - 1
    worst_m = {
        "kalman-2d": 120.0,
        "kalman-2d-course": 10.0,
        "snap": 10.0,
        "alpha-beta": 10.0,
        "complementary": 6.0,
    }
    for name in FACTORIES:
        said = play(run, name)
        off = abs(float(said.s[last] - run.truth.s[last]))
        assert off < worst_m.get(name, 80.0), name
        assert np.isfinite(said.v[last]), name
