"""A placed course that is not the one that is run: given up in time, and said; one that is, is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from pacer.activity import Activity, inputs, sensors
from pacer.course import Oval
from pacer.course.learn import learn_track
from pacer.files import read_activity
from pacer.inputs import Command, Input, Measured, Tick
from pacer.measurement import Fix
from pacer.outputs import Cue, Notice, Output, State
from pacer.session import Session
from pacer.setup import PolicySpec, RouteSpec, SensorSpec, Setup, Target, TrackSpec
from tests.benchmarks.runs import simulate
from tests.support import data
from tests.unit import test_escort as escort

TRACK_FILE, ROAD_FILE = (
    "track_runs/mit_track_2km_5laps_lowest_noise.gpx",
    "road_runs/mit_garmincn_run_39min.gpx",
)
TICK_S = 0.5  # s: few are enough to see distance and speed
SHORT_S = 300.0  # s of a run
Places = list[tuple[float, float, float]]  # t s, latitude and longitude in degrees


@cache
def recorded(name: str) -> Activity:
    return read_activity(data.recording(name))


def places(activity: Activity) -> Places:
    return [(r.t_s, r.lat_deg, r.lon_deg) for r in activity.records if r.lat_deg and r.lon_deg]


def mirrored(activity: Activity) -> Activity:
    """Returns the run as seen in a mirror: west is east, and the laps go the other way round."""
    middle = float(np.mean([lon for *_, lon in places(activity)]))
    records = [
        r if r.lon_deg is None else replace(r, lon_deg=2 * middle - r.lon_deg) for r in activity.records
    ]
    return replace(activity, records=tuple(records))


def track_of(activity: Activity) -> TrackSpec:
    t, lat, lon = np.array(places(activity)).T
    return learn_track(t, lat, lon).track


def played(
    activity: Activity, course: TrackSpec | RouteSpec | None, until_s: float = SHORT_S
) -> list[Output]:
    setup = Setup(
        sensors(activity), course, Target(5000.0, 1800.0), PolicySpec(name="none"), start="first_input"
    )
    session = Session(setup)
    return [o for item in ticked(inputs(activity), until_s) for o in session.step(item)]


def ticked(items: Iterator[Input] | Sequence[Input], until_s: float) -> Iterator[Input]:
    t = 0.0
    for item in items:
        while t <= min(item.t, until_s):
            yield Tick(t)
            t += TICK_S
        if item.t > until_s:
            return
        yield item


def told(outputs: Sequence[Output]) -> list[Notice]:
    return [o for o in outputs if isinstance(o, Notice) and o.code == "off-course"]


def shown(outputs: Sequence[Output]) -> list[tuple[float, float]]:
    return [
        (o.t, o.runner.distance_m)
        for o in outputs
        if isinstance(o, State) and o.runner.distance_m is not None and o.phase == "running"
    ]


def calm_from(outputs: Sequence[Output], t: float) -> None:
    """Asserts that from `t` s on distance neither stands, nor falls, nor jumps."""
    late = [(when, m) for when, m in shown(outputs) if when >= t]
    assert late[-1][0] > SHORT_S - 2 * TICK_S
    for (before, m), (after, n) in pairwise(late):
        assert 0 <= n - m < 8.0 * (after - before) + 0.5
    for (_, m), (_, n) in zip(late, late[20:], strict=False):
        assert n - m > 5.0  # in 10 s


def test_laps_run_clockwise_are_told_and_counted_all_the_same() -> None:
    run = mirrored(recorded(TRACK_FILE))
    out, free = played(run, track_of(run)), played(run, None)
    [notice] = told(out)
    assert "against its direction" in notice.text
    assert notice.level == "warning"
    assert notice.t < 20.0  # 30 m at 2.5 m/s, and a start in which nobody knows
    calm_from(out, notice.t)
    doubt, truth = (
        {o.t: o.runner.distance_sd_m or 0.0 for o in out if isinstance(o, State)},
        dict(shown(free)),
    )
    assert all(abs(m - truth[t]) < 2.0 * doubt[t] for t, m in shown(out) if t > 10.0)
    assert shown(out)[-1][1] == pytest.approx(shown(free)[-1][1], rel=0.02)


def test_the_same_laps_as_they_were_run_are_kept() -> None:
    run = recorded(TRACK_FILE)
    assert told(played(run, track_of(run), math.inf)) == []


def test_a_file_counts_from_where_it_begins_on_its_course() -> None:
    run, road = recorded(TRACK_FILE), recorded(ROAD_FILE)
    out, free = played(run, track_of(run), 100.0), played(run, None, 100.0)
    assert "start-off-line" in [o.code for o in out if isinstance(o, Notice)]
    assert shown(out)[-1][1] == pytest.approx(shown(free)[-1][1], abs=5.0)
    on_it = RouteSpec(tuple((lat, lon, None) for _, lat, lon in places(road)))
    assert "start-off-line" not in [o.code for o in played(road, on_it, 100.0) if isinstance(o, Notice)]


def reverse(activity: Activity) -> RouteSpec:
    return RouteSpec(tuple((lat, lon, None) for _, lat, lon in reversed(places(activity))))


def test_a_route_run_from_its_end_is_given_up_and_counted_all_the_same() -> None:
    run = recorded(ROAD_FILE)
    out, free = played(run, reverse(run)), played(run, None)
    [notice] = told(out)
    assert "against its direction" in notice.text
    assert notice.t < 20.0
    without = dict(shown(free))
    # what was believed of the course while it was believed is some metres
    assert all(m == pytest.approx(without[t], abs=8.0) for t, m in shown(out) if t > notice.t)


def elsewhere(track: TrackSpec, north_m: float) -> TrackSpec:
    assert track.lat_deg is not None
    return replace(track, lat_deg=track.lat_deg + north_m / 111_200.0)


@pytest.mark.parametrize(("north_m", "far"), [(300.0, " m off it"), (30_000.0, " km off it")])
def test_a_track_in_another_place_is_told_within_seconds(north_m: float, far: str) -> None:
    run = recorded(TRACK_FILE)
    out, free = played(run, elsewhere(track_of(run), north_m)), played(run, None)
    [notice] = told(out)
    assert notice.t < 15.0
    assert far in notice.text
    calm_from(out, notice.t)
    assert shown(out)[-1][1] == pytest.approx(shown(free)[-1][1], rel=0.02)
    assert all(o.runner.distance_sd_m < 20.0 for o in out if isinstance(o, State) and o.runner.distance_sd_m)


@pytest.mark.parametrize("north_m", [25.0, 50.0])
def test_a_track_drawn_a_few_lanes_beside_its_place_is_told_and_found_where_it_is(north_m: float) -> None:
    run = simulate("phone-gps-only", 21)
    assert isinstance(run.setup.course, TrackSpec)
    setup = replace(run.setup, policy=PolicySpec(name="none"), course=elsewhere(run.setup.course, north_m))
    session = Session(setup)
    out = [o for item in ticked(run.inputs, math.inf) for o in session.step(item)]
    [notice] = told(out)
    found = next(o.t for o in out if isinstance(o, Notice) and o.code == "track-found")
    assert notice.t < run.truth.gun_t + 100.0
    for t, m in shown(out):
        if t > found + 60.0:  # what is owed is paid by then
            assert m == pytest.approx(float(np.interp(t, run.truth.t, run.truth.s)), abs=5.0)
    assert next(o.runner.distance_sd_m or math.inf for o in reversed(out) if isinstance(o, State)) < 8.0


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("kind", ["multipath", "gps-outage", "lane2", "road5k", "walk"])
def test_a_course_is_kept_whatever_positions_and_runners_are_like(kind: str, seed: int) -> None:
    run = simulate(kind, seed)
    session = Session(replace(run.setup, policy=PolicySpec(name="none")))
    out = [o for item in ticked(run.inputs, SHORT_S) for o in session.step(item)]
    assert told(out) == []
    assert session.run is not None
    assert session.run.search is None
    assert shown(out)[-1][1] > 500.0


# An oval at the equator, where a degree is as long to the north as to the east, and a second lane of jogging.
OVAL = TrackSpec(lat_deg=0.0, lon_deg=0.0)
GPS = SensorSpec("gps", "runner", "gps")
JOG_MPS, RACE_MPS, GUN_T = 3.0, 5.0, 200.0  # m/s, m/s, s


def raced(
    place: Callable[[float], tuple[float, float]],
    speed: Callable[[float], float | None],
    until_s: float = GUN_T + 120.0,
) -> tuple[list[Output], Session]:
    """Runs a mile with fixes that say no more than `place` (m east, m north) and `speed` at each second."""
    setup = Setup((GPS,), OVAL, start="command")
    session, out = Session(setup), []
    line = Oval.of(OVAL, setup.target.distance_m)
    assert line.origin is not None
    start = Command(GUN_T - 5.0, "start", at=GUN_T)
    fixes = []
    for t in range(int(until_s)):
        lat, lon = line.origin.to_degrees(*place(float(t)))
        fixes.append(Measured(float(t), "gps", Fix(float(t), lat, lon, speed(float(t)), sensor_t=float(t))))
    for item in ticked(sorted([*fixes, start], key=lambda item: item.t), math.inf):
        out += session.step(item)
    return out, session


def line_at(s_m: float) -> tuple[float, float]:
    return Oval.of(OVAL, Target().distance_m).position(s_m)


def test_who_warms_up_the_other_way_round_and_across_the_field_is_not_put_off_the_course() -> None:
    def place(t: float) -> tuple[float, float]:
        if t < 100:  # three quarters of a lap, clockwise
            return line_at(-JOG_MPS * t)
        if t < 180:  # in the middle of the field, 36 m off
            return 10.0 * math.sin(t / 5), 10.0 * math.cos(t / 5)
        return line_at(max(t - GUN_T, 0.0) * RACE_MPS)

    out, _ = raced(place, lambda t: 0.0 if 180 <= t <= GUN_T else RACE_MPS)
    assert told(out) == []
    assert shown(out)[-1][1] == pytest.approx(119 * RACE_MPS, abs=5.0)


@pytest.mark.parametrize("doppler", [True, False])
def test_who_turns_round_in_a_run_is_asked_for_nothing_while_that_is_not_sure(doppler: bool) -> None:  # noqa: FBT001 - its name is its parameter
    turned_t = GUN_T + 60.0

    def place(t: float) -> tuple[float, float]:
        return line_at(RACE_MPS * (max(min(t, turned_t) - GUN_T, 0.0) - max(t - turned_t, 0.0)))

    out, _ = raced(place, lambda t: (0.0 if t <= GUN_T else RACE_MPS) if doppler else None)
    [notice] = told(out)
    assert turned_t + 6.0 <= notice.t <= turned_t + 10.0
    truth = {t: RACE_MPS * (t - GUN_T) for t, _ in shown(out)}
    sd = {o.t: o.runner.distance_sd_m or 0.0 for o in out if isinstance(o, State)}
    for t, m in shown(out):
        if t > turned_t + 4.0:  # 20 m of it are any runner's errors
            assert abs(m - truth[t]) < max(2.0 * sd[t], 5.0)
    assert shown(out)[-1][1] == pytest.approx(truth[shown(out)[-1][0]], abs=6.0)
    assert not [o for o in out if isinstance(o, Cue) and turned_t + 3.0 < o.t < notice.t + 20.0]


def test_a_doubt_that_lasts_keeps_no_more_than_two_laps() -> None:
    def place(t: float) -> tuple[float, float]:  # a hair more than is let go inside lane 1
        return Oval.of(OVAL, Target().distance_m).position(RACE_MPS * max(t - GUN_T, 0.0), -5.01)

    session = raced(place, lambda t: 0.0 if t <= GUN_T else RACE_MPS, until_s=GUN_T + 400.0)[1]
    assert session.run is not None
    doubt = session.run.watch.doubt
    assert doubt is not None
    assert 0 < len(doubt.heard) <= 151
    assert doubt.t > GUN_T + 240.0


def test_a_rest_on_a_bench_beside_the_track_does_not_put_off_it() -> None:
    rest_t, back_t = GUN_T + 40.0, GUN_T + 120.0

    def place(t: float) -> tuple[float, float]:  # 30 m outside lane 1, and a few seconds there and back
        out_m = 30.0 * min(max(min(t - rest_t, back_t - t), 0.0) / 6.0, 1.0)
        run_s = min(max(t - GUN_T, 0.0), rest_t - GUN_T) + max(t - back_t, 0.0)
        return Oval.of(OVAL, Target().distance_m).position(RACE_MPS * run_s, out_m)

    def speed(t: float) -> float:
        return 0.0 if t <= GUN_T or rest_t + 6.0 <= t <= back_t - 6.0 else RACE_MPS

    out, _ = raced(place, speed, until_s=GUN_T + 240.0)
    assert told(out) == []
    assert shown(out)[-1][1] == pytest.approx(RACE_MPS * 159, abs=8.0)


@pytest.mark.parametrize("north_m", [0.0, 2000.0])
def test_where_the_rider_alone_has_a_receiver_his_positions_tell(north_m: float) -> None:
    sensors = (escort.POD, escort.BIKE_GPS)
    setup = replace(escort.setup(sensors, "strict"), course=elsewhere(escort.TRACK, north_m))
    session, out = Session(setup), []
    for item in escort.ride(sensors, 1.0, 130.0):
        out += session.step(item)
    assert len(told(out)) == (1 if north_m else 0)
    state = next(o for o in reversed(out) if isinstance(o, State))
    truth = escort.EVEN.distance_at(state.elapsed_s or 0.0)
    assert state.rider is not None
    assert state.rider.distance_m == pytest.approx(truth, rel=0.04)  # a lane farther out, and in front
    assert state.runner.distance_m == pytest.approx(truth, rel=0.04)  # the pod is 3 % off
