"""Takes a position fix in: its speed, and its place along and across the course."""

from __future__ import annotations

import math

from pacer.estimator import kalman, model, readings
from pacer.estimator.body import Body, Channel, Outcome, ago, along_m, located, still
from pacer.estimator.kalman import Pair, Reading
from pacer.estimator.weigh import use
from pacer.evolve import replace
from pacer.measurement import Fix
from pacer.setup import Kind

# A Doppler speed off by more than this is likely a surge: the speed is given room, in proportion.
SURGE_SIGMA, SURGE_SHARE, SURGE_ROUGH = 1.0, 1.0, 4.0
# A receiver's clock that falls back by more than this was set, and its fixes are new all the same.
CLOCK_BACK_S = 30.0  # s
# Without a course, a trail of chords: its white error a second.
TRAIL_SD_M = 1.5  # m
# A reported accuracy that is this much above the usual one makes a position weigh less.
PHONE_ACCURACY_M, BOARD_ACCURACY_M, ACCURACY_SLACK = 3.0, 1.2, 1.3
# A reported error of more says no more: nothing is known.
WORST_ACCURACY = 1e4  # m, m/s


def take_fix(body: Body, fix: Fix, lag_s: float, kind: Kind) -> tuple[Body, Outcome]:
    """Takes a fix in that was true at best `lag_s` ago, s."""
    late = 0.0
    if fix.sensor_t is not None:
        if body.fix_t is not None and fix.sensor_t <= body.fix_t < fix.sensor_t + CLOCK_BACK_S:
            return body, Outcome(refused="older than a fix already used", late=True)
        timebase, late = body.gps_time.learn(fix.t, fix.sensor_t)
        body = replace(body, gps_time=timebase, fix_t=fix.sensor_t)
    speed, body = _ground_speed(body, fix, fix.t - late)
    outcome = Outcome()
    if speed is not None:
        reported = min(fix.speed_acc_mps or 0.0, WORST_ACCURACY)
        white = max(body.model.receiver.doppler_white_mps, reported)
        body = still(body, speed, fix.t - lag_s - late)
        reading = readings.doppler(body.belief, speed, ago(body, lag_s + late), white)
        body, outcome = use(_surge(body, reading), "speed", reading, (model.V,))
    place = _place(body, fix, lag_s + late, kind)
    if place is None:
        return body, outcome
    body, placed = use(body, "place", place, (model.S, model.E, model.NORTH))
    return body, placed if (placed.ratio or 0) >= (outcome.ratio or 0) else outcome


def _surge(body: Body, reading: Reading) -> Body:
    """Gives the speed room where two Doppler readings in a row are off the same way: it has changed."""
    sigmas = kalman.sigmas(body.belief, reading)
    rough = body.channels.get("speed", Channel()).rough
    again = math.isfinite(sigmas) and sigmas * body.off_sigmas > 0 and rough < SURGE_ROUGH
    if again and min(abs(sigmas), abs(body.off_sigmas)) > SURGE_SIGMA and abs(sigmas) < kalman.GATE_SIGMA:
        roomy = kalman.widen(body.belief, model.V, SURGE_SHARE * abs(reading.y))
        return replace(body, belief=roomy, off_sigmas=sigmas)
    return replace(body, off_sigmas=sigmas)


def _ground_speed(body: Body, fix: Fix, valid_t: float) -> tuple[float | None, Body]:
    """Takes Doppler where there is one, else the speed of the recent positions (without a course only)."""
    if located(body) or fix.lat_deg is None or fix.lon_deg is None:
        return fix.speed_mps, body
    trail = body.trail.extend(valid_t, fix.lat_deg, fix.lon_deg)
    speed = fix.speed_mps if fix.speed_mps is not None else trail.speed_mps
    return speed, replace(body, trail=trail)


def _place(body: Body, fix: Fix, lag_s: float, kind: Kind) -> Reading | Pair | None:
    """Reads a position along and across the course; without one, along the trail where Doppler is missing."""
    if fix.lat_deg is None or fix.lon_deg is None:
        return None
    then = ago(body, lag_s)
    if body.course is None or body.course.origin is None:
        if fix.speed_mps is not None:
            return None
        return readings.trail(body.belief, body.trail.along_m, then, TRAIL_SD_M)
    near = along_m(body) - body.belief.rate * then.moved_m
    found = body.course.locate_fix(fix.lat_deg, fix.lon_deg, near)
    usual = BOARD_ACCURACY_M if kind == "gps_uart" else PHONE_ACCURACY_M
    accuracy = max(1.0, min(fix.h_acc_m or 0.0, WORST_ACCURACY) / (ACCURACY_SLACK * usual))
    return readings.position(body.belief, found, then, body.model.receiver, accuracy)
