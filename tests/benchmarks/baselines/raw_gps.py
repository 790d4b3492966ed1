"""Adds up the distances between all fixes and shows the Doppler speed: what most apps do."""

from __future__ import annotations

import math

from pacer.measurement import Fix, Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.ground import Plane
from tests.benchmarks.baselines.stamps import FixClock, latency_s, reckoned


class RawGps:
    """Holds the sum and the newest fix."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._gun_t = gun_t
        self._clock = FixClock(latency_s(setup))
        self._plane = Plane()
        self._place: tuple[float, float] | None = None
        self.distance_m = 0.0  # m, at `stamp`
        self.speed_mps: float | None = None  # m/s
        self.stamp: float | None = None  # s, of the newest position

    def observe(self, m: Measurement) -> None:
        """Takes a fix in."""
        if isinstance(m, Fix) and (stamp := self._clock.stamp(m)) is not None:
            self.take(m, stamp)

    def take(self, fix: Fix, stamp: float) -> None:
        """Takes a fresh fix in, true at `stamp`."""
        place = self._plane.metres(fix)
        if place is None:
            return
        if self._place is not None and stamp > self._gun_t:
            self.distance_m += math.dist(place, self._place)
        self._place, self.stamp = place, stamp
        self.speed_mps = self.shown(fix)

    def shown(self, fix: Fix) -> float | None:
        """Returns the speed to show in m/s."""
        return fix.speed_mps

    def tap(self, t: float) -> None:
        """Heeds no taps."""

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        if self.stamp is None:
            return None, None
        ahead = (self.speed_mps or 0.0) * reckoned(t, self.stamp) if t > self._gun_t else 0.0
        return self.distance_m + ahead, self.speed_mps
