"""Brings a body through a hole in which nothing of it was heard, to the position that ends it on a course."""

from __future__ import annotations

import math

from pacer.estimator import kalman, model
from pacer.estimator.body import Body, along_sd_m
from pacer.evolve import replace


def through(body: Body, speed_mps: float | None) -> Body:
    """Puts a blind body where the speeds before and after the hole lead; `speed_mps` is after it, if known.

    The position to come says where it is. But a track has that place on every lap, and a road out and back
    twice: of these the one is meant that was to be reached. It may have stood, or run twice as fast.
    """
    before, t = body.before, body.belief.t
    if not body.blind or before is None or (body.gun_t is not None and before.t < body.gun_t):
        return body
    speed = before.speed_mps if speed_mps is None else (before.speed_mps + speed_mps) / 2
    way = max(speed, 0.0) * body.belief.rate * (t - before.t)
    sd = math.hypot(along_sd_m(body), way)
    return replace(body, belief=kalman.reset(body.belief, model.S, before.s_m + way, sd), before=None)
