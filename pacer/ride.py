"""The rider's part: the pace line he holds, where that is in his lane, and how fast to ride.

pace line    strict: the even split, whatever the runner does
elastic: the same until the runner falls behind it by more than `elastic_s`; then it waits for
the runner at that distance, and goes on evenly to the finish over what remains
his place    `lead_m` in front of the pace line, abreast of it in his own lane
his speed    that of the pace line in his lane, which is more in a bend, and a little beside it while he is
off his place
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.course import Course, Oval
from pacer.evolve import replace
from pacer.target import EvenSplit

# A rider who is off his place is brought back over this long: shorter and he brakes and sprints, and the
# runner behind him with him; longer and half a lap goes by.
BACK_S = 15.0  # s
# ... and is never asked for more than this beside the line's speed: a runner who follows can take 3 % or so
# for half a minute without paying for it.
MOST_BESIDE = 0.03
# What was lost is made good evenly, but no faster than this over the even split: a runner who was dropped is
# not brought back by a sprint. At 4:41 it is 8 s a mile.
MOST_FASTER = 0.03


@dataclass(frozen=True, slots=True)
class PaceLine:
    """Holds the line as it was planned anew, and None in all of it where it is the even split."""

    since_s: float | None = None  # s after the gun
    from_m: float = 0.0  # m, where it was then
    speed_mps: float = 0.0
    waits_mps: float | None = None  # m/s, how fast the runner is that it waits for

    def at(self, even: EvenSplit, elapsed_s: float) -> float:
        """Returns where the line is, m along the runner's line, `elapsed_s` after the gun."""
        if self.since_s is None:
            return even.distance_at(elapsed_s)
        return self.from_m + self.speed_mps * (elapsed_s - self.since_s)

    def speed_at(self, even: EvenSplit, elapsed_s: float) -> float:
        """Returns how fast the line goes then, m/s; before it was planned anew it starts as a runner does."""
        if self.waits_mps is not None:
            return min(self.waits_mps, self.speed_mps)
        return even.speed_at(elapsed_s) if self.since_s is None else self.speed_mps


def wait(
    line: PaceLine, even: EvenSplit, elapsed_s: float, runner: tuple[float, float] | None, elastic_s: float
) -> PaceLine:
    """Lets the line wait for a runner who is more than `elastic_s` behind it, and plans the rest evenly.

    `runner` is where the runner is, m, and how fast, m/s; None where that is not known for sure: a rider does
    not ease for somebody who is only lost to the sensors.
    """
    farthest = math.inf if runner is None else runner[0] + elastic_s * even.cruise_mps
    if runner is None or line.at(even, elapsed_s) <= farthest:
        return replace(line, waits_mps=None)
    left_m, left_s = even.distance_m - farthest, even.time_s - elapsed_s
    fastest = even.cruise_mps * (1 + MOST_FASTER)
    return PaceLine(elapsed_s, farthest, min(left_m / left_s, fastest) if left_s > 0 else fastest, runner[1])


def abreast(s_m: float, own: Course | None, other: Course | None) -> tuple[float, float]:
    """Returns the progress along `other` abreast of `s_m` along `own`, m, and its rate there.

    Lanes of a track differ in their bends alone; elsewhere everybody is on one line.
    """
    if isinstance(own, Oval) and isinstance(other, Oval):
        return own.abreast(s_m, other), (other.radius_m / own.radius_m if own.curvature_1pm(s_m) else 1.0)
    return s_m, 1.0


def asked_mps(line_mps: float, rate: float, ahead_m: float | None) -> float | None:
    """Returns the speed to ride, m/s in the rider's lane; None where it is not known where he is.

    `rate` is the rider's way per metre of the runner's line, `ahead_m` how far in front of his place he is.
    """
    if ahead_m is None:
        return None
    beside = -ahead_m / BACK_S
    most = MOST_BESIDE * line_mps
    return (line_mps + min(max(beside, -most), most)) * rate
