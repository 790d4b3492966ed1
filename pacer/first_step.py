"""Dates the first step back from what told of it: the model of a start, run backwards.

A runner who starts at time 0 runs at v(t) = c (1 - exp(-t/T)) and has run s(t) = c (t - T (1 - exp(-t/T))),
with the target's speed c and T = 1.3 s, the mean of runners. Readings of the first seconds tell t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pacer.estimator import body as bodies
from pacer.estimator.counts import POD_LAG_S
from pacer.measurement import Fix, Stride
from pacer.rewind import Heard

# A first step: faster than any shuffling on the line.
FIRST_STEP_MPS = 1.0  # m/s
# The pod's odometer must have gone on by more than one stride: pods are turned and lifted on the line.
FIRST_STEPS_M = 2.0  # m
# A pod counts from stride to stride, and standing ends none: of the first one, a second long and by the model
# above 1.7 m, it knows nothing.
LOST_STRIDE_M = 1.7  # m
# A start is the gun, and simple reaction to sound takes 0.14 to 0.16 s.
REACTION_S = 0.15  # s
# A pod without odometer smooths its speed over some 3 s and needs a whole stride to begin with: it reads
# 1 m/s about 2.2 s after the first step; its packet takes 0.4 s, and the next one is half a second away.
SMOOTHED_LAG_S = 3.1  # s
# Doppler must say it for this long, at any rate: one reading may be wrong.
MOVING_S = 0.9  # s
# A speed from positions is their mean over 3 s, and its filter believes the second that is new to it.
TRAIL_LAG_S = 2.3  # s
# The start model's speed does not reach its target: readings beyond this share of it say no more.
TOP_SHARE = 0.9


def first_step(
    heard: Sequence[Heard], fix_lag_s: float, believed_mps: float | None, cruise_mps: float
) -> float | None:
    """Returns when the start was, s, once the newest of `heard` shows the first step; else None.

    A fix is `fix_lag_s` old when it comes.
    """
    newest = heard[-1]
    match newest.m:
        case Stride(distance_m=float()):
            strides = [h.m for h in heard if isinstance(h.m, Stride)]
            return _by_odometer(strides, 0.0 if newest.from_file else POD_LAG_S, cruise_mps)
        case Stride(t=t, speed_mps=float(speed)) if speed > FIRST_STEP_MPS:
            return t - SMOOTHED_LAG_S
        case Fix(speed_mps=float()):
            return _by_doppler(_with_speed(heard), fix_lag_s, cruise_mps)
        case Fix(t=t) if (believed_mps or 0.0) > FIRST_STEP_MPS and not _with_speed(heard):
            return t - TRAIL_LAG_S
    return None


def _with_speed(heard: Sequence[Heard]) -> list[Fix]:
    """Lists the fixes that tell a speed; some receivers tell it apart from the place."""
    return [h.m for h in heard if isinstance(h.m, Fix) and h.m.speed_mps is not None]


def _by_odometer(strides: list[Stride], lag_s: float, cruise_mps: float) -> float | None:
    newest = strides[-1]
    still = next((m for m in reversed(strides) if m.speed_mps == 0 and m.distance_m is not None), None)
    if still is None:  # moving since it was first heard
        return newest.t - lag_s if (newest.speed_mps or 0.0) > FIRST_STEP_MPS else None
    run_m = (newest.distance_m or 0.0) - (still.distance_m or 0.0)
    if run_m < FIRST_STEPS_M or run_m < FIRST_STEP_MPS * (newest.t - still.t):
        return None
    return max(newest.t - lag_s - _time_to(run_m + LOST_STRIDE_M, cruise_mps), still.t - lag_s) - REACTION_S


def _by_doppler(fixes: list[Fix], lag_s: float, cruise_mps: float) -> float | None:
    first = len(fixes)
    while first and (fixes[first - 1].speed_mps or 0.0) > FIRST_STEP_MPS:
        first -= 1
    moving = fixes[first:]
    if not moving or moving[-1].t - moving[0].t < MOVING_S:
        return None
    share = min((moving[0].speed_mps or 0.0) / cruise_mps, TOP_SHARE) if first else 0.0
    return moving[0].t - lag_s + bodies.START_TAU_S * math.log(1 - share) - REACTION_S


def _time_to(run_m: float, cruise_mps: float) -> float:
    """Solves s(t) = run_m for t, s, by Newton's method; s is convex, so from above it converges."""
    tau = bodies.START_TAU_S
    t = run_m / cruise_mps + tau
    for _ in range(6):  # quadratic: six steps reach a microsecond from any start
        rest = math.exp(-t / tau)
        t -= (t - tau * (1 - rest) - run_m / cruise_mps) / (1 - rest)
    return t
