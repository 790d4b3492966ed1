"""What sensors say, in SI units, whatever bytes carried it.

Every measurement holds `t`, the arrival time in seconds on the engine's clock, and, where the sensor
has a clock of its own, `sensor_t` in seconds on that one (its zero and its wrap are the sensor's own;
the core learns the mapping). `None` is unknown, never zero and never the last value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stride:
    """Holds what a footpod says (RSC Measurement 0x2A53)."""

    t: float  # s, arrival
    speed_mps: float | None  # m/s, the pod's own smoothed speed; None in a file that lacks it
    cadence_spm: float | None  # strides (one foot) per minute, as sent: some pods send steps
    stride_length_m: float | None  # m
    distance_m: float | None  # m, the pod's odometer: starts anywhere, may jump or fall back to 0
    running: bool | None  # status bit 0x04: running, not walking
    sensor_t: float | None = None  # s; RSC has none, files have


@dataclass(frozen=True, slots=True)
class Fix:
    """Holds a valid position fix (LN 0x2A67, UBX NAV-PVT, NMEA, a file's track point)."""

    t: float  # s, arrival
    lat_deg: float | None  # WGS-84 degrees; None where only a speed was sent
    lon_deg: float | None
    speed_mps: float | None = None  # m/s over ground, from Doppler
    course_deg: float | None = None  # degrees clockwise from true north
    altitude_m: float | None = None  # m
    h_acc_m: float | None = None  # m, reported horizontal accuracy, 68 % radius
    speed_acc_mps: float | None = None  # m/s, reported
    sensor_t: float | None = None  # s, UTC of the fix as Unix time (or time of week for a bare receiver)


@dataclass(frozen=True, slots=True)
class NoFix:
    """Says that the receiver is alive but has no valid position: a measurement without value."""

    t: float  # s, arrival
    reason: str  # in words, for the screen: "searching", "status not OK"
    sensor_t: float | None = None  # s


@dataclass(frozen=True, slots=True)
class WheelRevolution:
    """Holds what a wheel sensor says (CSC Measurement 0x2A5B)."""

    t: float  # s, arrival
    revolutions: int  # cumulative, wraps at 2**32
    event_t: float  # s, time of the last whole revolution on the sensor's clock; wraps every 64 s


@dataclass(frozen=True, slots=True)
class Crank:
    """Holds crank revolutions from the same characteristic; pacer shows none of it yet."""

    t: float  # s, arrival
    revolutions: int  # cumulative, wraps at 2**16
    event_t: float  # s, wraps every 64 s


@dataclass(frozen=True, slots=True)
class HeartRate:
    """Holds a heart rate (0x2A37). No skin contact means no heart rate."""

    t: float  # s, arrival
    bpm: int | None  # None when the strap says that it has no contact
    contact: bool | None  # None: the strap does not say
    rr_s: tuple[float, ...] = ()  # s, intervals between beats, oldest first


@dataclass(frozen=True, slots=True)
class Battery:
    """Holds a battery level (0x2A19)."""

    t: float  # s, arrival
    percent: int  # 0 to 100


@dataclass(frozen=True, slots=True)
class Refused:
    """Says which reading was not used and why; it is shown and counted, and the run goes on."""

    t: float  # s
    sensor: str  # the sensor's name in the configuration
    reason: str  # in words: what, the value, and what is allowed


Measurement = Stride | Fix | NoFix | WheelRevolution | Crank | HeartRate | Battery
