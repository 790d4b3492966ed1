"""Prepares the path of a run for learning a track from it, and finds where it comes round to itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer.course.stadium import Array, Stadium, from_loop

# Points nearer to the last one say nothing new: a standing runner's fixes would outweigh a lap. At race
# pace every fix of a 1 Hz receiver counts.
SPACING_M = 2.0
# Medians of five fixes in a row: a fix gone astray, even one in five, does not bend the path.
MEDIAN_OF = 5
COARSE_M = 8.0  # m between the points among which laps are looked for: a fiftieth of a lap
# Tracks measure 160 m (indoors) to 440 yards; lane 8 of one of 400 m 453 m. Noise makes a path some per
# cent longer, a walk across the infield shorter.
SHORTEST_LAP_M, LONGEST_LAP_M = 140.0, 600.0
# A lap later a runner is back within a lane or three and the errors of two fixes ...
CLOSED_M = 15.0
# ... and runs the same way within 45 degrees: a road that is run out and back is met the other way.
SAME_WAY = math.cos(math.radians(45))
# 4 pi area / perimeter²: 1 is a circle, 0.82 a 400 m track, 0.64 one twice as slim, 0 out and back.
ROUNDEST, SLIMMEST = 1.1, 0.55


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Holds the points of a run that are apart from each other: times (n,) in s, points (n, 2) in m."""

    t: Array
    points: Array

    @classmethod
    def of(cls, t: Array, points: Array) -> Path:
        """Keeps what is in order, finite, and SPACING_M from the last point kept."""
        good = np.isfinite(t) & np.isfinite(points).all(axis=1)
        t, points = t[good], points[good]
        kept = spaced(points, SPACING_M)
        return cls(t[kept], points[kept])

    def __len__(self) -> int:
        """Returns the number of points."""
        return len(self.t)

    def smooth(self) -> Array:
        """Returns the points (n, 2) with each fix that strays from its neighbours put among them."""
        if len(self) < MEDIAN_OF:
            return self.points
        padded = np.pad(self.points, ((MEDIAN_OF // 2, MEDIAN_OF // 2), (0, 0)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, MEDIAN_OF, axis=0)
        return np.asarray(np.median(windows, axis=-1))


def spaced(points: Array, spacing_m: float) -> NDArray[np.int64]:
    """Lists the points (n, 2) that are `spacing_m` or more from the one kept before them."""
    kept: list[int] = []
    east = north = math.inf
    for i, (e, n) in enumerate(points.tolist()):
        if not kept or math.hypot(e - east, n - north) >= spacing_m:
            kept.append(i)
            east, north = e, n
    return np.array(kept, dtype=np.int64)


def loops(path: Path) -> list[Array]:
    """Lists the pieces of the path, points (n, 2), that come round to their start as a lap does."""
    smooth = path.smooth()
    points = smooth[spaced(smooth, COARSE_M)]
    if len(points) < SHORTEST_LAP_M / COARSE_M:
        return []
    ways = np.gradient(points, axis=0)
    ways /= np.maximum(np.hypot(*ways.T), 1e-9)[:, None]
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    ends = _closings(points, ways, s)
    found = (points[i : end + 1] for i, end in enumerate(ends.tolist()) if end)
    return [loop for loop in found if SLIMMEST < roundness(loop) < ROUNDEST]


def _closings(points: Array, ways: Array, s: Array) -> NDArray[np.int64]:
    """Returns, for each point, the index of the next that comes back to it the same way; 0 for none."""
    ends = np.zeros(len(points), dtype=np.int64)
    best = np.full(len(points), CLOSED_M)
    for lag in range(int(SHORTEST_LAP_M / (2 * COARSE_M)), int(LONGEST_LAP_M / COARSE_M)):
        if lag >= len(points):
            break
        run = s[lag:] - s[:-lag]
        gap = np.hypot(*(points[lag:] - points[:-lag]).T)
        same = np.einsum("ij,ij->i", ways[lag:], ways[:-lag]) > SAME_WAY
        ok = (run > SHORTEST_LAP_M) & (run < LONGEST_LAP_M) & same & (gap < best[:-lag])
        # a nearer one replaces it only within the same lap: the first lap is the one wanted
        first = ends[:-lag] == 0
        near = ok & (first | (run < s[ends[:-lag]] - s[:-lag] + 2 * CLOSED_M))
        ends[:-lag][near] = np.nonzero(near)[0] + lag
        best[:-lag][near] = gap[near]
    return ends


def roundness(loop: Array) -> float:
    """Returns 4 pi area / perimeter² of a closed loop (n, 2)."""
    following = np.roll(loop, -1, axis=0)
    area = abs(float((loop[:, 0] * following[:, 1] - following[:, 0] * loop[:, 1]).sum())) / 2
    perimeter = float(np.hypot(*(following - loop).T).sum())
    return 4 * math.pi * area / perimeter**2


def guesses(path: Path, count: int) -> list[Stadium]:
    """Guesses up to `count` stadiums from laps spread over the run, the last one among them."""
    found = loops(path)
    picked = np.unique(np.linspace(0, len(found) - 1, min(count, len(found))).round().astype(int))
    return [from_loop(found[i]) for i in picked.tolist()]
