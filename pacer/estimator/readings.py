"""Turns what a sensor says into a reading of the filter, at the moment it was true.

Every reading is processed when it arrives and compared with the state `lag` seconds before, which `Back`
works out: how far the body has come since, and how fast it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pacer.course import Located
from pacer.estimator.kalman import Gate, Pair, Reading
from pacer.estimator.model import CE, CN, NORTH, Belief, D, E, K, L, M, N, O, Q, S, U, V, Vector, W
from pacer.estimator.process import POD_TAU_S, Pull, Receiver

# A pod's odometer advances once a stride, 3.8 m at race pace, and is sent to 0.1 m or so.
STRIDE_SHARE_S = 1.15 / 5.6  # s: the sd of a uniform stride of 0.66 s, 0.19 s, and the noise of strides
POD_GRAIN_M = 0.2  # m
# A pod's smoothed speed: rounding, stride noise, and, while speed changes, a smoothing that is not known.
POD_SPEED_SD_MPS = 0.10  # m/s
POD_CHANGE_SHARE = (
    0.6 / POD_TAU_S
)  # 1/s, of the difference between speed and smoothed speed, per second of lag
# ... and after the gun it needs seconds to come up at all.
POD_START_SD_MPS, POD_START_TAU_S = 4.0, 6.0
# A single stride differs from the mean one by 1.5 %, 0.085 m/s at race pace, and two by 1.1 %; a cadence that
# is told in whole numbers adds 0.02 m/s, an odometer that is told to 0.1 m another 0.03. One is weighed as if
# it differed a little less: 90 % of a change by 5 % are then in the estimate 0.4 s sooner, 9 times in 10.
STRIDE_SD_MPS, STRIDES_SD_MPS = 0.08, 0.07  # m/s
# A wheel's event time is exact to 1/1024 s; what is left is the rider's line.
WHEEL_SD_M = 0.25  # m
# A person taps a lap line 0.05 s late, give or take 0.23 s (0.20 s and some misses).
TAP_LATE_S, TAP_SD_S, TAP_SD_M = 0.05, 0.23, 0.1

# A position is softened early: its errors have long tails. The others are near normal.
POSITION_GATE = Gate(1.0, 3.0)
DOPPLER_GATE = Gate(2.0, 6.0)  # 1 m/s or so: a sprint's first second
POD_SPEED_GATE = Gate(3.0)
STRIDE_GATE = Gate(2.0)
ODOMETER_GATE = Gate(3.0)
TAP_GATE = Gate(1.3, 3.0)
SURE_GATE = Gate(1e9, 1e9)  # for what is known to be so: the gun


@dataclass(frozen=True, slots=True)
class Back:
    """Holds how the body moved of late: metres over the ground, the speed then, and their slopes by v."""

    moved_m: float
    by_v: float  # s
    speed_mps: float  # m/s
    speed_by_v: float
    rising_mps2: float = 0.0  # m/s², how fast speed rose then


def back(belief: Belief, lag_s: float, since_gun_s: float | None, pull: Pull | None) -> Back:
    """Works out the last `lag_s`; in the start, not beyond the gun."""
    v = float(belief.x[V])
    if pull is None or since_gun_s is None:
        return Back(v * lag_s, lag_s, v, 1.0)
    lag = min(lag_s, max(since_gun_s, 0.0))
    grown = math.exp(lag / pull.tau_s)
    by_v = pull.tau_s * (grown - 1)
    a = v - pull.speed_mps
    speed = max(pull.speed_mps + a * grown, 0.0)
    moved = min(max(pull.speed_mps * lag + a * by_v, 0.0), v * lag if v > 0 else 0.0)
    rising = (pull.speed_mps - speed) / pull.tau_s if lag_s < since_gun_s else 0.0
    return Back(moved, min(by_v, 2 * lag), speed, min(grown, 2.0), rising)


def position(belief: Belief, place: Located, ago: Back, r: Receiver, accuracy: float) -> Pair:
    """Reads a position along and across the course; `accuracy` scales the white noise (1: as usual)."""
    x = belief.x
    sin, cos = math.sin(place.heading_rad), math.cos(place.heading_rad)
    f = 1 / belief.rate  # metres over the ground per metre of the line, out here
    east, north = float(x[E] + x[CE]), float(x[NORTH] + x[CN])
    moved = ago.moved_m + ago.speed_mps * float(x[D])
    along = f * (place.along_m - float(x[S]) - float(x[M])) + moved - sin * east - cos * north
    across = place.across_m - float(x[L]) - cos * east + sin * north
    H = np.zeros((2, N))
    H[0, S] = H[0, M] = f
    H[0, V], H[0, D] = -ago.by_v - ago.speed_by_v * float(x[D]), -ago.speed_mps
    H[0, E] = H[0, CE] = sin
    H[0, NORTH] = H[0, CN] = cos
    H[1, L] = 1.0
    H[1, E] = H[1, CE] = cos
    H[1, NORTH] = H[1, CN] = -sin
    return Pair(np.array([along, across]), H, (r.white_sd_m * accuracy) ** 2, POSITION_GATE)


def doppler(belief: Belief, speed_mps: float, ago: Back, white_mps: float) -> Reading:
    """Reads a speed over ground, m/s."""
    y = speed_mps - ago.speed_mps + ago.rising_mps2 * float(belief.x[D]) - float(belief.x[O])
    H = _row({V: ago.speed_by_v, O: 1.0, D: -ago.rising_mps2})
    return Reading(y, H, white_mps**2, DOPPLER_GATE)


def pod_speed(belief: Belief, speed_mps: float, lag_s: float, since_gun_s: float | None) -> Reading:
    """Reads a footpod's smoothed speed, which comes up slowly after the gun."""
    _, v, k, q, _, w, *_ = belief.x.tolist()
    del q
    change = k * v - w
    share = lag_s / POD_TAU_S
    slow = 0.0 if since_gun_s is None else POD_START_SD_MPS * math.exp(-since_gun_s / POD_START_TAU_S)
    R = POD_SPEED_SD_MPS**2 + (POD_CHANGE_SHARE * change) ** 2 + slow**2
    H = _row({W: 1.0 + share, V: -k * share, K: -v * share})
    return Reading(speed_mps - w + change * share, H, R, POD_SPEED_GATE)


def stride_speed(belief: Belief, speed_mps: float, ago: Back, cruise_mps: float, sd_mps: float) -> Reading:
    """Reads the speed of the last strides alone, in the pod's units: (k + q (v - cruise)) v."""
    k, q, v = float(belief.x[K]), float(belief.x[Q]), ago.speed_mps
    scale = k + q * (v - cruise_mps)
    H = _row({V: (scale + q * v) * ago.speed_by_v, K: v, Q: v * (v - cruise_mps)})
    return Reading(speed_mps - scale * v, H, sd_mps**2, STRIDE_GATE)


def standing(belief: Belief, sd_mps: float) -> Reading:
    """Reads that a pod counts no steps: the body stands."""
    return Reading(-float(belief.x[V]), _row({V: 1.0}), sd_mps**2, POD_SPEED_GATE)


def no_turn(belief: Belief, since_s: float) -> Reading:
    """Reads a wheel that has not turned round for `since_s` s: slower than one turn in that time."""
    turn_m = 1 / abs(float(belief.x[K]))
    return Reading(-float(belief.x[V]), _row({V: 1.0}), (turn_m / max(since_s, 1.0)) ** 2, POD_SPEED_GATE)


def odometer(belief: Belief, count: float, ago: Back, sd_m: float) -> Reading:
    """Reads an odometer in its own units (m of a pod, revolutions of a wheel)."""
    k, u = float(belief.x[K]), float(belief.x[U])
    y = count - u + k * ago.moved_m
    return Reading(y, _row({U: 1.0, K: -ago.moved_m, V: -k * ago.by_v}), (sd_m * k) ** 2, ODOMETER_GATE)


def stride_sd_m(speed_mps: float) -> float:
    """Returns how coarse a pod's odometer is at a speed, m."""
    return math.hypot(POD_GRAIN_M, STRIDE_SHARE_S * speed_mps)


def tap(belief: Belief, line_m: float, ago: Back) -> Reading:
    """Reads a lap tap: the body was at the line `ago`."""
    y = line_m - float(belief.x[S]) + belief.rate * ago.moved_m
    R = (TAP_SD_S * ago.speed_mps) ** 2 + TAP_SD_M**2
    return Reading(y, _row({S: 1.0, V: -belief.rate * ago.by_v}), R, TAP_GATE)


def place(belief: Belief, s_m: float, sd_m: float) -> Reading:
    """Reads a known place: the start line at the gun."""
    return Reading(s_m - float(belief.x[S]), _row({S: 1.0}), sd_m**2, SURE_GATE)


def _row(entries: dict[int, float]) -> Vector:
    H = np.zeros(N)
    for state, value in entries.items():
        H[state] = value
    return H
