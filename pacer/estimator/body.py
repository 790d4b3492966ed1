"""One body, runner or rider: takes measurements in, gives an `Estimate` out.

The order for each measurement: predict to now, bring the reading to the moment it was true, gate, update.
What is refused is a value (`Outcome.refused`), and every gate has a way back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from pacer.course import Course
from pacer.estimator import kalman, readings
from pacer.estimator.kalman import Belief, Pull, Reading, Verdict
from pacer.estimator.timebase import Timebase
from pacer.estimator.trail import Trail
from pacer.measurement import Fix, Measurement, Stride, WheelRevolution
from pacer.outputs import Estimate
from pacer.setup import Kind

# What is left of a reading's age once its packet is as fast as the fastest: receiver filter and transport.
GPS_LAG_S = 0.6  # s, phone at 1 Hz: 0.3 filter + 0.3 transport
UART_LAG_S = 0.15  # s, bare receiver at 10 Hz: 0.05 + 0.10
FILE_LAG_S = 0.3  # s, the receiver's filter alone: a file holds the receiver's own times
POD_LAG_S = 0.75  # s, packet 0.42 and half a stride 0.33
WHEEL_LAG_S = 0.05  # s, packet; the event time takes care of the rest
CSC_WRAP_S = 64.0  # s, 65536 / 1024

# Nothing accepted for this long: the body is blind, its speed unknown.
BLIND_S = 5.0  # s
# Readings of the first moments after the gun are of reaction and first step, and say nothing of speed.
FIRST_STEP_S = 0.5  # s
# Its inputs are stale, and no cue may go out, after the same silence that calls a sensor gone.
STALE_S = 2.5  # s
# How fast a body may be when nothing is known: sd of a person from standing to sprinting.
ANY_SPEED_SD = 3.0  # m/s
# A body that is blind may stop and go: speed is drawn to 0 and stays anywhere within ANY_SPEED_SD.
BLIND = Pull(0.0, 10.0, 2 * ANY_SPEED_SD**2 / 10.0)
# A runner refused for this long is where the sensor says after all. Errors of Doppler do not last seconds, so
# a third reading in a row is believed: somebody really started, stopped or sprinted.
RECOVER_S, RECOVER_SPEED_S = 7.0, 1.5  # s
# The gun: how well a runner toes the line.
LINE_SD_M = 0.3  # m
# Beyond this share of the gate a reading is softened, and the line would only be half believed.
SOFT_RATIO = kalman.SOFT_SIGMA / kalman.GATE_SIGMA
# After the gun speed rises to about the target's as 1 - exp(-t/1.3 s); five time constants later it is there.
START_S, START_TAU_S = 7.0, 1.3  # s
Q_V_START = 0.6**2  # m²/s³; runners differ in how, and in how much too fast
START_SHARE_SD = 0.15  # of the target's speed, at the gun


@dataclass(frozen=True, slots=True)
class Channel:
    """Holds when readings of one kind were last used and since when they have been refused."""

    used_t: float | None = None  # s
    refused_since: float | None = None  # s


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tells what became of one measurement: the worst ratio of innovation to gate, and why not used."""

    ratio: float | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """Holds all that is believed and remembered of one body."""

    belief: Belief
    course: Course | None
    used_t: float | None = None  # s, last reading that was accepted
    blind: bool = True
    gun_t: float | None = None  # s
    free: Pull = kalman.FREE  # how speed wanders
    start: Pull = kalman.FREE  # how speed rises after the gun
    trail: Trail = field(default_factory=Trail)
    channels: dict[str, Channel] = field(default_factory=dict)
    gps_time: Timebase = field(default_factory=Timebase)
    wheel_time: Timebase = field(default_factory=lambda: Timebase(wrap_s=CSC_WRAP_S))
    wheel: WheelRevolution | None = None  # the first packet that told of the newest turn
    fix_t: float | None = None  # s, sensor time of the newest fix


def begin(t: float, course: Course | None, scale: float, scale_sd: float, free: Pull = kalman.FREE) -> Body:
    """Makes a body at time `t` whose odometer counts `scale` units a metre, sd `scale_sd`."""
    return Body(kalman.begin(t, scale, scale_sd), course, free=free)


def advance(body: Body, t: float) -> Body:
    """Lets time pass to `t`, s; a body that goes blind on the way forgets its speed."""
    if not body.blind and body.used_t is not None and t - body.used_t > BLIND_S:
        belief = _predict(body, body.used_t + BLIND_S)
        body = replace(body, belief=kalman.reset(belief, kalman.V, 0.0, ANY_SPEED_SD), blind=True)
    return replace(body, belief=_predict(body, t))


def _predict(body: Body, t: float) -> Belief:
    belief = body.belief
    if body.gun_t is not None and belief.t < body.gun_t + START_S:
        belief = kalman.predict(belief, min(t, body.gun_t + START_S), body.start)
    return kalman.predict(belief, t, BLIND if body.blind else body.free)


def gun(body: Body, t: float, moved_m: float, line_m: float | None, cruise_mps: float) -> Body:
    """Tells that the start was at `t` s and `moved_m` m ago, on the line at `line_m` where that is known.

    `cruise_mps` is the speed that is run towards.
    """
    belief = body.belief
    if line_m is None:
        belief = kalman.reset(belief, kalman.S, along_m(body), LINE_SD_M)
    else:
        belief, verdict = kalman.update(belief, readings.place(belief, line_m + moved_m, LINE_SD_M))
        if verdict.ratio > SOFT_RATIO:  # the runner toes the line: the bias was wrong, not the place
            belief = kalman.reset(belief, kalman.S, line_m + moved_m, LINE_SD_M)
    speed = float(belief.x[kalman.V])
    belief = kalman.reset(belief, kalman.V, speed, START_SHARE_SD * cruise_mps)
    return replace(body, belief=belief, gun_t=t, start=Pull(cruise_mps, START_TAU_S, Q_V_START))


def located(body: Body) -> bool:
    """Tells whether a fix can be found on the body's course."""
    return body.course is not None and body.course.origin is not None


def along_m(body: Body) -> float:
    """Returns the distance along the course's own line, m."""
    return float(body.belief.x[kalman.S])


def along_sd_m(body: Body) -> float:
    """Returns its standard deviation, m."""
    return math.sqrt(body.belief.P[kalman.S, kalman.S])


def scale(body: Body) -> tuple[float, float]:
    """Returns the odometer's units per metre and their standard deviation."""
    return float(body.belief.x[kalman.K]), math.sqrt(body.belief.P[kalman.K, kalman.K])


def estimate(body: Body) -> Estimate:
    """Draws the estimate; distance is along the course's own line. A blind body knows nothing of now."""
    x, P, t = body.belief.x, body.belief.P, body.belief.t
    if body.blind:
        return Estimate(t, None, None, None, None)
    v = max(float(x[kalman.V]), 0.0)
    return Estimate(t, along_m(body), along_sd_m(body), v, math.sqrt(P[kalman.V, kalman.V]))


def fresh(body: Body, t: float) -> bool:
    """Tells whether the body was really seen within the last moments."""
    return not body.blind and body.used_t is not None and t - body.used_t <= STALE_S


def observe(body: Body, m: Measurement, kind: Kind, *, from_file: bool) -> tuple[Body, Outcome]:
    """Weighs one measurement in; those that say nothing of place or speed pass through."""
    body = advance(body, m.t)
    match m:
        case Fix():
            lag = fix_lag_s(kind, from_file=from_file)
            return (body, Outcome()) if _before_gun(body, m.t - lag) else _fix(body, m, lag)
        case Stride() if not _before_gun(body, m.t - POD_LAG_S):
            return _stride(body, m, 0.0 if from_file else POD_LAG_S)
        case WheelRevolution() if not _before_gun(body, m.t - WHEEL_LAG_S):
            return _wheel(body, m)
        case _:
            return body, Outcome()


def fix_lag_s(kind: Kind, *, from_file: bool) -> float:
    """Returns how old a fix is at best when it comes, s."""
    return FILE_LAG_S if from_file else UART_LAG_S if kind == "gps_uart" else GPS_LAG_S


def _before_gun(body: Body, true_t: float) -> bool:
    """Tells whether a reading that comes after the gun still speaks of standing on the line."""
    return body.gun_t is not None and body.belief.t >= body.gun_t > true_t - FIRST_STEP_S


def _fix(body: Body, fix: Fix, lag_s: float) -> tuple[Body, Outcome]:
    late = 0.0
    if fix.sensor_t is not None:
        if body.fix_t is not None and fix.sensor_t <= body.fix_t < fix.sensor_t + RECOVER_S:
            return body, Outcome(refused="older than a fix already used")
        timebase, late = body.gps_time.learn(fix.t, fix.sensor_t)
        body = replace(body, gps_time=timebase, fix_t=fix.sensor_t)
    speed, body = _ground_speed(body, fix, fix.t - late)
    lag_s += late
    outcome = Outcome()
    if speed is not None:
        dt = _since(body, "speed", fix.t)
        reading = readings.doppler(body.belief, speed, dt, fix.speed_acc_mps)
        body, outcome = _use(body, "speed", reading, recover=kalman.V)
    for name, reading in _places(body, fix, lag_s):
        body, placed = _use(body, name, reading, recover=kalman.S if name == "place" else kalman.L)
        outcome = placed if (placed.ratio or 0) >= (outcome.ratio or 0) else outcome
    return body, outcome


def _ground_speed(body: Body, fix: Fix, valid_t: float) -> tuple[float | None, Body]:
    """Takes Doppler where there is one, else the speed of the recent positions (without a course only)."""
    if located(body) or fix.lat_deg is None or fix.lon_deg is None:
        return fix.speed_mps, body
    trail = body.trail.extend(valid_t, fix.lat_deg, fix.lon_deg)
    speed = fix.speed_mps if fix.speed_mps is not None else trail.speed_mps
    return speed, replace(body, trail=trail)


def _places(body: Body, fix: Fix, lag_s: float) -> list[tuple[str, Reading]]:
    """Reads a position along and across the course; without one, along the trail where Doppler is missing."""
    if fix.lat_deg is None or fix.lon_deg is None:
        return []
    dt = _since(body, "place", fix.t)
    if body.course is None or body.course.origin is None:
        along = readings.trail(body.belief, body.trail.along_m, lag_s, dt)
        return [("place", along)] if fix.speed_mps is None else []
    x = body.belief.x
    near = float(x[kalman.S] - x[kalman.V] * lag_s)
    located = body.course.locate_fix(fix.lat_deg, fix.lon_deg, near)
    along, across = readings.position(body.belief, located, lag_s, dt, fix.h_acc_m)
    return [("place", along), ("side", across)]


def _stride(body: Body, m: Stride, lag_s: float) -> tuple[Body, Outcome]:
    outcome = Outcome()
    if m.speed_mps is not None:
        since_gun = None if body.gun_t is None or m.t < body.gun_t else m.t - body.gun_t
        reading = readings.pod_speed(body.belief, m.speed_mps, since_gun)
        body, outcome = _use(body, "pod speed", reading, recover=kalman.V)
    if m.distance_m is None:
        return body, outcome
    return _count(body, m.distance_m, lag_s, readings.POD_ODOMETER_SD_M, outcome)


def _wheel(body: Body, m: WheelRevolution) -> tuple[Body, Outcome]:
    if body.wheel and (m.revolutions, m.event_t) == (body.wheel.revolutions, body.wheel.event_t):
        stood_since = max(body.wheel.t, body.gun_t or body.wheel.t)
        reading = readings.no_turn(body.belief, m.t - stood_since)
        return _use(body, "no turn", reading, recover=kalman.V)
    timebase, late = body.wheel_time.learn(m.t, m.event_t)
    body = replace(body, wheel_time=timebase, wheel=m)
    return _count(body, float(m.revolutions), WHEEL_LAG_S + late, readings.WHEEL_SD_M, Outcome())


def _count(body: Body, count: float, lag_s: float, sd_m: float, other: Outcome) -> tuple[Body, Outcome]:
    """Uses an odometer; one that jumped is taken from its new value on."""
    reading = readings.odometer(body.belief, count, lag_s, sd_m)
    if "odometer" not in body.channels:  # its first value is its zero
        return _accepted(body, "odometer", _counted_from(body, count, lag_s, sd_m)), other
    used, verdict = kalman.update(body.belief, reading)
    if verdict.accepted:
        return _accepted(body, "odometer", used), replace(other, ratio=max(verdict.ratio, other.ratio or 0))
    jump_m = reading.y / float(body.belief.x[kalman.K])
    why = f"odometer jumped by {jump_m:+.1f} m; counted on from there"
    return replace(body, belief=_counted_from(body, count, lag_s, sd_m)), Outcome(other.ratio, why)


def _counted_from(body: Body, count: float, lag_s: float, sd_m: float) -> Belief:
    k, v = float(body.belief.x[kalman.K]), float(body.belief.x[kalman.V])
    return kalman.reset(body.belief, kalman.U, count + k * v * lag_s, sd_m * k)


def _use(body: Body, channel: str, reading: Reading, recover: int) -> tuple[Body, Outcome]:
    belief, verdict = kalman.update(body.belief, reading)
    if verdict.accepted:
        return _accepted(body, channel, belief), Outcome(verdict.ratio)
    return _refuse(body, channel, reading, verdict, recover)


def _accepted(body: Body, channel: str, belief: Belief) -> Body:
    channels = {**body.channels, channel: Channel(used_t=belief.t)}
    return replace(body, belief=belief, used_t=belief.t, blind=False, channels=channels)


def _refuse(
    body: Body, channel: str, reading: Reading, verdict: Verdict, recover: int
) -> tuple[Body, Outcome]:
    """Refuses a reading; one that insists for long is given room to be believed."""
    known, t = body.channels.get(channel, Channel()), body.belief.t
    since = t if known.refused_since is None else known.refused_since
    if t - since > (RECOVER_SPEED_S if channel == "speed" else RECOVER_S) and math.isfinite(reading.y):
        belief, after = kalman.update(kalman.widen(body.belief, recover, abs(reading.y)), reading)
        if after.accepted:
            return _accepted(body, channel, belief), Outcome(after.ratio)
    channels = {**body.channels, channel: replace(known, refused_since=since)}
    why = f"{channel} off by {reading.y:+.1f}, {verdict.ratio:.1f} times its gate"
    return replace(body, channels=channels), Outcome(verdict.ratio, why)


def _since(body: Body, channel: str, t: float) -> float:
    used = body.channels.get(channel, Channel()).used_t
    return 1.0 if used is None else t - used
