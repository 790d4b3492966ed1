"""Where there is no known course: the straights that positions lie on, and speed over a short stretch.

A sum of little steps counts a receiver's noise as way, a long chord cuts corners. So the way is taken in
legs: one goes on while its positions lie along one line, and is known up to a corner, not into it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pacer.course import Origin
from pacer.evolve import replace

# Chords of 10 m count little of the noise, and cut a track's bend by 0.3 %.
CHORD_M = 10.0  # m
# Speed from positions: long enough that fast noise does not drown it, short enough to follow a surge.
SPEED_S = 3.0  # s
# A leg is known up to this far behind the newest position. A corner of 12 m radius has turned by 15 degrees
# and more when what is known of the leg gets to it, and a phone's fast noise turns such a stretch by 3.
HELD_M = 10.0  # m
TURN_RAD = math.radians(15.0)
# Legs begin where two stretches of HELD_M run the same way, still more so: they are no part of a corner.
BEGIN_RAD = TURN_RAD / 1.5
# A position three times its fast noise beside the leg, 0.9 m for a phone, is a bend.
ASIDE_M = 3.0  # m
# A leg's positions are kept thinned out: 16 of them show a bend of it.
MOST = 16
# The last seconds at 25 Hz; and no more, however long a body stands.
MOST_RECENT = 128
# A position that cannot have been reached is a stray one; the third in a row is believed, the way to it not.
STRAYS = 3
REACH_M = 5.0  # m; positions that follow each other differ by less in their errors

Point = tuple[float, float, float]  # t s, east m, north m


@dataclass(frozen=True, slots=True)
class Seen:
    """Holds what was believed when the newest position was taken."""

    place: Point
    s_m: float  # m
    sd_m: float  # m
    speed_mps: float  # m/s


@dataclass(frozen=True, slots=True)
class Trail:
    """Holds the recent positions and the leg that is being run."""

    recent: tuple[Point, ...] = ()  # the last seconds and the last two stretches of HELD_M, oldest first
    held: Point | None = None  # the newest of them that is at least HELD_M back
    leg: tuple[Point, ...] = ()  # from where it began; empty in a bend
    origin: Origin | None = None  # the first fix: metres are counted from it
    strays: int = 0  # positions in a row that were left out
    seen: Seen | None = None
    line_t: float | None = None  # s, of the position on the start line
    tied_t: float | None = None  # s, when the leg began whose beginning the filter holds

    def extend(self, t: float, lat_deg: float, lon_deg: float, most_mps: float = math.inf) -> Trail:
        """Adds a fix at `t` s, reached by no more than `most_mps`; one that is not newer changes nothing."""
        origin = self.origin or Origin(lat_deg, lon_deg)
        now = (t, *origin.to_enu(lat_deg, lon_deg))
        if self.recent and t <= self.recent[-1][0]:
            return self
        if self.recent and distance(self.recent[-1], now) > REACH_M + most_mps * (t - self.recent[-1][0]):
            if self.strays + 1 < STRAYS:
                return replace(self, strays=self.strays + 1)
            return Trail((now,), origin=origin)
        held = _back(self.recent, now)
        before = None if held is None else _back(self.recent, held)
        kept = (p for p in self.recent if before is None or p[0] >= before[0] or t - p[0] <= SPEED_S)
        recent = (*kept, now)[-MOST_RECENT:]
        return replace(
            self, recent=recent, held=held, leg=self._on(before, held, now), origin=origin, strays=0
        )

    def broken(self) -> Trail:
        """Begins anew at the newest position: it is not to be compared with those before."""
        return Trail(self.recent[-1:], origin=self.origin, seen=self.seen)

    @property
    def t(self) -> float | None:
        """Returns when the newest position was heard, s."""
        return self.recent[-1][0] if self.recent else None

    @property
    def speed_mps(self) -> float | None:
        """Returns the mean speed over the recent stretch, m/s; None from a single position."""
        now = self.recent[-1]
        first = next(p for p in self.recent if now[0] - p[0] <= SPEED_S)
        return distance(first, now) / (now[0] - first[0]) if first is not now else None

    @property
    def leg_m(self) -> float:
        """Returns how long the leg is up to the held position, m: as an arc, for it may bend a little."""
        if not self.leg or self.held is None or self.held == self.leg[0]:
            return 0.0
        chord = distance(self.leg[0], self.held)
        sagitta = 1.5 * sum(_aside(p, self.leg[0], self.held) for p in self.leg) / len(self.leg)
        return (
            chord + 8 / 3 * sagitta * sagitta / chord
        )  # Huygens, 1654; a parabola's mean is 2/3 of its height

    def _on(self, before: Point | None, held: Point | None, now: Point) -> tuple[Point, ...]:
        """Goes on with the leg while all is straight, or begins one."""
        if held is None or before is None:
            return self.leg
        if self.leg and _straight(self.leg, held, now):
            far = distance(self.leg[-1], held) >= max(HELD_M, distance(self.leg[0], held) / MOST)
            longer = (*self.leg, held) if far else self.leg
            return longer if len(longer) <= MOST else (longer[0], *longer[2::2])
        return (held,) if _turn(before, held, now) < BEGIN_RAD else ()


def chords_m(points: Iterable[Sequence[float]]) -> float:
    """Returns the length of a way through points (east, north), m, by whole chords."""
    corners: list[Sequence[float]] = []
    for point in points:
        if not corners or math.dist(corners[-1], point) >= CHORD_M:
            corners.append(point)
    return sum(math.dist(a, b) for a, b in pairwise(corners))


def distance(a: Point, b: Point) -> float:
    """Returns the distance of two positions, m."""
    return math.hypot(b[1] - a[1], b[2] - a[2])


def _back(points: tuple[Point, ...], now: Point) -> Point | None:
    """Finds the newest of the points before `now` that is at least HELD_M away from it."""
    return next((p for p in reversed(points) if p[0] < now[0] and distance(p, now) >= HELD_M), None)


def _straight(leg: tuple[Point, ...], held: Point, now: Point) -> bool:
    """Tells whether the leg goes on to `now`."""
    if _turn(leg[0], held, now) >= TURN_RAD:
        return False
    return all(abs(_aside(p, leg[0], now)) <= ASIDE_M for p in (*leg, held))


def _turn(a: Point, b: Point, c: Point) -> float:
    """Returns the angle by which the way from a over b to c turns at b, rad; 0 where two are the same."""
    (east, north), (e, n) = (b[1] - a[1], b[2] - a[2]), (c[1] - b[1], c[2] - b[2])
    return abs(math.atan2(east * n - north * e, east * e + north * n))


def _aside(p: Point, a: Point, b: Point) -> float:
    """Returns how far right of the line from a to b a point lies, m."""
    length = distance(a, b)
    if length == 0:
        return 0.0
    return ((p[1] - a[1]) * (b[2] - a[2]) - (p[2] - a[2]) * (b[1] - a[1])) / length
