"""Weighs the lessons of many runs into a calibration, and says how sure it is of each quantity now.

A sensor's character is a base that wanders off over years and what a day adds to it (lacing, warmth, tyre
pressure), which is forgotten within the day:

    x = [base day common]    z = base + day + common + noise    (a Kalman filter over the runs, oldest first)

What is common is an error of all runs alike, the way they are measured: it never averages out. So one run on
the same track an hour ago says more of today than ten last week, and those more than one; the doubt grows
with age by itself. A run that disagrees moves the belief part of the way and widens it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pacer.estimator.process import OVAL, PHONE
from pacer.kept import Kept, kept_of, key, newest, speaks_of
from pacer.outputs import Lesson, Quantity
from pacer.setup import Calibration, Setup

Array = NDArray[np.float64]

DAY_S = 86400.0  # s
DAY_TAU_S = DAY_S / 2  # s: what a day adds is half forgotten by the evening, and gone tomorrow
# Shoes and tyres wear, batteries and software change: after a year half of the doubt is back.
WEARS_S = 5 * 365 * DAY_S  # s
# A lesson farther off than this is no chance: once in 370 runs.
DISAGREES_SIGMA = 3.0


@dataclass(frozen=True, slots=True)
class Trait:
    """Says how a quantity behaves from run to run; standard deviations in the quantity's unit."""

    prior: float
    prior_sd: float
    day_sd: float  # what a day adds
    forgets_s: float  # s, over which the base wanders off, and what was learnt is forgotten
    common_sd: float  # of the error that all runs share
    low: float  # a value below, or above ...
    high: float  # ... is refused: nothing real is so


@dataclass(frozen=True, slots=True)
class Weighed:
    """Holds what is believed of one quantity now."""

    value: float
    sd: float
    runs: int
    disagreed: int  # of them, with those before
    newest_s: float  # Unix time of the newest of them


def traits(setup: Setup) -> dict[Quantity, Trait]:
    """Returns how each quantity behaves; what is configured is believed before any run.

    A calibrated pod is 1 to 1.5 % off between one day and another (0.9 % root 2), a tyre half a per cent
    with its pressure. How old positions are is the receiver's make, but for a quarter of its class's
    doubt. A map stays as it is. Common to all runs is what lap lengths, lanes and headings are known to, and
    0.03 s by which positions look younger or older when a start is faster or slower than the model's.
    """
    known = setup.calibration
    around, around_sd = known.wheel_circumference_m, known.wheel_circumference_sd_m
    late_sd, map_sd = known.fix_late_sd_s or PHONE.tag_sd_s, known.map_sd_m or OVAL.place_sd_m
    place = Trait(0.0, map_sd, 0.0, math.inf, 0.2, -10.0, 10.0)
    return {
        "footpod_slope": Trait(known.footpod_slope, known.footpod_slope_sd, 0.0, WEARS_S, 0.002, -0.1, 0.1),
        "footpod_scale": Trait(known.footpod_scale, known.footpod_scale_sd, 0.009, WEARS_S, 0.002, 0.8, 1.25),
        "wheel_circumference_m": Trait(around, around_sd, 0.005 * around, WEARS_S, 0.002 * around, 0.5, 4.0),
        "fix_late_s": Trait(known.fix_late_s, late_sd, late_sd / 4, WEARS_S, 0.03, -1.0, 1.0),
        "map_east_m": replace(place, prior=known.map_east_m),
        "map_north_m": replace(place, prior=known.map_north_m),
    }


def implausible(trait: Trait, value: float, sd: float) -> str | None:
    """Says why a lesson cannot be; None where it can."""
    if not trait.low <= value <= trait.high:
        return f"{value:.4g} is implausible: allowed is {trait.low:g} to {trait.high:g}"
    if not 0 < sd < math.inf:
        return f"a doubt of {sd:g} is implausible: allowed is more than 0"
    return None


def weigh(trait: Trait, lessons: Sequence[Kept], now_s: float) -> Weighed:
    """Weighs the lessons of one quantity; those of after `now_s` count as of now."""
    day = min(trait.day_sd, trait.prior_sd / 2) ** 2
    x: Array = np.array([trait.prior, 0.0, 0.0])
    P: Array = np.diag([trait.prior_sd**2 - day, day, trait.common_sd**2])
    t, disagreed = -math.inf, 0
    for lesson in sorted(lessons, key=lambda one: one.utc_s):
        x, P = _later(x, P, min(lesson.utc_s, now_s) - t, trait, day)
        t = min(lesson.utc_s, now_s)
        y, S = lesson.value - float(x.sum()), float(P.sum()) + lesson.sd**2
        if y * y > DISAGREES_SIGMA**2 * S:
            # something has changed, or this run is wrong: give half of what is not explained to each
            P[0, 0] += (y * y - S) / 2
            S, disagreed = y * y, disagreed + 1
        gain = P.sum(axis=1) / S
        x, P = x + gain * y, P - np.outer(gain, gain) * S
    x, P = _later(x, P, now_s - t, trait, day)
    return Weighed(float(x[:2].sum()), math.sqrt(float(P[:2, :2].sum())), len(lessons), disagreed, t)


def _later(x: Array, P: Array, dt_s: float, trait: Trait, day: float) -> tuple[Array, Array]:
    """Lets time pass; before the first lesson nothing has to."""
    if not 0 < dt_s < math.inf:
        return x, P
    base, left = math.exp(-dt_s / trait.forgets_s), math.exp(-dt_s / DAY_TAU_S)
    F = np.diag([base, left, 1.0])
    wandered = (trait.prior_sd**2 - day) * (1 - base * base)
    mean = np.array([trait.prior * (1 - base), 0.0, 0.0])
    return F @ x + mean, F @ P @ F + np.diag([wandered, day * (1 - left * left), 0.0])


def calibrated(setup: Setup, kept: Iterable[Kept], now_s: float) -> tuple[Setup, dict[Quantity, Weighed]]:
    """Returns the setup with what is known at `now_s` (Unix time) of its sensors and its track."""
    known, found = setup.calibration, dict[Quantity, Weighed]()
    lessons = list(kept)
    for quantity, trait in traits(setup).items():
        mine = [one for one in lessons if speaks_of(one, setup, quantity) and not _wrong(trait, one)]
        if not mine:
            continue
        if quantity == "footpod_scale":
            at_mps = max(mine, key=lambda one: one.utc_s).at_mps
            mine = [_at(one, at_mps, known) for one in mine]
            known = replace(known, footpod_mps=at_mps)
        found[quantity] = weighed = weigh(trait, mine, now_s)
        known = _with(known, quantity, weighed)
    return replace(setup, calibration=known), found


def _wrong(trait: Trait, one: Kept) -> bool:
    return implausible(trait, one.value, one.sd) is not None


def _at(one: Kept, mps: float | None, known: Calibration) -> Kept:
    """Brings a footpod's scale to another speed, by what it changes with speed."""
    off = 0.0 if one.at_mps is None or mps is None else mps - one.at_mps
    sd = math.hypot(one.sd, known.footpod_slope_sd * off)
    return replace(one, value=one.value + known.footpod_slope * off, sd=sd)


def _with(known: Calibration, quantity: Quantity, now: Weighed) -> Calibration:
    match quantity:
        case "footpod_scale":
            return replace(known, footpod_scale=now.value, footpod_scale_sd=now.sd)
        case "footpod_slope":
            return replace(known, footpod_slope=now.value, footpod_slope_sd=now.sd)
        case "wheel_circumference_m":
            return replace(known, wheel_circumference_m=now.value, wheel_circumference_sd_m=now.sd)
        case "fix_late_s":
            return replace(known, fix_late_s=now.value, fix_late_sd_s=now.sd)
        case "map_east_m":
            return replace(known, map_east_m=now.value, map_sd_m=now.sd)
        case "map_north_m":
            return replace(known, map_north_m=now.value, map_sd_m=now.sd)


def keep(
    kept: Iterable[Kept], setup: Setup, utc_s: float, lessons: Iterable[Lesson]
) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    """Adds the lessons of a run recorded at `utc_s`, in place of its earlier ones; says what is refused."""
    found = {key(one): one for one in kept}
    refused = []
    for lesson in lessons:
        if why := implausible(traits(setup)[lesson.quantity], lesson.value, lesson.sd):
            refused.append(f"{lesson.sensor}: {lesson.quantity} not kept: {why}")
            continue
        new = kept_of(setup, utc_s, lesson)
        if new is None:
            refused.append(
                f"{lesson.sensor}: {lesson.quantity} not kept: nothing tells which one it was (--config)"
            )
        else:
            found[key(new)] = new
    return tuple(sorted(newest(found.values()), key=key)), tuple(refused)
