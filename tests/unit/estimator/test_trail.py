from __future__ import annotations

import math
import random

import pytest

from pacer.course import Origin
from pacer.estimator.trail import Trail

M_PER_DEG = (
    111_132.95 - 559.85 * math.cos(math.radians(94.0)) + 1.175 * math.cos(math.radians(188.0))
)  # at 47 N


def along(points: list[tuple[float, float, float]]) -> Trail:
    trail = Trail()
    for t, east, north in points:
        lon_m = M_PER_DEG and 111_412.84 * math.cos(math.radians(47.0)) - 93.5 * math.cos(math.radians(141.0))
        trail = trail.extend(t, 47.0 + north / M_PER_DEG, 8.0 + east / lon_m)
    return trail


def test_a_straight_line_is_as_long_as_it_is() -> None:
    trail = along([(float(i), 0.0, 5.0 * i) for i in range(101)])
    assert trail.along_m == pytest.approx(500, rel=1e-3)
    assert trail.speed_mps == pytest.approx(5, rel=1e-3)


def test_chords_cut_a_bend_by_little() -> None:
    radius = 36.8
    trail = along(
        [
            (i / 10, radius * math.sin(i * 0.5 / radius), radius * (1 - math.cos(i * 0.5 / radius)))
            for i in range(2001)
        ]
    )
    assert trail.along_m == pytest.approx(1000, rel=0.006)
    assert trail.along_m < 1000


def test_noise_lengthens_the_way_by_little() -> None:
    rng = random.Random(1)
    noisy = along([(float(i), rng.gauss(0, 0.5), 5.0 * i + rng.gauss(0, 0.5)) for i in range(401)])
    assert noisy.along_m == pytest.approx(2000, rel=0.015)


def test_standing_still_is_no_way() -> None:
    rng = random.Random(2)
    assert along([(float(i), rng.gauss(0, 1), rng.gauss(0, 1)) for i in range(600)]).along_m < 10


def test_one_position_has_no_speed_and_an_older_one_changes_nothing() -> None:
    one = along([(5.0, 0.0, 0.0)])
    assert one.speed_mps is None
    assert one.extend(5.0, 47.1, 8.0) is one
    assert Trail().along_m == 0
    assert isinstance(one.origin, Origin)
