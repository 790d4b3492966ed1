"""What sensors of one body tell of each other: which one is frozen, and which two disagree.

Who cries wolf is not heard: what nothing contradicts is left alone, and so is whatever changes just now.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from pacer.estimator.body import BLIND_S, Body, fresh, scale
from pacer.evolve import replace
from pacer.health import Health
from pacer.measurement import Fix, HeartRate, Stride, WheelRevolution
from pacer.outputs import Notice
from pacer.said import MOVING_MPS, Speeds

# The very same for so long is no reading: speeds, beats and positions differ in their last digits.
FROZEN_S = 10.0  # s
# A pod is good to some 12 %: 2 % of scale, 1 % per m/s of speed, 6 % at a walk. One that is farther off is on
# the wrong setting, or on another's shoe.
APART = 0.15  # share of the receiver's speed ...
# ... and what the mean of 10 s of a poor receiver's speed may be off, three times over: errors of 0.25 m/s
# that last for 5 s, as of a wrist watch, leave 0.2 m/s in it.
APART_MPS = 0.6  # m/s
TOGETHER = 0.10  # share of speed; within it they agree again
# A pod smooths its speed over up to 5 s, so that the two may differ while it changes: the means of the older
# and the newer half of what is compared may do so by this.
STEADY = 0.10  # share of speed
# Once a pod is no longer listened to, the receiver's speed has become the estimate's after so long.
SETTLED_S = 10.0  # s
# Readings that make a mean, and what they span: of ten at 1 Hz, a few may be lost.
READINGS, SPAN_S = 6, 8.0  # s


def judge(
    health: Health, others: Sequence[Health], t: float, known_scale: float
) -> tuple[Health, list[Notice]]:
    """Judges a sensor at `t` s, after a reading of it, by the others of its body; says what changed.

    `known_scale` is what footpods are known to read over what is true.
    """
    health, notices = _thaw_or_freeze(health, others, t)
    if health.spec.kind != "footpod" or health.frozen:
        return health, notices
    receiver = next((one for one in others if one.spec.kind in ("gps", "gps_uart") and one.said.speeds), None)
    if receiver is None:
        return health, notices
    health, more = _compare(health, receiver, t, known_scale)
    return health, [*notices, *more]


def _thaw_or_freeze(health: Health, others: Sequence[Health], t: float) -> tuple[Health, list[Notice]]:
    frozen, name = t - _stuck_since(health, others, t) >= FROZEN_S, health.spec.name
    if frozen == health.frozen:
        return health, []
    health = replace(health, frozen=frozen)
    if not frozen:
        return health, [Notice(t, "info", "sensor-back", f"{name} is back: it says something new", name)]
    text = f"{name} is frozen: it has said the very same for {FROZEN_S:.0f} s"
    return health, [Notice(t, "warning", "sensor-frozen", text, name)]


def _stuck_since(health: Health, others: Sequence[Health], t: float) -> float:
    """Returns since when a sensor repeats what cannot be so, s; infinity where it may be so."""
    since = math.inf if health.said.same_since is None else health.said.same_since
    match health.said.last:
        case Stride(speed_mps=float(speed), distance_m=float()) if speed >= MOVING_MPS:
            return since  # speed, and no way
        case HeartRate(rr_s=rr) if len(set(rr)) > 1:  # all alike, they may be reckoned from the rate
            return since
        case Fix(lat_deg=float(), speed_mps=float(speed)) if speed >= MOVING_MPS:
            return since
        case Fix(lat_deg=float()) | Stride(speed_mps=0.0) | WheelRevolution():
            return max(since, _moving_since(others, t))  # it may stand, unless another one moves
        case _:
            return math.inf


def _moving_since(others: Sequence[Health], t: float) -> float:
    since = (other.said.moving_since for other in others if other.lives(t))
    return min((one for one in since if one is not None), default=math.inf)


def _compare(pod: Health, receiver: Health, t: float, known_scale: float) -> tuple[Health, list[Notice]]:
    mine, its = _steady(pod.said.speeds, t), _steady(receiver.said.speeds, t)
    if mine is None or its is None or its < MOVING_MPS or pod.said.still or receiver.frozen:
        return pod, []
    name, other, off = pod.spec.name, receiver.spec.name, mine / (its * known_scale) - 1
    pod = replace(pod, over_receiver=mine / its)
    if pod.disagrees and abs(off) < TOGETHER:
        text = f"{name} and {other} agree again"
        return replace(pod, disagrees=""), [Notice(t, "info", "sensors-agree", text, name)]
    if pod.disagrees or abs(off) < APART or abs(mine - its * known_scale) < APART_MPS:
        return pod, []
    words = f"{abs(100 * off):.0f} % {'faster' if off > 0 else 'slower'} than {other}"
    text = f"{name} and {other} disagree: {name} is {words}; check {name}"
    return replace(pod, disagrees=words), [Notice(t, "warning", "sensors-disagree", text, name)]


def outvote(pod: Health, body: Body, t: float) -> Health:
    """Notes whether a receiver, with two voices of speed and place, is believed rather than a pod at `t` s.

    A pod that was off from the start is understood by the estimator within seconds, and no longer torn. Nor
    is one outvoted by a receiver that nothing is used of.
    """
    if not _torn(pod, body):
        return pod if pod.outvoted_since is None else replace(pod, outvoted_since=None)
    if pod.outvoted_since is not None:
        return pod if fresh(body, t) else replace(pod, outvoted_since=None)
    place = body.channels.get("place")
    if place is None or place.used_t is None or t - place.used_t > BLIND_S:
        return pod
    return replace(pod, outvoted_since=t)


def doubtful(health: Health, body: Body, t: float) -> bool:
    """Tells whether it is not known, or was not until just now, who is right: a pod or a receiver."""
    since = health.outvoted_since
    return _torn(health, body) and (since is None or t - since < SETTLED_S)


def _torn(pod: Health, body: Body) -> bool:
    """Tells whether a pod disagrees by more than its scale explains, as far as that is learnt by now."""
    if not pod.disagrees or pod.over_receiver is None:
        return False
    return abs(pod.over_receiver / scale(body)[0] - 1) > TOGETHER


def _steady(speeds: Speeds, t: float) -> float | None:
    """Returns the mean of the speeds that are kept, m/s; None where they are few, old or changing."""
    if len(speeds) < READINGS or speeds[-1][0] - speeds[0][0] < SPAN_S or t - speeds[-1][0] > SPAN_S / 2:
        return None
    said, half = [v for _, v in speeds], len(speeds) // 2
    before, after, mean = fmean(said[:half]), fmean(said[half:]), fmean(said)
    return mean if abs(after - before) <= STEADY * mean else None
