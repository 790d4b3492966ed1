"""Shows the mean speed of the last 5 or 30 s of the raw path: (D(t) - D(t - W)) / W."""

from __future__ import annotations

from collections import deque

import numpy as np

from pacer.measurement import Fix
from pacer.setup import Setup
from tests.benchmarks.baselines.raw_gps import RawGps


class MovingMean(RawGps):
    """Holds the path's length over the last `window_s` seconds."""

    def __init__(self, setup: Setup, gun_t: float, window_s: float) -> None:
        super().__init__(setup, gun_t)
        self._window_s = window_s
        self._path: deque[tuple[float, float]] = deque()  # (s, m)

    def take(self, fix: Fix, stamp: float) -> None:
        """Takes a fresh fix in and works the mean out anew."""
        super().take(fix, stamp)
        self._path.append((stamp, self.distance_m))
        while len(self._path) > 2 and self._path[1][0] <= stamp - self._window_s:
            self._path.popleft()
        times, lengths = zip(*self._path, strict=True)
        before = float(np.interp(stamp - self._window_s, times, lengths))
        self.speed_mps = (self.distance_m - before) / self._window_s
