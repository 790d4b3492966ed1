"""A receiver falls silent where the same place lies twice on the course; which pass is it, afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pacer.course import Oval
from pacer.inputs import Command, Input, Measured, Tick
from pacer.measurement import Fix
from pacer.outputs import Notice, State
from pacer.session import Session
from pacer.setup import RouteSpec, SensorSpec, Setup, Target, TrackSpec

GPS = (SensorSpec("gps", "runner", "gps"),)
M_PER_DEG = 111_195.0  # m, of latitude, on a sphere of 6371 km
TRACK = TrackSpec(lat_deg=47.0, lon_deg=8.0)
TURN_M = 500.0  # m, where the road out turns back
OUT_AND_BACK = RouteSpec(((47.0, 8.0, None), (47.0 + TURN_M / M_PER_DEG, 8.0, None), (47.0, 8.0, None)))
V, GUN_T = 5.0, 20.0  # m/s, s


def on_track(way_m: float) -> tuple[float, float]:
    """Returns where a runner of a mile in lane 1 is, degrees."""
    oval = Oval.of(TRACK, 1609.344)
    assert oval.origin is not None
    return oval.origin.to_degrees(*oval.position(way_m))


def on_road(way_m: float) -> tuple[float, float]:
    """Returns where a runner out and back is, degrees."""
    return 47.0 + (TURN_M - abs(TURN_M - way_m)) / M_PER_DEG, 8.0


@pytest.mark.parametrize("told", [V, None], ids=["with a speed", "places alone"])
@pytest.mark.parametrize(
    ("course", "target_m", "hole"),
    [
        pytest.param(TRACK, 1609.344, (80.0, 170.0), id="90 s of a track, more than a lap"),
        pytest.param(OUT_AND_BACK, 2 * TURN_M, (100.0, 145.0), id="45 s about the turn of a road"),
    ],
)
def test_after_a_hole_the_pass_is_meant_that_was_to_be_reached(
    course: TrackSpec | RouteSpec, target_m: float, hole: tuple[float, float], told: float | None
) -> None:
    session = Session(Setup(GPS, course, Target(target_m, target_m / V)))
    place = on_track if isinstance(course, TrackSpec) else on_road
    worst, notices = 0.0, list[str]()
    for tick in range(round(10 * (hole[1] + 40))):
        t = tick / 10
        way = max(t - GUN_T, 0.0) * V
        items: list[Input] = [Tick(t)]
        if tick % 10 == 0 and not hole[0] <= t < hole[1]:
            speed = None if told is None else told * (t > GUN_T)
            items.insert(0, Measured(t, "gps", Fix(t, *place(way), speed, sensor_t=t)))
        if t == GUN_T:
            items.insert(0, Command(t, "start", at=t))
        for output in (o for item in items for o in session.step(item)):
            match output:
                case Notice(code=code):
                    notices.append(code)
                case State(runner=runner) if t > hole[1] + 5 and runner.distance_m is not None:
                    worst = max(worst, abs(runner.distance_m - way))
    assert worst < 10.0
    assert "off-course" not in notices


def test_who_stood_through_a_hole_is_where_he_stands_at_once() -> None:
    """The distance shown never falls: one that ran ahead to where he might have been would stay there.

    It goes on for 5 s, 25 m, until nothing is known.
    """
    road = RouteSpec(((47.0, 8.0, None), (47.05, 8.0, None)))
    session = Session(Setup(GPS, road, Target(5000.0, 1000.0)))
    told = []
    for tick in range(7600):
        t = tick / 10
        way = min(max(t - GUN_T, 0.0), 100.0) * V + max(t - 730.0, 0.0) * V
        if t == GUN_T:
            session.step(Command(t, "start", at=t))
        if tick % 10 == 0 and not 122.0 < t < 720.0:
            session.step(Measured(t, "gps", Fix(t, 47.0 + way / M_PER_DEG, 8.0, None, sensor_t=t)))
        told += [(o, way) for o in session.step(Tick(t)) if isinstance(o, State) and t > 721]
    off = [o.runner.distance_m - way for o, way in told if o.runner.distance_m is not None]
    assert len(off) > 300
    assert max(map(abs, off)) < 30.0


@pytest.mark.parametrize(
    ("course", "heard"),
    [
        pytest.param(TRACK, lambda t: t >= GUN_T + 90.0, id="first heard 90 s after the gun"),
        pytest.param(TrackSpec(), lambda t: not 160.0 <= t < 220.0, id="60 s of a track that was found"),
    ],
)
@pytest.mark.parametrize("told", [V, None], ids=["with a speed", "places alone"])
def test_no_lap_is_lost_where_the_hole_begins_at_the_gun_or_a_found_track_is_drawn_anew_after_it(
    course: TrackSpec, heard: Callable[[float], bool], told: float | None
) -> None:
    """A start without a receiver is to be confirmed; a track that nobody placed is fitted every 20 s."""
    session = Session(Setup(GPS, course, Target(1609.344, 1609.344 / V)))
    off = []
    for tick in range(3000):
        t = tick / 10
        way = max(t - GUN_T, 0.0) * V
        if t == GUN_T:
            step = session.step(Command(t, "start", at=t))
            if any(isinstance(o, Notice) and o.code == "confirm-start" for o in step):
                session.step(Command(t, "start", at=t))
        if tick % 10 == 0 and heard(t):
            speed = None if told is None else told * (t > GUN_T)
            session.step(Measured(t, "gps", Fix(t, *on_track(way), speed, sensor_t=t)))
        states = [o for o in session.step(Tick(t)) if isinstance(o, State) and t > 240]
        off += [o.runner.distance_m - way for o in states if o.runner.distance_m is not None]
    assert len(off) > 500
    assert max(map(abs, off)) < 10.0


@pytest.mark.parametrize("told", [V, None], ids=["with a speed", "places alone"])
def test_a_rest_in_which_a_watch_stops_is_no_lap(told: float | None) -> None:
    """It stops and goes on at full speed, as watches do that leave a rest out, 90 s later where it was."""
    session, rest_t = Session(Setup(GPS, TRACK, Target(1609.344, 1609.344 / V))), (100.0, 190.0)
    off = []
    for tick in range(2400):
        t = tick / 10
        way = max(min(t, rest_t[0]) - GUN_T + max(t - rest_t[1], 0.0), 0.0) * V
        if t == GUN_T:
            session.step(Command(t, "start", at=t))
        if tick % 10 == 0 and not rest_t[0] < t < rest_t[1]:
            speed = None if told is None else told * (t > GUN_T)
            session.step(Measured(t, "gps", Fix(t, *on_track(way), speed, sensor_t=t)))
        states = [o for o in session.step(Tick(t)) if isinstance(o, State) and t > rest_t[1] + 10.0]
        off += [o.runner.distance_m - way for o in states if o.runner.distance_m is not None]
    assert len(off) > 300
    assert max(map(abs, off)) < 10.0


@pytest.mark.parametrize("told", [V, None], ids=["with a speed", "places alone"])
@pytest.mark.parametrize(
    "course", [None, RouteSpec(((47.0, 8.0, None), (47.06, 8.0, None)))], ids=["no course", "a road"]
)
def test_the_first_fix_after_a_hole_may_be_5_km_astray(course: RouteSpec | None, told: float | None) -> None:
    """A receiver that has just found itself is wrong most; 5 km on there is the finish."""
    session, hole = Session(Setup(GPS, course, Target(5000.0, 5000.0 / V))), (100.0, 110.0)
    worst = 0.0
    for tick in range(1500):
        t = tick / 10
        way = max(t - GUN_T, 0.0) * V
        items: list[Input] = [Tick(t)]
        if tick % 10 == 0 and not hole[0] < t < hole[1]:
            lat = 47.0 + (way + 5000.0 * (t == hole[1])) / M_PER_DEG
            speed = None if told is None else told * (t > GUN_T)
            items.insert(0, Measured(t, "gps", Fix(t, lat, 8.0, speed, sensor_t=t)))
        if t == GUN_T:
            items.insert(0, Command(t, "start", at=t))
        for output in (o for item in items for o in session.step(item)):
            match output:
                case State(runner=runner) if t > hole[1] and runner.distance_m is not None:
                    worst = max(worst, abs(runner.distance_m - way))
    assert worst < 60.0  # hardly more than was run in the hole
