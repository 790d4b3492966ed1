"""Turns cues into what a person makes of them: late, not always, not exactly, and not for ever."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import numpy as np

    from firmware_sim.people import Obedience

Word = Literal["ease", "hold", "press"]
WORDS: tuple[Word, ...] = get_args(Word)


@dataclass(slots=True)
class _Change:
    """Holds one change of speed that a person has decided on."""

    at: float  # s, when it begins
    share: float  # of speed, signed


class Listener:
    """Holds one person's answer to cues, as a share of speed to add.

    A cue asks for a change of the speed gone now; changes add up, within the person's limit, and fade.
    """

    __slots__ = ("_changes", "_gain", "_kind", "_last_cue", "_rng", "_value")

    def __init__(self, kind: Obedience, rng: np.random.Generator, gain: float = 1.0) -> None:
        self._kind = kind
        self._rng = rng
        self._gain = gain * float(rng.uniform(*kind.gain))
        self._changes: list[_Change] = []
        self._last_cue = -math.inf
        self._value = 0.0

    def hear(self, t: float, word: str, share: float | None) -> None:
        """Takes a cue at `t` with its size as a share of speed (>= 0; None: the cue had no size)."""
        if word not in WORDS:
            raise ValueError(f"cue {word!r} is unknown; allowed: {', '.join(WORDS)}")
        kind, since = self._kind, t - self._last_cue
        self._last_cue = t
        # every draw is made for every cue, so that one cue's fate does not change the numbers of the next
        delay = self._rng.uniform(*kind.delay_s) + self._rng.exponential(kind.delay_tail_s)
        gain = self._gain * math.exp(kind.gain_spread * self._rng.standard_normal())
        obeys = self._rng.random() < kind.obeyed * (1 - math.exp(-since / kind.habituation_s))
        if word == "hold" or not obeys:
            return
        size = kind.unsized if share is None else abs(share)
        sign = kind.press_gain if word == "press" else -1.0
        self._changes.append(_Change(t + delay, sign * gain * size))

    def step(self, t: float, dt: float) -> float:
        """Advances by `dt` to `t` and returns the share of speed added now."""
        kind = self._kind
        self._value *= math.exp(-dt / kind.forgetting_s)
        for change in self._changes:
            if change.at <= t:
                self._value += change.share * dt / kind.ramp_s
        self._changes = [c for c in self._changes if t < c.at + kind.ramp_s - dt / 2]
        self._value = max(-kind.limit, min(kind.limit, self._value))
        return self._value
