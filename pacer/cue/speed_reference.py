"""Holds the runner to a speed: the even one, and a little beside it while there is a gap.

For those who want evenness first: it keeps 100 m splits together, and lets small gaps stand.
"""

from __future__ import annotations

import math

from pacer.cue.manners import LAST_M, SURE_SIGMA, may_speak, say, smoothed
from pacer.cue.situation import Decision, Memory, Situation, Step, correction
from pacer.evolve import replace
from pacer.setup import PolicySpec

# The study's figures: a gap is closed within 30 s, by 1 % of speed at most, and cues are 12 s apart.
CLOSE_S, CLOSE_MOST, SPACING_S = 30.0, 0.01, 12.0
# The study let 1.5 % go and averaged over 3 s. An estimate of today's doubt is right about 2.5 %, and asking
# for 0.6 of it keeps the splits together: found on other seeds than any reported.
LET_GO, SMOOTH_S, GAIN = 0.025, 3.0, 0.6
NOISE_S = 3.0  # s, correlation time of the estimated speed's noise
# Nobody is asked away from the even split: the gap of so long ahead has to say the same, by that much.
AHEAD_S, AHEAD_GAP_S = 15.0, 0.3  # s, s


def decide(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Decides what to say."""
    memory = smoothed(memory, now, SMOOTH_S)
    if not may_speak(now) or memory.smooth_off is None or now.t - memory.said_t < SPACING_S:
        return memory, None
    back = min(max(now.gap_s / CLOSE_S, -CLOSE_MOST), CLOSE_MOST)
    off = memory.smooth_off + back
    ahead_s = now.gap_s + AHEAD_S * memory.smooth_off
    if abs(off) < LET_GO / 2:
        return _confirm(policy, memory, now)
    if abs(off) < max(LET_GO, SURE_SIGMA * _doubt(now)) or ahead_s * math.copysign(1, off) < AHEAD_GAP_S:
        return memory, None
    change = min(max(-GAIN * off, -policy.max_change), policy.max_change)
    return say(policy, memory, now, correction(change, now.cruise_mps))


def _doubt(now: Situation) -> float:
    """Returns the doubt of the averaged speed, as a share: averaging over its noise takes a third off."""
    return now.off_sd * math.sqrt(NOISE_S / (NOISE_S + SMOOTH_S))


def _confirm(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Says "hold" after a correction, once."""
    if memory.word not in ("ease", "press") or now.remaining_m < LAST_M:
        return memory, None
    return say(policy, replace(memory, armed=True), now, Decision("hold", 0.0))
