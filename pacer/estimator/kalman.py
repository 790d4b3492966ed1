"""The update of a Kalman filter: weigh a reading in, soften it, or refuse it (Kalman 1960, Huber 1964).

    y = z - h(x)    S = H P Hᵀ + R    K = P Hᵀ / S    x += K y    P -= K S Kᵀ

Everything is a pure function of a frozen `Belief`; how it moves in time stands in `model`. `A.dot(B)` is
A @ B, which takes twice as long on matrices as small as these.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pacer.estimator.model import Belief, Matrix, Vector

# An innovation beyond this many standard deviations is refused: once in two million by chance.
GATE_SIGMA = 5.0


@dataclass(frozen=True, slots=True)
class Gate:
    """Says beyond how many standard deviations a reading is softened, and beyond how many refused."""

    soft: float
    hard: float = GATE_SIGMA


@dataclass(frozen=True, slots=True)
class Reading:
    """Holds one scalar reading: its innovation y, its Jacobian H (14), its variance R and its gate."""

    y: float  # z - h(x)
    H: Vector
    R: float
    gate: Gate


@dataclass(frozen=True, slots=True)
class Pair:
    """Holds a reading in the plane: innovations y (2), Jacobian H (2, 14), and the variance R of each."""

    y: Vector
    H: Matrix
    R: float
    gate: Gate


@dataclass(frozen=True, slots=True)
class Verdict:
    """Tells what became of a reading; `ratio` is innovation over gate, over 1 is refused."""

    accepted: bool
    ratio: float
    nis: float = 0.0  # innovation squared over its variance: 1 (in the plane 2) on average


def update(belief: Belief, reading: Reading | Pair) -> tuple[Belief, Verdict]:
    """Weighs a reading in, unless it lies beyond its gate or is not a number."""
    return _update(belief, reading) if isinstance(reading, Reading) else _update_pair(belief, reading)


def _update(belief: Belief, reading: Reading) -> tuple[Belief, Verdict]:
    PH = belief.P.dot(reading.H)
    variance = float(PH.dot(reading.H)) + reading.R
    nis = reading.y * reading.y / variance
    scale, verdict = _judge(math.sqrt(nis) if nis >= 0 else math.nan, nis, reading.gate)
    if not verdict.accepted:
        return belief, verdict
    sd = math.sqrt(variance * scale)
    gain = PH / sd
    P = belief.P - gain[:, None].dot(gain[None, :])
    return Belief(belief.t, belief.x + gain * (reading.y / sd), P, belief.rate, belief.bend), verdict


def _update_pair(belief: Belief, pair: Pair) -> tuple[Belief, Verdict]:
    """Divides by S = L Lᵀ (Cholesky), so that what is taken from P is symmetric: M Mᵀ, with M = P Hᵀ / Lᵀ."""
    PH = belief.P.dot(pair.H.T)
    (a, b), (_, d) = pair.H.dot(PH).tolist()
    first = math.sqrt(a + pair.R)
    cross = b / first
    second = math.sqrt(max(d + pair.R - cross * cross, pair.R))  # never less, but by rounding
    y0, y1 = pair.y.tolist()
    z0 = y0 / first
    z1 = (y1 - cross * z0) / second
    nis = z0 * z0 + z1 * z1
    scale, verdict = _judge(math.sqrt(nis), nis, pair.gate)
    if not verdict.accepted:
        return belief, verdict
    soft = math.sqrt(scale)
    first, second = first * soft, second * soft
    M = PH.dot(np.array([[1 / first, -cross * soft / (first * second)], [0.0, 1 / second]]))
    x = belief.x + M.dot(np.array([z0 / soft, z1 / soft]))
    return Belief(belief.t, x, belief.P - M.dot(M.T), belief.rate, belief.bend), verdict


def _judge(sigmas: float, nis: float, gate: Gate) -> tuple[float, Verdict]:
    """Returns by how much the variance is stretched, and the verdict."""
    ratio = sigmas / gate.hard
    if not ratio <= 1:  # also refuses an innovation that is not a number
        return 1.0, Verdict(accepted=False, ratio=ratio, nis=nis)
    return max(1.0, sigmas / gate.soft) ** 2, Verdict(accepted=True, ratio=ratio, nis=nis)


def sigmas(belief: Belief, reading: Reading) -> float:
    """Returns how far off a reading is, in standard deviations, with its sign."""
    variance = float(belief.P.dot(reading.H).dot(reading.H)) + reading.R
    return reading.y / math.sqrt(variance)


def widen(belief: Belief, state: int, sd: float) -> Belief:
    """Adds doubt of `sd` to one state: the way back after readings were refused for long."""
    P = belief.P.copy()
    P[state, state] += sd * sd
    return Belief(belief.t, belief.x, P, belief.rate, belief.bend)


def widen_along(belief: Belief, g: Vector, sd: float) -> Belief:
    """Adds doubt of `sd` times the vector `g`: to states that are off together."""
    return Belief(belief.t, belief.x, belief.P + np.outer(g, g * (sd * sd)), belief.rate, belief.bend)


def reset(belief: Belief, state: int, value: float, sd: float) -> Belief:
    """Sets one state to `value` with doubt `sd`, forgetting its ties to the others."""
    x, P = belief.x.copy(), belief.P.copy()
    x[state] = value
    P[state, :] = 0.0
    P[:, state] = 0.0
    P[state, state] = sd * sd
    F = belief.F
    if F is not None:
        F = F.copy()
        F[state, :] = 0.0
    return Belief(belief.t, x, P, belief.rate, belief.bend, F)
