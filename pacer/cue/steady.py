"""Answers a gap that grows, by the speed that leads gently back to the even split; the default.

    ahead = gap + look_ahead * off                                    the gap that will stand, s
    back  = - clip((gap - lead) / BACK_S, +-BACK_MOST)                how fast to be to come back, as a share
    astray = off - back                                               of the even speed, as `off` is
    lead  = 0.3 s, and none at the finish                             for people tire

It speaks where both say the same: the predicted gap leaves the dead band, and the speed is far from the one
that leads back. Who is behind but already faster, by about what it takes, is left alone, and so is who is a
little fast where he should be. That takes a third fewer cues than the predicted gap alone, and gentler ones,
for a gap about as small; the figures below are from a search over simulated runners, on other seeds than any
reported.
"""

from __future__ import annotations

from pacer.cue.manners import LAST_M, SURE_SIGMA, doubt_ahead_s, may_speak, say, smoothed
from pacer.cue.situation import Decision, Memory, Situation, Step, correction
from pacer.evolve import replace
from pacer.setup import PolicySpec

# A gap is closed within some 100 m, or by 2.2 % of speed, 1.5 s a lap, where it is more than 0.4 s. A steeper
# way back closes gaps sooner and swings more.
BACK_S, BACK_MOST = 18.0, 0.022
SHORTEST_S = 8.0  # s, a gap is never closed faster, be the finish ever so near
# Who is astray by less than this is on his way; at 3 % there are a tenth more cues, for no smaller gap.
LET_GO = 0.038  # share of speed
# Asked for is less than is wanted of "ease": what is left closes by itself, for people wander back to their
# pace within a minute; and more than is wanted of "press", for they make less of it and tire.
EASE_GAIN, PRESS_GAIN = 0.7, 1.5
# A runner is led so far ahead of the even split, for he tires, and what he was pressed to fades: without it
# he is behind more often than ahead, and late at the finish. It is given back over the last 800 m. With 0.5 s
# a trained runner, who tires less, is ahead too often.
LEAD_S, GIVEN_BACK_M = 0.3, 800.0  # s, m to go
# The speed is averaged over this: the estimate's own noise has a correlation time of 3 s.
SMOOTH_S = 1.5  # s
# "Hold" confirms a correction once the speed has been near the one that leads back for a while, not when it
# passes through it.
ON_PACE, CALM_S = 0.012, 3.0  # share of speed, s


def decide(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Decides what to say."""
    memory = smoothed(memory, now, SMOOTH_S)
    if not may_speak(now) or memory.smooth_off is None:
        return memory, None
    lead_s = LEAD_S * min(now.remaining_m / GIVEN_BACK_M, 1.0)
    astray = memory.smooth_off - _back(now, lead_s)
    ahead_s = now.gap_s + policy.look_ahead_s * memory.smooth_off
    if abs(astray) < ON_PACE:
        return _confirm(policy, _calm(memory, now.t), now)
    memory = _calm(memory, None)
    doubt_s = SURE_SIGMA * doubt_ahead_s(now, policy.look_ahead_s)
    if abs(astray) < LET_GO or abs(ahead_s) < doubt_s or abs(ahead_s - lead_s) < policy.dead_band_s:
        return memory, None
    if not (astray > 0) == (ahead_s > 0) == (ahead_s > lead_s):  # it comes back by itself, if too fast
        return memory, None
    wanted = -astray * (EASE_GAIN if astray > 0 else PRESS_GAIN)
    change = min(max(wanted, -policy.max_change), policy.max_change)
    return say(policy, memory, now, correction(change, now.cruise_mps))


def _back(now: Situation, lead_s: float) -> float:
    """Returns by what share of the even speed to be faster than it, to come back to `lead_s` ahead of it."""
    back_s = min(BACK_S, max(now.remaining_m / now.cruise_mps, SHORTEST_S))
    return -min(max((now.gap_s - lead_s) / back_s, -BACK_MOST), BACK_MOST)


def _calm(memory: Memory, t: float | None) -> Memory:
    """Returns the memory that knows since when all is well; None: it is not."""
    if t is not None and memory.calm_since is not None:
        return memory
    return memory if t == memory.calm_since else replace(memory, calm_since=t)


def _confirm(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Says "hold" after a correction that has come to its end."""
    corrected = memory.word in ("ease", "press")
    calm = memory.calm_since is not None and now.t - memory.calm_since >= CALM_S
    if not (corrected and calm) or now.remaining_m < LAST_M:
        return memory, None
    return say(policy, memory, now, Decision("hold", 0.0))
