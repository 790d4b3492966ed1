from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from firmware_sim.constants import RoadShape
from firmware_sim.road import ROAD_M, Road


def test_the_map_is_as_long_as_it_says() -> None:
    """The chords between its points, on the ground, add up to five kilometres but for the corners."""
    road = Road.map()
    places = [road.pose(s) for s in np.arange(0.0, ROAD_M + 1, 5.0)]
    chords = [math.dist((a.east_m, a.north_m), (b.east_m, b.north_m)) for a, b in pairwise(places)]
    assert sum(chords) == pytest.approx(ROAD_M, rel=0.001)


def test_it_turns_by_right_angles_and_comes_near_itself_nowhere() -> None:
    road = Road.map()
    headings = {round(math.degrees(road.pose(s).heading_rad)) % 360 for s in (100.0, 400.0, 700.0, 1100.0)}
    assert headings == {0, 90, 270}
    places = np.array([(p.east_m, p.north_m) for p in (road.pose(s) for s in np.arange(0.0, ROAD_M, 10.0))])
    apart = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    far = np.abs(np.subtract.outer(np.arange(len(places)), np.arange(len(places)))) > 10
    assert apart[far].min() > 20.0  # m


def test_hills_are_four_per_cent_and_fit_their_heights() -> None:
    road = Road.map()
    at = np.arange(0.0, ROAD_M, 1.0)
    poses = [road.pose(s) for s in at]
    grades = np.array([p.grade for p in poses])
    assert np.abs(grades).max() == pytest.approx(RoadShape().hill_grade, rel=0.001)
    assert np.gradient([p.rise_m for p in poses], at)[1:-1] == pytest.approx(grades[1:-1], abs=1e-4)


def test_the_road_lies_beside_its_map_by_a_planners_error() -> None:
    at = np.arange(500.0, 4500.0, 50.0)
    along, across = [], []
    plain = Road.map()
    for seed in range(8):
        road = Road.of(seed)
        for s in at:
            here, there = plain.pose(s), road.pose(s)
            if here.curvature:
                continue
            east, north = there.east_m - here.east_m, there.north_m - here.north_m
            sin, cos = math.sin(here.heading_rad), math.cos(here.heading_rad)
            along.append(east * sin + north * cos)
            across.append(east * cos - north * sin)
    assert np.std(along) == pytest.approx(RoadShape().warp[0], rel=0.3)
    assert np.std(across) == pytest.approx(RoadShape().side[0], rel=0.3)


@pytest.mark.parametrize("seed", [1, 2])
def test_start_and_finish_are_where_the_map_has_them(seed: int) -> None:
    road, plain = Road.of(seed), Road.map()
    for s in (0.0, ROAD_M):
        here, there = plain.pose(s), road.pose(s)
        sin, cos = math.sin(here.heading_rad), math.cos(here.heading_rad)
        assert (there.east_m - here.east_m) * sin + (there.north_m - here.north_m) * cos == pytest.approx(
            0.0, abs=0.02
        )
