"""The second gate: values that the format allows and no runner or rider reaches."""

from __future__ import annotations

import math
from typing import assert_never

from pacer.gatt.fields import on_earth
from pacer.measurement import Battery, Crank, Fix, HeartRate, Measurement, NoFix, Stride, WheelRevolution
from pacer.setup import Role

# bpm; lower than any resting rate and higher than any maximum: beyond them a strap counts noise.
HEART_RATE_BPM = (25, 250)
# m/s; the fastest sprinters reach 12.4 m/s, and a bike pacer stays under 90 km/h.
TOP_SPEED_MPS: dict[Role, float] = {"runner": 12.5, "rider": 25.0}
# strides or steps a minute, as sent: sprinters reach 5 steps a second.
TOP_CADENCE_SPM = 330.0
# m; a stride is two steps, and the longest steps of sprinters are 2.8 m.
TOP_STRIDE_M = 6.0
# m; the Dead Sea's shore and Everest's top, with room for a receiver's error.
ALTITUDES_M = (-600.0, 9000.0)


def implausible(measurement: Measurement, role: Role) -> str | None:
    """Says why a measurement cannot be true of the runner or the rider; None where it can.

    Unknown values are plausible; values that are not finite never are.
    """
    match measurement:
        case Stride():
            return _stride(measurement, role)
        case Fix():
            return _fix(measurement, role)
        case HeartRate(bpm=bpm):
            return _outside("heart rate", bpm, *HEART_RATE_BPM, "bpm")
        case WheelRevolution() | Crank():
            return _revolutions(measurement)
        case Battery(percent=percent):
            return _outside("battery", percent, 0, 100, "%")
        case NoFix(sensor_t=sensor_t):
            return _outside("sensor time", sensor_t, -math.inf, math.inf, "s")
        case _:
            assert_never(measurement)


def _stride(m: Stride, role: Role) -> str | None:
    return (
        _speed(m.speed_mps, role)
        or _outside("cadence", m.cadence_spm, 0, TOP_CADENCE_SPM, "a minute")
        or _outside("stride length", m.stride_length_m, 0, TOP_STRIDE_M, "m")
        or _outside("distance", m.distance_m, 0, math.inf, "m")
        or _outside("sensor time", m.sensor_t, -math.inf, math.inf, "s")
    )


def _fix(m: Fix, role: Role) -> str | None:
    return (
        _place(m.lat_deg, m.lon_deg)
        or _speed(m.speed_mps, role)
        or _outside("course", m.course_deg, 0, 360, "degrees")
        or _outside("altitude", m.altitude_m, *ALTITUDES_M, "m")
        or _outside("horizontal accuracy", m.h_acc_m, 0, math.inf, "m")
        or _outside("speed accuracy", m.speed_acc_mps, 0, math.inf, "m/s")
        or _outside("sensor time", m.sensor_t, -math.inf, math.inf, "s")
    )


def _place(lat: float | None, lon: float | None) -> str | None:
    """Refuses half a position, places not on Earth, and exactly (0, 0), which means a zeroed record."""
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        return f"position {lat}, {lon}: one half is missing"
    if not on_earth(lat, lon):
        return f"position {lat}, {lon}: allowed are latitude -90 to 90, longitude -180 to 180"
    return "position 0, 0: an empty record" if lat == lon == 0 else None


def _speed(speed_mps: float | None, role: Role) -> str | None:
    return _outside(f"{role}'s speed", speed_mps, 0, TOP_SPEED_MPS[role], "m/s")


def _revolutions(m: WheelRevolution | Crank) -> str | None:
    """Checks a counter against its field (32 bits, a crank's 16), and its 16-bit event time in 1/1024 s."""
    what, top = ("wheel", (1 << 32) - 1) if isinstance(m, WheelRevolution) else ("crank", (1 << 16) - 1)
    return _outside(f"{what} revolutions", m.revolutions, 0, top, "") or _outside(
        f"{what} event time", m.event_t, 0, 64, "s"
    )


def _outside(what: str, value: float | None, low: float, high: float, unit: str) -> str | None:
    """Says what is wrong with a value that is not finite or not from `low` to `high`."""
    if value is None or (math.isfinite(value) and low <= value <= high):
        return None
    allowed = (
        f"{low:g} to {high:g}" if math.isfinite(high) else "finite" + (" and 0 or more" if low == 0 else "")
    )
    return f"{what} {value:g} {unit}".rstrip() + f": allowed is {allowed}"
