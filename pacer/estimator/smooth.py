"""Smooths with hindsight: what was believed at each moment, bettered by all that was heard later.

The backward pass of Rauch, Tung and Striebel (AIAA Journal 3(8), 1965), over the bodies as they were after
each measurement:

    G = P_k Fᵀ (P⁻ + W)⁻¹     x_k|n = x_k + G (x_k+1|n - x⁻)     P_k|n = P_k + G (P_k+1|n - P⁻ - W) Gᵀ

x⁻, P⁻ is the prediction to the next measurement, F its transition. W is the room that the filter gave itself
there beyond that: for a surge, or for a sensor that insisted. A state that was set anew there, an odometer's
zero or the speed of a body gone blind, says nothing of the time before, and is left out. What became of a
reading, weighed, softened or refused, stands in the bodies, so nothing is judged twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pacer.estimator import body as bodies
from pacer.estimator import kalman, model
from pacer.estimator.body import Body
from pacer.estimator.model import Belief, Matrix, Vector
from pacer.evolve import replace

# Hindsight that a moment gets at least: laps, taps and the receiver's slow bias (105 s) lie well within it,
# and 600 s of bodies at 12 measurements a second hold 15 MB.
LAG_S = 300.0  # s
# Added to correlations, so that states that are known only together can be told apart: 1e5 times rounding.
RIDGE = 1e-10


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Holds where the body was at `t` and how fast, along the course's line, as known later."""

    t: float  # s
    s_m: float  # m
    s_sd_m: float
    v_mps: float  # m/s
    v_sd_mps: float


def smooth(chain: Sequence[Body]) -> list[Smoothed]:
    """Smooths a chain of bodies, oldest first, each as it was after one measurement."""
    if not chain:
        return []
    x, P = chain[-1].belief.x, chain[-1].belief.P
    found = [_drawn(chain[-1].belief, x, P)]
    for i in range(len(chain) - 2, -1, -1):
        x, P = _back(chain[i], chain[i + 1], x, P)
        found.append(_drawn(chain[i].belief, x, P))
    return found[::-1]


def _back(body: Body, later: Body, x: Vector, P: Matrix) -> tuple[Vector, Matrix]:
    """Takes one step back: from the smoothed `x` and `P` of the next moment to those of the body's own."""
    was, after = body.belief, later.belief
    went = bodies.advance(replace(body, belief=model.traced(was)), after.t).belief
    assert went.F is not None  # noqa: S101 - traced
    tied = went.F.any(axis=1) & (np.count_nonzero(after.P, axis=1) > 1)  # others were just set anew
    tied[model.D] &= body.trail.tied_t == later.trail.tied_t
    S = (went.P + np.diag(_room(went, after)))[np.ix_(tied, tied)]
    sd = np.sqrt(np.diag(S))
    correlation = S / np.outer(sd, sd) + RIDGE * np.eye(sd.size)
    G = np.linalg.solve(correlation, (went.F @ was.P)[tied] / sd[:, None]).T / sd
    return was.x + G @ (x - went.x)[tied], was.P + G @ (P[np.ix_(tied, tied)] - S) @ G.T


def _room(went: Belief, after: Belief) -> Vector:
    """Returns the variance that each state was given beyond the prediction, at least.

    Readings alone take doubt away, and within their gate move a state by no more than so many of its sds.
    """
    variance, moved = np.diag(went.P), np.square(after.x - went.x)
    given = np.where(moved > kalman.GATE_SIGMA**2 * variance, moved, 0.0)
    return np.maximum(np.diag(after.P) - variance, given)


def _drawn(belief: Belief, x: Vector, P: Matrix) -> Smoothed:
    s_sd, v_sd = (math.sqrt(max(P[i, i], 0.0)) for i in (model.S, model.V))
    v = max(float(x[model.V]), 0.0)
    return Smoothed(belief.t, float(x[model.S]), s_sd, v * belief.rate, v_sd * belief.rate)


@dataclass(slots=True)
class Tape:
    """Keeps a body's chain and smooths what is old enough; grows in place, its chain is bounded."""

    chain: list[Body] = field(default_factory=list)
    done: list[Smoothed] = field(default_factory=list)  # less `shift_m`
    shift_m: float = 0.0  # m, the sum of the estimator's corrections at the gun

    def keep(self, body: Body) -> None:
        """Keeps the body as it is after a measurement."""
        self.chain.append(body)
        if body.belief.t - self.chain[0].belief.t > 2 * LAG_S:
            old = self._smoothed()
            count = sum(b.belief.t <= body.belief.t - LAG_S for b in self.chain)
            self.done += old[:count]
            del self.chain[:count]

    def cut(self, chain: Sequence[Body], since_t: float, shift_m: float) -> None:
        """Goes on with another chain, for a gun was fired; what was before `since_t` s does not count."""
        until = chain[0].belief.t if chain else math.inf
        known = self.smoothed() if since_t < until else []
        self.done = [one for one in known if since_t <= one.t < until]
        self.chain, self.shift_m = list(chain), shift_m

    def revise(self, chain: Sequence[Body]) -> None:
        """Puts a chain in the place of the bodies since it begins: they were weighed wrongly."""
        self.chain = [body for body in self.chain if body.belief.t < chain[0].belief.t] + list(chain)

    def stretch(self, from_m: float, share: float, shift_m: float) -> None:
        """Goes on with a body that is counted anew: from `from_m` on it ran `share` of what is kept."""
        known = self.smoothed()
        self.done = [replace(one, s_m=from_m + (one.s_m - from_m) * share) for one in known]
        self.chain, self.shift_m = [], shift_m

    def smoothed(self, now: Body | None = None) -> list[Smoothed]:
        """Lists all moments as they are known now, oldest first, to the body as it is `now`, if told."""
        return [*self.done, *self._smoothed(*([now] if now else []))]

    def _smoothed(self, *more: Body) -> list[Smoothed]:
        return [replace(one, s_m=one.s_m - self.shift_m) for one in smooth([*self.chain, *more])]
