from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pacer.course import course
from pacer.estimator import body as bodies
from pacer.estimator import model, process
from pacer.estimator.body import Body, Outcome
from pacer.estimator.observe import observe
from pacer.measurement import Fix, Stride, WheelRevolution
from pacer.setup import RouteSpec
from tests.support.direct import TRACK

V = 5.75  # m/s
OVAL = course(TRACK, 1609.344)


def fix(t: float, s_m: float, speed_mps: float = V) -> Fix:
    """Makes a fix that was true 0.6 s ago, at `s_m`."""
    assert OVAL is not None
    assert OVAL.origin is not None
    east, north = OVAL.position(s_m)
    lat, lon = OVAL.origin.lat_deg, OVAL.origin.lon_deg
    per_lat, per_lon = (OVAL.origin.to_enu(lat + 1e-4, lon)[1], OVAL.origin.to_enu(lat, lon + 1e-4)[0])
    return Fix(t, lat + 1e-4 * north / per_lat, lon + 1e-4 * east / per_lon, speed_mps, sensor_t=t)


def running(until_t: int = 60) -> Body:
    body = bodies.begin(0.0, OVAL, 1.0, 0.03)
    for t in range(1, until_t + 1):
        body, _ = observe(body, fix(t, V * (t - 0.6)), "gps", from_file=False)
    return body


def see(body: Body, m: Fix | Stride | WheelRevolution) -> tuple[Body, Outcome]:
    return observe(body, m, "gps", from_file=False)


def test_passing_time_in_steps_changes_nothing_over_the_start_and_into_blindness() -> None:
    body = bodies.gun(running(), 60.0, 0.0, None, V)
    whole, parts = bodies.advance(body, 72.0), body
    for i in range(1, 121):
        parts = bodies.advance(parts, 60 + i / 10)
    assert whole.blind
    assert parts.blind
    keep = [model.S, model.V]
    assert np.allclose(whole.belief.x, parts.belief.x, rtol=0, atol=1e-9)
    assert np.allclose(whole.belief.P[np.ix_(keep, keep)], parts.belief.P[np.ix_(keep, keep)], atol=1e-9)


@pytest.mark.parametrize(
    "wrong", [fix(61, V * 60.4 + 50), fix(61, V * 60.4, 12.0), fix(61, V * 60.4 - 50, 0.0)]
)
def test_one_wrong_fix_moves_next_to_nothing(wrong: Fix) -> None:
    body = running()
    plain, odd = bodies.advance(body, 61.0), see(body, wrong)[0]
    assert abs(bodies.along_m(odd) - bodies.along_m(plain)) <= 1.0
    assert abs(float(odd.belief.x[model.V] - plain.belief.x[model.V])) <= 0.1


def test_a_runner_who_really_is_elsewhere_is_found_in_the_end() -> None:
    body, t = running(), 60.0
    while t < 90.25:  # multipath beside a stand lasts 20 s, and must not be believed
        t += 0.25
        body, outcome = see(body, fix(t, V * (t - 0.6) + 60))
        assert (outcome.refused is not None) == (t < 90.5)
    while t < 150:
        t += 1.0
        body, _ = see(body, fix(t, V * (t - 0.6) + 60))
    assert bodies.along_m(body) == pytest.approx(V * t + 60, abs=10)


def test_somebody_who_stops_is_believed_at_the_third_reading() -> None:
    body = running()
    for t in (61, 62, 63):
        body, _ = see(body, fix(t, V * 59.9, 0.0))
    assert float(body.belief.x[model.V]) < 1.0


def test_an_odometer_that_jumps_costs_nothing() -> None:
    plain = odd = running()
    for t in range(61, 71):
        for jump in (0.0, 247.0):
            reading = Stride(t, V, 90.0, 3.8, V * (t - 60) + (jump if t > 65 else 0.0), running=True)
            body, outcome = see(odd if jump else plain, reading)
            if jump:
                odd = body
                assert (outcome.refused is not None) == (t in (66, 67))  # odd, then surely a jump
            else:
                plain = body
    assert bodies.along_m(odd) == pytest.approx(bodies.along_m(plain), abs=1.0)


def test_a_fix_that_comes_twice_counts_once() -> None:
    body, _ = see(running(), fix(61, V * 60.4))
    again, outcome = see(body, fix(61, V * 60.4))
    assert outcome.refused == "older than a fix already used"
    assert bodies.along_m(again) == bodies.along_m(body)


def test_a_wheel_that_stood_long_does_not_jump_when_it_goes() -> None:
    body = bodies.begin(0.0, None, 1 / 2.1, 0.005, process.BIKE)
    for t in range(1, 31):
        body, outcome = see(body, WheelRevolution(t + 0.06, 1000, 7.0))
        assert outcome.refused is None
    body = bodies.gun(body, 30.5, 0.0, 0.0, V)
    for t in range(31, 60):
        way = V * (t - 30.5 - 1.3 * (1 - 2.718281828 ** (-(t - 30.5) / 1.3)))
        turns = int(way / 2.1)
        behind = (way - turns * 2.1) / V  # s since the last whole turn, near enough
        event_t = (t - behind + 6.0) % 64 if turns else 7.0
        body, outcome = see(body, WheelRevolution(t + 0.06, 1000 + turns, event_t))
        assert outcome.refused is None
    assert bodies.along_m(body) == pytest.approx(V * (59.06 - 30.5 - 1.3), abs=2.5)


@pytest.mark.parametrize("gps", [True, False])
def test_a_late_packet_of_a_pod_that_stood_does_not_undo_the_start(gps: bool) -> None:  # noqa: FBT001 - a parameter
    body = bodies.gun(bodies.advance(bodies.begin(0.0, OVAL, 1.0, 0.03), 60.0), 60.0, 0.0, 0.0, V)
    for i in range(1, 7):
        t, way = 60.0 + i, max(V * (i - 0.6 - 1.3), 0.0)
        body, _ = see(body, fix(t, way)) if gps and i > 1 else (body, None)
        body, _ = see(body, Stride(t + 0.3, 5.0 * (i > 2), 90.0 * (i > 2), None, None, running=i > 2))
    late, _ = see(body, Stride(66.4, 0.0, 0.0, None, None, running=False))
    assert bodies.along_m(late) == pytest.approx(V * (6.4 - 1.3), abs=3.0)


@pytest.mark.parametrize("at", [3, 4, 5])
def test_one_wrong_speed_does_not_undo_the_start_and_a_second_does(at: int) -> None:
    body = bodies.gun(bodies.advance(bodies.begin(0.0, OVAL, 1.0, 0.03), 60.0), 60.0, 0.0, 0.0, V)
    for i in range(2, at):
        t = 60.0 + i
        way = V * (i - 0.6 - 1.3 * (1 - np.exp(-(i - 0.6) / 1.3)))
        body, _ = see(body, fix(t, way, V * (1 - np.exp(-(i - 0.6) / 1.3))))
    wrong, _ = see(body, Fix(60.0 + at, None, None, 0.0, sensor_t=60.0 + at))
    assert abs(bodies.along_m(wrong) - bodies.along_m(bodies.advance(body, 60.0 + at))) < 1.0
    still, _ = see(wrong, Fix(61.0 + at, None, None, 0.0, sensor_t=61.0 + at))
    assert bodies.along_m(still) < 1.0


def test_a_pod_alone_gives_up_a_start_that_nobody_runs() -> None:
    body = bodies.gun(bodies.advance(bodies.begin(0.0, OVAL, 1.0, 0.03), 60.0), 60.0, 0.0, 0.0, V)
    for i in range(1, 6):
        body, _ = see(body, Stride(60.0 + i, 0.0, 0.0, None, None, running=False))
    assert bodies.along_m(body) == pytest.approx(0.0, abs=1.0)


def test_a_road_drawn_beside_itself_on_one_leg_does_not_move_the_next_leg() -> None:
    corner, per_deg = (0.003, 0.0), 111_195.0  # 333 m north, then east, on the equator
    road = course(RouteSpec(((0.0, 0.0, None), (*corner, None), (0.003, 0.006, None))), 1000.0)
    leg = corner[0] * per_deg
    body = bodies.begin(0.0, road, 1.0, 0.03, replace(process.RUNNER, map=process.ROAD))
    for t in range(1, 100):
        s = V * (t - 0.6)
        north, east = min(s, leg), max(s - leg, 0.0)
        aside = 3.0 if s < leg else 0.0  # the map of the first leg lies 3 m too far west
        body, _ = see(body, Fix(t, north / per_deg, (east + aside) / per_deg, V, sensor_t=t))
        if s > leg + 20:
            assert abs(bodies.along_m(body) - V * t) < 2 * bodies.along_sd_m(body)


def test_a_runner_with_a_pod_alone_who_stops_is_seen_to_stop_and_is_where_he_stopped() -> None:
    body = bodies.gun(bodies.begin(0.0, None, 1.0, 0.03), 1.0, 0.0, None, 4.0)
    for i in range(1, 61):
        running, way = i <= 40, 4.0 * (min(i, 40) - 1)
        body, _ = see(body, Stride(1.0 + i, 4.0 * running, 88.0 * running, None, way, running=running))
        if i >= 43:
            assert float(body.belief.x[model.V]) < 1.0
            assert bodies.along_m(body) == pytest.approx(way, abs=8.0)
    for i in range(61, 80):
        body, _ = see(body, Stride(1.0 + i, 4.0, 88.0, None, 4.0 * (39 + i - 60), running=True))
    assert bodies.along_m(body) == pytest.approx(4.0 * (39 + 19), abs=8.0)


def test_who_slows_by_a_third_is_believed_at_the_second_reading_and_is_where_he_is() -> None:
    body, way = running(), V * 59.4
    for t in range(61, 65):
        way += 4.0
        body, _ = see(body, fix(t, way, 4.0))
        if t >= 62:
            assert float(body.belief.x[model.V]) == pytest.approx(4.0, abs=0.6)
            assert bodies.along_m(body) == pytest.approx(way + 0.6 * 4.0, abs=2.5)
