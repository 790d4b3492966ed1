"""Encodes what a sensor's firmware sends, from the Bluetooth specifications and u-blox's protocol.

Sources: Bluetooth SIG, GATT Specification Supplement (RSC, CSC, LN, Heart Rate, Battery); the services'
own specifications RSCS 1.0, CSCS 1.0, LNS 1.0, HRS 1.0 (feature bits); u-blox M8 Receiver Description
(UBX framing, UBX-NAV-PVT). Everything is little-endian. A value that its field cannot hold is an error
of the caller (struct.error), never wrapped or cut: only counters wrap, where their specification says so.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# Characteristic numbers as they are written in packets: lower case, without "0x".
RSC_MEASUREMENT = "2a53"
RSC_FEATURE = "2a54"
SENSOR_LOCATION = "2a5d"
CSC_MEASUREMENT = "2a5b"
CSC_FEATURE = "2a5c"
LOCATION_AND_SPEED = "2a67"
POSITION_QUALITY = "2a69"
LN_FEATURE = "2a6a"
HEART_RATE_MEASUREMENT = "2a37"
BODY_SENSOR_LOCATION = "2a38"
BATTERY_LEVEL = "2a19"
# Nordic UART Service, the characteristic on which the peripheral notifies (Nordic SDK documentation).
NUS_TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"


def rsc_measurement(
    speed_mps: float,
    cadence_spm: int,  # strides (one foot) per minute
    *,
    running: bool,
    stride_length_m: float | None = None,
    distance_m: float | None = None,
) -> bytes:
    """Encodes RSC Measurement 0x2A53: speed 1/256 m/s, stride 1/100 m, distance 1/10 m rounded down."""
    flags = (stride_length_m is not None) | (distance_m is not None) << 1 | running << 2
    data = struct.pack("<BHB", flags, round(speed_mps * 256), cadence_spm)
    if stride_length_m is not None:
        data += struct.pack("<H", round(stride_length_m * 100))
    if distance_m is not None:
        # the tiny term keeps 0.3 m, which is 2.9999... decimetres in binary, from losing a decimetre
        data += struct.pack("<I", int(distance_m * 10 + 1e-6) % 2**32)
    return data


def rsc_feature() -> bytes:
    """Encodes RSC Feature 0x2A54: stride length, total distance, walking or running."""
    return struct.pack("<H", 0b00111)


def csc_measurement(revolutions: int, event_1024: int) -> bytes:
    """Encodes CSC Measurement 0x2A5B, wheel only: revolutions u32, event time u16 / 1024 s; both wrap."""
    return struct.pack("<BIH", 0b01, revolutions % 2**32, event_1024 % 2**16)


def csc_feature() -> bytes:
    """Encodes CSC Feature 0x2A5C: wheel revolutions only."""
    return struct.pack("<H", 0b001)


def heart_rate_measurement(bpm: int, *, contact: bool | None, rr_s: tuple[float, ...] = ()) -> bytes:
    """Encodes Heart Rate Measurement 0x2A37: RR intervals in 1/1024 s, oldest first; contact None: untold."""
    wide = bpm > 0xFF
    contact_bits = 0b00 if contact is None else 0b10 | contact  # bit 2 supported, bit 1 detected
    flags = wide | contact_bits << 1 | bool(rr_s) << 4
    data = struct.pack("<BH" if wide else "<BB", flags, bpm)
    return data + b"".join(struct.pack("<H", round(rr * 1024)) for rr in rr_s)


def battery_level(percent: int) -> bytes:
    """Encodes Battery Level 0x2A19."""
    return struct.pack("<B", percent)


class PositionStatus(IntEnum):
    """Names the position status of Location and Speed, bits 7 and 8 of its flags."""

    NONE = 0
    OK = 1
    ESTIMATED = 2
    LAST_KNOWN = 3


@dataclass(frozen=True, slots=True)
class LocationAndSpeed:
    """Holds the fields of Location and Speed 0x2A67; a field that is None is left out."""

    status: PositionStatus
    speed_mps: float | None = None  # m/s
    distance_m: float | None = None  # m
    location: tuple[float, float] | None = None  # latitude, longitude in degrees
    elevation_m: float | None = None  # m
    heading_deg: float | None = None  # degrees clockwise from true north
    rolling_s: int | None = None  # s, wraps at 256
    utc: datetime | None = None


def location_and_speed(record: LocationAndSpeed) -> bytes:
    """Encodes Location and Speed 0x2A67; the record with every field is 28 bytes."""
    parts = (
        None if record.speed_mps is None else struct.pack("<H", round(record.speed_mps * 100)),
        None if record.distance_m is None else _u24(round(record.distance_m * 10)),
        None if record.location is None else struct.pack("<ii", *(round(x * 1e7) for x in record.location)),
        None if record.elevation_m is None else _u24(round(record.elevation_m * 100)),
        None if record.heading_deg is None else struct.pack("<H", round(record.heading_deg * 100) % 36000),
        None if record.rolling_s is None else struct.pack("<B", record.rolling_s % 256),
        None if record.utc is None else date_time(record.utc),
    )
    flags = sum(1 << bit for bit, part in enumerate(parts) if part is not None) | record.status << 7
    return struct.pack("<H", flags) + b"".join(part for part in parts if part is not None)


def _u24(value: int) -> bytes:
    """Packs the low 24 bits: an unsigned counter that wraps, or a signed value in two's complement."""
    return (value % 2**24).to_bytes(3, "little")


def date_time(utc: datetime) -> bytes:
    """Encodes the Date Time structure (7 bytes)."""
    return struct.pack("<HBBBBB", utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second)


def ln_feature() -> bytes:
    """Encodes LN Feature 0x2A6A: bits 0-6 all fields above, 13 horizontal error, 20 position status."""
    return struct.pack("<I", 0b111_1111 | 1 << 13 | 1 << 20)


def position_quality(ehpe_m: float, status: PositionStatus = PositionStatus.OK) -> bytes:
    """Encodes Position Quality 0x2A69 with the expected horizontal position error alone (1/100 m)."""
    return struct.pack("<HI", 1 << 3 | status << 7, round(ehpe_m * 100))


@dataclass(frozen=True, slots=True)
class NavPvt:
    """Holds what this firmware fills of UBX-NAV-PVT; the rest is zero."""

    utc: datetime  # with microseconds
    itow_ms: int  # ms, GPS time of week
    fix_type: int  # 3 is a 3D fix, 0 none
    fix_ok: bool
    satellites: int
    lat_deg: float
    lon_deg: float
    height_m: float  # m above mean sea level; the ellipsoid's height is sent equal
    h_acc_m: float
    v_acc_m: float
    vel_ned_mps: tuple[float, float, float]
    speed_mps: float  # ground speed
    heading_deg: float
    speed_acc_mps: float
    heading_acc_deg: float
    pdop: float


def nav_pvt(fix: NavPvt) -> bytes:
    """Encodes a whole UBX-NAV-PVT frame: sync, class 0x01, id 0x07, 92 bytes, checksum (100 bytes in all)."""
    utc = fix.utc
    height, h_acc, v_acc = (round(x * 1e3) for x in (fix.height_m, fix.h_acc_m, fix.v_acc_m))
    payload = struct.pack(
        "<IHBBBBBBIiBBBBiiiiIIiiiiiIIHBxxxxxiHh",
        fix.itow_ms,
        *(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second),
        0b111,  # date valid, time valid, fully resolved
        50,  # ns, time accuracy
        utc.microsecond * 1000,  # ns
        *(fix.fix_type, int(fix.fix_ok), 0, fix.satellites),
        *(round(fix.lon_deg * 1e7), round(fix.lat_deg * 1e7)),
        *(height, height, h_acc, v_acc),
        *(round(v * 1e3) for v in fix.vel_ned_mps),
        *(round(fix.speed_mps * 1e3), round(fix.heading_deg * 1e5)),
        *(round(fix.speed_acc_mps * 1e3), round(fix.heading_acc_deg * 1e5), round(fix.pdop * 100)),
        *(0, 0, 0, 0),  # flags3, vehicle heading, magnetic declination and its accuracy: not known
    )
    return ubx_frame(0x01, 0x07, payload)


def ubx_frame(message_class: int, message_id: int, payload: bytes) -> bytes:
    """Frames a UBX payload with sync characters, length and the 8-bit Fletcher checksum."""
    body = struct.pack("<BBH", message_class, message_id, len(payload)) + payload
    a = b = 0
    for byte in body:
        a = (a + byte) & 0xFF
        b = (b + a) & 0xFF
    return b"\xb5\x62" + body + bytes((a, b))
