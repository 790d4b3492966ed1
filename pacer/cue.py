"""Cue policies: when to ask whom for what, and when to be silent.

A cue answers the gap that will stand `look_ahead_s` from now, because link, reaction and the change of pace
take that long. It is silent inside a dead band, says a thing once and is armed again only when the
predicted gap has come back, keeps its distance from the cue before it, and never speaks without knowing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pacer.evolve import replace
from pacer.outputs import Word
from pacer.setup import PolicySpec

# The first seconds are the start's own business: everybody is "behind" and accelerating.
QUIET_START_S = 12.0  # s
# In the last 100 m nobody is told to ease or to hold.
LAST_M = 100.0  # m
# The predicted gap must beat its own doubt this many times over.
SURE_SIGMA = 2.0
# With the gap less sure than this, nothing is said at all (a wrong cue is worse than none).
MAX_GAP_SD_S = 0.8  # s


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
    remaining_m: float  # m


@dataclass(frozen=True, slots=True)
class Memory:
    """Holds what a policy remembers of itself."""

    armed: bool = True
    said_t: float = float("-inf")  # s
    word: Word | None = None  # the last word said


@dataclass(frozen=True, slots=True)
class Decision:
    """Holds what is to be said: a word, and the speed change asked for in m/s (0 for hold)."""

    word: Word
    change_mps: float


PolicyName = Literal["predicted-gap", "none"]
POLICIES: tuple[PolicyName, ...] = ("predicted-gap", "none")


def decide(policy: PolicySpec, memory: Memory, now: Situation | None) -> tuple[Memory, Decision | None]:
    """Decides what to say; `now` is None where anything in it is unknown or stale, and then it is nothing."""
    if now is None or policy.name == "none" or not _may_speak(now):
        return memory, None
    closing = now.speed_mps / now.cruise_mps - 1  # s of gap gained a second
    ahead_s = now.gap_s + policy.look_ahead_s * closing
    inside = abs(ahead_s) < policy.rearm_s
    memory = replace(memory, armed=memory.armed or inside)
    if inside and memory.word in ("ease", "press"):
        return _say(memory, now, Decision("hold", 0.0), policy)
    doubt_s = math.hypot(now.gap_sd_s, policy.look_ahead_s * now.speed_sd_mps / now.cruise_mps)
    if abs(ahead_s) < max(policy.dead_band_s, SURE_SIGMA * doubt_s):
        return memory, None
    correction = _correction(policy, now, closing)
    if (correction.change_mps > 0) == (ahead_s > 0):  # the gap closes by itself, faster than it should
        return memory, None
    return _say(memory, now, correction, policy)


def _may_speak(now: Situation) -> bool:
    return now.elapsed_s > QUIET_START_S and now.gap_sd_s < MAX_GAP_SD_S and now.remaining_m > 0


def _correction(policy: PolicySpec, now: Situation, closing: float) -> Decision:
    """Asks for the even speed, and a little beside it that brings the gap to zero, gently."""
    wanted = -now.gap_s / policy.spread_s - closing
    change = min(max(wanted, -policy.max_change), policy.max_change)
    return Decision("press" if change > 0 else "ease", change * now.cruise_mps)


def _say(
    memory: Memory, now: Situation, decision: Decision, policy: PolicySpec
) -> tuple[Memory, Decision | None]:
    spacing = policy.spacing_s if memory.armed else policy.spacing_unarmed_s
    if now.t - memory.said_t < spacing or (now.remaining_m < LAST_M and decision.word != "press"):
        return memory, None
    return Memory(armed=decision.word == "hold", said_t=now.t, word=decision.word), decision
