"""A road course: a line through points, run once from the first to the last."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer.course.enu import Origin
from pacer.course.line import Located
from pacer.errors import InputError
from pacer.setup import RouteSpec

Array = NDArray[np.float64]

# Points closer than this are one point: 1e-7 degrees, the finest step of common files, is 1 cm.
SAME_POINT_M = 0.01
# The line goes straight on this far beyond both ends, so that a body waiting behind the start or running
# out behind the finish has a progress too; more would let the tail of a loop catch fixes of its head.
BEYOND_M = 50.0
# Where a course meets itself, a metre of progress away from where the body ought to be weighs as much as
# 0.3 m across: two legs of an out-and-back road 5 m apart are told apart from 17 m of progress on.
PULL = 0.3
# Farther along than this, the pull outweighs any error of a fix (0.3 x 500 m = 150 m): not looked at.
WINDOW_M = 500.0


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """Holds a line through points; `Route.of` makes one from a RouteSpec. Arrays are float64, m."""

    origin: Origin  # the first point
    points: Array  # (n, 2), metres east and north of the origin
    s: Array  # (n,), progress at each point

    @classmethod
    def of(cls, spec: RouteSpec) -> Route:
        """Makes the line through the points of a RouteSpec.

        Raises:
            InputError: fewer than two different points, or a point that is not on Earth.
        """
        _check(spec)
        origin = _origin(spec)
        points = np.array([origin.to_enu(lat, lon) for lat, lon, _ in spec.points])
        keep = _distinct(points)
        if len(keep) < 2:
            raise InputError(f"route of {len(spec.points)} points: two different points are needed at least")
        points = points[keep]
        s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
        return cls(origin, points, s)

    @property
    def lap_m(self) -> None:
        """Tells that a route has no laps."""
        return

    @property
    def length_m(self) -> float:
        """Tells how long the line is, m."""
        return float(self.s[-1])

    def position(self, s_m: float, lateral_m: float = 0.0) -> tuple[float, float]:
        """Returns metres east and north of the first point; `lateral_m` is to the right."""
        i = self._segment(s_m)
        (east, north), (te, tn) = self.points[i], self._tangent(i)
        run = s_m - float(self.s[i])
        return float(east) + run * te + lateral_m * tn, float(north) + run * tn - lateral_m * te

    def locate(self, east_m: float, north_m: float, near_s_m: float | None = None) -> Located:
        """Finds the nearest point of the line, of several the one whose progress is near `near_s_m`."""
        if near_s_m is not None:
            # The pull also shifts the result by a few hundredths of the way; the second round, from
            # where the first one ended, takes that out.
            near_s_m = self._nearest(east_m, north_m, near_s_m)[1]
        i, along = self._nearest(east_m, north_m, near_s_m)
        te, tn = self._tangent(i)
        east, north = self.position(along)
        de, dn = east_m - east, north_m - north
        across = math.copysign(math.hypot(de, dn), de * tn - dn * te)
        return Located(along, across, math.atan2(te, tn) % math.tau, 0.0)

    def locate_fix(self, lat_deg: float, lon_deg: float, near_s_m: float | None = None) -> Located:
        """Finds a position fix on the line."""
        return self.locate(*self.origin.to_enu(lat_deg, lon_deg), near_s_m)

    def heading_rad(self, s_m: float) -> float:
        """Returns the running direction, rad clockwise from north, 0 to 2 pi."""
        te, tn = self._tangent(self._segment(s_m))
        return math.atan2(te, tn) % math.tau

    def curvature_1pm(self, s_m: float) -> float:
        """Returns 0: a line through points has corners but no bends, and nobody keeps a lane on a road."""
        del s_m
        return 0.0

    def lines(self, distance_m: float) -> tuple[float, ...]:
        """Lists nothing: a route has no lap lines."""
        del distance_m
        return ()

    def _segment(self, s_m: float) -> int:
        """Finds the segment that holds `s_m`; the first and the last go on beyond the ends."""
        i = int(np.searchsorted(self.s, s_m, side="right")) - 1
        return min(max(i, 0), len(self.s) - 2)

    def _tangent(self, i: int) -> tuple[float, float]:
        """Returns the unit vector (east, north) along segment `i`."""
        east, north = (self.points[i + 1] - self.points[i]) / (self.s[i + 1] - self.s[i])
        return float(east), float(north)

    def _nearest(self, east_m: float, north_m: float, near_s_m: float | None) -> tuple[int, float]:
        """Finds the segment and the progress that are nearest, counting the pull of `near_s_m`."""
        first, last = 0, len(self.s) - 2
        if near_s_m is not None:
            first, last = self._segment(near_s_m - WINDOW_M), self._segment(near_s_m + WINDOW_M)
        starts, lengths = self.points[first : last + 1], np.diff(self.s[first : last + 2])
        tangents = np.diff(self.points[first : last + 2], axis=0) / lengths[:, None]
        offsets = np.array((east_m, north_m)) - starts
        run = np.einsum("ij,ij->i", offsets, tangents)
        lows, highs = np.zeros_like(lengths), lengths.copy()
        lows[0] -= BEYOND_M if first == 0 else 0.0
        highs[-1] += BEYOND_M if last == len(self.s) - 2 else 0.0
        run = np.clip(run, lows, highs)
        cost = np.square(offsets - run[:, None] * tangents).sum(axis=1)
        along = self.s[first : last + 1] + run
        if near_s_m is not None:
            cost += np.square(PULL * (along - near_s_m))
        best = int(np.argmin(cost))
        return first + best, float(along[best])


def _check(spec: RouteSpec) -> None:
    """Refuses points that are not on Earth."""
    for i, (lat, lon, altitude) in enumerate(spec.points):
        if not (abs(lat) <= 90 and abs(lon) <= 180 and (altitude is None or math.isfinite(altitude))):
            raise InputError(
                f"route point {i + 1} ({lat}, {lon}, {altitude}): allowed are latitude -90 to 90,"
                " longitude -180 to 180 and a finite altitude"
            )


def _origin(spec: RouteSpec) -> Origin:
    """Takes the first point, at the mean altitude: lengths grow with the distance from the Earth's centre."""
    if not spec.points:
        raise InputError("route of 0 points: two different points are needed at least")
    known = [altitude for _, _, altitude in spec.points if altitude is not None]
    lat, lon, _ = spec.points[0]
    return Origin(lat, lon, sum(known) / len(known) if known else 0.0)


def _distinct(points: Array) -> list[int]:
    """Lists the points that are not the same as the one kept before them."""
    keep: list[int] = []
    for i, (east, north) in enumerate(points):
        if not keep or math.hypot(*(points[keep[-1]] - (east, north))) >= SAME_POINT_M:
            keep.append(i)
    return keep
