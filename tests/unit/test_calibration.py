"""What many runs taught, weighed: against the same question put to plain Gaussian conditioning."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pacer.calibration import DAY_S, DAY_TAU_S, Trait, calibrated, keep, traits, weigh
from pacer.kept import MOST, Kept
from pacer.outputs import Lesson, Quantity
from pacer.setup import Calibration, SensorSpec, Setup, TrackSpec

POD = SensorSpec("footpod", "runner", "footpod", address="AA:BB:CC:DD:EE:FF", shoe="red")
PHONE = SensorSpec("gps", "runner", "gps", "name", advertised="My Phone")
WHEEL = SensorSpec("wheel", "rider", "wheel", address="AA:BB:CC:DD:EE:00")
TRACK = TrackSpec(lat_deg=47.0, lon_deg=8.0)
SETUP = Setup((POD, PHONE, WHEEL), TRACK)
NOW_S = 1_777_629_600.0
SCALE = traits(SETUP)["footpod_scale"]


def kept(value: float, sd: float, days_ago: float, quantity: Quantity = "footpod_scale") -> Kept:
    return Kept(NOW_S - days_ago * DAY_S, str(POD.address), quantity, value, sd, shoe="red")


def conditioned(trait: Trait, lessons: list[Kept]) -> tuple[float, float]:
    """Answers the same by conditioning one joint normal distribution of all runs and now."""
    t = np.array([one.utc_s for one in lessons] + [NOW_S])
    apart = np.abs(np.subtract.outer(t, t))
    base = (trait.prior_sd**2 - trait.day_sd**2) * np.exp(-apart / trait.forgets_s)
    C = base + trait.day_sd**2 * np.exp(-apart / DAY_TAU_S)
    seen = C[:-1, :-1] + trait.common_sd**2 + np.diag([one.sd**2 for one in lessons])
    gain = np.linalg.solve(seen, C[:-1, -1])
    y = np.array([one.value for one in lessons]) - trait.prior
    return trait.prior + float(gain @ y), math.sqrt(C[-1, -1] - gain @ C[:-1, -1])


def test_runs_are_weighed_as_conditioning_says() -> None:
    lessons = [kept(0.970, 0.004, 40), kept(0.961, 0.006, 9), kept(0.975, 0.002, 1.2), kept(0.968, 0.01, 0.1)]
    now = weigh(SCALE, lessons, NOW_S)
    assert (now.value, now.sd) == pytest.approx(conditioned(SCALE, lessons), rel=1e-9)
    assert (now.runs, now.disagreed) == (4, 0)
    assert weigh(SCALE, lessons[::-1], NOW_S) == now


def test_a_good_run_is_worth_less_from_day_to_day() -> None:
    after = [weigh(SCALE, [kept(0.967, 0.003, days)], NOW_S).sd for days in (0.01, 0.2, 1, 3, 365, 3650)]
    assert after == sorted(after)
    assert after[0] < 0.005
    assert 0.01 < after[2] < after[3] < 0.015, "a calibrated pod drifts by 1 to 1.5 % from day to day"
    assert 0.018 < after[4] < 0.022
    assert 0.028 < after[5] < 0.03, "what was learnt long ago is forgotten, and no worse than nothing"


def test_what_all_runs_share_never_averages_out() -> None:
    trait = traits(SETUP)["fix_late_s"]
    many = [kept(0.05, 0.01, days, "fix_late_s") for days in range(300)]
    assert weigh(trait, many, NOW_S).sd > 0.95 * trait.common_sd


def test_a_run_that_disagrees_widens_the_doubt_and_moves_it_part_of_the_way() -> None:
    agreeing = [kept(0.97, 0.004, days) for days in (9, 7, 5)]
    before = weigh(SCALE, agreeing, NOW_S)
    after = weigh(SCALE, [*agreeing, kept(1.06, 0.004, 3)], NOW_S)
    assert after.disagreed == 1
    assert after.sd > 1.5 * before.sd
    assert 0.985 < after.value < 1.045


def test_what_is_configured_and_sure_outweighs_a_run() -> None:
    sure = Setup((POD,), calibration=Calibration(footpod_scale=1.0, footpod_scale_sd=0.001))
    setup, _ = calibrated(sure, [kept(0.98, 0.01, 1)], NOW_S)
    assert setup.calibration.footpod_scale == pytest.approx(1.0, abs=0.002)


def test_a_sensor_is_known_by_its_address_and_shoe() -> None:
    one = kept(0.967, 0.003, 1)
    others = (replace(one, of="AA:BB:CC:DD:EE:01"), replace(one, shoe="blue"), replace(one, shoe=None))
    assert calibrated(SETUP, others, NOW_S) == (SETUP, {})
    setup, found = calibrated(SETUP, (*others, one), NOW_S)
    assert found["footpod_scale"].runs == 1
    assert setup.calibration.footpod_scale == pytest.approx(0.967, abs=0.008)
    assert setup.calibration.wheel_circumference_m == Calibration().wheel_circumference_m


def test_of_two_receivers_or_pods_neither_is_given_what_was_learnt_of_one() -> None:
    receiver = SensorSpec("board", "runner", "gps_uart", address="AA:BB:CC:DD:EE:02")
    left = replace(POD, name="left", address="AA:BB:CC:DD:EE:03")
    of_phone = [Lesson("gps", "fix_late_s", 0.2, 0.02), Lesson("gps", "map_east_m", 1.5, 0.4)]
    lessons, _ = keep((), SETUP, NOW_S, [Lesson("footpod", "footpod_scale", 0.967, 0.004, 5.0), *of_phone])
    assert set(calibrated(SETUP, lessons, NOW_S)[1]) == {"footpod_scale", "fix_late_s", "map_east_m"}
    two = replace(SETUP, sensors=(*SETUP.sensors, receiver))
    assert set(calibrated(two, lessons, NOW_S)[1]) == {"footpod_scale"}
    both = replace(SETUP, sensors=(*SETUP.sensors, left))
    assert set(calibrated(both, lessons, NOW_S)[1]) == {"fix_late_s", "map_east_m"}


def test_a_run_counts_once_however_often_it_is_learnt_from() -> None:
    lesson = Lesson("footpod", "footpod_scale", 0.967, 0.004, 5.0)
    once, _ = keep((), SETUP, NOW_S, [lesson])
    assert keep(once, SETUP, NOW_S, [lesson])[0] == once
    (better,), _ = keep(once, SETUP, NOW_S, [replace(lesson, value=0.97)])
    assert better.value == 0.97
    many: tuple[Kept, ...] = ()
    for n in range(MOST + 5):
        many, _ = keep(many, SETUP, NOW_S + n, [lesson])
    assert sorted(one.utc_s for one in many) == [NOW_S + n for n in range(5, MOST + 5)]


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("footpod_scale", 0.65), ("footpod_slope", 0.3), ("fix_late_s", -2.0), ("map_east_m", 40.0)],
)
def test_what_cannot_be_is_refused_and_said(quantity: Quantity, value: float) -> None:
    found, said = keep((), SETUP, NOW_S, [Lesson("gps", quantity, value, 0.01)])
    assert found == ()
    assert "implausible" in said[0]
    assert "allowed is" in said[0]
    assert calibrated(SETUP, [kept(value, 0.01, 1, quantity)], NOW_S)[0] == SETUP


def test_a_sensor_without_an_identity_is_not_kept() -> None:
    nameless = Setup((replace(PHONE, advertised=None), replace(POD, address=None)))
    found, said = keep((), nameless, NOW_S, [Lesson("footpod", "footpod_scale", 0.97, 0.01)])
    assert found == ()
    assert "which one" in said[0]


def test_a_scale_is_brought_to_the_speed_of_the_newest_run() -> None:
    slow = replace(kept(0.96, 0.001, 3), at_mps=3.0)
    fast = replace(kept(1.0, 0.02, 1), at_mps=5.0)
    slope = kept(0.02, 0.0005, 2, "footpod_slope")
    setup, _ = calibrated(SETUP, [slow, fast, slope], NOW_S)
    assert setup.calibration.footpod_mps == 5.0
    assert setup.calibration.footpod_scale == pytest.approx(0.96 + 2 * 0.02, abs=0.004)
    assert setup.calibration.footpod_slope == pytest.approx(0.02, abs=0.001)


def test_a_map_belongs_to_its_course_file() -> None:
    lessons = [Lesson("gps", "map_east_m", 1.5, 0.4), Lesson("gps", "map_north_m", -0.7, 0.4)]
    found, _ = keep((), SETUP, NOW_S, lessons)
    setup, _ = calibrated(replace(SETUP, course=replace(TRACK, lane=3)), found, NOW_S)
    error = 0.4**2 + 0.2**2  # its own, and what all runs share
    assert setup.calibration.map_east_m == pytest.approx(1.5 * 0.81 / (0.81 + error))
    assert setup.calibration.map_sd_m == pytest.approx(math.sqrt(0.81 * error / (0.81 + error)))
    moved = replace(SETUP, course=replace(TRACK, lat_deg=47.0001))
    assert calibrated(moved, found, NOW_S) == (moved, {})
