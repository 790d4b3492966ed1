"""Calibrates the footpod by every lap: c = lap / counted, within 10 %, and begins anew at the line."""

from __future__ import annotations

from pacer.measurement import Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.footpod import Footpod
from tests.benchmarks.baselines.ground import lap_lines
from tests.benchmarks.baselines.taps import line_meant

CLIP = 0.10


class FootpodLaps:
    """Holds the newest line, what the pod had counted there, and the scale."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._pod = Footpod(setup, gun_t)
        self._lines = lap_lines(setup)
        self._line_m = self._counted_m = 0.0  # m
        self._scale = 1.0  # true over counted

    def observe(self, m: Measurement) -> None:
        """Takes a packet in."""
        self._pod.observe(m)

    def tap(self, t: float) -> None:
        """Takes a lap: a new scale, and the runner is at the line."""
        counted = self._pod.counted(t)
        line = line_meant(self._lines, self._progress(counted))
        if line is None or line <= self._line_m or counted <= self._counted_m:
            return
        scale = (line - self._line_m) / (counted - self._counted_m)
        self._scale = min(max(scale, 1 - CLIP), 1 + CLIP)
        self._line_m, self._counted_m = line, counted

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        distance, speed = self._pod.at(t)
        if distance is None:
            return None, None
        return self._progress(distance), None if speed is None else self._scale * speed

    def _progress(self, counted_m: float) -> float:
        return self._line_m + self._scale * (counted_m - self._counted_m)
