"""Writes small FIT files from the protocol (FIT Protocol D00001275), as truth for the reader's tests."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from fitdecode.utils import compute_crc

EPOCH_S = 631065600  # s, Unix time of 1989-12-31, where FIT's clock begins
RECORD, LAP, SESSION, FIELD_DESCRIPTION, DEVELOPER_DATA_ID = 20, 19, 18, 206, 207
UINT8, STRING, UINT16, SINT32, UINT32, FLOAT32 = 0x02, 0x07, 0x84, 0x85, 0x86, 0x88
FORMATS = {UINT8: "B", UINT16: "H", SINT32: "i", UINT32: "I", FLOAT32: "f"}
MISSING = {UINT8: 0xFF, UINT16: 0xFFFF, SINT32: 0x7FFFFFFF, UINT32: 0xFFFFFFFF, FLOAT32: float("nan")}
# number, base type, of the fields used here (FIT profile)
TIMESTAMP, LAT, LON, DISTANCE, SPEED = (253, UINT32), (0, SINT32), (1, SINT32), (5, UINT32), (6, UINT16)
HEART_RATE, CADENCE, ALTITUDE = (3, UINT8), (4, UINT8), (2, UINT16)
FIELDS = (TIMESTAMP, LAT, LON, DISTANCE, SPEED, HEART_RATE, CADENCE, ALTITUDE)


@dataclass(frozen=True, slots=True)
class Sample:
    """Holds one record in SI units."""

    utc_s: float
    lat_deg: float | None = None
    lon_deg: float | None = None
    distance_m: float | None = None
    speed_mps: float | None = None
    bpm: int | None = None
    cadence_spm: int | None = None
    pod_distance_m: int | None = None
    pod_speed_mps: float | None = None


STRYD = ((b"Distance", b"Meters"), (b"Speed", b"M/S"))  # developer fields, by name and unit


def fit_file(
    samples: list[Sample], *, pod: bool = False, fields: tuple[tuple[bytes, bytes], ...] = STRYD
) -> bytes:
    """Returns a whole file; with `pod` it has two developer fields, Stryd's Distance and Speed."""
    body = _definition(0, RECORD, FIELDS, ((0, 2), (1, 4)) if pod else ())
    if pod:
        body = _description(0, UINT16, *fields[0]) + _description(1, FLOAT32, *fields[1]) + body
        body = _definition(1, DEVELOPER_DATA_ID, ((3, UINT8),)) + b"\x01\x00" + body
    for sample in samples:
        body += b"\x00" + _values(sample) + (_pod(sample) if pod else b"")
    if samples:
        body += _lap(samples)
    head = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    head += struct.pack("<H", compute_crc(head))
    return head + body + struct.pack("<H", compute_crc(head + body))


def _definition(
    local: int, number: int, fields: tuple[tuple[int, int], ...], dev: tuple[tuple[int, int], ...] = ()
) -> bytes:
    sizes = {STRING: 16} | {base: struct.calcsize(code) for base, code in FORMATS.items()}
    out = struct.pack("<BBBHB", 0x40 | local | (0x20 if dev else 0), 0, 0, number, len(fields))
    out += b"".join(struct.pack("BBB", field, sizes[base], base) for field, base in fields)
    if dev:
        out += bytes([len(dev)]) + b"".join(struct.pack("BBB", field, size, 0) for field, size in dev)
    return out


def _description(number: int, base: int, name: bytes, units: bytes) -> bytes:
    fields = ((0, UINT8), (1, UINT8), (2, UINT8), (3, STRING), (8, STRING))
    values = struct.pack("<BBB16s16s", 0, number, base, name, units)
    return _definition(2, FIELD_DESCRIPTION, fields) + b"\x02" + values


def _values(s: Sample) -> bytes:
    def scaled(value: float | None, scale: float) -> int | None:
        return None if value is None else round(value * scale)

    semicircles = 2**31 / 180
    values = (
        round(s.utc_s) - EPOCH_S,
        scaled(s.lat_deg, semicircles),
        scaled(s.lon_deg, semicircles),
        scaled(s.distance_m, 100),
        scaled(s.speed_mps, 1000),
        s.bpm,
        s.cadence_spm,
        None,
    )
    pairs = zip(FIELDS, values, strict=True)
    return b"".join(struct.pack("<" + FORMATS[b], MISSING[b] if v is None else v) for (_, b), v in pairs)


def _pod(s: Sample) -> bytes:
    distance = MISSING[UINT16] if s.pod_distance_m is None else s.pod_distance_m
    speed = MISSING[FLOAT32] if s.pod_speed_mps is None else s.pod_speed_mps
    return struct.pack("<Hf", distance, speed)


def _lap(samples: list[Sample]) -> bytes:
    fields = ((253, UINT32), (2, UINT32), (7, UINT32), (9, UINT32))  # timestamp, start, elapsed ms, cm
    start, end = round(samples[0].utc_s), round(samples[-1].utc_s)
    distance = round((samples[-1].distance_m or 0) * 100)
    values = struct.pack("<IIII", end - EPOCH_S, start - EPOCH_S, (end - start) * 1000, distance)
    session = _definition(4, SESSION, ((5, UINT8),)) + b"\x04\x01"  # sport 1 is running
    return _definition(3, LAP, fields) + b"\x03" + values + session
