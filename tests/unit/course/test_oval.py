"""The oval against the rule book's figures and against plain geometry."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from firmware_sim import geometry
from pacer.course import Oval, course, lane_offset_m, progress_rate
from pacer.errors import InputError
from pacer.setup import TrackSpec
from pacer.units import MILE_M

PLACE = {"lat_deg": 42.36, "lon_deg": -71.09}
SPECS = st.builds(
    TrackSpec,
    lap_length_m=st.floats(180, 500),
    straight_m=st.floats(0, 85),
    lane=st.integers(1, 9),
    lat_deg=st.floats(-60, 60),
    lon_deg=st.floats(-180, 180),
    heading_deg=st.floats(-360, 720),
)


def mile(**changed: float) -> Oval:
    """Draws the standard track for a mile, home straight to the north."""
    return Oval.of(TrackSpec(**PLACE, **changed), MILE_M)  # type: ignore[arg-type]  # lanes are whole numbers


def test_lanes_are_as_long_as_the_rule_book_says() -> None:
    laps = [mile(lane=lane).lap_m for lane in (1, 2, 3, 4, 8)]
    assert laps == pytest.approx([400.00, 407.04, 414.70, 422.37, 453.03], abs=0.006)


def test_a_rider_in_lane_2_rides_farther_in_the_bends_only() -> None:
    oval = mile()
    lateral = oval.lateral_m(2)
    assert lateral == pytest.approx(1.12)
    marks = np.arange(0, 400, 0.05)
    ridden = sum(0.05 / progress_rate(oval.curvature_1pm(s), lateral) for s in marks)
    assert ridden / 400 == pytest.approx(1.0176, abs=1e-4)
    assert mile(lane=3).lateral_m(2) == pytest.approx(-1.22)


def test_a_mile_starts_9_344_m_before_the_finish_and_ends_on_it() -> None:
    oval = mile()
    start, finish = oval.position(0), oval.position(MILE_M)
    assert math.dist(start, finish) == pytest.approx(9.344)
    assert start[1] < finish[1]  # the home straight is run to the north
    assert oval.lines(MILE_M) == pytest.approx((409.344, 809.344, 1209.344, 1609.344))


@pytest.mark.parametrize(
    ("distance", "lines"),
    [
        (400, [400]),
        (1600, [400, 800, 1200, 1600]),
        (1500, [300, 700, 1100, 1500]),
        (1000, [200, 600, 1000]),
        (200, [200]),
        (0, []),
    ],
)
def test_lap_lines_are_where_the_finish_line_is_passed(distance: float, lines: list[float]) -> None:
    oval = Oval.of(TrackSpec(), distance)
    assert oval.lines(distance) == pytest.approx(lines)
    for s in lines:
        assert math.dist(oval.position(s), (oval.radius_m, oval.straight_m / 2)) < 1e-6


def test_the_track_is_run_anticlockwise_from_the_home_straight() -> None:
    oval = Oval.of(TrackSpec(heading_deg=90), 400)  # home straight to the east, south of the centre
    finish = oval.position(0)
    assert finish == pytest.approx((84.39 / 2, -36.8), abs=1e-3)
    assert oval.position(100)[1] > finish[1]  # the first bend turns north
    assert oval.position(200) == pytest.approx(
        (-84.39 / 2, 36.8), abs=1e-3
    )  # half way: end of the back straight
    assert [oval.heading_rad(s) for s in (-1, 150, 399)] == pytest.approx(
        [math.pi / 2, 3 * math.pi / 2, math.pi / 2]
    )


@given(SPECS, st.floats(0, 10_000), st.floats(-1000, 10_000), st.floats(-5, 12), st.floats(-80, 80))
def test_a_point_is_found_where_it_was_put(
    spec: TrackSpec, distance: float, s: float, lateral: float, error: float
) -> None:
    oval = Oval.of(spec, distance)
    found = oval.locate(*oval.position(s, lateral), near_s_m=s + error)
    assert found.along_m == pytest.approx(s, abs=1e-6)
    assert found.across_m == pytest.approx(lateral, abs=1e-6)


@given(SPECS, st.floats(0, 10_000), st.floats(0, 2000), st.floats(-5, 10))
def test_heading_curvature_and_rate_agree_with_small_steps(
    spec: TrackSpec, distance: float, s: float, lateral: float
) -> None:
    oval, step = Oval.of(spec, distance), 0.01
    assume(oval.radius_m + lateral > 0)  # nobody runs beyond the middle of a bend
    (e0, n0), (e1, n1) = oval.position(s, lateral), oval.position(s + step, lateral)
    if oval.curvature_1pm(s) != oval.curvature_1pm(s + step):
        return  # a step over the border of a bend
    assert math.hypot(e1 - e0, n1 - n0) * progress_rate(oval.curvature_1pm(s), lateral) == pytest.approx(
        step, rel=1e-4
    )
    turn = math.atan2(e1 - e0, n1 - n0) - oval.heading_rad(s + step / 2)
    assert math.sin(turn) == pytest.approx(0, abs=1e-6)
    assert math.cos(turn) > 0


@given(st.floats(-90, 90), st.floats(-60, 60))
def test_no_point_of_the_line_is_nearer_than_the_one_found(east: float, north: float) -> None:
    oval = mile()
    line = np.array([oval.position(s) for s in np.arange(0, oval.lap_m, 0.5)])
    nearest = np.hypot(*(line - (east, north)).T).min()
    assert abs(oval.locate(east, north).across_m) == pytest.approx(nearest, abs=0.25)


def test_without_a_hint_the_start_is_nearest() -> None:
    oval = mile()
    assert oval.locate(*oval.position(-1.0)).along_m == pytest.approx(-1)
    assert oval.locate(*oval.position(401.0)).along_m == pytest.approx(1)


def test_fixes_are_found_on_the_ground() -> None:
    oval = mile(heading_deg=30)
    assert oval.origin is not None
    found = oval.locate_fix(*oval.origin.to_degrees(*oval.position(700.0, 1.2)), 690.0)
    assert (found.along_m, found.across_m) == pytest.approx((700, 1.2), abs=1e-6)


def test_a_track_without_a_place_says_so() -> None:
    oval = Oval.of(TrackSpec(), 400)
    assert oval.origin is None
    with pytest.raises(InputError, match="centre"):
        oval.locate_fix(42.0, -71.0)


@pytest.mark.parametrize(
    "spec",
    [
        TrackSpec(lap_length_m=160.0),
        TrackSpec(straight_m=-1.0),
        TrackSpec(lap_length_m=math.inf),
        TrackSpec(lap_length_m=math.nan),
        TrackSpec(lane=0),
        TrackSpec(lat_deg=91.0, lon_deg=0.0),
    ],
)
def test_shapes_that_cannot_be_are_refused(spec: TrackSpec) -> None:
    with pytest.raises(InputError):
        course(spec, 400)


@pytest.mark.parametrize("distance", [-1.0, math.inf, math.nan])
def test_distances_that_cannot_be_are_refused(distance: float) -> None:
    with pytest.raises(InputError, match="distance"):
        Oval.of(TrackSpec(), distance)


def test_lane_offsets_follow_the_measuring_rule() -> None:
    assert [lane_offset_m(n) for n in (1, 2, 3)] == pytest.approx([0, 1.12, 2.34])


@given(st.floats(-500, 3000), st.floats(-2, 5), st.floats(0, 360))
def test_the_simulated_track_lies_in_the_same_place(s: float, lateral: float, heading: float) -> None:
    """Two drawings, written apart: on the ground they agree to 5 mm, the rounding of 400.00 m."""
    drawn = geometry.Oval(geometry.Placement(42.36, -71.09, heading, 0.0))
    pose = drawn.pose(s, lateral)
    oval = mile(heading_deg=heading)
    assert oval.position(s, lateral) == pytest.approx((pose.east_m, pose.north_m), abs=0.005)
    found = oval.locate_fix(*drawn.placement.to_degrees(pose.east_m, pose.north_m), near_s_m=s)
    assert (found.along_m, found.across_m) == pytest.approx((s, lateral), abs=0.01)


@given(st.floats(-900, 3000), st.integers(1, 8), st.integers(1, 8))
def test_a_place_abreast_lies_right_across_the_track(s_m: float, one: int, other: int) -> None:
    """It is as far away as the lanes are apart, and nothing of the other lane is nearer."""
    oval = mile(lane=one)
    line = oval.beside(other)
    there = line.position(oval.abreast(s_m, line))
    apart = abs(lane_offset_m(one) - lane_offset_m(other))
    assert math.dist(oval.position(s_m), there) == pytest.approx(apart, abs=1e-6)
    assert line.abreast(oval.abreast(s_m, line), oval) == pytest.approx(s_m, abs=1e-6)


def test_who_rides_a_lap_in_lane_2_beside_a_runner_in_lane_1_goes_7_04_m_more_and_starts_beside_him() -> None:
    oval = mile()
    line = oval.beside(2)
    assert oval.abreast(0.0, line) == pytest.approx(0.0, abs=1e-9)
    assert oval.abreast(9.344 + 400.001, line) - oval.abreast(9.344, line) == pytest.approx(407.04, abs=0.005)
