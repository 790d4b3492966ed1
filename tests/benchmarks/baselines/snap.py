"""Matches every fix with the nearest point of the course, within 40 m of where dead reckoning has him."""

from __future__ import annotations

from pacer.measurement import Fix, Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.ground import line_of
from tests.benchmarks.baselines.stamps import FixClock, latency_s, reckoned


class Snap:
    """Holds the newest matched place and its Doppler speed."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._gun_t = gun_t
        self._clock = FixClock(latency_s(setup))
        self._line = line_of(setup)
        self.place_m = 0.0  # m, at `stamp`
        self.speed_mps: float | None = None  # m/s
        self.stamp: float | None = None  # s

    def observe(self, m: Measurement) -> None:
        """Takes a fix in; tells nothing: see `match`."""
        self.match(m)

    def match(self, m: Measurement) -> bool:
        """Takes a fix in, and tells whether it gave a new place."""
        if self._line is None or not isinstance(m, Fix):
            return False
        stamp, place = self._clock.stamp(m), self._line.metres(m)
        if stamp is None or place is None:
            return False
        before = self._gun_t if self.stamp is None else max(self.stamp, self._gun_t)
        if stamp > self._gun_t:
            # a hole of any length is bridged here, so that the lap is not lost
            near = self.place_m + (self.speed_mps or 0.0) * (stamp - before)
            self.place_m = self._line.nearest(*place, near)
        self.stamp, self.speed_mps = stamp, m.speed_mps
        return True

    def tap(self, t: float) -> None:
        """Heeds no taps."""

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        if self.stamp is None:
            return None, None
        if t <= self._gun_t:
            return 0.0, self.speed_mps
        since = reckoned(t, max(self.stamp, self._gun_t))
        return self.place_m + (self.speed_mps or 0.0) * since, self.speed_mps
