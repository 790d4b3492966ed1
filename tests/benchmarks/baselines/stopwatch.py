"""Runs on the last lap's mean speed from every tap; on the target's until the first one."""

from __future__ import annotations

from pacer.measurement import Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.ground import lap_lines
from tests.benchmarks.baselines.taps import line_meant

GATE_M = 150.0  # m: a lap at constant speed is up to 40 s off, but never half a lap


class Stopwatch:
    """Holds the newest line and when it was crossed."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._lines = lap_lines(setup)
        self._gun_t = self._tap_t = gun_t  # s
        self._line_m = 0.0  # m
        self._speed_mps = setup.target.distance_m / setup.target.time_s

    def observe(self, m: Measurement) -> None:
        """Wears no sensor."""

    def tap(self, t: float) -> None:
        """Takes a lap."""
        line = line_meant(self._lines, self._progress(t), GATE_M)
        if line is None or line <= self._line_m:
            return
        self._speed_mps = (line - self._line_m) / (t - self._tap_t)
        self._line_m, self._tap_t = line, t

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        return (self._progress(t), self._speed_mps) if t > self._gun_t else (0.0, 0.0)

    def _progress(self, t: float) -> float:
        return self._line_m + self._speed_mps * (t - self._tap_t)
