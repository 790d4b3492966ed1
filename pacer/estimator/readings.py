"""Turns what a sensor says into a scalar reading of the filter, at the moment it was true.

Every reading is processed when it arrives and compared with the state `lag` seconds before:
s(t - lag) = s - v lag.
"""

from __future__ import annotations

import math

import numpy as np

from pacer.course import Located
from pacer.estimator.kalman import NORTH, Belief, D, E, K, L, N, Reading, S, U, V, Vector

# A phone's position at 1 Hz: white 0.45 m, and the faster part of its wander, 0.9 m over some 12 s, which
# this filter does not model; counting correlated errors as white needs about 1.5 m a second.
POSITION_SD_M = 1.5  # m at 1 Hz
# Reported accuracy (68 % radius) that goes with that figure; a worse report weighs less.
USUAL_ACCURACY_M = 4.0  # m
# A reported error of more says no more: nothing is known.
WORST_ACCURACY = 1e4  # m, m/s
# Doppler: white 0.12 m/s and 0.08 m/s correlated over 5 s, counted as white.
DOPPLER_SD_MPS = 0.28  # m/s at 1 Hz
# A pod's own speed is smoothed over 1 to 5 s (unknown), so it weighs less than its odometer.
POD_SPEED_SD_MPS = 0.30  # m/s
# ... and after the gun it needs seconds to come up at all.
POD_START_SD_MPS, POD_START_TAU_S = 4.0, 6.0
# A pod's odometer advances once a stride: 3.8 m at race pace, uniform: 3.8 / sqrt(12).
POD_ODOMETER_SD_M = 1.15  # m
# A wheel's event time is exact to 1/1024 s; what is left is the rider's line.
WHEEL_SD_M = 0.25  # m


def _row(entries: dict[int, float]) -> Vector:
    H = np.zeros(N)
    for state, value in entries.items():
        H[state] = value
    return H


def position(
    belief: Belief, place: Located, lag_s: float, dt_s: float, accuracy_m: float | None
) -> tuple[Reading, Reading]:
    """Reads a position along and across the course; `dt_s` since the one before (errors are correlated)."""
    x, reported_m = belief.x, min(accuracy_m or 0.0, WORST_ACCURACY)
    variance = (POSITION_SD_M * max(1.0, reported_m / USUAL_ACCURACY_M)) ** 2 / _share(dt_s)
    sin, cos = math.sin(place.heading_rad), math.cos(place.heading_rad)
    along = place.along_m - (x[S] - x[V] * (lag_s + x[D]) + sin * x[E] + cos * x[NORTH])
    across = place.across_m - (x[L] + cos * x[E] - sin * x[NORTH])
    return (
        Reading(
            float(along),
            _row({S: 1.0, V: -lag_s - float(x[D]), E: sin, NORTH: cos, D: -float(x[V])}),
            variance,
        ),
        Reading(float(across), _row({L: 1.0, E: cos, NORTH: -sin}), variance),
    )


def trail(belief: Belief, along_m: float, lag_s: float, dt_s: float) -> Reading:
    """Reads the length of a trail of positions, where no course is known."""
    y = along_m - (belief.x[S] - belief.x[V] * lag_s)
    return Reading(float(y), _row({S: 1.0, V: -lag_s}), POSITION_SD_M**2 / _share(dt_s))


def doppler(belief: Belief, speed_mps: float, dt_s: float, accuracy_mps: float | None) -> Reading:
    """Reads a speed over ground, m/s."""
    sd = max(DOPPLER_SD_MPS, min(accuracy_mps or 0.0, WORST_ACCURACY))
    return Reading(float(speed_mps - belief.x[V]), _row({V: 1.0}), sd * sd / _share(dt_s))


def pod_speed(belief: Belief, speed_mps: float, since_gun_s: float | None) -> Reading:
    """Reads a footpod's speed, m/s, which is k times the true one, and comes up slowly after the gun."""
    k, v = float(belief.x[K]), float(belief.x[V])
    slow = 0.0 if since_gun_s is None else POD_START_SD_MPS * math.exp(-since_gun_s / POD_START_TAU_S)
    return Reading(speed_mps - k * v, _row({V: k, K: v}), POD_SPEED_SD_MPS**2 + slow**2)


def odometer(belief: Belief, count: float, lag_s: float, sd_m: float) -> Reading:
    """Reads an odometer in its own units (m of a pod, revolutions of a wheel), true `lag_s` ago."""
    x = belief.x
    k, v = float(x[K]), float(x[V])
    y = count - (x[U] - k * v * lag_s)
    return Reading(float(y), _row({U: 1.0, K: -v * lag_s, V: -k * lag_s}), (sd_m * k) ** 2)


def no_turn(belief: Belief, since_s: float) -> Reading:
    """Reads a wheel that has not turned round for `since_s` s: slower than one turn in that time."""
    turn_m = 1 / abs(float(belief.x[K]))
    return Reading(-float(belief.x[V]), _row({V: 1.0}), (turn_m / max(since_s, 1.0)) ** 2)


def place(belief: Belief, s_m: float, sd_m: float) -> Reading:
    """Reads a known place: the start line at the gun, a lap line at a tap."""
    return Reading(float(s_m - belief.x[S]), _row({S: 1.0}), sd_m**2)


def _share(dt_s: float) -> float:
    """Says what share of a second's information a reading `dt_s` after the last one may carry."""
    return min(max(dt_s, 0.02), 1.0)
