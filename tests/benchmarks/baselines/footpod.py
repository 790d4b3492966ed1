"""Believes the footpod: its odometer since the gun, its speed. What OpenTracks shows with a footpod."""

from __future__ import annotations

from pacer.measurement import Measurement, Stride
from pacer.setup import Setup
from tests.benchmarks.baselines.stamps import REACH_S, PodClock, reckoned


class Footpod:
    """Holds what the pod counted since the gun."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        del setup
        self._gun_t = gun_t
        self._clock = PodClock()
        self._count_m: float | None = None  # m, the odometer when last heard
        self.distance_m = 0.0  # m since the gun, at `stamp`
        self.speed_mps: float | None = None  # m/s
        self.stamp: float | None = None  # s

    def observe(self, m: Measurement) -> None:
        """Takes a packet in."""
        if isinstance(m, Stride) and (stamp := self._clock.stamp(m)) is not None:
            self._count(m, stamp)
            self.stamp = stamp
            self.speed_mps = m.speed_mps

    def counted(self, t: float) -> float:
        """Returns the m counted since the gun, dead-reckoned to `t`."""
        if self.stamp is None or t <= self._gun_t:
            return 0.0
        return self.distance_m + (self.speed_mps or 0.0) * reckoned(t, self.stamp)

    def fresh(self, t: float) -> bool:
        """Tells whether the pod spoke lately."""
        return self.stamp is not None and t - self.stamp <= REACH_S

    def tap(self, t: float) -> None:
        """Heeds no taps."""

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        return (None, None) if self.stamp is None else (self.counted(t), self.speed_mps)

    def _count(self, m: Stride, stamp: float) -> None:
        """Adds the odometer's increment; a pod without one, or reset, is integrated."""
        before, self._count_m = self._count_m, m.distance_m
        if stamp <= self._gun_t or self.stamp is None:
            return
        if m.distance_m is None or before is None or m.distance_m < before:
            self.distance_m += (self.speed_mps or 0.0) * min(stamp - self.stamp, REACH_S)
        else:
            self.distance_m += m.distance_m - before
