"""Reads the way from positions where no course is known: straight legs, and holes between fixes.

Where a leg began is held in the filter's state `d`, of which nothing else is asked where there is no course:
the distance there, and on top of it the position's error along the leg. What is read is then the way since,
its doubt that of both its ends, and what is common to them is known to be so (stochastic cloning: Roumeliotis
and Burdick, ICRA 2002). A leg that is read again and again teaches no more than it can.
"""

from __future__ import annotations

import math

import numpy as np

from pacer.estimator import kalman
from pacer.estimator.body import LINE_SD_M, Body, Outcome, ago, along_m, along_sd_m
from pacer.estimator.kalman import Reading
from pacer.estimator.model import CE, CN, NORTH, Belief, D, E, N, S, V, Vector
from pacer.estimator.readings import POSITION_GATE, SURE_GATE
from pacer.estimator.trail import HELD_M, Point, Seen, Trail, distance
from pacer.estimator.weigh import forget, use
from pacer.evolve import replace

# Noise across lengthens a short leg: by 2 cm at 20 m.
SHORTEST_M = 2 * HELD_M  # m
# Who stands has no direction; a receiver may well say the very same place again.
NO_WAY_M = 0.5  # m
# The fast error of a position held back for 3 s was another than now's: 0.9 m, a quarter of it forgotten.
HELD_SD_M = 0.6  # m
# That does not get better by reading more often.
EVERY_S = 0.9  # s
# A leg that does not fit for this long has a jump in it, and is given up.
JUMPED_S = 3.0  # s
# Round one right-angled corner the way is at most the square root of 2 times the chord. A speed that makes
# it more than twice as long was not kept up: the body stood.
DETOUR, STOPPED = math.sqrt(2), 2.0
# Both ends of a hole are off by 2 to 3 m; and hardly anybody keeps his speed to 3 % through it.
HOLE_SD_M, HOLE_SHARE = 4.0, 0.03
# What was believed blindly, standing or sprinting, is given up for it.
FORGOTTEN = 10.0
# The speed at its end is about its mean.
HOLE_SPEED_SD_MPS = 1.0  # m/s


def take_leg(body: Body, lag_s: float) -> tuple[Body, Outcome]:
    """Reads how long the leg is that is being run, from positions that were true `lag_s` before they came."""
    trail = body.trail
    if trail.tied_t is not None and body.belief.P[S, D] == 0.0:  # the distance was set anew: at the gun
        return replace(body, trail=trail.broken()), Outcome()
    if not trail.leg or trail.held is None or distance(trail.leg[0], trail.held) < NO_WAY_M:
        return body, Outcome()
    if trail.tied_t != trail.leg[0][0]:
        return _tie(body, trail.leg[0], trail.held, lag_s), Outcome()
    known = body.channels.get("leg")
    if not told(trail):
        return body, Outcome()
    if known and known.used_t is not None and body.belief.t - known.used_t < EVERY_S:
        return body, Outcome()
    said, H = _seen(body, trail.leg[0], trail.held, trail.held[0] - lag_s)
    H[D] = -1.0
    y = trail.leg_m - (said - float(body.belief.x[D]))
    return _given_up(*use(body, "leg", Reading(y, H, _white(body), POSITION_GATE), ()))


def told(trail: Trail) -> bool:
    """Tells whether the trail's leg is long enough to be read."""
    long = trail.leg and trail.held and distance(trail.leg[0], trail.held) >= SHORTEST_M
    return bool(long)


def started(body: Body, lag_s: float) -> Trail:
    """Returns the trail, begun anew at the start line where the gun was fired since its last fix."""
    trail, seen = body.trail, body.trail.seen
    if body.gun_t is None or seen is None or seen.place[0] - lag_s >= body.gun_t:
        return trail
    return Trail((seen.place,), leg=(seen.place,), origin=trail.origin, line_t=seen.place[0])


def bridge(body: Body, lag_s: float, speed_mps: float | None) -> tuple[Body, Outcome]:
    """Reads the way through a hole in which nothing at all was heard, to the newest position.

    It is what the speeds before and after it make, but no shorter than its chord, nor longer than with a
    corner.
    """
    seen, now = body.trail.seen, body.trail.recent[-1]
    if seen is None or seen.place[0] >= now[0]:
        return body, Outcome()
    chord, took = distance(seen.place, now), now[0] - seen.place[0]
    run = (seen.speed_mps + (seen.speed_mps if speed_mps is None else speed_mps)) / 2 * took
    way = min(max(run, chord), DETOUR * chord) if run < STOPPED * chord else chord
    sd = math.hypot(HOLE_SD_M, HOLE_SHARE * way, (way - chord) / 2)
    then = ago(body, lag_s)
    H = np.zeros(N)
    H[S], H[V] = 1.0, -then.by_v
    reading = Reading(seen.s_m + way + then.moved_m - along_m(body), H, seen.sd_m**2 + sd * sd, SURE_GATE)
    body = replace(body, belief=kalman.widen(body.belief, S, FORGOTTEN * way + sd))
    body, outcome = use(body, "hole", reading, ())
    if speed_mps is not None:
        return body, outcome
    belief = kalman.reset(body.belief, V, way / took, HOLE_SPEED_SD_MPS)
    return replace(body, belief=belief), outcome


def see(body: Body, lag_s: float) -> Body:
    """Remembers what is believed of the newest position, for the hole that may come."""
    then = ago(body, lag_s)
    seen = Seen(body.trail.recent[-1], along_m(body) - then.moved_m, along_sd_m(body), then.speed_mps)
    return replace(body, trail=replace(body.trail, seen=seen))


def untie(body: Body) -> Body:
    """Gives the state `d` back to the age of positions: a course was found."""
    belief = kalman.reset(body.belief, D, 0.0, body.model.receiver.tag_sd_s)
    return replace(body, belief=belief, trail=Trail())


def _tie(body: Body, first: Point, held: Point, lag_s: float) -> Body:
    """Lets the state `d` be the distance, and the position's error along the leg, where the leg began."""
    said, H = _seen(body, first, held, first[0] - lag_s)
    x, P, white = body.belief.x.copy(), body.belief.P.copy(), _white(body)
    if first[0] == body.trail.line_t:  # how it left the line is of no matter
        bias = H * (np.arange(N) >= E)
        said, H, white = body.line_m + float(bias @ x), bias, white + LINE_SD_M**2
    row = H @ P
    x[D], P[D, :], P[:, D] = said, row, row
    P[D, D] = float(H @ row) + white
    belief = Belief(body.belief.t, x, P, body.belief.rate, body.belief.bend, body.belief.F)
    return replace(body, belief=belief, trail=replace(body.trail, tied_t=first[0]))


def _seen(body: Body, first: Point, held: Point, true_t: float) -> tuple[float, Vector]:
    """Returns how far the body was at `true_t`, m, its position's error along the leg added; and slopes."""
    x, way = body.belief.x, distance(first, held)
    sin, cos = (held[1] - first[1]) / way, (held[2] - first[2]) / way
    then = ago(body, body.belief.t - true_t)
    H = np.zeros(N)
    H[S], H[V], H[E], H[CE], H[NORTH], H[CN] = 1.0, -then.by_v, sin, sin, cos, cos
    return float(x[S]) - then.moved_m + float(sin * (x[E] + x[CE]) + cos * (x[NORTH] + x[CN])), H


def _white(body: Body) -> float:
    return float(body.model.receiver.white_sd_m**2 + HELD_SD_M**2)


def _given_up(body: Body, outcome: Outcome) -> tuple[Body, Outcome]:
    """Gives a leg up that was refused for too long."""
    since = body.channels["leg"].refused_since
    if since is None or body.belief.t - since < JUMPED_S:
        return body, outcome
    return replace(forget(body, "leg"), trail=body.trail.broken()), outcome
