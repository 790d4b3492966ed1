"""Holds the runner to a speed: the even one, and a little beside it while there is a gap.

The study's answer for those who want evenness first: it keeps 100 m splits together, and lets gaps stand.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pacer.cue.manners import SURE_SIGMA, may_speak, say
from pacer.cue.situation import Decision, Memory, Situation, Step, correction
from pacer.setup import PolicySpec

# The study's figures: a gap is closed within 30 s, by 1 % of speed at most; 1.5 % off is let go; the speed is
# averaged over 3 s, which is a mean age of 1.5 s; and cues are 12 s apart.
CLOSE_S, CLOSE_MOST, LET_GO, SMOOTH_S, SPACING_S = 30.0, 0.01, 0.015, 1.5, 12.0


def decide(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Decides what to say."""
    memory = smoothed(memory, now, SMOOTH_S)
    if not may_speak(now) or memory.smooth_off is None or now.t - memory.said_t < SPACING_S:
        return memory, None
    off = memory.smooth_off + min(max(now.gap_s / CLOSE_S, -CLOSE_MOST), CLOSE_MOST)
    if abs(off) < LET_GO / 2 and memory.word in ("ease", "press"):
        return say(policy, replace(memory, armed=True), now, Decision("hold", 0.0))
    if abs(off) < max(LET_GO, SURE_SIGMA * now.off_sd):
        return memory, None
    change = min(max(-off, -policy.max_change), policy.max_change)
    return say(policy, memory, now, correction(change, now.cruise_mps))


def smoothed(memory: Memory, now: Situation, tau_s: float) -> Memory:
    """Returns the memory with the runner's `off` averaged exponentially up to now."""
    if memory.smooth_off is None:
        return replace(memory, smooth_off=now.off, smooth_t=now.t)
    share = 1 - math.exp(-(now.t - memory.smooth_t) / tau_s)
    return replace(
        memory, smooth_off=memory.smooth_off + share * (now.off - memory.smooth_off), smooth_t=now.t
    )
