"""The update of a Kalman filter: weigh a reading in, soften it, or refuse it (Kalman 1960, Huber 1964).

    y = z - h(x)    S = H P Hᵀ + R    K = P Hᵀ / S    x += K y    P -= K S Kᵀ

Everything is a pure function of a frozen `Belief`; how it moves in time stands in `model`.
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
    PH = belief.P @ reading.H
    variance = float(reading.H @ PH) + reading.R
    nis = reading.y * reading.y / variance
    scale, verdict = _judge(math.sqrt(nis) if nis >= 0 else math.nan, nis, reading.gate)
    if not verdict.accepted:
        return belief, verdict
    variance *= scale
    x = belief.x + PH * (reading.y / variance)
    return Belief(belief.t, x, belief.P - np.outer(PH, PH / variance), belief.rate, belief.bend), verdict


def _update_pair(belief: Belief, pair: Pair) -> tuple[Belief, Verdict]:
    PH = belief.P @ pair.H.T
    (a, b), (_, d) = (pair.H @ PH).tolist()
    a, d = a + pair.R, d + pair.R
    det = a * d - b * b
    y0, y1 = pair.y.tolist()
    nis = (d * y0 * y0 - 2 * b * y0 * y1 + a * y1 * y1) / det
    scale, verdict = _judge(math.sqrt(nis) if nis >= 0 else math.nan, nis, pair.gate)
    if not verdict.accepted:
        return belief, verdict
    inverse = np.array([[d, -b], [-b, a]]) / (det * scale)
    gain = PH @ inverse
    P = belief.P - gain @ PH.T
    return Belief(belief.t, belief.x + gain @ pair.y, (P + P.T) / 2, belief.rate, belief.bend), verdict


def _judge(sigmas: float, nis: float, gate: Gate) -> tuple[float, Verdict]:
    """Returns by how much the variance is stretched, and the verdict."""
    ratio = sigmas / gate.hard
    if not ratio <= 1:  # also refuses an innovation that is not a number
        return 1.0, Verdict(accepted=False, ratio=ratio, nis=nis)
    return max(1.0, sigmas / gate.soft) ** 2, Verdict(accepted=True, ratio=ratio, nis=nis)


def sigmas(belief: Belief, reading: Reading) -> float:
    """Returns how far off a reading is, in standard deviations, with its sign."""
    variance = float(reading.H @ belief.P @ reading.H) + reading.R
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
