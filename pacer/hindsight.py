"""A run as it is known afterwards: where the runner was at any time, and the splits worked out again.

Never used live: what is told at an instant knows nothing of what comes after it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pacer.estimator.body import BLIND_S
from pacer.estimator.smooth import Smoothed
from pacer.outputs import Estimate, Split
from pacer.race import History, Race, new_marks
from pacer.run import Run

# Marks are found between points this far apart in time: speed changes by less than 0.5 m/s in it, which is
# 1 mm of distance at worst, even at the start.
GRID_S = 0.1  # s


@dataclass(frozen=True, slots=True)
class Hindsight:
    """Holds a run's smoothed moments, in order of time; distance counts from the start."""

    moments: Sequence[Smoothed]
    splits: tuple[Split, ...] = ()  # by time
    laps: tuple[Split, ...] = ()

    def at(self, t: float) -> Estimate:
        """Draws the estimate at `t` s; unknown before the start and after the end."""
        i = bisect_left(self.moments, t, key=lambda one: one.t)
        if i == len(self.moments) or (i == 0 and self.moments[0].t > t):
            return Estimate(t, None, None, None, None)
        one = _between(self.moments[max(i - 1, 0)], self.moments[i], t)
        return Estimate(t, max(one.s_m, 0.0), one.s_sd_m, one.v_mps, one.v_sd_mps)


def hindsight(run: Run) -> Hindsight:
    """Smooths a run that was kept on a tape, as far as it has come; without a start nothing is known."""
    if run.tape is None or run.race.start_t is None:
        return Hindsight(())
    now = None if run.runner.blind else run.runner
    moments = _counted(run.race, run.tape.smoothed(now))
    history, race = History(), replace(run.race, split_ts=(), lap_ts=(), origin_m=0.0)
    for t, s_m in _grid(moments):
        history.append(t, s_m, rising=True)
    _, splits = new_marks("split", race, history, run.even, run.split_marks())
    _, laps = new_marks("lap", race, history, run.even, run.lap_lines())
    return Hindsight(moments, tuple(splits), tuple(laps))


def _counted(race: Race, moments: Sequence[Smoothed]) -> list[Smoothed]:
    """Picks the moments from the start on, and until the run was stopped; counts distance from the start.

    Where the distance was done, hindsight may see the finish a moment later than it was told.
    """
    first, last = race.start_t or 0.0, math.inf
    if race.phase == "stopped" and race.end_t is not None:
        last = race.end_t
    return [replace(one, s_m=one.s_m - race.origin_m) for one in moments if first <= one.t <= last]


def _grid(moments: Sequence[Smoothed]) -> Iterator[tuple[float, float]]:
    """Yields (t, distance m) finely, at every moment and in between."""
    for before, after in pairwise(moments):
        count = max(round((after.t - before.t) / GRID_S), 1)
        for i in range(count):
            t = before.t + (after.t - before.t) * i / count
            yield t, _between(before, after, t).s_m
    if moments:
        yield moments[-1].t, moments[-1].s_m


def _between(a: Smoothed, b: Smoothed, t: float) -> Smoothed:
    """Interpolates as a speed that walks at random does on average: cubic distance (Hermite), linear speed.

    Over a silence, in which nothing is known of the speed, distance is linear too.
    """
    h = b.t - a.t
    if h <= 0:
        return b
    p = (t - a.t) / h
    s_m = a.s_m + (b.s_m - a.s_m) * p
    if h <= BLIND_S:
        off_a, off_b = a.v_mps * h - (b.s_m - a.s_m), b.v_mps * h - (b.s_m - a.s_m)
        s_m += p * (1 - p) * (off_a * (1 - p) - off_b * p)
    sds = (x + (y - x) * p for x, y in ((a.s_sd_m, b.s_sd_m), (a.v_mps, b.v_mps), (a.v_sd_mps, b.v_sd_mps)))
    return Smoothed(t, s_m, *sds)
