"""A route that meets itself, its ends, and points that cannot be."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.course import Origin, Route, course
from pacer.errors import InputError
from pacer.setup import RouteSpec

HERE = Origin(47.37, 8.54, 400.0)
Metres = Sequence[tuple[float, float]]


def route(points: Metres) -> Route:
    """Lays a route through points given in metres east and north."""
    made = course(RouteSpec(tuple((*HERE.to_degrees(e, n), HERE.altitude_m) for e, n in points)), 5000)
    assert isinstance(made, Route)
    return made


OUT_AND_BACK = route([(0, 10.0 * i) for i in range(101)] + [(5, 1000 - 10.0 * i) for i in range(101)])
# Three times round a block of 200 m by 100 m, 1800 m in all.
BLOCK = route([(0, 0)] + [(0, 200), (100, 200), (100, 0), (0, 0)] * 3)
# A winding road: 40 m waves, 2 km long.
WAVES = route([(20 * math.sin(x / 80), float(x)) for x in range(0, 2000, 5)])


def test_lengths_are_those_on_the_ground() -> None:
    assert OUT_AND_BACK.length_m == pytest.approx(2005, abs=0.1)
    assert BLOCK.length_m == pytest.approx(1800, abs=0.1)
    assert BLOCK.lap_m is None
    assert BLOCK.lines(1800) == ()


@given(st.floats(-40, 2040), st.floats(-4, 4))
def test_a_point_on_a_winding_road_is_found_where_it_was_put(s: float, lateral: float) -> None:
    s = min(s, WAVES.length_m + 40)
    found = WAVES.locate(*WAVES.position(s, lateral), near_s_m=s + 20)
    # At the corner between two segments the way of a body 4 m aside is that much longer or shorter.
    assert found.along_m == pytest.approx(s, abs=4 * 0.02 + 1e-3)
    assert abs(found.across_m) == pytest.approx(abs(lateral), abs=0.01)


@pytest.mark.parametrize("s", [30, 500, 900, 1105, 1500, 1980])
@pytest.mark.parametrize("across", [-3, 0, 3])
def test_legs_of_an_out_and_back_road_are_told_apart_by_progress(s: float, across: float) -> None:
    found = OUT_AND_BACK.locate(*OUT_AND_BACK.position(s, across), near_s_m=s + 15)
    assert found.along_m == pytest.approx(s, abs=0.01)
    assert found.across_m == pytest.approx(across, abs=0.01)


@pytest.mark.parametrize("loop", range(3))
def test_rounds_of_the_same_block_are_told_apart_by_progress(loop: int) -> None:
    for s in range(5 + 600 * loop, 600 * (loop + 1) - 5, 20):
        assert BLOCK.locate(*BLOCK.position(s), near_s_m=s - 30).along_m == pytest.approx(s, abs=0.01)


def test_a_whole_run_with_noisy_fixes_stays_on_its_leg() -> None:
    near = 0.0
    for s in range(0, 2000, 6):
        east, north = OUT_AND_BACK.position(s)
        found = OUT_AND_BACK.locate(east + 6 * math.sin(s), north + 4 * math.cos(1.7 * s), near)
        assert found.along_m == pytest.approx(s, abs=16 if 980 < s < 1025 else 6)
        near = found.along_m + 6


def test_the_line_goes_on_a_little_beyond_both_ends() -> None:
    assert WAVES.locate(*WAVES.position(-20), 0.0).along_m == pytest.approx(-20)
    end = WAVES.length_m
    assert WAVES.locate(*WAVES.position(end + 20), end).along_m == pytest.approx(end + 20)
    assert WAVES.locate(*WAVES.position(end + 90), end).along_m == pytest.approx(end + 50)


def test_a_route_without_a_hint_finds_the_nearest_point() -> None:
    assert BLOCK.locate(-3, 100).along_m == pytest.approx(100, abs=0.01)
    assert BLOCK.locate(-3, 100).across_m == pytest.approx(-3, abs=0.01)  # left of the way north


def test_heading_is_the_way_the_road_runs() -> None:
    assert [BLOCK.heading_rad(s) for s in (10, 250, 350, 550)] == pytest.approx(
        [0, math.pi / 2, math.pi, 3 * math.pi / 2], abs=1e-4
    )
    assert BLOCK.curvature_1pm(10) == 0


def test_points_given_twice_are_one_point() -> None:
    assert route([(0, 0), (0, 0), (0, 100), (0, 100)]).length_m == pytest.approx(100, abs=1e-3)


@pytest.mark.parametrize(
    ("points", "word"),
    [
        ((), "two different points"),
        (((47.0, 8.0, None),), "two different points"),
        (((47.0, 8.0, None), (47.0, 8.0, 500.0)), "two different points"),
        (((47.0, 8.0, None), (9999.0, 8.0, None)), "route point 2"),
        (((47.0, math.nan, None), (47.0, 8.0, None)), "route point 1"),
        (((47.0, 8.0, math.inf), (47.1, 8.0, None)), "route point 1"),
    ],
)
def test_points_that_make_no_route_are_refused(
    points: tuple[tuple[float, float, float | None], ...], word: str
) -> None:
    with pytest.raises(InputError, match=word):
        Route.of(RouteSpec(points))
