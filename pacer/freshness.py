"""How old a message is, on a clock that is not the sender's, and which cue may still be shown: pure.

A message can only be late, never early, so the smallest (receipt - t) seen lately is the nearest to the
difference of the clocks; what is beyond it is delay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

WINDOW_S = 60.0  # s over which the smallest delay is sought: crystals drift 3 ms apart in it (50 ppm)
# s of listening before an age is told: a burst out of a broker that had stalled is over by then
SETTLE_S = 1.0

Verdict = Literal["show", "late", "old", "unsettled"]


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """Estimates our clock less pacer's."""

    run: str | None = None  # whose clock it is
    since: float = math.inf  # s, ours, of the first message of this run, or after a long silence
    least: tuple[tuple[float, float], ...] = ()  # (receipt, receipt - t), both rising: the smallest is first

    def hear(self, run: str, t: float, now: float) -> ClockOffset:
        """Takes the times of one message that came at `now` (s, ours); a new run is a new clock.

        So is one that was last heard before the window: who slept may wake to a burst of old messages, with
        nothing left to tell their age by.
        """
        again = run == self.run and bool(self.least) and self.least[-1][0] >= now - WINDOW_S
        known = self if again else ClockOffset(run, now)
        kept = [(at, d) for at, d in known.least if at >= now - WINDOW_S and d < now - t]
        return ClockOffset(run, known.since, (*kept, (now, now - t)))

    def ours(self, t: float) -> float | None:
        """Puts an instant of pacer's clock on ours; None until enough was heard to say."""
        return t + self.least[0][1] if self.least and self._settled() else None

    def age(self, t: float, now: float) -> float | None:
        """Returns how old (s) a message of time `t` is; None until enough was heard to say."""
        at = self.ours(t)
        return None if at is None else now - at

    def _settled(self) -> bool:
        return self.least[-1][0] >= self.since + SETTLE_S


@dataclass(frozen=True, slots=True)
class LastCue:
    """Remembers the newest cue that was shown."""

    run: str | None = None
    seq: int = -1

    def judge(self, run: str, seq: int, ttl: float, age_s: float | None) -> Verdict:
        """Says what to do with a cue: only a fresh one that is newer than all before it may be shown."""
        if run == self.run and seq <= self.seq:
            return "old"
        if age_s is None:
            return "unsettled"
        return "late" if age_s > ttl else "show"
