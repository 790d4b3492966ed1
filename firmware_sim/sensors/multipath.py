"""Bends the signals: reflections beside the stand on every home straight, and one long burst.

Within one pass the reflection is steady, and the receiver's filter follows it in and out again; the speed
and the reported accuracy suffer too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim import constants as c
from firmware_sim.gauss_markov import stream

if TYPE_CHECKING:
    from firmware_sim.world import World


@dataclass(frozen=True, slots=True)
class Bent:
    """Holds what reflections do to one sample."""

    east_m: float = 0.0
    north_m: float = 0.0
    speed_mps: float = 0.0
    reported: float = 1.0  # factor on the reported radius


CLEAR = Bent()


class Multipath:
    """Holds which reflection a receiver is in."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._rng = stream(seed, "gps", "multipath")
        self._burst_s = float(self._rng.uniform(*c.MULTIPATH_BURST_AFTER_S))  # s after the gun
        self._burst, self._pass = self._draw(c.MULTIPATH_BURST_M), CLEAR
        self._beside = False
        self._t = 0.0
        self._east_m = self._north_m = 0.0  # m, as far as the receiver has followed

    def at(self, t: float, distance_m: float) -> Bent:
        """Returns what reflections do at world time `t`, s, and that place; call in order of time."""
        elapsed = self._world.elapsed(t)
        beside = elapsed > 0 and self._world.course.beside_stand(distance_m)
        if beside and not self._beside:
            self._pass = self._draw(c.MULTIPATH_STAND_M)
        self._beside = beside
        if 0 <= elapsed - self._burst_s < c.MULTIPATH_BURST_S:
            return self._follow(t, self._burst)
        return self._follow(t, self._pass if beside else CLEAR)

    def _draw(self, size_m: tuple[float, float]) -> Bent:
        size, angle = float(self._rng.uniform(*size_m)), float(self._rng.uniform(0, 2 * math.pi))
        reported = float(self._rng.uniform(*c.MULTIPATH_REPORTED))
        return Bent(size * math.sin(angle), size * math.cos(angle), reported=reported)

    def _follow(self, t: float, bent: Bent) -> Bent:
        share = 1 - math.exp(-(t - self._t) / c.MULTIPATH_TAU_S)
        self._t = t
        self._east_m += share * (bent.east_m - self._east_m)
        self._north_m += share * (bent.north_m - self._north_m)
        speed = c.MULTIPATH_DOPPLER_MPS * float(self._rng.standard_normal()) if bent is not CLEAR else 0.0
        return Bent(self._east_m, self._north_m, speed, bent.reported)
