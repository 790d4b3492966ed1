"""The speed that people are shown as pace: calm while nothing changes, quick when something does.

It is worked out from the estimate and from what sensors say of standing. While the estimate stays near a
level, which is its mean over some seconds, that level is shown; where it has plainly left it, the estimate
itself is; in between what is shown goes from one to the other in proportion, so that no single reading tips
anything over. What lasts is the next level. A stop needs two witnesses: words of standing, two of one sensor
or one of each, with no word of movement after them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.evolve import replace
from pacer.measurement import Fix, Measurement, Stride

# The level is averaged over this long: the estimate's noise, 0.06 m/s over 2 s, falls to a third. A new one
# begins as an average over 2 s.
CALM_S, NEW_S = 15.0, 2.0  # s
# Where the estimate is nearer to the level than 1.7 sds of its noise the level is shown, and the estimate
# where it is farther than 2.8: of 5 % at race pace, 0.29 m/s, half is shown when it has gone 56 % of the way.
NEAR_MPS, FAR_MPS = 0.10, 0.17  # m/s
# Off for this long, less the time that it was not, the estimate has taken in all of a change.
SETTLED_S = 5.0  # s
# Slower than this is no run and hardly a walk: it is shown as standing.
STANDING_MPS = 1.0  # m/s
# A word of standing or moving counts for as long as its sensor is not silent.
WORD_S = 2.5  # s
# A pod that counted no stride for this long is still: nobody runs with less than one in 0.8 s. A packet that
# came twice comes sooner.
NO_STRIDE_S = 0.9  # s


@dataclass(frozen=True, slots=True)
class Witness:
    """Holds what one kind of sensor said of standing still, of late."""

    t: float = -math.inf  # s, of the last word
    still: int = 0  # words of standing in a row
    speed_mps: float = 0.0  # m/s, as last said

    def say(self, t: float, speed_mps: float, *, still: bool) -> Witness:
        """Adds a word."""
        return Witness(t, self.still + 1 if still else 0, speed_mps)


@dataclass(frozen=True, slots=True)
class Shown:
    """Holds the speed that is shown, and what it takes to work out the next."""

    speed_mps: float | None = None  # m/s along the measured line; None: not known
    t: float = 0.0  # s, the instant it is true for
    level_mps: float = 0.0  # m/s, the mean while nothing changed ...
    calm_s: float = 0.0  # s, ... and over how long
    off_s: float = 0.0  # s, for how long the estimate has been off it, less the time that it was not
    sky: Witness = Witness()
    pod: Witness = Witness()
    count: tuple[float, float] | None = None  # m and s, when the pod's odometer last went on


def hear(shown: Shown, m: Measurement) -> Shown:
    """Notes what a measurement of the runner says of standing still."""
    match m:
        case Fix(speed_mps=float(speed)):
            return replace(shown, sky=shown.sky.say(m.t, speed, still=speed < STANDING_MPS))
        case Stride():
            return _stride(shown, m)
    return shown


def _stride(shown: Shown, m: Stride) -> Shown:
    speed = m.speed_mps or 0.0
    still = not m.cadence_spm and m.running is not True and speed < STANDING_MPS
    count = shown.count
    if m.distance_m is not None:
        if count is None or m.distance_m != count[0]:
            count = (m.distance_m, m.t)
        still |= m.t - count[1] >= NO_STRIDE_S
    return replace(shown, count=count, pod=shown.pod.say(m.t, 0.0 if still else speed, still=still))


def show(shown: Shown, t: float, speed_mps: float | None) -> Shown:
    """Works out what is shown at `t` s from the estimate of speed then, m/s; None is unknown."""
    if speed_mps is None:
        return replace(shown, speed_mps=None, t=t)
    standing = _standing(shown, t)
    if standing is not None or shown.speed_mps is None:
        now = speed_mps if standing is None else min(standing, speed_mps)
        return replace(shown, speed_mps=now, t=t, level_mps=now, calm_s=0.0, off_s=0.0)
    shown = replace(_leveled(shown, t - shown.t, speed_mps), t=t)
    now = shown.level_mps + _part(speed_mps - shown.level_mps)
    if shown.off_s >= SETTLED_S:
        shown = replace(shown, level_mps=now, calm_s=NEW_S, off_s=0.0)
    return replace(shown, speed_mps=now)


def _leveled(shown: Shown, dt: float, speed_mps: float) -> Shown:
    """Takes an estimate that is near into the level, or notes for how long it has been off.

    Were the level to go after one that is off, what is shown would turn back, for less of it is shown then.
    """
    off, over = speed_mps - shown.level_mps, min(shown.calm_s + dt, CALM_S)
    if abs(off) >= NEAR_MPS:
        return replace(shown, off_s=shown.off_s + dt)
    share = min(dt / over, 1.0) if over > 0 else 0.0
    level, off_s = shown.level_mps + share * off, max(shown.off_s - dt, 0.0)
    return replace(shown, level_mps=level, calm_s=over, off_s=off_s)


def _part(off: float) -> float:
    """Returns how much of the estimate's distance from the level is shown, m/s."""
    share = (abs(off) - NEAR_MPS) / (FAR_MPS - NEAR_MPS)
    return off if share >= 1 else math.copysign(FAR_MPS * max(share, 0.0), off)


def _standing(shown: Shown, t: float) -> float | None:
    """Returns the speed that the witnesses of standing agree on, m/s; None if they do not."""
    live = [witness for witness in (shown.sky, shown.pod) if t - witness.t <= WORD_S]
    # a pod may fall off a shoe, or say the same again and again, while the sky sees its owner run
    if sum(witness.still for witness in live) < 2 or (shown.sky in live and not shown.sky.still):
        return None
    return min(witness.speed_mps for witness in live if witness.still)
