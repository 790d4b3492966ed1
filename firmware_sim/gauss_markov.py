"""Draws the random processes of the simulation: seeded streams and exactly discretised Gauss-Markov noise."""

from __future__ import annotations

import math
import zlib

import numpy as np

_BLOCK = 512  # normals drawn at once: a scalar draw costs a microsecond, one out of a block a tenth


def stream(seed: int, *name: str) -> np.random.Generator:
    """Returns the generator of one named part: parts do not disturb each other's numbers."""
    return np.random.default_rng([seed, zlib.crc32("/".join(name).encode())])


class Normals:
    """Gives standard normal numbers one by one, drawn in blocks."""

    __slots__ = ("_block", "_rng")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._block: list[float] = []

    def next(self) -> float:
        """Returns the next number."""
        if not self._block:
            self._block = self._rng.standard_normal(_BLOCK).tolist()
        return self._block.pop()


class GaussMarkov:
    """Runs a stationary first-order Gauss-Markov (Ornstein-Uhlenbeck) process.

    Discretised exactly: x(t+dt) = phi x(t) + sigma sqrt(1 - phi^2) n with phi = exp(-dt/tau), so that neither
    the standard deviation nor the correlation time depends on the step. Starts in its stationary state.
    """

    __slots__ = ("_kick", "_normals", "_phi", "value")

    def __init__(self, sigma: float, tau_s: float, dt_s: float, normals: Normals) -> None:
        self._phi = math.exp(-dt_s / tau_s)
        self._kick = sigma * math.sqrt(1 - self._phi**2)
        self._normals = normals
        self.value = sigma * normals.next()

    def step(self) -> float:
        """Advances by one step and returns the new value."""
        self.value = self._phi * self.value + self._kick * self._normals.next()
        return self.value
