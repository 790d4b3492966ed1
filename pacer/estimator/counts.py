"""Takes in what counts: a footpod's strides and a wheel's turns."""

from __future__ import annotations

import math

from pacer.estimator import kalman, model, readings
from pacer.estimator.body import STANDING_MPS, STILL_S, Body, Outcome, ago, since_gun, still
from pacer.estimator.kalman import Reading
from pacer.estimator.readings import Back
from pacer.estimator.surge import surge
from pacer.estimator.weigh import accepted, forget, insisted, use
from pacer.evolve import replace
from pacer.measurement import Stride, WheelRevolution

POD_PACKET_S = 0.42  # s
POD_LAG_S = POD_PACKET_S + 0.33  # s, and half a stride: the odometer stands still in between
WHEEL_LAG_S = 0.05  # s, packet; the event time takes care of the rest
# A pod that counts no steps stands, but for a shuffle.
STANDING_SD_MPS = 0.1  # m/s
# ... but once the gun was fired may have set off since: it is told of a stride or two later.
SET_OFF_SD_MPS = 2.0  # m/s
# ... and says so, or the contrary, only after a stride or two.
POD_STOP_LAG_S = 2.0  # s
# The pod's odometer is zeroed anew after the first seconds: it loses the stride that it woke up in, 1.7 m or
# so, which would be 3 % of the scale.
POD_READY_S = 5.0  # s
# The last stride's length times cadence is a speed that nobody smoothed, if the pod measures lengths. Then it
# scatters about the pod's smoothed speed by 1.5 %, a stride's own unevenness; where it was worked out from
# that speed only rounding is left, 0.4 %, and it tells nothing. The scatter is averaged over ten packets.
STRIDE_SCATTER, SCATTER_WEIGHT = 0.008, 0.1  # share of speed
# A product farther than this from the speed is in other units: steps for strides.
STRIDE_UNITS = 0.25  # share of speed
# Two strides' mean differs from the last one by 1.2 %, and by half of a sudden change. An odometer that goes
# on between strides, or is told in whole metres, is farther off, and one of steps counts three in a second.
STRIDES, STRIDES_ALIKE = 2, 0.05
# While a stop is not yet believed, nobody runs farther than this: 4 s at 7 m/s.
STOP_M = 28.0  # m
# Two odd counts that differ by what was run, give or take a stride and a half, are a jump, no late packet.
JUMP_WITHIN_M = 6.0  # m


def take_stride(body: Body, m: Stride, *, from_file: bool) -> tuple[Body, Outcome]:
    """Takes a footpod's speed and odometer in."""
    outcome = Outcome()
    since = since_gun(body)
    if m.speed_mps is not None:
        body = still(body, 0.0, m.t - POD_STOP_LAG_S) if stands(m) and not _judged(body) else body
        body, outcome = _take_pod_speed(body, m, 0.0 if from_file else POD_PACKET_S)
        if not body.strode and (since or 0.0) > POD_STOP_LAG_S and not stands(m):
            body = replace(body, strode=True)
    if not from_file and (since is None or since >= POD_READY_S):
        body = _last_strides(body, m)
    body = replace(body, count_m=m.distance_m)
    if m.distance_m is None:
        return body, outcome
    if since is not None and since < POD_READY_S:
        return forget(body, "odometer"), outcome
    sd = readings.stride_sd_m(float(body.belief.x[model.V]))
    return _count(body, m.distance_m, ago(body, 0.0 if from_file else POD_LAG_S), sd, outcome)


def _judged(body: Body) -> bool:
    """Tells whether strides or a receiver's speed judge the start: a pod may speak of seconds ago."""
    used_t = body.channels["speed"].used_t if "speed" in body.channels else None
    return body.strode or (used_t is not None and body.gun_t is not None and used_t > body.gun_t + STILL_S)


def _last_strides(body: Body, m: Stride) -> Body:
    """Takes in the speed of the running strides since the last packet, where the pod measures lengths."""
    if not m.running or not m.speed_mps or not m.cadence_spm or not m.stride_length_m:
        return body
    off = m.stride_length_m * m.cadence_spm / 60 / m.speed_mps - 1
    if abs(off) > STRIDE_UNITS:
        return body
    variance = body.stride_variance + SCATTER_WEIGHT * (off * off - body.stride_variance)
    body = replace(body, stride_variance=variance)
    if variance < STRIDE_SCATTER**2:
        return body
    length_m, sd = mean_stride(m.stride_length_m, body.count_m, m.distance_m)
    speed, then = length_m * m.cadence_spm / 60, ago(body, POD_LAG_S)
    reading = readings.stride_speed(body.belief, speed, then, body.model.cruise_mps, sd)
    body, reading = surge(body, "stride", reading)
    return use(body, "stride", reading, (model.V,))[0]


def mean_stride(last_m: float, count_m: float | None, now_m: float | None) -> tuple[float, float]:
    """Returns the mean length of the strides since the odometer told `count_m`, m, and their speed's sd, m/s.

    A packet tells the last stride's length, but one and a half are made in a second: how far the odometer
    went tells of the other.
    """
    if count_m is not None and now_m is not None:
        mean_m = (now_m - count_m) / STRIDES
        if abs(mean_m / last_m - 1) < STRIDES_ALIKE:
            return mean_m, readings.STRIDES_SD_MPS
    return last_m, readings.STRIDE_SD_MPS


def _take_pod_speed(body: Body, m: Stride, lag_s: float) -> tuple[Body, Outcome]:
    reading = _pod_speed(body, m, lag_s)
    if not stands(m):
        return use(forget(body, "standing"), "pod speed", reading, (model.V,))
    waited = "standing" in body.channels and body.channels["standing"].refused_since is not None
    body, outcome = use(body, "standing", reading, (model.V, model.W))
    believed = waited and outcome.refused is None
    return (_step_back(body, m.distance_m) if believed else body), outcome


def _step_back(body: Body, count_m: float | None) -> Body:
    """Takes back what was reckoned on while a stop was not yet believed: the pod did not count it."""
    if count_m is None or "odometer" not in body.channels:
        return body
    over_m = (float(body.belief.x[model.U]) - count_m) / float(body.belief.x[model.K])
    if not 0 < over_m < STOP_M:
        return body
    s_m, sd_m = float(body.belief.x[model.S]), readings.stride_sd_m(0.0)
    P = body.belief.P[model.S, model.S]
    belief = kalman.reset(
        body.belief, model.S, s_m - over_m * body.belief.rate, math.hypot(math.sqrt(P), sd_m)
    )
    return replace(body, belief=kalman.reset(belief, model.U, count_m, sd_m))


def stands(m: Stride) -> bool:
    """Tells whether a pod says that no steps are taken."""
    return m.speed_mps == 0 and not m.cadence_spm


def _pod_speed(body: Body, m: Stride, lag_s: float) -> Reading:
    if stands(m):
        before = body.gun_t is None or body.belief.t < body.gun_t
        moving = float(body.belief.x[model.V]) > STANDING_MPS
        return readings.standing(body.belief, STANDING_SD_MPS if before or moving else SET_OFF_SD_MPS)
    return readings.pod_speed(body.belief, m.speed_mps or 0.0, lag_s, since_gun(body))


def take_wheel(body: Body, m: WheelRevolution) -> tuple[Body, Outcome]:
    """Takes a wheel's turns in; a turn told twice means that the wheel stands, or nearly."""
    if body.wheel and (m.revolutions, m.event_t) == (body.wheel.revolutions, body.wheel.event_t):
        stood_since = max(body.wheel.t, body.gun_t or body.wheel.t)
        return use(body, "no turn", readings.no_turn(body.belief, m.t - stood_since), (model.V,))
    timebase, late = body.wheel_time.learn(m.t, m.event_t)
    body = replace(body, wheel_time=timebase, wheel=m)
    return _count(body, float(m.revolutions), ago(body, WHEEL_LAG_S + late), readings.WHEEL_SD_M, Outcome())


def _count(body: Body, count: float, ago: Back, sd_m: float, other: Outcome) -> tuple[Body, Outcome]:
    """Uses an odometer; its first value is its zero, and one that jumped is taken from its new value on."""
    reading = readings.odometer(body.belief, count, ago, sd_m)
    k = float(body.belief.x[model.K])
    used, verdict = kalman.update(body.belief, reading)
    if verdict.accepted and "odometer" in body.channels:
        body = accepted(body, "odometer", used)
        body = body if body.odd_count is None else replace(body, odd_count=None)
        return body, replace(other, ratio=max(verdict.ratio, other.ratio or 0))
    zero = kalman.reset(body.belief, model.U, count + k * ago.moved_m, sd_m * k)
    if "odometer" not in body.channels:
        return accepted(body, "odometer", zero), other
    why, now = f"odometer off by {reading.y / k:+.1f} m", (count / k, body.belief.t)
    if not _counts_on(body, now):
        return replace(body, odd_count=now), Outcome(other.ratio, why)
    return replace(body, belief=zero, odd_count=None), Outcome(other.ratio, f"{why}: counted on from there")


def _counts_on(body: Body, now: tuple[float, float]) -> bool:
    """Tells whether an odd count goes on from the odd one before it: after a jump it does, a late one not."""
    if body.odd_count is None or insisted(body):
        return False
    run, went = now[0] - body.odd_count[0], now[1] - body.odd_count[1]
    return abs(run - went * float(body.belief.x[model.V])) < JUMP_WITHIN_M
