"""How every policy speaks: when it is silent, how far apart cues are, and when it stops asking the deaf."""

from __future__ import annotations

import math

from pacer.cue.situation import Decision, Memory, Situation, Step
from pacer.evolve import replace
from pacer.setup import PolicySpec

# The first 100 m are the start's own business: everybody is "behind", accelerates, and settles.
FIRST_M = 100.0  # m
# In the last 100 m nobody is told to ease or to hold: it is too late to gain by it, and nobody would.
LAST_M = 100.0  # m
# With 400 m to go the bell rings and the split is spoken: nothing else is said in that moment.
BELL_M, BELL_RINGS_M = 400.0, 15.0  # m to go, and m that are run while it rings, 2.6 s
# What is answered must beat its own doubt this many times over.
SURE_SIGMA = 2.0
# With the gap less sure than this, nothing is said at all (a wrong cue is worse than none).
MAX_GAP_SD_S = 0.8  # s
# A cue was heeded if the speed has since changed by this share of what was asked: people make 0.4 to 1.2
# of it, and drift meanwhile by as much the other way.
HEEDED = 0.1
# A cue may go unheard or be forgotten; one that changed nothing twice is met by a runner who cannot, or will
# not: from then on it comes a seventh as often each time. Six in an hour, and not three hundred.
PATIENCE, RARER = 2, 7.0


def may_speak(now: Situation) -> bool:
    """Tells whether anything may be said: past the start, before the finish, and knowing enough."""
    rings = BELL_M - BELL_RINGS_M < now.remaining_m <= BELL_M
    return now.done_m > FIRST_M and now.remaining_m > 0 and not rings and now.gap_sd_s < MAX_GAP_SD_S


def doubt_ahead_s(now: Situation, ahead_s: float) -> float:
    """Returns the standard deviation of the gap predicted `ahead_s` ahead, s."""
    return math.hypot(now.gap_sd_s, ahead_s * now.off_sd)


def smoothed(memory: Memory, now: Situation, tau_s: float) -> Memory:
    """Returns the memory with the runner's `off` averaged exponentially up to now."""
    if memory.smooth_off is None:
        return replace(memory, smooth_off=now.off, smooth_t=now.t)
    share = 1 - math.exp(-(now.t - memory.smooth_t) / tau_s)
    smooth = memory.smooth_off + share * (now.off - memory.smooth_off)
    return replace(memory, smooth_off=smooth, smooth_t=now.t)


def say(policy: PolicySpec, memory: Memory, now: Situation, decision: Decision) -> Step:
    """Says it, unless it is too soon after the word before, or too late in the run."""
    if now.t - memory.said_t < _spacing_s(policy, memory, decision):
        return memory, None
    if decision.word == "hold":
        if now.remaining_m < LAST_M:
            return memory, None
        return replace(memory, armed=True, said_t=now.t, word="hold", unheeded=0), decision
    if now.remaining_m < LAST_M and decision.word == "ease":
        return memory, None
    said = replace(
        memory,
        armed=False,
        said_t=now.t,
        word=decision.word,
        asked=decision.change_mps / now.cruise_mps,
        off_then=now.off,
        unheeded=_unheeded(memory, now, decision),
        calm_since=None,
    )
    return said, decision


def _spacing_s(policy: PolicySpec, memory: Memory, decision: Decision) -> float:
    if memory.armed or decision.word != memory.word:
        return policy.spacing_s
    return policy.spacing_unarmed_s * RARER ** max(memory.unheeded - PATIENCE, 0)


def _unheeded(memory: Memory, now: Situation, decision: Decision) -> int:
    """Counts the corrections in a row that were said again because nothing came of them."""
    if memory.armed or decision.word != memory.word:
        return 0
    moved = (now.off - memory.off_then) / memory.asked
    return memory.unheeded + 1 if moved < HEEDED else 0
