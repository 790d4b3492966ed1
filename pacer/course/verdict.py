"""Judges whether points lie on a running track, and how well a stadium describes it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pacer.course.laps import Path
from pacer.course.oval import LANE_1_FROM_KERB_M, LANE_FROM_LINE_M, LANE_WIDTH_M
from pacer.course.stadium import Array, Stadium, covariance, free
from pacer.errors import InputError

# On the track: within its lanes (8 of 1.22 m, seen from the middle one) and a phone's error of 3 m.
ON_TRACK_M = 8.0
# About the track: its infield and its surroundings. What lies beyond is the way to it, and no evidence.
ABOUT_TRACK_M = 60.0
SPLIT_S = 20.0  # s: what is run in a longer gap is not known, at race pace a quarter of a lap
# A straight of 100 m with tight bends (soccer) is 1.2 times its bends long, an indoor track's 0.6 times.
STRAIGHT_PER_BEND = (0.25, 2.0)
RADIUS_M = (10.0, 60.0)  # m: indoor tracks have 15, lane 8 of a wide oval 48
# Scatter of what lies on the track: an old watch has 3.4 m per axis; points spread evenly have 4.6 m.
MOST_SCATTER_M = 4.4
# The same, after the middle of each of 24 pieces of the lap is taken over all laps.
PIECES, MOST_SHAPE_M = 24, 2.6
# A block of houses has 1, rounded corners a half; errors of a phone give a track 0.1, of an old watch 0.2 on
# either side of 0. The ellipse of a park has -0.3 or less.
MOST_CORNERS = 0.25
# How slowly errors wander shows only after some laps. Both figures were found by simulation: with them the
# doubt of the lap is honest from 1.2 laps of a phone on, and rather wide than narrow with better receivers.
FEW_LAPS, FIRST_LAP_M = 2.0, 4.0
LEAST_INLIERS = 0.75  # of the points about the track; rests on the infield and a strayed fifth are allowed


@dataclass(frozen=True, slots=True)
class Quality:
    """Tells how well a track was learnt."""

    rms_across_m: float  # m, scatter of the points about the line
    shape_m: float  # m, rms by which the pieces of the lap, taken over all laps, miss the line
    corners: float  # 0: bends as round as an oval's, 1: the corners of a rectangle, below 0: an ellipse
    inliers: float  # share of the points about the track that lie on it
    laps: float  # run on it
    clockwise: bool  # run the other way round than tracks are run
    lap_m: float  # m, of the line that was run, as it was drawn
    lap_sd_m: float  # m, its doubt from scatter; bends drawn too wide by the receiver are not in it
    outside_m: float  # m, of the line that was run outside lane 1's: 0 where lane 1's is not known
    start_m: float  # m past the finish line, anticlockwise, where the run on it begins

    @property
    def lane(self) -> int:
        """Tells the lane whose measured line is nearest to the line that was run."""
        return max(1, 1 + round((self.outside_m + LANE_1_FROM_KERB_M - LANE_FROM_LINE_M) / LANE_WIDTH_M))


@dataclass(frozen=True, slots=True)
class Wish:
    """Holds what is known beforehand: the length of a lap in lane 1, and whether lane 1 is what was run."""

    lap_length_m: float | None = None
    lane_1: bool = False


def check_shape(stadium: Stadium) -> None:
    """Raises InputError for a stadium that no track looks like."""
    bend = math.pi * stadium.radius_m
    low, high = (bend * share for share in STRAIGHT_PER_BEND)
    if not (RADIUS_M[0] <= stadium.radius_m <= RADIUS_M[1] and low <= stadium.straight_m <= high):
        raise InputError(
            f"no track: its bends would have a radius of {stadium.radius_m:.1f} m and its straights"
            f" {stadium.straight_m:.1f} m; allowed are {RADIUS_M[0]:g} to {RADIUS_M[1]:g} m, and straights"
            f" {STRAIGHT_PER_BEND[0]:g} to {STRAIGHT_PER_BEND[1]:g} times as long as a bend"
        )


def judged(stadium: Stadium, path: Path, wish: Wish) -> Quality:
    """Returns how well a path fits a stadium.

    Raises:
        InputError: too few points lie on it to tell.
    """
    r = stadium.across(path.points)
    on = np.abs(r) < ON_TRACK_M
    points = path.points[on]
    if len(points) < PIECES:
        raise InputError(f"no track: {len(points)} points lie on it; needed are {PIECES} or more")
    along = stadium.along(points)
    forward, backward = _run(along, path.t[on], stadium.lap_m)
    laps = max(forward, backward) / stadium.lap_m
    known = wish.lap_length_m is not None and not wish.lane_1
    return Quality(
        rms_across_m=float(np.sqrt(np.mean(np.square(r[on])))),
        shape_m=_shape(along, r[on], stadium.lap_m),
        corners=_corners(path.points[np.abs(r) < 2 * ON_TRACK_M], stadium),
        inliers=len(points) / int((np.abs(r) < ABOUT_TRACK_M).sum()),
        laps=laps,
        clockwise=backward > forward,
        lap_m=stadium.lap_m,
        lap_sd_m=_lap_sd(points, stadium, laps),
        outside_m=(stadium.lap_m - (wish.lap_length_m or 0.0)) / math.tau if known else 0.0,
        start_m=math.remainder(float(along[0]), stadium.lap_m),
    )


def check(quality: Quality) -> None:
    """Raises InputError where the quality is not that of laps on a track."""
    q = quality
    limits = (
        (q.laps < 1, f"{q.laps:.2f} laps are run on it; needed is 1 or more"),
        (
            q.rms_across_m > MOST_SCATTER_M,
            f"{q.rms_across_m:.1f} m rms off it; allowed are {MOST_SCATTER_M:g}",
        ),
        (
            q.shape_m > MOST_SHAPE_M,
            f"the loop is {q.shape_m:.1f} m off an oval; allowed are {MOST_SHAPE_M:g}",
        ),
        (q.corners > MOST_CORNERS, "its bends have corners, as a block of houses has"),
        (q.corners < -MOST_CORNERS, "it has no straights, as an ellipse has none"),
        (
            q.inliers < LEAST_INLIERS,
            f"{q.inliers:.0%} of the points lie on it; needed are {LEAST_INLIERS:.0%}",
        ),
    )
    for wrong, why in limits:
        if wrong:
            raise InputError(f"no track: {why}")


def _run(along: Array, t: Array, lap_m: float) -> tuple[float, float]:
    """Returns the metres run anticlockwise and clockwise."""
    steps = (np.diff(along) + lap_m / 2) % lap_m - lap_m / 2
    steps = steps[np.diff(t) < SPLIT_S]
    return float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())


def _shape(along: Array, r: Array, lap_m: float) -> float:
    """Returns the rms of the pieces' median distances from the line; inf where one has no point."""
    piece = np.minimum((along / lap_m * PIECES).astype(int), PIECES - 1)
    medians = [float(np.median(r[piece == i])) if (piece == i).any() else math.inf for i in range(PIECES)]
    return math.sqrt(sum(m * m for m in medians) / PIECES)


def _corners(points: Array, stadium: Stadium) -> float:
    """Returns how much of a rectangle's corners points (n, 2) have, seen from the stadium fitted to them."""
    x, y = stadium.frame(points)
    over = np.abs(x) - stadium.straight_m / 2
    # the rectangle around the stadium, seen from the middle of a bend: R / cos or R / sin away
    angle = np.arctan2(np.abs(y), np.maximum(over, 1e-9))
    corner = np.where(
        over > 0, stadium.radius_m / np.maximum(np.cos(angle), np.sin(angle)) - stadium.radius_m, 0.0
    )
    # what the fit has taken up of it by changing the stadium
    J = stadium.jacobian(points)
    corner -= J @ np.linalg.lstsq(J, corner, rcond=None)[0]
    # nothing is left of it where no bend was run
    return float(corner @ stadium.across(points) / max(float(corner @ corner), 1e-9))


def _lap_sd(points: Array, stadium: Stadium, laps: float) -> float:
    """Returns the standard deviation of the lap's length, m."""
    slope = np.array((0.0, 0.0, 0.0, 4.0, math.tau))  # of the lap by half a straight and radius
    seen = float(slope @ covariance(points, stadium, free()) @ slope)
    few = max(laps, 1.0)
    return math.sqrt(seen * (1 + FEW_LAPS / few) + (FIRST_LAP_M / few) ** 2)
