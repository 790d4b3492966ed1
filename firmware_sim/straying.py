"""Lets a runner stray from the pace he wants, as the study of cue policies has it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from firmware_sim.constants import STEP_S, RunnerBody
from firmware_sim.gauss_markov import GaussMarkov, Normals, stream
from firmware_sim.people import FATIGUE_RANGE, TEMPERS

if TYPE_CHECKING:
    from firmware_sim.people import TemperName

_BODY = RunnerBody()


class Straying:
    """Holds one runner's idea of the pace, his fatigue and what he wanders."""

    __slots__ = ("_bias", "_fast_start", "_fatigue", "_wander")

    def __init__(self, temper: TemperName, seed: int) -> None:
        kind = TEMPERS[temper]
        rng = stream(seed, "runner", "temper")
        self._bias = kind.bias * float(rng.standard_normal())
        self._fast_start = kind.fast_start
        self._fatigue = kind.fatigue * float(rng.uniform(*FATIGUE_RANGE))
        self._wander = GaussMarkov(kind.uneven, kind.uneven_s, STEP_S, Normals(rng))

    def step(self, elapsed_s: float, done: float) -> float:
        """Advances by a physics step; returns the share of speed that he is off, `done` of the way run."""
        fast = self._fast_start * math.exp(-elapsed_s / _BODY.fast_start_s)
        return self._bias + fast - self._fatigue * done + self._wander.step()
