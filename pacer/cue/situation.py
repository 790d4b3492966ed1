"""What a policy may look at, what it remembers of itself, and what it may say."""

from __future__ import annotations

from dataclasses import dataclass, field

from pacer.cue.raw_pace import RawPace
from pacer.outputs import Word


@dataclass(frozen=True, slots=True)
class Situation:
    """Holds what a policy may look at: one runner against the even split, now."""

    t: float  # s
    elapsed_s: float  # s
    gap_s: float  # s, + ahead
    gap_sd_s: float  # s
    speed_mps: float  # m/s
    speed_sd_mps: float  # m/s
    cruise_mps: float  # m/s, the even split's speed
    done_m: float  # m
    remaining_m: float  # m

    @property
    def off(self) -> float:
        """Returns by what share of it the runner is faster than the even speed: s of gap won a second."""
        return self.speed_mps / self.cruise_mps - 1

    @property
    def off_sd(self) -> float:
        """Returns its standard deviation."""
        return self.speed_sd_mps / self.cruise_mps


@dataclass(frozen=True, slots=True)
class Memory:
    """Holds what a policy remembers of itself."""

    armed: bool = True
    said_t: float = float("-inf")  # s, of the last word
    word: Word | None = None  # the last word said
    asked: float = 0.0  # share of speed that the last correction asked for
    off_then: float = 0.0  # the runner's `Situation.off` when it was said
    unheeded: int = 0  # corrections said again in a row that changed nothing
    calm_since: float | None = None  # s, since when all is as it should be
    smooth_off: float | None = None  # `Situation.off`, averaged over some seconds
    smooth_t: float = 0.0  # s, when that was
    raw: RawPace = field(default_factory=RawPace)  # what a phone would show: for baselines alone


@dataclass(frozen=True, slots=True)
class Decision:
    """Holds what is to be said: a word, and the speed change asked for in m/s (0 for hold)."""

    word: Word
    change_mps: float


Step = tuple[Memory, Decision | None]


def correction(share: float, cruise_mps: float) -> Decision:
    """Makes the word for a change of speed by a share of the even speed, signed."""
    return Decision("press" if share > 0 else "ease", share * cruise_mps)
