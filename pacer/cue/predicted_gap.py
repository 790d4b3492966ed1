"""Answers the gap that will stand some seconds from now; the best of the study that pacer's aims are from.

It speaks when the predicted gap leaves a dead band, asks for the even speed and a little beside it that
brings the gap to zero, and is armed again only when the predicted gap has come back.
"""

from __future__ import annotations

from pacer.cue.manners import SURE_SIGMA, doubt_ahead_s, may_speak, say
from pacer.cue.situation import Decision, Memory, Situation, Step, correction
from pacer.evolve import replace
from pacer.setup import PolicySpec


def decide(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Decides what to say."""
    if not may_speak(now):
        return memory, None
    ahead_s = now.gap_s + policy.look_ahead_s * now.off
    inside = abs(ahead_s) < policy.rearm_s
    memory = replace(memory, armed=memory.armed or inside)
    if inside and memory.word in ("ease", "press"):
        return say(policy, memory, now, Decision("hold", 0.0))
    if abs(ahead_s) < max(policy.dead_band_s, SURE_SIGMA * doubt_ahead_s(now, policy.look_ahead_s)):
        return memory, None
    wanted = -now.gap_s / policy.spread_s - now.off
    change = min(max(wanted, -policy.max_change), policy.max_change)
    if (change > 0) == (ahead_s > 0):  # the gap closes by itself, faster than it should
        return memory, None
    return say(policy, memory, now, correction(change, now.cruise_mps))
