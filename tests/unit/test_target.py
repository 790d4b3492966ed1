from __future__ import annotations

import math

import pytest

from pacer.setup import Target
from pacer.target import EvenSplit, even_split

MILE = even_split(Target(1609.344, 281.0))


def test_the_even_split_begins_at_0_and_ends_on_time() -> None:
    assert MILE.distance_at(-5) == MILE.distance_at(0) == 0
    assert MILE.distance_at(281) == pytest.approx(1609.344, abs=1e-6)


def test_cruising_speed_makes_up_for_the_start() -> None:
    # 1609.344 m in 281 s less the 1.3 s that a standing start loses
    assert pytest.approx(1609.344 / 279.7) == MILE.cruise_mps


def test_a_runner_on_the_even_split_has_no_gap() -> None:
    for t in (0.0, 1.0, 5.0, 69.84, 281.0):
        assert MILE.gap_s(MILE.distance_at(t), t) == pytest.approx(0, abs=1e-9)


def test_ahead_is_positive() -> None:
    # 10 m ahead at 5.754 m/s are 1.738 s
    assert MILE.gap_s(MILE.distance_at(100) + 10, 100) == pytest.approx(10 * 279.7 / 1609.344)
    assert MILE.gap_s(MILE.distance_at(100) - 10, 100) < 0


def test_distance_is_the_integral_of_a_speed_that_rises_exponentially() -> None:
    step = 0.001
    way = sum(MILE.cruise_mps * (1 - math.exp(-(i + 0.5) * step / 1.3)) * step for i in range(10_000))
    assert MILE.distance_at(10.0) == pytest.approx(way, abs=1e-4)


def test_a_dash_of_a_second_has_room_for_a_start() -> None:
    assert EvenSplit(8, 1.0).distance_at(1.0) == pytest.approx(8, abs=0.01)
