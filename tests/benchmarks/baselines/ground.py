"""Puts fixes on a plane and onto the course's line, as a phone would: points every half metre."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pacer.course import Course, Origin, course
from pacer.measurement import Fix
from pacer.setup import RouteSpec, Setup, TrackSpec

Array = NDArray[np.float64]
STEP_M = 0.5  # m between points: a chord of a 36.8 m bend is off by under 1 mm
MARGIN_M = 60.0  # m before the start and beyond the finish: more than the window
WINDOW_M = 40.0  # m either side of the dead-reckoned place


@dataclass(slots=True)
class Plane:
    """Turns degrees into metres east and north of the first fix."""

    origin: Origin | None = None

    def metres(self, fix: Fix) -> tuple[float, float] | None:
        """Returns (east, north) in m, None for a fix without a position."""
        if fix.lat_deg is None or fix.lon_deg is None:
            return None
        if self.origin is None:
            self.origin = Origin(fix.lat_deg, fix.lon_deg)
        return self.origin.to_enu(fix.lat_deg, fix.lon_deg)


@dataclass(frozen=True, slots=True)
class Line:
    """Holds the course as points."""

    origin: Origin
    first_m: float  # m of progress at the first point
    points: Array  # (n, 2) m east, north
    tangents: Array  # (n, 2)

    def metres(self, fix: Fix) -> tuple[float, float] | None:
        """Returns (east, north) in m on the map, None for a fix without a position."""
        if fix.lat_deg is None or fix.lon_deg is None:
            return None
        return self.origin.to_enu(fix.lat_deg, fix.lon_deg)

    def nearest(self, east_m: float, north_m: float, near_m: float) -> float:
        """Returns the progress in m of the point of the line nearest to a place, within the window."""
        middle, half = (near_m - self.first_m) / STEP_M, WINDOW_M / STEP_M
        last = len(self.points) - 1
        low, high = min(max(math.ceil(middle - half), 0), last), min(max(int(middle + half), 0), last)
        offsets = np.array((east_m, north_m)) - self.points[low : high + 1]
        i = int(np.argmin(np.einsum("ij,ij->i", offsets, offsets)))
        past = float(offsets[i] @ self.tangents[low + i])
        # outside a bend the points fan out: a metre along the tangent is less than a metre of the line
        return self.first_m + (low + i) * STEP_M + min(max(past, -STEP_M / 2), STEP_M / 2)

    def tangent(self, s_m: float) -> tuple[float, float]:
        """Returns the running direction (east, north)."""
        i = min(max(round((s_m - self.first_m) / STEP_M), 0), len(self.points) - 1)
        return float(self.tangents[i, 0]), float(self.tangents[i, 1])


def line_of(setup: Setup) -> Line | None:
    """Returns the line of a setup's course, None where there is none or its place is not known."""
    return None if setup.course is None else _line(setup.course, setup.target.distance_m)


def lap_lines(setup: Setup) -> tuple[float, ...]:
    """Returns the progress in m at each lap line."""
    known = course(setup.course, setup.target.distance_m)
    return () if known is None else known.lines(setup.target.distance_m)


@lru_cache(maxsize=8)  # the runs of a scenario share their map
def _line(spec: TrackSpec | RouteSpec, distance_m: float) -> Line | None:
    known = course(spec, distance_m)
    if known is None or known.origin is None:
        return None
    s = np.arange(-MARGIN_M, distance_m + MARGIN_M, STEP_M)
    headings = np.array([known.heading_rad(x) for x in s])
    tangents = np.column_stack((np.sin(headings), np.cos(headings)))
    return Line(known.origin, float(s[0]), _points(known, s), tangents)


def _points(known: Course, s: Array) -> Array:
    return np.array([known.position(float(x)) for x in s])
