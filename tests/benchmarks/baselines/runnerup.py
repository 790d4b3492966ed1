"""Runs RunnerUp's algorithms (jonasoreland/runnerup d698aec: Tracker, TargetTrigger, CoachFeedback).

Current speed is 0.4 of the new and 0.6 of the old one, None for a fix older than 15 s; distance is the sum
over every fix. The coach samples the distance once a second over 20 s, keeps 20 such means and drops the
lowest and the highest 5 %.
"""

from __future__ import annotations

import math
from collections import deque

from pacer.measurement import Fix
from pacer.setup import Setup
from tests.benchmarks.baselines.raw_gps import RawGps

NEW_SHARE = 0.4
TOO_OLD_S = 15.0  # s
RING = 20  # samples, one a second
TRIM = 0.05  # share dropped at either end


class RunnerUp(RawGps):
    """Holds the smoothed current speed."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        super().__init__(setup, gun_t)
        self._before: tuple[float, float] | None = None  # (s, m), the fix before

    def take(self, fix: Fix, stamp: float) -> None:
        """Takes a fresh fix in; one without a speed, or with none, is judged by its distance."""
        old, before = self.speed_mps, self._before
        super().take(fix, stamp)
        self._before = (stamp, self.distance_m)
        speed = fix.speed_mps
        if not speed and before is not None:
            speed = (self.distance_m - before[1]) / (stamp - before[0])
        if speed is not None:
            self.speed_mps = speed if old is None else NEW_SHARE * speed + (1 - NEW_SHARE) * old

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        distance, speed = super().at(t)
        too_old = self.stamp is not None and t - self.stamp > TOO_OLD_S
        return distance, None if too_old else speed


class RunnerUpCoach(RawGps):
    """Holds the coach's two rings."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        super().__init__(setup, gun_t)
        self._next_t = gun_t
        self._lengths: deque[float] = deque(maxlen=RING + 1)  # m, once a second
        self._means: deque[float] = deque(maxlen=RING)  # m/s

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and the coach's speed in m/s, None for the first 20 s."""
        distance, _ = super().at(t)
        while t >= self._next_t:
            self._next_t += 1.0
            self._sample()
        return distance, _trimmed(self._means)

    def _sample(self) -> None:
        self._lengths.append(self.distance_m)
        if len(self._lengths) > RING:
            self._means.append((self._lengths[-1] - self._lengths[0]) / RING)


def _trimmed(values: deque[float]) -> float | None:
    if not values:
        return None
    drop = math.floor(TRIM * len(values))
    kept = sorted(values)[drop : len(values) - drop]
    return sum(kept) / len(kept)
