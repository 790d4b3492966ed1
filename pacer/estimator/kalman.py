"""A Kalman filter along the course: distance, speed, an odometer and its scale, the wandering bias of GPS.

    x = [s v k u e n l d]  s     distance along the measured line, m
                           v     speed along it, m/s
                           k     odometer units per metre
                           u     what the odometer reads now, in its units (m of a pod, revolutions)
                           e, n  slowly wandering bias of the position, m east and north, the map's included
                           l     how far right of the measured line the body runs, m (outward on a track)
                           d     how much older than assumed a position is, s: constant, hardly observable

The bias lives east and north, not along: on the back straight it points the other way. Everything is a pure
function of a frozen `Belief`, and splitting a prediction changes nothing. After Kalman 1960; the models and
figures are those of the error study that the README names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

S, V, K, U, E, NORTH, L, D = range(8)
N = 8

# Speed walks at random: 0.14 m/s per root second covers surges and fatigue of a runner at race pace.
Q_V = 0.14**2  # m²/s³
# Position bias, a Gauss-Markov process on each axis: the receiver's 1.15 x 1.8 m over 90 s, and the map's
# placement, 0.9 m, which does not wander and so stretches the time constant.
BIAS_SD_M = math.hypot(1.15 * 1.8, 0.9)  # m
BIAS_TAU_S = 90.0 * (1 + (0.9 / (1.15 * 1.8)) ** 2)  # s
# People run 0.25 m outside the measured line, give or take half a metre, and change that within a minute.
LATERAL_M, LATERAL_SD_M, LATERAL_TAU_S = 0.25, 0.5, 60.0
# A phone's lag is known to about a tenth of a second.
TAG_SD_S = 0.12  # s
# A pod's scale drifts: 0.06 % per root second.
Q_K_RELATIVE = 0.0006**2  # 1/s

# Innovations beyond these many standard deviations: softened (Huber), and refused.
SOFT_SIGMA = 2.0
GATE_SIGMA = 5.0


@dataclass(frozen=True, slots=True)
class Belief:
    """Holds what is believed at `t`: the mean `x` (8) and its covariance `P` (8, 8)."""

    t: float  # s
    x: Vector
    P: Matrix


@dataclass(frozen=True, slots=True)
class Pull:
    """Draws the speed towards `speed_mps` with time constant `tau_s`: the start; `q_v` is the noise of it."""

    speed_mps: float = 0.0
    tau_s: float = math.inf  # s; infinite: no pull, a random walk
    q_v: float = Q_V  # m²/s³


FREE = Pull()
# A bike brakes and accelerates harder: 0.5 m/s per root second lets 2 m/s² pass for a second or two.
BIKE = Pull(q_v=0.5**2)


@dataclass(frozen=True, slots=True)
class Reading:
    """Holds one scalar reading z = h(x) + noise: its innovation y, its Jacobian H (8) and its variance R."""

    y: float  # z - h(x)
    H: Vector
    R: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Tells what became of a reading; `ratio` is innovation over gate, over 1 is refused."""

    accepted: bool
    ratio: float


def begin(t: float, k: float, k_sd: float) -> Belief:
    """Starts at rest with an odometer of `k` units per metre, sd `k_sd`; the place is anywhere."""
    x = np.array([0.0, 0.0, k, 0.0, 0.0, 0.0, LATERAL_M, 0.0])
    sd = [
        500.0,
        3.0,
        k_sd,
        1e5 * k,
        BIAS_SD_M,
        BIAS_SD_M,
        LATERAL_SD_M,
        TAG_SD_S,
    ]  # an odometer's zero is anywhere
    return Belief(t, x, np.diag(np.square(sd)))


def predict(belief: Belief, t: float, pull: Pull = FREE) -> Belief:
    """Moves a belief to time `t`, s; an earlier `t` changes nothing."""
    dt = t - belief.t
    if dt <= 0:
        return belief
    x, k, v = belief.x, float(belief.x[K]), float(belief.x[V])
    phi_v, way = _decay(dt, pull.tau_s)  # v's own part of the speed and of the way at the end of dt
    gone = v * way + pull.speed_mps * (dt - way)
    bias, side = math.exp(-dt / BIAS_TAU_S), math.exp(-dt / LATERAL_TAU_S)
    F = np.diag([1.0, phi_v, 1.0, 1.0, bias, bias, side, 1.0])
    F[S, V], F[U, V], F[U, K] = way, k * way, gone
    moved = np.array(
        [
            x[S] + gone,
            pull.speed_mps + phi_v * (v - pull.speed_mps),
            k,
            x[U] + k * gone,
            bias * x[E],
            bias * x[NORTH],
            LATERAL_M + side * (x[L] - LATERAL_M),
            x[D],
        ]
    )
    return Belief(t, moved, F @ belief.P @ F.T + _noise(dt, k, gone / dt, pull))


def _decay(dt: float, tau: float) -> tuple[float, float]:
    """Returns e^(-dt/τ) and its integral over dt; without a pull 1 and dt."""
    if math.isinf(tau):
        return 1.0, dt
    phi = math.exp(-dt / tau)
    return phi, tau * (1 - phi)


def _noise(dt: float, k: float, v: float, pull: Pull) -> Matrix:
    """Integrates q g gᵀ over the step: for speed g = [way e^(-τ/T) 0 k·way], for the scale g = [0 0 1 vτ]."""
    vv, sv, ss = _speed_noise(dt, pull)
    q_k = Q_K_RELATIVE * k * k
    Q = np.zeros((N, N))
    Q[S, S], Q[S, V], Q[V, S], Q[V, V] = ss, sv, sv, vv
    Q[U, S] = Q[S, U] = k * ss
    Q[U, V] = Q[V, U] = k * sv
    Q[K, K], Q[U, U] = q_k * dt, k * k * ss + q_k * v * v * dt**3 / 3
    Q[K, U] = Q[U, K] = q_k * v * dt * dt / 2
    Q[E, E] = Q[NORTH, NORTH] = BIAS_SD_M**2 * (1 - math.exp(-2 * dt / BIAS_TAU_S))
    Q[L, L] = LATERAL_SD_M**2 * (1 - math.exp(-2 * dt / LATERAL_TAU_S))
    return Q


def _speed_noise(dt: float, pull: Pull) -> tuple[float, float, float]:
    """Returns the variance of speed, its covariance with the way, and the way's variance after dt."""
    q, tau = pull.q_v, pull.tau_s
    if math.isinf(tau):
        return q * dt, q * dt * dt / 2, q * dt**3 / 3
    phi, way = _decay(dt, tau)
    squared = tau / 2 * (1 - phi * phi)
    return q * squared, q * way * way / 2, q * tau * tau * (dt - 2 * way + squared)


def update(belief: Belief, reading: Reading, gate: float = GATE_SIGMA) -> tuple[Belief, Verdict]:
    """Weighs a reading in: y, S = H P Hᵀ + R, K = P Hᵀ / S; soft beyond 2 sigma, refused beyond `gate`."""
    PH = belief.P @ reading.H
    variance = float(reading.H @ PH) + reading.R
    sigmas = abs(reading.y) / math.sqrt(variance)
    ratio = sigmas / gate
    if not ratio <= 1:  # also refuses an innovation that is not a number
        return belief, Verdict(accepted=False, ratio=ratio)
    if sigmas > SOFT_SIGMA:
        variance *= (sigmas / SOFT_SIGMA) ** 2
    gain = PH / variance
    P = belief.P - np.outer(gain, PH)
    return Belief(belief.t, belief.x + gain * reading.y, (P + P.T) / 2), Verdict(accepted=True, ratio=ratio)


def widen(belief: Belief, state: int, sd: float) -> Belief:
    """Adds doubt of `sd` to one state: the way back after readings were refused for long."""
    P = belief.P.copy()
    P[state, state] += sd * sd
    return Belief(belief.t, belief.x, P)


def reset(belief: Belief, state: int, value: float, sd: float) -> Belief:
    """Sets one state to `value` with doubt `sd`, forgetting its ties to the others."""
    x, P = belief.x.copy(), belief.P.copy()
    x[state] = value
    P[state, :] = 0.0
    P[:, state] = 0.0
    P[state, state] = sd * sd
    return Belief(belief.t, x, P)
