"""Legs of a trail: as long as the way they stand for, never round a corner, and not for noise."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator

import pytest

from pacer.course import Origin
from pacer.estimator.trail import HELD_M, MOST, MOST_RECENT, STRAYS, Point, Trail, distance

HERE = Origin(47.0, 8.0)


def walk(points: Iterable[Point], most_mps: float = math.inf) -> Iterator[Trail]:
    """Yields the trail after each point (t s, east m, north m)."""
    trail = Trail()
    for t, east, north in points:
        trail = trail.extend(t, *HERE.to_degrees(east, north), most_mps)
        yield trail


def road(corner_m: float, turn: float, step_m: float = 4.0) -> Iterator[tuple[float, float, float]]:
    """Yields (m run, east m, north m) on 200 m north, a corner of `turn` rad to the right, and 200 m."""
    arc = corner_m * turn
    for i in range(int((400 + arc) / step_m)):
        s = i * step_m
        a = min(max(s - 200, 0.0), arc) / corner_m
        on, back = max(s - 200 - arc, 0.0), min(s, 200.0)
        east = corner_m * (1 - math.cos(a)) + on * math.sin(turn)
        yield s, east, back + corner_m * math.sin(a) + on * math.cos(turn)


def way(trail: Trail) -> float:
    """Returns the way run on the trail's leg, m, where time counts metres."""
    return trail.held[0] - trail.leg[0][0] if trail.leg and trail.held else 0.0


def test_a_leg_is_as_long_as_the_straight_road_it_lies_on() -> None:
    *_, trail = walk((5.0 * i, 0.0, 5.0 * i) for i in range(101))
    assert trail.leg_m == pytest.approx(way(trail), rel=1e-4)
    assert trail.leg_m == pytest.approx(500 - 3 * HELD_M, abs=10)
    assert trail.speed_mps is None  # nothing within 3 "s" here


@pytest.mark.parametrize("turn", [math.pi / 2, math.pi / 3, math.pi])
@pytest.mark.parametrize("corner_m", [4.0, 12.0, 25.0])
def test_no_leg_goes_round_a_corner(corner_m: float, turn: float) -> None:
    trails = list(walk(road(corner_m, turn)))
    assert max(abs(t.leg_m - way(t)) for t in trails) < 0.25
    read = sum(distance(t.leg[0], t.held) > 20 for t in trails if t.leg and t.held)
    assert read > 0.6 * len(trails)


def test_a_slight_bend_is_no_corner_and_its_arc_is_counted() -> None:
    radius = 300.0
    arc = [(s, radius * (1 - math.cos(s / radius)), radius * math.sin(s / radius)) for s in range(0, 900, 4)]
    legs = [t for t in walk(arc) if way(t) > 50]
    assert len(legs) > 50
    assert all(t.leg_m == pytest.approx(way(t), rel=0.002) for t in legs)


def test_noise_lengthens_a_leg_by_little() -> None:
    rng = random.Random(1)
    noisy = ((5.0 * i, rng.gauss(0, 0.5), 5.0 * i + rng.gauss(0, 0.5)) for i in range(401))
    legs = [t for t in walk(noisy) if way(t) > 100]
    assert len(legs) > 100
    assert sum(t.leg_m - way(t) for t in legs) / sum(map(way, legs)) == pytest.approx(0, abs=0.002)


def test_standing_still_is_no_leg_and_takes_no_room() -> None:
    rng = random.Random(2)
    *_, trail = walk((float(i), rng.gauss(0, 1), rng.gauss(0, 1)) for i in range(600))
    assert trail.leg == ()
    assert len(trail.recent) <= MOST_RECENT


def test_a_long_leg_takes_no_more_room_than_a_short_one() -> None:
    *_, trail = walk((i / 25, 0.0, i / 5) for i in range(5_000))  # a kilometre at 25 Hz
    assert trail.leg_m == pytest.approx(1000 - 3 * HELD_M, abs=10)
    assert len(trail.leg) <= MOST
    assert len(trail.recent) <= MOST_RECENT


def test_a_stray_position_is_left_out_and_one_that_insists_believed() -> None:
    straight = [(float(i), 0.0, 5.0 * i) for i in range(30)]
    *_, before = walk(straight, 7.0)
    trail = before.extend(30.0, *HERE.to_degrees(0, 175), 7.0)  # 30 m on in a second
    assert (trail.recent, trail.leg) == (before.recent, before.leg)
    assert trail.extend(31.0, *HERE.to_degrees(0, 155), 7.0).leg[0] == before.leg[0]
    for i in range(1, STRAYS):
        trail = trail.extend(30.0 + i, *HERE.to_degrees(0, 175 + 5 * i), 7.0)
    assert [round(p[2]) for p in trail.recent] == [185]
    assert trail.leg == ()


def test_speed_is_the_mean_of_three_seconds() -> None:
    *_, trail = walk((float(i), 0.0, 5.0 * i) for i in range(30))
    assert trail.speed_mps == pytest.approx(5, rel=1e-3)


def test_one_position_has_no_speed_and_an_older_one_changes_nothing() -> None:
    one = Trail().extend(5.0, 47.0, 8.0)
    assert one.speed_mps is None
    assert one.extend(5.0, 47.1, 8.0) is one
    assert Trail().leg_m == 0
