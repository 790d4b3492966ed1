"""Draws a hilly road with corners, as it is and as its map has it.

The map is the plain shape: straights, corners of 90 degrees, hills. The road lies beside it: the error along
and across are Gauss-Markov processes of the distance, and there is none along at start and finish. Progress
is measured on the road; a map that is warped puts it somewhere else on the ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from firmware_sim import constants as c
from firmware_sim.gauss_markov import GaussMarkov, Normals, stream
from firmware_sim.geometry import Placement, Pose

Array = NDArray[np.float64]

ROAD_M = 5000.0  # m
_SHAPE = c.RoadShape()
_STEP_M = 1.0  # m between table entries: a corner's chord of 1 m strays 1 cm from its arc
_BEYOND_M = 100.0  # m of road behind the finish, for the walk after it
_PLACEMENT = Placement(c.TRACK_LAT_DEG, c.TRACK_LON_DEG, 0.0, c.TRACK_ALTITUDE_M)
_TURNS = (1, -1, -1, 1)  # +1 left: it winds its way north, and comes near itself nowhere


@dataclass(frozen=True, slots=True, eq=False)
class Road:
    """Holds a road; tables have one entry a metre from the start line on."""

    east_m: Array
    north_m: Array
    heading_rad: Array  # clockwise from north
    curvatures: Array  # 1/m, + turns left
    side_m: Array  # m that the road lies to the right of its map
    warp_m: Array  # m that it lies ahead of it
    placement: Placement = _PLACEMENT
    lap_m: float = math.inf

    @classmethod
    def of(cls, seed: int) -> Road:
        """Returns the road for a seed: beside its map."""
        normals = Normals(stream(seed, "road"))
        count = len(_shape()[0])
        warp = _pinned(_wander(*_SHAPE.warp, count, normals), _SHAPE.warp[1])
        return cls(*_shape(), _wander(*_SHAPE.side, count, normals), warp)

    @classmethod
    def map(cls) -> Road:
        """Returns the road as its map has it."""
        none = np.zeros(len(_shape()[0]))
        return cls(*_shape(), none, none)

    def curvature(self, distance_m: float) -> float:
        """Returns the curvature of the measured line there, 1/m, + turns left."""
        return float(self.curvatures[self._entry(distance_m)[0]])

    def beside_stand(self, distance_m: float) -> bool:
        """Tells that there is no stand beside a road."""
        del distance_m
        return False

    def pose(self, distance_m: float, lateral_m: float = 0.0) -> Pose:
        """Returns the place at a distance from the start line, `lateral_m` right of the measured line."""
        j, part = self._entry(distance_m)
        i, rest = self._entry(distance_m + self._between(self.warp_m, j, part))
        east, north = self._between(self.east_m, i, rest), self._between(self.north_m, i, rest)
        heading = float(self.heading_rad[i])
        out = lateral_m + self._between(self.side_m, j, part)
        turn = 2 * math.pi * distance_m / _SHAPE.hill_m
        return Pose(
            east_m=east + out * math.cos(heading),
            north_m=north - out * math.sin(heading),
            heading_rad=heading % (2 * math.pi),
            curvature=float(self.curvatures[j]),
            grade=_SHAPE.hill_grade * math.sin(turn),
            rise_m=_SHAPE.hill_grade * _SHAPE.hill_m / (2 * math.pi) * (1 - math.cos(turn)),
        )

    def points(self) -> tuple[tuple[float, float, float], ...]:
        """Returns the line as a planner exports it: latitude, longitude in degrees, altitude in m."""
        places = (self.pose(s) for s in np.arange(0.0, ROAD_M + 1e-6, _SHAPE.map_m))
        return tuple(
            (*_PLACEMENT.to_degrees(p.east_m, p.north_m), _PLACEMENT.altitude_m + p.rise_m) for p in places
        )

    def _entry(self, distance_m: float) -> tuple[int, float]:
        at = min(max(distance_m / _STEP_M, 0.0), len(self.east_m) - 1.001)
        return int(at), at - int(at)

    @staticmethod
    def _between(table: Array, i: int, part: float) -> float:
        return float(table[i]) * (1 - part) + float(table[i + 1]) * part


@cache
def _shape() -> tuple[Array, Array, Array, Array]:
    """Returns the map's tables: east, north, heading, curvature."""
    count = int((ROAD_M + _BEYOND_M) / _STEP_M) + 1
    curvatures: list[float] = []
    corner = round(math.pi / 2 * _SHAPE.corner_m / _STEP_M)
    for leg, turn in zip(cycle(_SHAPE.leg_m), cycle(_TURNS), strict=False):
        curvatures += [0.0] * round(leg / _STEP_M)
        curvatures += [turn * math.pi / 2 / (corner * _STEP_M)] * corner
        if len(curvatures) >= count:
            break
    bend = np.array(curvatures[:count])
    heading = np.concatenate(([0.0], -np.cumsum(bend * _STEP_M)))[:count]
    middle = heading - bend * _STEP_M / 2  # the chord's direction
    east = np.concatenate(([0.0], np.cumsum(np.sin(middle) * _STEP_M)))[:count]
    north = np.concatenate(([0.0], np.cumsum(np.cos(middle) * _STEP_M)))[:count]
    return east, north, heading, bend


def _pinned(wander: Array, length_m: float) -> Array:
    """Returns the process as it is where it is known to be 0 at start and finish.

    The mean given both ends is taken away; so far apart, 17 lengths, each acts alone, as exp(-way/length).
    """
    s = np.arange(len(wander)) * _STEP_M
    finish = wander[int(ROAD_M / _STEP_M)]
    pulled: Array = wander[0] * np.exp(-s / length_m) + finish * np.exp(-np.abs(ROAD_M - s) / length_m)
    return wander - pulled


def _wander(sigma_m: float, length_m: float, count: int, normals: Normals) -> Array:
    """Returns a Gauss-Markov process of the distance, at every table entry."""
    process = GaussMarkov(sigma_m, length_m, _STEP_M, normals)
    return np.array([process.step() for _ in range(count)])
