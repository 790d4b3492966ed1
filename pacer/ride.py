"""The rider's part: the pace line he holds, where that is in his lane, and how fast to ride.

pace line    strict: the even split, whatever the runner does
elastic: the same until the runner falls behind it by `elastic_s`; then it waits for the runner at
that distance, and goes on evenly to the finish over what remains, a little faster
his place    `lead_m` in front of the pace line, abreast of it in his own lane
his speed    that of the pace line in his lane, which is more in a bend, and a little beside it while he is
off his place
"""

from __future__ import annotations

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
# While the line waits, a rider in front of his place has nobody close behind whom he could brake: he drops
# back soon. One who is behind it, by this, goes on as planned: he has the runner beside him.
WAIT_BACK_S, WAIT_MOST, WAIT_M = 5.0, 0.3, 5.0  # s, share of the line's speed, m
# The line waits before the runner is at the bound: an estimate takes a second or two to see that somebody
# slows down, and a rider as long to act.
WAIT_AHEAD_S = 3.0  # s
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

    def speed_at(self, even: EvenSplit, elapsed_s: float, ahead_m: float = 0.0) -> float:
        """Returns how fast to go with the line then, m/s, `ahead_m` in front of the place beside it."""
        planned = even.speed_at(elapsed_s) if self.since_s is None else self.speed_mps
        if self.waits_mps is None or self.waits_mps > planned:
            return planned
        return self.waits_mps + (planned - self.waits_mps) * min(max(-ahead_m / WAIT_M, 0.0), 1.0)

    def cruise_mps(self, even: EvenSplit) -> float:
        """Returns the even speed that is planned from here on, m/s."""
        return even.cruise_mps if self.since_s is None else self.speed_mps


def wait(
    line: PaceLine, even: EvenSplit, elapsed_s: float, runner: tuple[float, float] | None, elastic_s: float
) -> PaceLine:
    """Lets the line wait for a runner who soon is `elastic_s` behind it, and plans the rest evenly.

    `runner` is where the runner is, m, and how fast, m/s; None where that is not known for sure: a rider does
    not ease for somebody who is only lost to the sensors.
    """
    if runner is None:
        return replace(line, waits_mps=None)
    falls_mps = max(line.cruise_mps(even) - runner[1], 0.0)
    farthest = runner[0] + max(elastic_s * even.cruise_mps - WAIT_AHEAD_S * falls_mps, 0.0)
    if line.at(even, elapsed_s) <= farthest:
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


def asked_mps(line_mps: float, rate: float, ahead_m: float | None, *, waits: bool = False) -> float | None:
    """Returns the speed to ride, m/s in the rider's lane; None where it is not known where he is.

    `rate` is the rider's way per metre of the runner's line, `ahead_m` how far in front of his place he is,
    and `waits` whether the line waits for the runner.
    """
    if ahead_m is None:
        return None
    back_s, most = (WAIT_BACK_S, WAIT_MOST) if waits and ahead_m > 0 else (BACK_S, MOST_BESIDE)
    beside = min(max(-ahead_m / back_s, -most * line_mps), most * line_mps)
    return (line_mps + beside) * rate
