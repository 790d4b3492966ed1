"""Takes a position fix in: its speed, and its place along and across the course."""

from __future__ import annotations

import math

from pacer.course import Located
from pacer.estimator import kalman, legs, model, readings
from pacer.estimator.body import (
    ANY_SPEED_SD,
    ASTRAY_MPS,
    BLIND_S,
    STALE_S,
    START_S,
    Body,
    Outcome,
    ago,
    along_m,
    located,
    still,
)
from pacer.estimator.hole import through
from pacer.estimator.kalman import Pair
from pacer.estimator.surge import surge
from pacer.estimator.trail import SPEED_S
from pacer.estimator.weigh import SPEEDS, use
from pacer.evolve import replace
from pacer.measurement import Fix

# A receiver's clock that falls back by more than this was set, and its fixes are new all the same.
CLOCK_BACK_S = 30.0  # s
# A speed from positions is off by 0.25 m/s with a phone, three in a row by the same: as good as one of 0.5.
# On a leg, where the same positions teach more, it only helps to find a surge.
POSITION_SPEED_SD_MPS, ON_LEG_SD_MPS = 0.5, 0.8  # m/s
# On a course it is for that alone, and from one position to the next: who stops is 5 m off a second later.
# Its error is 0.45 m/s with a phone; two alike that are off by nearly three times as much are a surge.
APART_S, STEP_SPEED_SD_MPS = 0.9, 1.1  # s, m/s
# A reported accuracy that is this much above the usual one makes a position weigh less.
ACCURACY_SLACK = 1.3
# A reported error of more says no more: nothing is known.
WORST_ACCURACY = 1e4  # m, m/s


def take_fix(body: Body, fix: Fix, lag_s: float) -> tuple[Body, Outcome]:
    """Takes a fix in that was true at best `lag_s` ago, s."""
    late = 0.0
    if fix.sensor_t is not None:
        if body.fix_t is not None and _old(body, body.fix_t, fix.sensor_t, fix):
            return body, Outcome(refused="older than a fix already used", late=True)
        timebase, late = body.gps_time.learn(fix.t, fix.sensor_t)
        body = replace(body, gps_time=timebase, fix_t=fix.sensor_t, speedless=fix.speed_mps is None)
    if located(body):
        return _on_course(body, fix, lag_s, late)
    return _on_trail(body, fix, lag_s, late)


def _old(body: Body, newest_t: float, sensor_t: float, fix: Fix) -> bool:
    """Tells whether a fix is no new one; some receivers tell where they are first, and then how fast."""
    if sensor_t == newest_t and body.speedless and fix.lat_deg is None:
        return False
    return sensor_t <= newest_t < sensor_t + CLOCK_BACK_S


def _on_course(body: Body, fix: Fix, lag_s: float, late_s: float) -> tuple[Body, Outcome]:
    body = legs.untie(body) if body.trail.recent else body
    ago_s = lag_s + late_s
    if fix.lat_deg is not None:
        body = through(body, fix)
    body, outcome = _take_doppler(body, fix, ago_s)
    found = _found(body, fix, ago_s)
    if found is None:
        return body, outcome
    if fix.speed_mps is None:
        body = _watch_progress(body, fix.t - late_s, found.along_m, ago_s)
    place = _place(body, fix, found, ago_s)
    return _worse(outcome, *use(body, "place", place, (model.S, model.E, model.NORTH)))


def _watch_progress(body: Body, t: float, s_m: float, ago_s: float) -> Body:
    """Looks whether positions that come without a speed show that it has changed: one alone may be astray.

    They tell nothing else of it here, for each is weighed in as a place.
    """
    since, took = body.passed, t - body.passed[0] if body.passed else math.inf
    if took < APART_S:
        return body
    body = replace(body, passed=(t, s_m))
    if since is None or took > BLIND_S or _speed_told(body):
        return body
    speed = max((s_m - since[1]) / (took * body.belief.rate), 0.0)
    then = ago_s + took / 2  # a mean is of its middle
    body = still(body, speed, body.belief.t - then)
    return surge(body, "speed", readings.doppler(body.belief, speed, ago(body, then), STEP_SPEED_SD_MPS))[0]


def _speed_told(body: Body) -> bool:
    """Tells whether a sensor has told of speed itself within the last moments."""
    used = (body.channels[name].used_t for name in SPEEDS if name in body.channels)
    return any(t is not None and body.belief.t - t <= STALE_S for t in used)


def _on_trail(body: Body, fix: Fix, lag_s: float, late_s: float) -> tuple[Body, Outcome]:
    """Takes the speed, and the way since earlier positions; `late_s` is for this fix alone."""
    if fix.lat_deg is None or fix.lon_deg is None:
        return _take_doppler(body, fix, lag_s + late_s)
    blind, last = body.blind, legs.started(body, lag_s)
    trail = last.extend(fix.t - late_s, fix.lat_deg, fix.lon_deg, _most_mps(body))
    body = replace(body, trail=trail)
    if fix.speed_mps is None and trail.t != last.t and trail.speed_mps is not None:
        ago_s = lag_s + late_s + SPEED_S / 2  # a mean is of its middle
        sd = ON_LEG_SD_MPS if legs.told(trail) else POSITION_SPEED_SD_MPS
        body, outcome = _take_speed(body, trail.speed_mps, ago_s, sd)
    else:
        body, outcome = _take_doppler(body, fix, lag_s + late_s)
    if trail.t == last.t:
        return body, replace(outcome, refused=outcome.refused or "position out of reach")
    if blind:
        body, _ = legs.bridge(body, lag_s, fix.speed_mps)
    body, outcome = _worse(outcome, *legs.take_leg(body, lag_s))
    return legs.see(body, lag_s), outcome


def _worse(outcome: Outcome, body: Body, other: Outcome) -> tuple[Body, Outcome]:
    return body, other if (other.ratio or 0) >= (outcome.ratio or 0) else outcome


def _most_mps(body: Body) -> float:
    """Returns the speed that the body surely does not exceed; of one that was not heard, anybody's."""
    v, sd = float(body.belief.x[model.V]), math.sqrt(body.belief.P[model.V, model.V])
    if body.gun_t is None or body.belief.t < body.gun_t + START_S:
        sd = max(sd, ANY_SPEED_SD)  # a file may begin in full flight, whatever the start is thought to be
    return ASTRAY_MPS if body.blind else max(v, 0.0) + kalman.GATE_SIGMA * sd


def _take_doppler(body: Body, fix: Fix, lag_s: float) -> tuple[Body, Outcome]:
    if fix.speed_mps is None:
        return body, Outcome()
    reported = min(fix.speed_acc_mps or 0.0, WORST_ACCURACY)
    return _take_speed(body, fix.speed_mps, lag_s, max(body.model.receiver.doppler_white_mps, reported))


def _take_speed(body: Body, speed_mps: float, lag_s: float, white_mps: float) -> tuple[Body, Outcome]:
    body = still(body, speed_mps, body.belief.t - lag_s)
    reading = readings.doppler(body.belief, speed_mps, ago(body, lag_s), white_mps)
    body, reading = surge(body, "speed", reading)
    return use(body, "speed", reading, (model.V,))


def _found(body: Body, fix: Fix, lag_s: float) -> Located | None:
    """Finds a position on the course, near to where the body is thought to have been."""
    if fix.lat_deg is None or fix.lon_deg is None or body.course is None:
        return None
    near = along_m(body) - body.belief.rate * ago(body, lag_s).moved_m
    return body.course.locate_fix(fix.lat_deg, fix.lon_deg, near)


def _place(body: Body, fix: Fix, found: Located, lag_s: float) -> Pair:
    """Reads a position along and across the course."""
    then = ago(body, lag_s)
    receiver = body.model.receiver
    accuracy = max(1.0, min(fix.h_acc_m or 0.0, WORST_ACCURACY) / (ACCURACY_SLACK * receiver.accuracy_m))
    return readings.position(body.belief, found, then, receiver, accuracy)
