"""The speed that people are shown as pace: calm while nothing changes, quick when something does.

It is worked out from the estimate, from the readings of speed behind it, and from what sensors say of
standing. While nothing changes it is the estimate's mean over some seconds. Two cumulative sums (Page 1954),
one for faster and one for slower, weigh how far readings lie from what is shown; each counts for so little
that it takes two or three. When a sum is full, shown goes along with the estimate until that has settled, and
is averaged over longer and longer again. A stop needs two witnesses: words of standing, two of one sensor or
one of each, with no word of movement after them. So no single reading does much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.evolve import replace
from pacer.measurement import Fix, Measurement, Stride

# Averaged over this long while nothing changes: the estimate's noise, 0.05 m/s over 2 s, falls to a third.
CALM_S = 15.0  # s
# The change that is looked for: nearly all of 5 % at race pace.
CHANGE_MPS = 0.26  # m/s
# What one reading can add to a sum, and how full that must be: three readings, or two where the estimate has
# left what is shown by three times its own noise. Of 60 seeds, asking for three always shows half of a 5 %
# step after 4.1 s for 3.3, 9 times in 10, with 0.85 for 1.3 s/mile while nothing changes, and an outlier
# that beside one noisy reading passes for a change half as often.
MOST, TWO, FULL = 1.0, 1.02, 2.0  # log likelihood ratio
FAR_MPS = 0.15  # m/s
# Where no reading of speed comes (positions only, a wheel), the estimate itself must have left for long.
LEFT_MPS, LEFT_M = 0.12, 0.5  # m/s, over twice its noise; m
# Nearer than this to the estimate, there is nothing to go along with.
NEAR_MPS = 0.03  # m/s
# The estimate has taken in all of a change this long after it was noticed; so long shown goes along with it.
SETTLED_S = 3.0  # s
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
    calm_s: float = 0.0  # s since the last change had settled; below 0 while it settles
    faster: float = 0.0  # the sums: log likelihood of a change over that of none
    slower: float = 0.0
    left_m: float = 0.0  # by how much and how long the estimate was beyond LEFT_MPS, with its sign
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


def weigh(shown: Shown, speed_mps: float, sd_mps: float) -> Shown:
    """Weighs a reading of speed, m/s: a change by `CHANGE_MPS` against none, in the two sums."""
    if shown.speed_mps is None or not sd_mps > 0:
        return shown
    off, share = speed_mps - shown.speed_mps, CHANGE_MPS / sd_mps**2
    faster, slower = (max(-2 * MOST, min(MOST, share * (x - CHANGE_MPS / 2))) for x in (off, -off))
    return replace(shown, faster=max(0.0, shown.faster + faster), slower=max(0.0, shown.slower + slower))


def show(shown: Shown, t: float, speed_mps: float | None) -> Shown:
    """Works out what is shown at `t` s from the estimate of speed then, m/s; None is unknown."""
    if speed_mps is None:
        return replace(shown, speed_mps=None, t=t)
    now, standing = shown.speed_mps, _standing(shown, t)
    if standing is not None or now is None:
        now = speed_mps if standing is None else min(standing, speed_mps)
        return _going_along(replace(shown, speed_mps=now, t=t))
    dt, off = t - shown.t, speed_mps - now
    beyond = math.copysign(max(abs(off) - LEFT_MPS, 0.0), off)
    left = shown.left_m + beyond * dt if beyond * shown.left_m >= 0 and beyond else 0.0
    shown = replace(shown, t=t, calm_s=shown.calm_s + dt, left_m=left)
    if _changed(shown, off):
        shown = _going_along(shown)
    over = min(max(shown.calm_s, dt), CALM_S)  # s
    return replace(shown, speed_mps=now + off * dt / over if over > 0 else now)


def _changed(shown: Shown, off: float) -> bool:
    """Tells whether the estimate, `off` m/s from what is shown, has left it for good."""
    told, far = shown.faster if off > 0 else shown.slower, abs(off)
    return (told > FULL and far > NEAR_MPS) or (told > TWO and far > FAR_MPS) or abs(shown.left_m) > LEFT_M


def _going_along(shown: Shown) -> Shown:
    return replace(shown, calm_s=-SETTLED_S, faster=0.0, slower=0.0, left_m=0.0)


def _standing(shown: Shown, t: float) -> float | None:
    """Returns the speed that the witnesses of standing agree on, m/s; None if they do not."""
    live = [witness for witness in (shown.sky, shown.pod) if t - witness.t <= WORD_S]
    # a pod may fall off a shoe, or say the same again and again, while the sky sees its owner run
    if sum(witness.still for witness in live) < 2 or (shown.sky in live and not shown.sky.still):
        return None
    return min(witness.speed_mps for witness in live if witness.still)
