from __future__ import annotations

import math
from itertools import pairwise

import pytest

from firmware_sim.geometry import MILE_M, Oval, Placement, Pose, lane_offset_m

PLACE = Placement(lat_deg=47.0, lon_deg=8.0, heading_deg=20.0, altitude_m=400.0)
OVAL = Oval(PLACE)


def walked(oval: Oval, from_m: float, to_m: float, lateral_m: float = 0.0) -> float:
    """Measures a way with a ruler of a few centimetres, knowing nothing of arcs."""
    steps = 8000
    poses = [oval.pose(from_m + (to_m - from_m) * i / steps, lateral_m) for i in range(steps + 1)]
    return sum(apart(a, b) for a, b in pairwise(poses))


def apart(a: Pose, b: Pose) -> float:
    return math.hypot(a.east_m - b.east_m, a.north_m - b.north_m)


@pytest.mark.parametrize(("lane", "lap_m"), [(1, 400.00), (2, 407.04), (3, 414.70), (4, 422.37)])
def test_lane_lengths_are_those_of_the_rules(lane: int, lap_m: float) -> None:
    assert OVAL.lane_lap_m(lane) == pytest.approx(lap_m, abs=0.005)
    assert walked(OVAL, 0, 400, lane_offset_m(lane)) == pytest.approx(lap_m, abs=0.01)


def test_shape_is_the_standard_track() -> None:
    assert OVAL.straight_m == pytest.approx(84.39, abs=0.005)
    assert 2 * math.pi * OVAL.radius_m == pytest.approx(231.22, abs=0.005)


def test_mile_is_four_laps_and_the_start_before_the_line() -> None:
    finish = OVAL.pose(MILE_M)
    assert apart(finish, OVAL.pose(9.344)) == pytest.approx(0, abs=1e-6)
    assert apart(OVAL.pose(0), finish) == pytest.approx(9.344, abs=1e-6)
    # the finish is at the end of the home straight: straight before it, bending after it
    assert OVAL.curvature(MILE_M - 0.01) == 0
    assert OVAL.curvature(MILE_M + 0.01) == pytest.approx(1 / 36.80)


def test_way_is_continuous_and_heading_is_its_direction() -> None:
    for k in range(1600):
        s = k * 0.25
        here, there = OVAL.pose(s - 0.005), OVAL.pose(s + 0.005)
        assert apart(here, there) == pytest.approx(0.01, rel=1e-4)
        direction = math.atan2(there.east_m - here.east_m, there.north_m - here.north_m)
        turn = (OVAL.pose(s).heading_rad - direction + math.pi) % (2 * math.pi) - math.pi
        assert abs(turn) < 2e-3


def test_home_straight_is_run_along_its_heading_and_bends_turn_left() -> None:
    assert math.degrees(OVAL.pose(0).heading_rad) == pytest.approx(20.0)
    assert math.degrees(OVAL.pose(9.344 + 36.8 * math.pi / 2).heading_rad) == pytest.approx(290.0)


def test_outside_is_away_from_the_centre() -> None:
    for s in range(0, 400, 10):
        inner, outer = OVAL.pose(s), OVAL.pose(s, 1.0)
        assert apart(inner, outer) == pytest.approx(1.0)
        assert math.hypot(outer.east_m, outer.north_m) > math.hypot(inner.east_m, inner.north_m)


def test_free_lap_length() -> None:
    assert walked(Oval(PLACE, lap_m=333.33), 0, 333.33) == pytest.approx(333.33, abs=0.01)


def ecef(lat_deg: float, lon_deg: float, height_m: float) -> tuple[float, float, float]:
    """Returns earth-centred coordinates by the textbook formula, from the inverse flattening."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    radius = (n + height_m) * math.cos(lat)
    return radius * math.cos(lon), radius * math.sin(lon), (n * (1 - e2) + height_m) * math.sin(lat)


@pytest.mark.parametrize("lat", [-60.0, 0.0, 47.0])
def test_degrees_are_true_metres_on_the_ellipsoid(lat: float) -> None:
    place = Placement(lat, 8.0, 0.0, 0.0)
    for east, north in [(100.0, 0.0), (0.0, 100.0), (-60.0, 80.0)]:
        moved = ecef(*place.to_degrees(east, north), 0.0)
        assert math.dist(moved, ecef(lat, 8.0, 0.0)) == pytest.approx(100.0, abs=0.002)


def test_moved_placement_moves_and_turns_the_track() -> None:
    moved = Oval(PLACE.moved(3.0, 4.0, 0.5))
    lat, lon = moved.placement.lat_deg, moved.placement.lon_deg
    assert math.dist(ecef(lat, lon, 0), ecef(47.0, 8.0, 0)) == pytest.approx(5.0, abs=0.001)
    assert lat > PLACE.lat_deg
    assert lon > PLACE.lon_deg
    assert math.degrees(moved.pose(0).heading_rad) == pytest.approx(20.5)
