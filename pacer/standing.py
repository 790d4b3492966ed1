"""Estimate against target: the gap, the speed that is needed now, and the projected finish."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pacer.outputs import Estimate, Standing
from pacer.target import EvenSplit

# Before this, what the runner does next outweighs any state: "at target pace you finish at T - gap" errs
# least (2.0/1.4/0.8 s at 400/800/1200 m against 4.2/2.7/1.2 s by current speed, simulated even mile).
LAST_M = 400.0  # m

# Closer to the finish than this a metre of doubt is 2 % of the speed needed, and the number only jumps.
NEEDED_M = 50.0  # m

# How far from the target's speed a runner strays, before anything is seen of it: 3 % (laps of the mile's
# world records vary by 1.5 to 3 %, Foster 2014); this counts like so many seconds of running.
STRAY, STRAY_S = 0.03, 30.0  # share of speed, s
# A stretch that is run too fast or too slow lasts about so long: what remains is many of them, each as likely
# to be fast as slow, and their errors add as random ones do. Chosen so that 95 % ranges hold 95 % of the
# finishes of even and of erratic simulated miles; one who fades all the way ends outside them more often.
TOGETHER_S = 36.0  # s
# From here on after the gun a runner is at speed.
AT_SPEED_S = 10.0  # s

# A projection by current speed means nothing when standing.
MOVING_MPS = 0.5  # m/s

_Finish = tuple[float | None, Literal["target pace", "current speed"] | None]


@dataclass(frozen=True, slots=True)
class Unevenness:
    """Holds how far from the target's speed the runner has strayed: the mean square and its weight."""

    square: float = STRAY**2  # share of speed, squared
    over_s: float = STRAY_S


def learn(uneven: Unevenness, speed_mps: float | None, cruise_mps: float, for_s: float) -> Unevenness:
    """Adds `for_s` seconds at a speed, m/s; one that is not known adds nothing."""
    if speed_mps is None:
        return uneven
    over = uneven.over_s + for_s
    stray = speed_mps / cruise_mps - 1
    return Unevenness(uneven.square + (stray * stray - uneven.square) * for_s / over, over)


UNKNOWN = Standing(None, None, None, None, None, None)


def stand(
    estimate: Estimate, split: EvenSplit, elapsed_s: float, pace_mps: float | None, uneven: Unevenness
) -> Standing:
    """Compares an estimate with the even split `elapsed_s` seconds after the gun; unknown stays None.

    `pace_mps` is the speed as it is shown, m/s: a finish "at current speed" is the finish at that pace.
    """
    s, sd = estimate.distance_m, estimate.distance_sd_m
    if s is None or sd is None:
        return UNKNOWN
    gap_s = split.gap_s(s, elapsed_s)
    left_m, left_s = split.distance_m - s, split.time_s - elapsed_s
    gap_sd_s = sd / split.cruise_mps
    finish_s, basis = _finish(max(left_m, 0.0), split, elapsed_s, gap_s, pace_mps)
    return Standing(
        gap_s=gap_s,
        gap_sd_s=gap_sd_s,
        gap_m=s - split.distance_at(elapsed_s),
        needed_mps=left_m / left_s if left_m > NEEDED_M and left_s > 0 else None,
        finish_s=finish_s,
        finish_basis=basis,
        finish_sd_s=None if finish_s is None else math.hypot(gap_sd_s, _to_come(left_s - gap_s, uneven)),
    )


def _finish(
    left_m: float, split: EvenSplit, elapsed_s: float, gap_s: float, pace_mps: float | None
) -> _Finish:
    if left_m > LAST_M:
        return split.time_s - gap_s, "target pace"
    if left_m == 0:  # it is now, at any speed and at one that is not known
        return elapsed_s, "current speed"
    if pace_mps is None or pace_mps < MOVING_MPS:
        return None, None
    return elapsed_s + left_m / pace_mps, "current speed"


def _to_come(left_s: float, uneven: Unevenness) -> float:
    """Returns the standard deviation of what the runner will stray in the last `left_s` seconds, s."""
    left = max(left_s, 0.0)
    return math.sqrt(uneven.square * left * min(left, TOGETHER_S))
