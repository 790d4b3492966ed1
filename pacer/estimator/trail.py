"""Where there is no known course: distance as a sum of chords, speed over a short stretch.

A sum of every little step counts the receiver's noise as distance; chords of 10 m count little of it and
cut a track's bend by only 0.3 % (1 - sin(x)/x with x = 10 m / (2 x 36.8 m)).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pacer.course import Origin

CHORD_M = 10.0  # m
# Speed from positions: long enough that 0.3 m of fast noise costs 0.15 m/s, short enough to follow a surge.
SPEED_S = 3.0  # s

Point = tuple[float, float, float]  # t s, east m, north m


@dataclass(frozen=True, slots=True)
class Trail:
    """Holds the recent positions and the length of the chords before them."""

    recent: tuple[Point, ...] = ()  # the last few seconds, oldest first
    corner: Point | None = None  # where the last whole chord ended
    length_m: float = 0.0  # m up to the corner

    origin: Origin | None = None  # the first fix: metres are counted from it

    def extend(self, t: float, lat_deg: float, lon_deg: float) -> Trail:
        """Adds a fix at `t` s; one that is not newer changes nothing."""
        origin = self.origin or Origin(lat_deg, lon_deg)
        point = (t, *origin.to_enu(lat_deg, lon_deg))
        if self.recent and point[0] <= self.recent[-1][0]:
            return self
        recent = (*(p for p in self.recent if point[0] - p[0] <= SPEED_S), point)
        if self.corner is None:
            return Trail(recent, point, self.length_m, origin)
        chord = _distance(self.corner, point)
        if chord < CHORD_M:
            return Trail(recent, self.corner, self.length_m, origin)
        return Trail(recent, point, self.length_m + chord, origin)

    @property
    def along_m(self) -> float:
        """Returns the length so far, m, with the chord that is being run."""
        if self.corner is None:
            return self.length_m
        return self.length_m + _distance(self.corner, self.recent[-1])

    @property
    def speed_mps(self) -> float | None:
        """Returns the mean speed over the recent stretch, m/s; None from a single position."""
        if len(self.recent) < 2:
            return None
        first, last = self.recent[0], self.recent[-1]
        return _distance(first, last) / (last[0] - first[0])


def chords_m(points: Iterable[Sequence[float]]) -> float:
    """Returns the length of a way through points (east, north), m, by whole chords."""
    corners: list[Sequence[float]] = []
    for point in points:
        if not corners or math.dist(corners[-1], point) >= CHORD_M:
            corners.append(point)
    return sum(math.dist(a, b) for a, b in pairwise(corners))


def _distance(a: Point, b: Point) -> float:
    return math.hypot(b[1] - a[1], b[2] - a[2])
