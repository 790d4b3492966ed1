"""Gathers, while a run goes on, what it may teach: counted units beside metres run, and the map's error.

Counting begins once the start is over and goes leg by leg, from one count to the next; a leg on which the
counter jumped, or nobody watched, is left out. What is made of it at the end stands in `pacer.lesson`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.estimator import model
from pacer.estimator.body import BLIND_S, Body, Channel, located
from pacer.evolve import replace
from pacer.measurement import Fix, Measurement, Stride, WheelRevolution

# The start is over: speed is up after 7 s, and a pod has its count right.
SETTLED_S = 10.0  # s
# A count that moves faster than any rider, give or take a few strides, has jumped.
JUMP_MPS, SLACK_M = 25.0, 6.0  # m/s, m
# Who taps laps taps the next within this, walking.
LAP_S = 300.0  # s
# The slow bias of positions hardly changes within a second.
EVERY_S = 0.95  # s: a fix a second, a little early at times


@dataclass(frozen=True, slots=True)
class Tally:
    """Holds the sums of one body."""

    gun_t: float | None = None  # s, the start it counts from
    from_file: bool = False  # some of it came from a foreign file, whose times are not those of arrival
    fix_t: float = -math.inf  # s, the newest fix: what tells the way apart from the counter
    newest: tuple[float, float, float] | None = None  # s, units, m: the newest count
    units: float = 0.0  # counted
    metres: float = 0.0  # run meanwhile, over the ground
    seconds: float = 0.0
    first_m2: float = 0.0  # variance of where the body was when counting began ...
    last_m2: float = 0.0  # ... and is now
    places: int = 0  # whose bias is summed up
    east_m: float = 0.0  # sums, of the slow bias of positions
    north_m: float = 0.0
    bias_m2: float = 0.0  # of its variance on one axis

    def moved(self, by_m: float) -> Tally:
        """Returns the tally of a body that is counted anew: what it gained so, it has not run."""
        if self.newest is None:
            return self
        t, units, s_m = self.newest
        return replace(self, newest=(t, units, s_m + by_m))


def tally(known: Tally, body: Body, m: Measurement, *, from_file: bool) -> Tally:
    """Adds a measurement that `body` has just weighed in."""
    if body.gun_t is None or body.blind or m.t < body.gun_t + SETTLED_S:
        return known
    if known.gun_t != body.gun_t:  # a start that was put right moves the distances: counting begins again
        known = Tally(body.gun_t)
    known = replace(known, from_file=True) if from_file and not known.from_file else known
    match m:
        case Stride(distance_m=float() | int() as count):
            return _count(known, body, m.t, count)
        case WheelRevolution():
            return _count(known, body, m.t, float(m.revolutions))
        case Fix() if m.t >= known.fix_t + EVERY_S:
            known = replace(known, fix_t=m.t)
            return _place(known, body) if located(body) and m.lat_deg is not None else known
    return known


def _count(known: Tally, body: Body, t: float, count: float) -> Tally:
    belief = body.belief
    s, var = float(belief.x[model.S]), float(belief.P[model.S, model.S])
    if known.newest is None:
        return replace(known, newest=(t, count, s), first_m2=var, last_m2=var)
    t0, count0, s0 = known.newest
    known = replace(known, newest=(t, count, s), last_m2=var)
    dt, units, metres = t - t0, count - count0, (s - s0) / belief.rate
    if not _watched(known, body, t0) or not 0 <= units <= (JUMP_MPS * dt + SLACK_M) * float(
        belief.x[model.K]
    ):
        return known
    return replace(known, units=known.units + units, metres=known.metres + metres, seconds=known.seconds + dt)


def _watched(known: Tally, body: Body, since_t: float) -> bool:
    """Tells whether anything but the counter saw the way since then: fixes, or taps at a track's lines."""
    if known.fix_t >= since_t - BLIND_S and (located(body) or body.belief.t - since_t <= BLIND_S):
        return True
    tapped = body.channels.get("tap", Channel()).used_t
    return tapped is not None and body.belief.t - tapped < LAP_S


def _place(known: Tally, body: Body) -> Tally:
    x, P = body.belief.x, body.belief.P
    return replace(
        known,
        places=known.places + 1,
        east_m=known.east_m + float(x[model.E]),
        north_m=known.north_m + float(x[model.NORTH]),
        bias_m2=known.bias_m2 + float(P[model.E, model.E] + P[model.NORTH, model.NORTH]) / 2,
    )
