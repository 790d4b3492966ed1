"""Smooths the matched places with an alpha-beta filter: alpha 0.25, beta 0.04 a fix."""

from __future__ import annotations

from pacer.measurement import Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.snap import Snap
from tests.benchmarks.baselines.stamps import reckoned

ALPHA, BETA = 0.25, 0.04


class AlphaBeta:
    """Holds place and speed, at the newest fix."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._gun_t = gun_t
        self._snap = Snap(setup, gun_t)
        self._stamp = gun_t  # s
        self._s_m = self._v_mps = 0.0

    def observe(self, m: Measurement) -> None:
        """Takes a fix in."""
        if not self._snap.match(m) or self._snap.stamp is None:
            return
        dt = self._snap.stamp - self._stamp
        if dt <= 0:
            return  # before the gun
        self._s_m += self._v_mps * dt
        off = self._snap.place_m - self._s_m
        self._s_m += ALPHA * off
        self._v_mps += BETA * off / dt
        self._stamp = self._snap.stamp

    def tap(self, t: float) -> None:
        """Heeds no taps."""

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        if self._snap.stamp is None:
            return None, None
        return self._s_m + self._v_mps * reckoned(t, self._stamp), self._v_mps
