"""Makes fixes of runs whose truth is known: on firmware_sim's oval, with its GPS errors, and on roads."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim import constants as c
from firmware_sim.gauss_markov import GaussMarkov, Normals, stream
from firmware_sim.geometry import Oval, Placement

Array = NDArray[np.float64]
Line = Callable[[float], tuple[float, float]]  # m run -> metres east and north

PLACE = Placement(47.0, 8.0, 20.0, 0.0)


@dataclass(frozen=True, slots=True)
class Fixes:
    """Holds the fixes of a run: s, and degrees."""

    t: Array
    lat_deg: Array
    lon_deg: Array

    def then(self, other: Fixes, pause_s: float = 1.0) -> Fixes:
        """Returns this run followed by another."""
        shift = float(self.t[-1]) + pause_s - float(other.t[0])
        lat, lon = (np.concatenate(p) for p in ((self.lat_deg, other.lat_deg), (self.lon_deg, other.lon_deg)))
        return Fixes(np.concatenate((self.t, other.t + shift)), lat, lon)


def run(
    line: Line,
    length_m: float,
    seed: int,
    *,
    kind: c.GpsClass = c.GPS_B,
    speed_mps: float = 5.7,
    worse: float = 1.0,
) -> Fixes:
    """Returns what a receiver at 1 Hz says of a run along a line, its errors `worse` times its class's."""
    normals = Normals(stream(seed, "fixes"))
    wander = [
        GaussMarkov(worse * sigma, tau, 1.0, normals)
        for sigma, tau in ((kind.slow_m, kind.slow_s), (kind.medium_m, kind.medium_s))
        for _ in ("east", "north")
    ]
    rows = []
    for t in range(int(length_m / speed_mps)):
        slow_e, slow_n, medium_e, medium_n = (process.step() for process in wander)
        east, north = line(t * speed_mps)
        white = worse * kind.white_m
        east += slow_e + medium_e + white * normals.next()
        north += slow_n + medium_n + white * normals.next()
        rows.append((float(t), *PLACE.to_degrees(east, north)))
    return Fixes(*np.array(rows).T)


def laps(track: Oval, *, lateral_m: float = 0.0, wide_m: float = 0.0, clockwise: bool = False) -> Line:
    """Returns the line of laps on a track; receivers draw bends `wide_m` too wide, in the middle of each."""

    def line(run_m: float) -> tuple[float, float]:
        s = -run_m if clockwise else run_m
        bend = math.pi * track.radius_m
        into = (s - track.start_m) % (track.lap_m / 2)
        wide = wide_m * math.sin(math.pi * into / bend) if into < bend else 0.0
        pose = track.pose(s, lateral_m + wide)
        return pose.east_m, pose.north_m

    return line


def through(*corners: tuple[float, float]) -> Line:
    """Returns the line through corners, m, round and round where it ends where it begins."""
    points = np.array(corners)
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    closed = bool(np.allclose(points[0], points[-1]))

    def line(run_m: float) -> tuple[float, float]:
        at = run_m % float(s[-1]) if closed else run_m
        return float(np.interp(at, s, points[:, 0])), float(np.interp(at, s, points[:, 1]))

    return line
