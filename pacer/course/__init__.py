"""A line on the ground: a track oval with its lanes, or a road route; where a fix lies on it."""

from __future__ import annotations

from typing import assert_never

from pacer.course.enu import Origin
from pacer.course.line import Course, Located, progress_rate
from pacer.course.oval import Oval, lane_offset_m
from pacer.course.route import Route
from pacer.setup import RouteSpec, TrackSpec

__all__ = [
    "Course",
    "Located",
    "Origin",
    "Oval",
    "Route",
    "course",
    "lane_offset_m",
    "progress_rate",
]


def course(spec: TrackSpec | RouteSpec | None, distance_m: float) -> Course | None:
    """Makes the course of a run of `distance_m`; None where none is known.

    Raises:
        InputError: for a track or a route that cannot be.
    """
    match spec:
        case None:
            return None
        case TrackSpec():
            return Oval.of(spec, distance_m)
        case RouteSpec():
            return Route.of(spec)
        case _:
            assert_never(spec)
