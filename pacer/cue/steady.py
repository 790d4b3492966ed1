"""Compares the speed run with the one that leads gently back to the even split; speaks when they part.

    back  = cruise (1 - clip(gap / BACK_S, +-BACK_MOST))     the speed that leads back
    off   = speed / cruise - back / cruise

Who is behind but already faster, by about what it takes, is left alone, and so is who is a little fast where
he should be; only what goes the wrong way is answered. The gap is the one that will stand when a cue is acted
on. Fewer cues than the predicted gap's, and gentler ones, for the same gap.
"""

from __future__ import annotations

from dataclasses import replace

from pacer.cue.manners import BELL_M, LAST_M, SURE_SIGMA, doubt_ahead_s, may_speak, say
from pacer.cue.situation import Decision, Memory, Situation, Step, correction
from pacer.setup import PolicySpec

# From a decision to its effect: 0.2 s of link and headphones, 2.3 s until a person acts, half of the 2 s that
# a change of stride takes.
DELAY_S = 3.5
BACK_S, BACK_MOST = 18.0, 0.03
LET_GO = 0.047
# Armed again, and on pace, when the speed is that near to the one that leads back; "hold" confirms it once
# it has been so for a while, not when it passes through.
ON_PACE, CALM_S = 0.01, 3.0  # share of speed, s
# People do less than they are asked, and less of "press"; but what is asked wanders back by itself.
EASE_GAIN, PRESS_GAIN = 0.93, 0.86
# From the bell on less is let go: what is not mended now never is.
LAST_LAP = 0.8
SHORTEST_S = 8.0  # s, a gap is never closed faster, be the finish ever so near


def decide(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Decides what to say."""
    if not may_speak(now):
        return memory, None
    off = _off(now)
    memory = _calmer(memory, now, off)
    if abs(off) < ON_PACE:
        return _confirm(policy, memory, now)
    doubt = doubt_ahead_s(now, BACK_S + DELAY_S) / BACK_S
    let_go = LET_GO * (LAST_LAP if now.remaining_m < BELL_M else 1.0)
    if abs(off) < max(let_go, SURE_SIGMA * doubt):
        return memory, None
    wanted = -off * (EASE_GAIN if off > 0 else PRESS_GAIN)
    change = min(max(wanted, -policy.max_change), policy.max_change)
    return say(policy, memory, now, correction(change, now.cruise_mps))


def _off(now: Situation) -> float:
    """Returns by what share of the even speed the runner is faster than the speed that leads back."""
    gap_s = now.gap_s + DELAY_S * now.off
    back_s = min(BACK_S, max(now.remaining_m / now.cruise_mps, SHORTEST_S))
    return now.off + min(max(gap_s / back_s, -BACK_MOST), BACK_MOST)


def _calmer(memory: Memory, now: Situation, off: float) -> Memory:
    """Returns the memory armed again where all is as it should be, and knowing since when."""
    if abs(off) >= ON_PACE:
        return memory if memory.calm_since is None else replace(memory, calm_since=None)
    since = now.t if memory.calm_since is None else memory.calm_since
    return replace(memory, armed=True, unheeded=0, calm_since=since)


def _confirm(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Says "hold" after a correction that has come to its end."""
    corrected = memory.word in ("ease", "press")
    calm = memory.calm_since is not None and now.t - memory.calm_since >= CALM_S
    if not (corrected and calm) or now.remaining_m < LAST_M:
        return memory, None
    return say(policy, memory, now, Decision("hold", 0.0))
