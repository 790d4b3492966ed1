"""Learns where a running track lies, and its shape, from the positions of runs on it.

positions -> Path -> laps that come round -> a stadium through each -> the best, fitted to all
          -> judged -> TrackSpec
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from pacer.course.enu import Origin
from pacer.course.laps import LONGEST_LAP_M, SHORTEST_LAP_M, Path, guesses
from pacer.course.oval import lane_offset_m
from pacer.course.stadium import Array, Stadium, fit, free, lap_held
from pacer.course.verdict import ABOUT_TRACK_M, ON_TRACK_M, Quality, Wish, check, check_shape, judged
from pacer.errors import InputError
from pacer.setup import TrackSpec

STANDARD_LAP_M = 400.0  # m, World Athletics Technical Rule 160
GUESSES = 8  # laps tried as a first guess: one good lap is enough, and most are
REFIT_M = 6.0  # m, first scale of the fit to all points: the guess from one lap is nearer than this ...
REFIT_ROUNDS = 8  # ... and 4 of these bring it to the last scale
# Bends drawn 4 m too wide make a lap 6 % longer: what is more is another lane, or another track.
MOST_HELD = 0.07
OUTER_LANE = 8  # of a standard track


@dataclass(frozen=True, slots=True)
class Learnt:
    """Holds a track and how well it is known."""

    track: TrackSpec
    quality: Quality


def learn_track(t: Array, lat_deg: Array, lon_deg: Array, wish: Wish | None = None) -> Learnt:
    """Learns a track from the fixes of one run, arrays (n,): s, and degrees WGS-84.

    The home straight is taken to be the one whose end is nearest to where the run begins. Without a lap
    length, the line that was run is taken for lane 1's. Takes a tenth of a second for 4000 fixes.

    Raises:
        InputError: the run is on no track, with the reason.
    """
    origin, points = ground(lat_deg, lon_deg)
    path = Path.of(np.asarray(t, dtype=np.float64), points)
    wish = wish or Wish()
    found = oriented(find(path, GUESSES), path)
    return described(found, path, origin, wish)


def ground(lat_deg: Array, lon_deg: Array) -> tuple[Origin, Array]:
    """Returns the fixes as points (n, 2) in metres about the first one that is on Earth.

    Raises:
        InputError: there is none.
    """
    good = (np.abs(lat_deg) < 89) & (np.abs(lon_deg) <= 180)
    if not good.any():
        raise InputError("no track in 0 positions: a lap of them is needed")
    i = int(np.argmax(good))
    origin = Origin(float(lat_deg[i]), float(lon_deg[i]))
    pairs = zip(lat_deg.tolist(), lon_deg.tolist(), good.tolist(), strict=True)
    nowhere = (math.nan, math.nan)
    return origin, np.array([origin.to_enu(lat, lon) if ok else nowhere for lat, lon, ok in pairs])


def find(path: Path, count: int) -> Stadium:
    """Finds the stadium that a path runs around, from up to `count` first guesses.

    Raises:
        InputError: it runs around none.
    """
    found = [fit(near(path.points, g), g, free()) for g in guesses(path, count)]
    if not found:
        raise InputError(
            f"no track: the run never comes back to a place, the same way, after {SHORTEST_LAP_M:g} to"
            f" {LONGEST_LAP_M:g} m around"
        )
    best = max(found, key=lambda s: int((np.abs(s.across(path.points)) < ON_TRACK_M / 2).sum()))
    return fit(near(path.points, best), best, free(), REFIT_M, REFIT_ROUNDS)


def near(points: Array, stadium: Stadium) -> Array:
    """Returns those of the points (n, 2) that lie about the track: a fit need not look at the others."""
    return points[np.abs(stadium.across(points)) < 2 * ABOUT_TRACK_M]


def held(stadium: Stadium, lap_m: float) -> Stadium:
    """Returns the stadium with another lap length, its radius changed."""
    radius = stadium.radius_m + (lap_m - stadium.lap_m) / math.tau
    return Stadium(stadium.east_m, stadium.north_m, stadium.heading_rad, stadium.straight_m, radius)


def oriented(stadium: Stadium, path: Path) -> Stadium:
    """Returns the stadium with that straight as the home straight whose end is nearer to the run's begin."""
    on = np.abs(stadium.across(path.points)) < ON_TRACK_M
    if not on.any():
        return stadium
    begin = float(stadium.along(path.points[on][:1])[0]) / stadium.lap_m
    return stadium.turned() if 1 / 4 < begin < 3 / 4 else stadium


def described(stadium: Stadium, path: Path, origin: Origin, wish: Wish) -> Learnt:
    """Judges a stadium by the path that was run on it, and describes it as a track.

    Raises:
        InputError: the path is not that of laps on a track, or its laps are not of the length wished for.
    """
    check_shape(stadium)
    quality = judged(stadium, path, wish)
    check(quality)
    _check_lap(stadium, wish)
    lap = wish.lap_length_m or (STANDARD_LAP_M if wish.lane_1 else stadium.lap_m)
    if wish.lane_1:
        stadium = _held(stadium, path, lap)
    lat, lon = origin.to_degrees(stadium.east_m, stadium.north_m)
    heading = math.degrees(stadium.heading_rad) % 360
    track = TrackSpec(lap, stadium.straight_m, lat_deg=lat, lon_deg=lon, heading_deg=heading)
    return Learnt(track, quality)


def _check_lap(stadium: Stadium, wish: Wish) -> None:
    """Raises InputError where no lap of the length wished for is drawn like this, in any lane."""
    lap_m = wish.lap_length_m or (STANDARD_LAP_M if wish.lane_1 else stadium.lap_m)
    outer_m = 0.0 if wish.lane_1 else math.tau * lane_offset_m(OUTER_LANE)
    if not lap_m * (1 - MOST_HELD) <= stadium.lap_m <= (lap_m + outer_m) * (1 + MOST_HELD):
        where = "lane 1" if wish.lane_1 else f"lanes 1 to {OUTER_LANE}"
        raise InputError(
            f"no lap of {lap_m:g} m: the line that was run measures {stadium.lap_m:.1f} m;"
            f" allowed are {MOST_HELD:.0%} less or more in {where}"
        )


def _held(stadium: Stadium, path: Path, lap_m: float) -> Stadium:
    """Fits again with the lap length held."""
    radius = stadium.radius_m + (lap_m - stadium.lap_m) / math.tau
    begin = replace(stadium, radius_m=radius)
    return fit(near(path.points, stadium), begin, lap_held(), REFIT_M)
