"""What others say: a phone that compares its own pace with the target, and RunnerUp's coach.

Baselines of the study of policies, to replay a run with and to be better than. They know nothing of course,
footpod, gap or doubt, and say no size: what stands for it is what a person makes of such a cue, 2 % of speed.
"""

from __future__ import annotations

import math

from pacer.cue.raw_pace import RawPace
from pacer.cue.situation import Memory, Situation, Step, correction
from pacer.evolve import replace
from pacer.setup import PolicySpec
from pacer.units import MILE_M

UNSIZED = 0.02  # share of speed that people make of a cue without a size, by the study's assumption
# Bang-bang: the pace of the last 5 s, every 5 s, once the start is over. What is let go is not told in the
# study; with this it speaks as often as there, 10 times a lap.
BANG_S, BANG_AFTER_S, BANG_LET_GO = 5.0, 12.0, 0.028
# RunnerUp (TargetTrigger, CoachFeedback at d698aec): means over 20 s, taken once a second, of which 20 are
# kept and averaged without the highest and the lowest 5 %; 30 s of grace; and a target of +-5 s a mile.
RING, TRIM, GRACE_S, RANGE_S = 20, 0.05, 30.0, 5.0


def bang_bang(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Compares the raw pace of the last 5 s with the even one."""
    del policy
    if now.elapsed_s < BANG_AFTER_S or now.t - memory.said_t < BANG_S:
        return memory, None
    speed = memory.raw.speed_mps(now.t, BANG_S)
    if speed is None or abs(speed / now.cruise_mps - 1) < BANG_LET_GO:
        return memory, None
    return _say(memory, now, speed)


def runnerup(policy: PolicySpec, memory: Memory, now: Situation) -> Step:
    """Compares RunnerUp's trimmed mean with the target pace, 5 s a mile to either side."""
    del policy
    if now.t - memory.said_t < GRACE_S:
        return memory, None
    speed = coach_mps(memory.raw, now.t - now.elapsed_s)
    if speed is None or abs(MILE_M / speed - MILE_M / now.cruise_mps) < RANGE_S:
        return memory, None
    return _say(memory, now, speed)


def coach_mps(raw: RawPace, since_t: float) -> float | None:
    """Returns the trimmed mean of the speeds over 20 s, of each of the last 20 s since `since_t`, m/s."""
    samples = [sample for sample in raw.samples if sample[0] >= since_t]
    means = [
        (metres - before) / (t - then)
        for (then, before), (t, metres) in zip(samples, samples[RING:], strict=False)
    ][-RING:]
    if not means:
        return None
    drop = math.floor(TRIM * len(means))
    kept = sorted(means)[drop : len(means) - drop]
    return math.fsum(kept) / len(kept)


def _say(memory: Memory, now: Situation, speed_mps: float) -> Step:
    share = UNSIZED if speed_mps < now.cruise_mps else -UNSIZED
    said = correction(share, now.cruise_mps)
    return replace(memory, said_t=now.t, word=said.word, asked=share), said
