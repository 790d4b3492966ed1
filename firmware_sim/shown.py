"""Lets a rider ride the speed that a display asks for: he glances at it, late, and not exactly."""

from __future__ import annotations

from collections import deque

from firmware_sim.gauss_markov import Normals, stream
from firmware_sim.people import Gains, Shown

_SHOWN = Shown()


class Eyes:
    """Holds what a rider saw on his display and has not acted on yet."""

    __slots__ = ("_coming", "_delay_s", "_gain", "_glance_t", "_noise", "_wanted_mps")

    def __init__(self, seed: int, gains: Gains) -> None:
        rng = stream(seed, "rider", "eyes")
        self._delay_s = float(rng.uniform(*_SHOWN.delay_s))
        self._gain = gains.rider * float(rng.uniform(*_SHOWN.gain))
        self._noise = Normals(rng)
        self._glance_t = float(rng.uniform(0, _SHOWN.glance_s))
        self._coming: deque[tuple[float, float]] = deque()  # (s, m/s), from when he wants which speed
        self._wanted_mps: float | None = None

    def look(self, t: float, difference_mps: float, own_mps: float) -> None:
        """Sees at `t` s that he is to ride faster by `difference_mps`, where he rides at `own_mps`."""
        if t < self._glance_t:
            return
        self._glance_t = t + self._delay_s + _SHOWN.glance_s  # one thing at a time
        misread = _SHOWN.misread_mps * self._noise.next()
        self._coming.append((t + self._delay_s, own_mps + self._gain * (difference_mps + misread)))

    def wants(self, t: float) -> float | None:
        """Returns the speed that he wants to ride at, m/s; None until he has acted on a display."""
        while self._coming and self._coming[0][0] <= t:
            self._wanted_mps = max(self._coming.popleft()[1], 0.0)
        return self._wanted_mps
