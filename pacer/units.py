"""Pace, splits and durations: the only place where min/mile, min/km and s/400 exist."""

from __future__ import annotations

import math
import re
from typing import Literal

from pacer.errors import InputError

MILE_M = 1609.344  # m, the international mile of 1959
KM_M = 1000.0  # m
LAP_M = 400.0  # m, what track people count in
NO_PACE = "--:--"
UNKNOWN_SPEED = "—"

PaceUnit = Literal["s/400", "min/mile", "min/km"]
PACE_UNITS: tuple[PaceUnit, ...] = ("s/400", "min/mile", "min/km")  # track people's first
UNIT_M: dict[PaceUnit, float] = {"s/400": LAP_M, "min/mile": MILE_M, "min/km": KM_M}  # m

RidingUnit = Literal["km/h", "mph"]
RIDING_UNITS: tuple[RidingUnit, ...] = ("km/h", "mph")  # what bicycle computers show
HOUR_M: dict[RidingUnit, float] = {"km/h": KM_M / 3600, "mph": MILE_M / 3600}  # m/s

# Names of race distances, m.
DISTANCES: dict[str, float] = {
    "mile": MILE_M,
    "half-marathon": 21097.5,
    "marathon": 42195.0,
}

# What is run at a pace: a sprint's first metres are none, and nobody runs farther than six days.
SHORTEST_M, LONGEST_M = 10.0, 1_000_000.0  # m

Z_95 = 1.96  # standard deviations to either side hold 95 % of a normal distribution

# Below this a pace is a number without meaning (slower than 55 min/km): shown as standing still.
STANDING_MPS = 0.3  # m/s


def duration(seconds: float | None, digits: int = 0) -> str:
    """Formats seconds as 4:41, 1:02:03 or, with digits, 4:41.3; unknown and infinite as --:--."""
    if seconds is None or not math.isfinite(seconds):
        return NO_PACE
    ticks = round(abs(seconds) * 10**digits)
    whole, part = divmod(ticks, 10**digits)
    minutes, s = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{s:02d}" if hours else f"{minutes}:{s:02d}"
    text += f".{part:0{digits}d}" if digits else ""
    return "-" + text if seconds < 0 and ticks else text


def projected(seconds: float | None, sd_s: float | None) -> str:
    """Formats a time that is not sure: 4:43 ± 3, the range that holds 95 %, never narrower than it is."""
    text = duration(seconds)
    return text if sd_s is None or text == NO_PACE else f"{text} ± {math.ceil(Z_95 * sd_s)}"


def pace(speed_mps: float | None, per_m: float, digits: int = 0) -> str:
    """Formats a speed in m/s as the time for `per_m` metres; standing still and unknown as --:--."""
    if speed_mps is None or not math.isfinite(speed_mps) or speed_mps < STANDING_MPS:
        return NO_PACE
    return duration(per_m / speed_mps, digits)


def per_mile(speed_mps: float | None) -> str:
    """Formats a speed as min:s a mile."""
    return pace(speed_mps, MILE_M)


def per_km(speed_mps: float | None) -> str:
    """Formats a speed as min:s a kilometre."""
    return pace(speed_mps, KM_M)


def per_lap(speed_mps: float | None, lap_m: float = LAP_M) -> str:
    """Formats a speed as the seconds of one lap, 69.8; unknown and standing as --.-."""
    if speed_mps is None or not math.isfinite(speed_mps) or speed_mps < STANDING_MPS:
        return "--.-"
    return f"{lap_m / speed_mps:.1f}"


def in_unit(speed_mps: float | None, unit: PaceUnit) -> str:
    """Formats a speed in the unit asked for, the unit beside it: 69.8 s/400, 4:41 /mi, 2:55 /km."""
    match unit:
        case "s/400":
            return f"{per_lap(speed_mps)} s/400"
        case "min/mile":
            return f"{per_mile(speed_mps)} /mi"
        case "min/km":
            return f"{per_km(speed_mps)} /km"


def riding(speed_mps: float | None, unit: RidingUnit) -> str:
    """Formats a rider's speed as a bicycle computer does, 20.6; a standing wheel 0.0; unknown as —."""
    if speed_mps is None or not math.isfinite(speed_mps):
        return UNKNOWN_SPEED
    return f"{max(speed_mps, 0.0) / HOUR_M[unit]:.1f}"


def lap_seconds(change_mps: float, speed_mps: float, lap_m: float = LAP_M) -> float:
    """Turns a speed change (m/s) at a speed (m/s) into seconds a lap, + is slower."""
    return lap_m / (speed_mps + change_mps) - lap_m / speed_mps


def leg(seconds: float | None) -> str:
    """Formats the time of a leg as track people say it: 69.8 below 100 s, else 1:52.4; unknown as --.-."""
    if seconds is None or not math.isfinite(seconds):
        return "--.-"
    return f"{seconds:.1f}" if abs(seconds) < 99.95 else duration(seconds, 1)


def gap(seconds: float | None, digits: int = 1) -> str:
    """Formats a gap with its sign, + ahead: +1.2, -0.4, 0.0; unknown as --."""
    if seconds is None or not math.isfinite(seconds):
        return "--"
    rounded = round(seconds, digits)
    return f"{rounded:+.{digits}f}" if rounded else f"{0:.{digits}f}"


def spoken(seconds: float) -> str:
    """Words a time for a voice: 69.8 below 100 s, else 4 minutes 41.3."""
    if seconds < 99.95:
        return f"{seconds:.1f}"
    minutes, s = divmod(round(seconds, 1), 60)
    return f"{minutes:.0f} minute{'s' if minutes > 1 else ''} {s:.1f}"


def parse_duration(text: str) -> float:
    """Reads 281, 4:41, 4:41.3 or 1:02:03 as seconds.

    Raises:
        InputError: for anything else, zero and negative times.
    """
    if not re.fullmatch(r"(\d+:)?(\d{1,3}:)?\d{1,6}(\.\d+)?", text.strip(), re.ASCII):
        raise InputError(f"time {text!r:.60}: allowed are seconds (281), m:ss (4:41) and h:mm:ss (1:02:03)")
    parts = [float(p) for p in text.strip().split(":")]
    if any(p >= 60 for p in parts[1:]):
        raise InputError(f"time {text!r:.60}: minutes and seconds after a colon must be below 60")
    seconds = sum(p * 60.0**i for i, p in enumerate(reversed(parts)))
    if seconds <= 0:
        raise InputError(f"time {text!r:.60}: must be more than zero")
    return seconds


def parse_distance(text: str) -> float:
    """Reads mile, 1500m, 5km, 5k, 2mi or 1609.344 as metres.

    Raises:
        InputError: for anything else, zero and negative distances.
    """
    word = text.strip().lower()
    if word in DISTANCES:
        return DISTANCES[word]
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(m|km|k|mi|miles?)?", word, re.ASCII)
    scale = {None: 1.0, "m": 1.0, "km": KM_M, "k": KM_M}.get(match[2], MILE_M) if match else 0.0
    metres = float(match[1]) * scale if match else 0.0
    if not SHORTEST_M <= metres <= LONGEST_M:
        allowed = (
            f"{', '.join(DISTANCES)}, 1500m, 5km, 2mi, or metres, from {SHORTEST_M:g} m to {LONGEST_M:g} m"
        )
        raise InputError(f"distance {text!r:.60}: allowed are {allowed}")
    return metres
