"""The run's phases, its start instant, and the marks that were passed.

Time and distance are kept as a history of one point a tick, so that a start that is told late, or put
right later, gives the same splits as one told in time.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pacer.evolve import replace
from pacer.outputs import Phase, Split
from pacer.target import EvenSplit

# A leg shorter than this is no leg: odd distances and rounding end on the finish alone.
SHORTEST_LEG_M = 1.0  # m


@dataclass(slots=True)
class History:
    """Keeps (t, s) of every tick, 16 bytes each: 6 hours at 10 Hz are 3.5 MB."""

    t: array[float] = field(default_factory=lambda: array("d"))  # s
    s: array[float] = field(default_factory=lambda: array("d"))  # m

    def append(self, t: float, s: float, *, rising: bool) -> float:
        """Adds a point and returns its distance, which where `rising` does not fall below the one before."""
        s = max(s, self.s[-1]) if rising and self.s else s
        self.t.append(t)
        self.s.append(s)
        return s

    def rise_from(self, t: float) -> None:
        """Makes the distances rise from `t` on, for a start that is told after the fact."""
        for i in range(max(bisect_left(self.t, t), 1), len(self.s)):
            self.s[i] = max(self.s[i], self.s[i - 1])

    def move(self, by_m: float) -> None:
        """Counts all distances from another zero, m."""
        self.s = array("d", (s + by_m for s in self.s))

    def since(self, t: float) -> array[float]:
        """Lists the times after `t`, s."""
        return self.t[bisect_right(self.t, t) :]

    def rewrite(self, s: Sequence[float]) -> None:
        """Replaces the newest distances, m, by better ones."""
        if s:
            self.s[-len(s) :] = array("d", s)

    def s_at(self, t: float) -> float:
        """Returns the distance at `t`, m; before the first and after the last point, theirs."""
        i = bisect_left(self.t, t)
        if i == 0 or i == len(self.t):
            return (self.s[0] if i == 0 else self.s[-1]) if self.s else 0.0
        part = (t - self.t[i - 1]) / (self.t[i] - self.t[i - 1])
        return self.s[i - 1] + part * (self.s[i] - self.s[i - 1])

    def t_at(self, s: float, after_t: float) -> float | None:
        """Returns when `s` m was reached, s; None if not yet. Points before `after_t` do not count."""
        first = bisect_left(self.t, after_t)
        i = bisect_left(self.s, s, lo=first)
        if i >= len(self.s):
            return None
        if i == first:
            return max(self.t[i], after_t)
        part = (s - self.s[i - 1]) / (self.s[i] - self.s[i - 1])
        return self.t[i - 1] + part * (self.t[i] - self.t[i - 1])


@dataclass(frozen=True, slots=True)
class Race:
    """Holds where the run stands."""

    phase: Phase = "waiting"
    start_t: float | None = None  # s, the start instant; may lie before the input that told it
    origin_m: float = 0.0  # m, where on the history's line the start was
    shift_m: float = (
        0.0  # m, the estimator's distance less the history's: the sum of its corrections at the gun
    )
    end_t: float | None = None  # s, finish or stop
    confirm_t: float | None = None  # s, when a start was asked for that wants confirmation
    split_ts: tuple[float, ...] = ()  # s, when each split mark was passed
    lap_ts: tuple[float, ...] = ()  # s, when each lap line was passed
    tap_ts: tuple[float, ...] = ()  # s, lap taps by a person

    def elapsed(self, t: float) -> float | None:
        """Returns the seconds since the start instant; they stop at the end."""
        if self.start_t is None or self.phase in ("waiting", "armed", "countdown"):
            return None
        return (t if self.end_t is None else self.end_t) - self.start_t


@lru_cache(maxsize=16)
def marks(step_m: float, total_m: float) -> tuple[float, ...]:
    """Lists the marks every `step_m` up to `total_m`, m; the finish is the last."""
    count = math.ceil((total_m - SHORTEST_LEG_M) / step_m)
    return (*(step_m * i for i in range(1, count)), total_m)


def new_marks(
    kind: Literal["split", "lap"], race: Race, history: History, even: EvenSplit, wanted: tuple[float, ...]
) -> tuple[Race, list[Split]]:
    """Finds the marks newly passed, in order, their times worked out between two ticks."""
    times = race.split_ts if kind == "split" else race.lap_ts
    found: list[Split] = []
    while race.start_t is not None and len(times) < len(wanted):
        t = history.t_at(race.origin_m + wanted[len(times)], race.start_t)
        if t is None:
            break
        found.append(_split(kind, race.start_t, (*times, t), even, wanted))
        times = (*times, t)
    if not found:
        return race, found
    return replace(race, split_ts=times) if kind == "split" else replace(race, lap_ts=times), found


def _split(
    kind: Literal["split", "lap"],
    start_t: float,
    times: tuple[float, ...],
    even: EvenSplit,
    wanted: tuple[float, ...],
) -> Split:
    i = len(times) - 1
    before_m, before_t = (wanted[i - 1], times[i - 1]) if i else (0.0, start_t)
    elapsed = times[i] - start_t
    return Split(
        t=times[i],
        kind=kind,
        index=i + 1,
        distance_m=wanted[i],
        elapsed_s=elapsed,
        leg_m=wanted[i] - before_m,
        leg_s=times[i] - before_t,
        gap_s=even.gap_s(wanted[i], elapsed),
        final=i == len(wanted) - 1,
    )
