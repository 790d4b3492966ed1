"""Estimate against target: the gap, the speed that is needed now, and the projected finish."""

from __future__ import annotations

from typing import Literal

from pacer.outputs import Estimate, Standing
from pacer.target import EvenSplit

# Before this, what the runner does next outweighs any state: "at target pace you finish at T - gap" errs
# least (2.0/1.4/0.8 s at 400/800/1200 m against 4.2/2.7/1.2 s by current speed, simulated even mile).
LAST_M = 400.0  # m

# Closer to the finish than this a metre of doubt is 2 % of the speed needed, and the number only jumps.
NEEDED_M = 50.0  # m

# A projection by current speed means nothing when standing.
MOVING_MPS = 0.5  # m/s

_Finish = tuple[float | None, Literal["target pace", "current speed"] | None]

UNKNOWN = Standing(None, None, None, None, None, None)


def stand(estimate: Estimate, split: EvenSplit, elapsed_s: float) -> Standing:
    """Compares an estimate with the even split `elapsed_s` seconds after the gun; unknown stays None."""
    s, sd = estimate.distance_m, estimate.distance_sd_m
    if s is None or sd is None:
        return UNKNOWN
    gap_s = split.gap_s(s, elapsed_s)
    left_m, left_s = split.distance_m - s, split.time_s - elapsed_s
    finish_s, basis = _finish(estimate, split, elapsed_s, gap_s)
    return Standing(
        gap_s=gap_s,
        gap_sd_s=sd / split.cruise_mps,
        gap_m=s - split.distance_at(elapsed_s),
        needed_mps=left_m / left_s if left_m > NEEDED_M and left_s > 0 else None,
        finish_s=finish_s,
        finish_basis=basis,
    )


def _finish(e: Estimate, split: EvenSplit, elapsed_s: float, gap_s: float) -> _Finish:
    left_m = split.distance_m - (e.distance_m or 0.0)
    if left_m > LAST_M:
        return split.time_s - gap_s, "target pace"
    if e.speed_mps is None or e.speed_mps < MOVING_MPS:
        return None, None
    return elapsed_s + max(left_m, 0.0) / e.speed_mps, "current speed"
