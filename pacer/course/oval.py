"""A running track: two straights and two half circles, run anticlockwise, finish line before the first bend.

Inside, a frame with the track's centre at (0, 0), x in the running direction of the home straight and
y to the left of it: the home straight lies at y = -radius, and the finish line at its end, x = straight / 2.
Everything is in closed form, so a fix is located in a few microseconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from pacer.course.enu import Origin
from pacer.course.line import Located
from pacer.errors import InputError
from pacer.setup import TrackSpec

# World Athletics Technical Rules 14 and 15: lanes are 1.22 m wide; lane 1 is measured 0.30 m from the
# raised kerb, every other lane 0.20 m from the outer edge of the line on its left.
LANE_WIDTH_M = 1.22
LANE_1_FROM_KERB_M = 0.30
LANE_FROM_LINE_M = 0.20
# A line this soon after the start ends no lap: the mile crosses the finish line after 9.344 m, and its
# first split is 409.344 m. The shortest real first part in use is 200 m (1000 m, 3000 m, 5000 m).
SHORTEST_LAP_PART = 0.25


def lane_offset_m(lane: int) -> float:
    """Returns how far outside lane 1's measured line that of `lane` lies, m (lane 2: 1.12).

    Raises:
        InputError: for a lane below 1.
    """
    if lane < 1:
        raise InputError(f"lane {lane}: allowed is 1 or more")
    return 0.0 if lane == 1 else LANE_WIDTH_M * (lane - 1) + LANE_FROM_LINE_M - LANE_1_FROM_KERB_M


@dataclass(frozen=True, slots=True)
class Oval:
    """Holds the measured line of one lane; `Oval.of` makes one from a TrackSpec."""

    radius_m: float  # m, of the bends of this line
    straight_m: float  # m
    lane: int = 1
    start_offset_m: float = 0.0  # m from the start to the finish line ahead of it
    origin: Origin | None = None  # the centre
    home_heading_rad: float = 0.0  # rad clockwise from north, of the home straight
    drawn_m: float = 0.0  # m, how far outside this line the receiver draws it; fixes are seen from there

    @classmethod
    def of(cls, spec: TrackSpec, distance_m: float = 0.0) -> Oval:
        """Makes the line of the runner's lane; a race of `distance_m` ends at the finish line.

        The start stands `distance_m` modulo the lap before the finish line: 9.344 m for a mile in lane 1.

        Raises:
            InputError: for a shape that cannot be, a lane below 1 or a place not on Earth.
        """
        if not 0 <= 2 * spec.straight_m < spec.lap_length_m < math.inf:
            raise InputError(
                f"track: straight_m {spec.straight_m} must be 0 or more, and less than half of"
                f" lap_length_m {spec.lap_length_m}"
            )
        if not 0 <= distance_m < math.inf:
            raise InputError(f"track: distance {distance_m} m must be 0 or more")
        radius = (spec.lap_length_m - 2 * spec.straight_m) / math.tau + lane_offset_m(spec.lane)
        place = None if spec.lat_deg is None or spec.lon_deg is None else Origin(spec.lat_deg, spec.lon_deg)
        lap = 2 * (spec.straight_m + math.pi * radius)
        heading = math.radians(spec.heading_deg % 360)
        return cls(radius, spec.straight_m, spec.lane, math.fmod(distance_m, lap), place, heading)

    @property
    def lap_m(self) -> float:
        """Tells the length of a lap along this lane's measured line, m."""
        return 2 * (self.straight_m + math.pi * self.radius_m)

    @property
    def length_m(self) -> None:
        """Tells that a track has no end."""
        return

    def lateral_m(self, lane: int) -> float:
        """Returns how far the measured line of `lane` lies outside this course's own line, m."""
        return lane_offset_m(lane) - lane_offset_m(self.lane)

    def beside(self, lane: int) -> Oval:
        """Returns the measured line of `lane`, whose start is abreast of this one's."""
        line = replace(self, radius_m=self.radius_m + self.lateral_m(lane), lane=lane, start_offset_m=0.0)
        return replace(line, start_offset_m=-self.abreast(0.0, line))

    def abreast(self, s_m: float, other: Oval) -> float:
        """Returns the progress along `other`, another lane of this track, abreast of `s_m`, m."""
        bend = math.pi * self.radius_m
        laps, part = divmod(s_m - self.start_offset_m, self.lap_m)
        halves, run = divmod(part, bend + self.straight_m)
        bent = halves * bend + min(run, bend)
        straight = part - bent
        return other.start_offset_m + laps * other.lap_m + straight + bent * other.radius_m / self.radius_m

    def position(self, s_m: float, lateral_m: float = 0.0) -> tuple[float, float]:
        """Returns metres east and north of the centre; `lateral_m` is outward."""
        part, run = self._part(s_m)
        r, half = self.radius_m + lateral_m, self.straight_m / 2
        if part % 2:  # a straight
            x, y = half - run, r
        else:  # a bend: `run` is turned into the angle that is done of it
            angle = run / self.radius_m
            x, y = half + r * math.sin(angle), -r * math.cos(angle)
        return self._to_enu(x, y) if part < 2 else self._to_enu(-x, -y)

    def locate(self, east_m: float, north_m: float, near_s_m: float | None = None) -> Located:
        """Finds the nearest point of the line; without `near_s_m` within half a lap of the start line."""
        x, y = self._from_enu(east_m, north_m)
        bend, half = math.pi * self.radius_m, self.straight_m / 2
        # Half a turn maps the back straight and the second bend onto the home straight and the first.
        turned = x < -half or (x <= half and y > 0)
        if turned:
            x, y = -x, -y
        if x > half:
            angle = math.atan2(y, x - half) + math.pi / 2
            past, across = angle * self.radius_m, math.hypot(x - half, y) - self.radius_m
        else:
            past, across = x - half, -y - self.radius_m
        s = past + self.start_offset_m + (bend + self.straight_m if turned else 0.0)
        near = 0.0 if near_s_m is None else near_s_m
        along = s + round((near - s) / self.lap_m) * self.lap_m
        part, run = self._part(along)
        return Located(along, across - self.drawn_m, self._heading_rad(part, run), self._curvature_1pm(part))

    def locate_fix(self, lat_deg: float, lon_deg: float, near_s_m: float | None = None) -> Located:
        """Finds a position fix on the line.

        Raises:
            InputError: where the track's place is not known.
        """
        if self.origin is None:
            raise InputError("track: a fix cannot be used where the centre (lat_deg, lon_deg) is not given")
        return self.locate(*self.origin.to_enu(lat_deg, lon_deg), near_s_m)

    def heading_rad(self, s_m: float) -> float:
        """Returns the running direction, rad clockwise from north, 0 to 2 pi."""
        return self._heading_rad(*self._part(s_m))

    def _heading_rad(self, part: int, run: float) -> float:
        turned = (part // 2 + part % 2) * math.pi + (0.0 if part % 2 else run / self.radius_m)
        return (self.home_heading_rad - turned) % math.tau

    def curvature_1pm(self, s_m: float) -> float:
        """Returns 1/radius in a bend, 0 on a straight, 1/m."""
        return self._curvature_1pm(self._part(s_m)[0])

    def _curvature_1pm(self, part: int) -> float:
        return 0.0 if part % 2 else 1 / self.radius_m

    def lines(self, distance_m: float) -> tuple[float, ...]:
        """Lists the progress at every pass of the finish line that ends a lap or a first part of one, m."""
        return _lines(distance_m, self.start_offset_m, self.lap_m)

    def _part(self, s_m: float) -> tuple[int, float]:
        """Tells the part of the lap (0 bend, 1 back straight, 2 bend, 3 home straight) and metres in it."""
        bend = math.pi * self.radius_m
        halves, run = divmod((s_m - self.start_offset_m) % self.lap_m, bend + self.straight_m)
        part = 2 if halves == 1 else 0  # a rounded remainder can reach a whole lap: 2 halves are none
        return (part, run) if run < bend else (part + 1, run - bend)

    def _to_enu(self, x: float, y: float) -> tuple[float, float]:
        sin, cos = math.sin(self.home_heading_rad), math.cos(self.home_heading_rad)
        return x * sin - y * cos, x * cos + y * sin

    def _from_enu(self, east_m: float, north_m: float) -> tuple[float, float]:
        sin, cos = math.sin(self.home_heading_rad), math.cos(self.home_heading_rad)
        return east_m * sin + north_m * cos, north_m * sin - east_m * cos


@lru_cache(maxsize=16)  # it is asked for at every tick
def _lines(distance_m: float, start_offset_m: float, lap_m: float) -> tuple[float, ...]:
    count = math.floor((distance_m - start_offset_m) / lap_m + 1e-9)  # rounding: 1600 is 4 laps
    passes = (start_offset_m + k * lap_m for k in range(count + 1))
    return tuple(s for s in passes if s > SHORTEST_LAP_PART * lap_m)
