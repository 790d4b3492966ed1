"""Draws the track: distance along the measured line and lateral offset to metres east and north, to degrees.

The oval is World Athletics' standard one: lane 1 is measured 0.30 m from the kerb, the others 0.20 m from
the line on their left. Running is counter-clockwise; the finish line is at the end of the home straight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

MILE_M = 1609.344  # m, exactly
_BEND_RADIUS_M = 36.50 + 0.30  # m, kerb radius of the standard track plus lane 1's measuring distance
_LANE_WIDTH_M = 1.22  # m, World Athletics rule: 1.22 m +- 0.01 m
_LANE_2_OFFSET_M = _LANE_WIDTH_M + 0.20 - 0.30  # m, lane 2's measured line outside lane 1's

# WGS-84 ellipsoid (NIMA TR8350.2): semi-major axis in m, first eccentricity squared
_WGS84_A = 6378137.0
_WGS84_E2 = 6.69437999014e-3


@dataclass(frozen=True, slots=True)
class Placement:
    """Says where the oval's centre lies on the ground and which way the home straight runs."""

    lat_deg: float
    lon_deg: float
    heading_deg: float  # degrees clockwise from north, the way the home straight is run
    altitude_m: float  # m

    def to_degrees(self, east_m: float, north_m: float) -> tuple[float, float]:
        """Returns latitude and longitude of a point near the centre (good to millimetres within 1 km)."""
        sin_lat = math.sin(math.radians(self.lat_deg))
        w = math.sqrt(1 - _WGS84_E2 * sin_lat**2)
        meridian = _WGS84_A * (1 - _WGS84_E2) / w**3  # radius of curvature north-south
        parallel = _WGS84_A / w * math.cos(math.radians(self.lat_deg))
        return (
            self.lat_deg + math.degrees(north_m / meridian),
            self.lon_deg + math.degrees(east_m / parallel),
        )

    def moved(self, east_m: float, north_m: float, turn_deg: float) -> Placement:
        """Returns the placement shifted and turned a little: a map is never exactly right."""
        lat, lon = self.to_degrees(east_m, north_m)
        return Placement(lat, lon, self.heading_deg + turn_deg, self.altitude_m)


@dataclass(frozen=True, slots=True)
class Pose:
    """Holds a place on the course."""

    east_m: float  # m from the centre
    north_m: float
    heading_rad: float  # clockwise from north, direction of running
    curvature: float  # 1/m of the measured line; 0 on a straight
    grade: float = 0.0  # rise over run
    rise_m: float = 0.0  # m above the placement's altitude


class Course(Protocol):
    """Says what runners, riders and receivers ask of the line on the ground."""

    @property
    def placement(self) -> Placement:
        """Returns where it lies."""
        ...

    @property
    def lap_m(self) -> float:
        """Returns the length of a lap, m; infinite where there are none."""
        ...

    def curvature(self, distance_m: float) -> float:
        """Returns the curvature of the measured line there, 1/m."""
        ...

    def beside_stand(self, distance_m: float) -> bool:
        """Tells whether there is a stand beside that place."""
        ...

    def pose(self, distance_m: float, lateral_m: float = 0.0) -> Pose:
        """Returns the place at a distance from the start line, `lateral_m` outside the measured line."""
        ...


def lane_offset_m(lane: int) -> float:
    """Returns how far lane `lane`'s measured line lies outside lane 1's."""
    return 0.0 if lane == 1 else _LANE_2_OFFSET_M + _LANE_WIDTH_M * (lane - 2)


@dataclass(frozen=True, slots=True)
class Oval:
    """Holds a track of two straights and two half circles, and where a race starts on it.

    A lap length other than 400 m keeps the bends and changes the straights.
    """

    placement: Placement
    lap_m: float = 400.0  # m, along lane 1's measured line
    start_m: float = 9.344  # m before the finish line: a mile is four laps and this
    radius_m: float = _BEND_RADIUS_M

    @property
    def straight_m(self) -> float:
        """Returns the length of one straight: 84.39 m on a 400 m track."""
        return self.lap_m / 2 - math.pi * self.radius_m

    def lane_lap_m(self, lane: int) -> float:
        """Returns the lap length of a lane: 400.00, 407.04, 414.70 m ..."""
        return self.lap_m + 2 * math.pi * lane_offset_m(lane)

    def curvature(self, distance_m: float) -> float:
        """Returns 1/radius of the measured line there, 0 on the straights."""
        along = (distance_m - self.start_m) % (self.lap_m / 2)
        return 1 / self.radius_m if along < math.pi * self.radius_m else 0.0

    def beside_stand(self, distance_m: float) -> bool:
        """Tells whether there is a stand beside that place: along the whole home straight."""
        return (distance_m - self.start_m) % self.lap_m >= self.lap_m - self.straight_m

    def pose(self, distance_m: float, lateral_m: float = 0.0) -> Pose:
        """Returns the place at a distance from the start line, `lateral_m` outside the measured line."""
        half, along = divmod((distance_m - self.start_m) % self.lap_m, self.lap_m / 2)
        bend_m = math.pi * self.radius_m
        side = self.radius_m + lateral_m
        straight = self.straight_m
        if along < bend_m:  # the bend comes first after the finish line
            angle = along / self.radius_m
            x, y = straight / 2 + side * math.sin(angle), -side * math.cos(angle)
        else:
            angle = math.pi
            x, y = straight / 2 - (along - bend_m), side
        if half:  # the second half lap is the first one turned about the centre
            x, y, angle = -x, -y, angle + math.pi
        return self._turned(x, y, angle, along < bend_m)

    def _turned(self, x: float, y: float, angle: float, bend: bool) -> Pose:  # noqa: FBT001, private
        heading = math.radians(self.placement.heading_deg)
        sin, cos = math.sin(heading), math.cos(heading)
        return Pose(
            east_m=x * sin - y * cos,
            north_m=x * cos + y * sin,
            heading_rad=(heading - angle) % (2 * math.pi),
            curvature=1 / self.radius_m if bend else 0.0,
        )
