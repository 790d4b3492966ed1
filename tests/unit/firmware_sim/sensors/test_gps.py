"""Checks the receiver's errors against the figures they are said to have."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from firmware_sim import constants as c
from firmware_sim.geometry import Placement, Pose
from firmware_sim.sensors.gps import Belief, Receiver
from firmware_sim.trace import Motion

SEEDS = range(1, 121)
# the mean square of a lognormal factor of 25 %
SPREAD_MS = math.exp(2 * c.GPS_SPREAD**2)
PLACE = Placement(45.0, 0.0, 0.0, 0.0)
M_PER_DEG_LAT = 111_132.95  # at the equator 110 574, at 45 degrees 111 132


@dataclass
class Course:
    """A straight road due east."""

    placement: Placement

    def pose(self, distance_m: float, lateral_m: float) -> Pose:
        return Pose(distance_m, -lateral_m, math.pi / 2, 0.0)


class Road:
    """A runner at an even speed on it."""

    course = Course(PLACE)

    def __init__(self, speed_mps: float) -> None:
        self._speed_mps = speed_mps

    def runner_at(self, t: float) -> Motion:
        s = self._speed_mps * t
        return Motion(s, self._speed_mps, s, self._speed_mps, 0.0)


def beliefs(kind: c.GpsClass, seed: int, speed_mps: float = 0.0, seconds: int = 200) -> list[Belief]:
    receiver = Receiver(Road(speed_mps), seed, kind)  # type: ignore[arg-type]
    return [receiver.believe(10 + k / kind.rate_hz) for k in range(seconds * kind.rate_hz)]


def norths(kind: c.GpsClass, seed: int) -> np.ndarray:
    return np.array([(b.lat_deg - 45.0) * M_PER_DEG_LAT for b in beliefs(kind, seed)])


@pytest.mark.parametrize("kind", [c.GPS_B, c.GPS_C])
def test_position_error_has_the_spread_of_its_class(kind: c.GpsClass) -> None:
    errors = [norths(kind, seed) for seed in SEEDS]
    inliers = np.concatenate([e[np.abs(e) < 20] for e in errors])
    wanted = math.sqrt(SPREAD_MS * (kind.slow_m**2 + kind.medium_m**2 + kind.white_m**2))
    assert np.sqrt(np.mean(inliers**2)) == pytest.approx(wanted, rel=0.15)


def test_position_error_is_slow_not_white() -> None:
    """Neighbouring fixes of a phone differ far less than fixes far apart: a bias that wanders."""
    errors = [norths(c.GPS_B, seed) for seed in SEEDS]
    next_one = np.concatenate([np.diff(e) for e in errors])
    far_apart = np.concatenate([e[150:] - e[:-150] for e in errors])
    assert np.median(np.abs(next_one)) < 0.35 * np.median(np.abs(far_apart))


def test_receivers_differ_from_run_to_run() -> None:
    """The errors of a run are all scaled by one lognormal factor of 25 %."""
    quiet = [np.median(np.abs(np.diff(norths(c.GPS_B, seed)))) for seed in SEEDS]
    assert np.std(np.log(quiet)) == pytest.approx(c.GPS_SPREAD, rel=0.25)


def test_outliers_are_rare() -> None:
    jumps = np.concatenate([np.abs(np.diff(norths(c.GPS_A, seed))) for seed in range(1, 11)])
    # one outlier gives two jumps; of N(0, 8 m) 80 % lie beyond 2 m, which class A never jumps by itself
    assert np.mean(jumps > 2.0) == pytest.approx(2 * c.GPS_OUTLIER_P * 0.80, rel=0.3)


@pytest.mark.parametrize("kind", [c.GPS_A, c.GPS_B])
def test_doppler_speed_has_the_error_of_its_class(kind: c.GpsClass) -> None:
    speeds = np.concatenate([[b.speed_mps for b in beliefs(kind, s, 5.0, 60)] for s in SEEDS])
    wanted = SPREAD_MS * (kind.doppler_mps**2 + kind.doppler_white_mps**2) + kind.ripple_mps**2 / 2
    assert speeds.mean() == pytest.approx(5.0, abs=0.02)
    assert speeds.std() == pytest.approx(math.sqrt(wanted), rel=0.1)


def test_fixes_are_old_by_the_receivers_lag() -> None:
    """At 5 m/s a phone's fix lies 0.3 s, 1.5 m, behind, give or take its time tag."""
    m_per_deg = 1 / PLACE.to_degrees(1.0, 0.0)[1]
    behind = []
    for seed in SEEDS:
        moving, still = beliefs(c.GPS_B, seed, 5.0), beliefs(c.GPS_B, seed)
        # the same seed makes the same errors, so that only the way remains
        behind += [
            (m.lon_deg - s.lon_deg) * m_per_deg - 5.0 * m.at for m, s in zip(moving, still, strict=True)
        ]
    per_run = np.array(behind).reshape(len(SEEDS), -1).mean(axis=1)
    assert per_run.mean() == pytest.approx(-5.0 * c.GPS_B.lag_s, abs=0.2)
    assert per_run.std() == pytest.approx(5.0 * c.GPS_B.tag_s, rel=0.25)


def test_reported_accuracy_and_heading() -> None:
    samples = beliefs(c.GPS_B, 1, 5.0)
    assert np.median([b.h_acc_m for b in samples]) == pytest.approx(3.0, rel=0.05)
    assert np.mean([b.heading_deg for b in samples]) == pytest.approx(90.0, abs=1.0)
