"""A road without a course: what positions teach of the way, beside Doppler, without it, and over a hole."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from pacer.course import Origin, course
from pacer.estimator import body as bodies
from pacer.estimator import kalman, model
from pacer.estimator.body import Body
from pacer.estimator.observe import observe
from pacer.measurement import Fix
from tests.support.direct import TRACK

HERE = Origin(47.0, 8.0)
V = 4.0  # m/s
LAG_S = 0.3  # s, of positions from a file
BLOCK_M = 300.0  # m between corners


def place(s_m: float) -> tuple[float, float]:
    """Returns metres east and north on a road that turns right and left by turns every 300 m."""
    legs, rest = divmod(s_m, BLOCK_M)
    east, north = BLOCK_M * (legs // 2), BLOCK_M * ((legs + 1) // 2)
    return (east + rest, north) if legs % 2 else (east, north + rest)


def fixes(seconds: int, noise_m: float = 0.0, doppler: float | None = 1.0) -> Iterator[Fix]:
    """Yields a fix a second of a run at 4 m/s; Doppler reads `doppler` times that."""
    rng = random.Random(3)
    for t in range(seconds):
        east, north = place(max(V * (t - LAG_S), 0.0))
        spot = HERE.to_degrees(east + rng.gauss(0, noise_m), north + rng.gauss(0, noise_m))
        yield Fix(float(t), *spot, speed_mps=None if doppler is None else V * doppler, sensor_t=float(t))


def run(heard: Iterator[Fix]) -> Body:
    body = begun = bodies.begin(0.0, None, 1.0, 0.03)
    for fix in heard:
        body, _ = observe(body, fix, "gps", from_file=True)
        if body.gun_t is None and fix.t == 0:
            body = begun = replace(body, belief=kalman.reset(body.belief, model.S, 0.0, 0.1))
    assert body is not begun
    return bodies.advance(body, body.belief.t + 1)


def off_m(body: Body) -> float:
    return bodies.along_m(body) - V * body.belief.t


def test_positions_alone_tell_the_way_and_the_speed() -> None:
    body = run(fixes(900, 0.7, doppler=None))
    assert off_m(body) == pytest.approx(0, abs=0.008 * 3600)
    assert abs(off_m(body)) < 2 * bodies.along_sd_m(body)
    assert bodies.estimate(body).speed_mps == pytest.approx(V, abs=0.3)


def test_positions_bound_what_doppler_gets_wrong() -> None:
    alone = (replace(fix, lat_deg=None, lon_deg=None) for fix in fixes(900, doppler=1.02))
    assert off_m(run(alone)) == pytest.approx(72, abs=3)
    assert off_m(run(fixes(900, 0.7, doppler=1.02))) < 45


def test_the_doubt_grows_with_the_way() -> None:
    short, long = run(fixes(300, 0.7)), run(fixes(1200, 0.7))
    assert 1.4 < bodies.along_sd_m(long) / bodies.along_sd_m(short) < 3


@pytest.mark.parametrize("doppler", [None, 1.0])
@pytest.mark.parametrize("hole_s", [(110, 135), (60, 85)])  # round a corner; on a straight
def test_the_way_through_a_hole_is_counted(hole_s: tuple[int, int], doppler: float | None) -> None:
    body = run(fix for fix in fixes(200, doppler=doppler) if not hole_s[0] < fix.t < hole_s[1])
    assert abs(off_m(body)) < 8
    assert abs(off_m(body)) < 2.5 * bodies.along_sd_m(body)


def test_who_stood_in_a_hole_is_not_said_to_have_run() -> None:
    stood = (fix if fix.t < 100 else replace(fix, t=fix.t + 300, sensor_t=fix.t + 300) for fix in fixes(200))
    body = run(stood)
    assert bodies.along_m(body) + V * 300 == pytest.approx(V * body.belief.t, abs=10)


def test_a_jump_of_the_positions_is_no_way() -> None:
    def jumped() -> Iterator[Fix]:
        for fix in fixes(300):
            assert fix.lat_deg is not None
            yield replace(fix, lat_deg=fix.lat_deg + (0.0005 if fix.t > 150 else 0.0))  # 55 m

    assert off_m(run(jumped())) == pytest.approx(0, abs=3)


def test_a_distance_that_is_set_anew_is_not_compared_with_where_a_leg_began() -> None:
    body = run(fixes(60))
    body = replace(body, belief=kalman.reset(body.belief, model.S, 0.0, 0.3))
    for fix in fixes(70):
        if fix.t > 60:
            body, _ = observe(body, fix, "gps", from_file=True)
    assert bodies.along_m(body) == pytest.approx(V * (body.belief.t - 60), abs=3)


def test_a_course_that_is_found_later_gets_its_state_back() -> None:
    body = run(fixes(60))
    assert body.belief.x[model.D] != 0
    oval = course(TRACK, 1609.344)
    assert oval is not None
    assert oval.origin is not None
    spot = oval.origin.to_degrees(*oval.position(bodies.along_m(body)))
    body, _ = observe(replace(body, course=oval), Fix(61.0, *spot, speed_mps=V), "gps", from_file=True)
    assert abs(body.belief.x[model.D]) < 0.5
    assert math.sqrt(body.belief.P[model.D, model.D]) < 0.3
    assert np.linalg.eigvalsh(body.belief.P).min() > -1e-9


def test_the_covariance_stays_one() -> None:
    body = run(fix for fix in fixes(600, 2.0, doppler=None) if fix.t % 90 > 20)
    assert np.linalg.eigvalsh(body.belief.P).min() > -1e-9
    assert np.isfinite(body.belief.x).all()
