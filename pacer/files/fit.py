"""Reads FIT files (Garmin FIT Protocol, D00001275) with fitdecode.

Why fitdecode and not Garmin's own SDK (21.218), tried on the same files: the SDK is about twice as fast and
never raises on mutated files, but it reads no compressed timestamps, which old watches write (0 of 755
records of a Forerunner 70), where fitdecode reads them all. Both find Stryd's developer fields. fitdecode
raises untyped errors on damage; it streams, so all before the damage is kept (`pacer.files.guard`).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import fitdecode

from pacer.files.tidy import Raw, Row

MAGIC = b".FIT"  # at byte 8 of the header
# Messages and their fields: two days at 1 Hz with 12 fields, and as many messages of another kind, have 2.6
# million. Each takes 3 us, and a message may be a byte long: 64 MB of these would take minutes.
MAX_FIELDS = 3_000_000
SEMICIRCLE_DEG = 180 / 2**31  # degrees

# FIT's name -> ours. "enhanced" fields are wider twins and win over the plain ones.
_FIELDS = {
    "distance": "distance_m",
    "speed": "speed_mps",
    "enhanced_speed": "speed_mps",
    "altitude": "altitude_m",
    "enhanced_altitude": "altitude_m",
    "gps_accuracy": "h_acc_m",
    "heart_rate": "heart_rate_bpm",
    "cadence": "cadence_spm",
    "fractional_cadence": "fraction",
    "position_lat": "lat_deg",
    "position_long": "lon_deg",
}
# A footpod's developer fields (Stryd), by name and unit in lower case.
_POD_FIELDS = {
    ("distance", "meters"): "pod_distance_m",
    ("distance", "m"): "pod_distance_m",
    ("speed", "m/s"): "pod_speed_mps",
}
# Developer fields that a footpod alone can tell: Stryd's, which a watch may keep without speed and distance.
_POD_ALONE = ("form power", "leg spring stiffness")


def is_fit(data: bytes) -> bool:
    """Tells a FIT file by its header."""
    return data[8:12] == MAGIC


def read(data: bytes, raw: Raw) -> Iterator[Row]:
    """Yields the records of a FIT file; notes, sport and laps go into `raw`. May raise anything."""
    reader = fitdecode.FitReader(
        io.BytesIO(data),
        check_crc=fitdecode.CrcCheck.READONLY,  # one wrong byte does not spoil a run: it is noted
        error_handling=fitdecode.ErrorHandling.IGNORE,
    )
    count = 0
    with reader:
        for frame in reader:
            count += 1 + len(getattr(frame, "fields", ()))
            if count > MAX_FIELDS:
                raw.notes.append("more messages than two days have: the rest is left out")
                return
            match frame.frame_type:
                case fitdecode.FIT_FRAME_CRC if frame.matched is False:
                    raw.notes.append("wrong checksum: some values may be wrong")
                case fitdecode.FIT_FRAME_DATA if frame.name == "record":
                    yield _row(frame)
                case fitdecode.FIT_FRAME_DATA:
                    _other(frame, raw)


def _row(frame: Any) -> Row:
    row: Row = {}
    for field in frame.fields:
        name = _name(field)
        value = _number(field.value)
        if name and value is not None and (name not in row or field.name.startswith("enhanced_")):
            row[name] = value
    for degrees in ("lat_deg", "lon_deg"):
        if degrees in row:
            row[degrees] *= SEMICIRCLE_DEG
    if "cadence_spm" in row:
        row["cadence_spm"] += row.pop("fraction", 0.0)
    row.pop("fraction", None)
    return row


def _name(field: Any) -> str | None:
    if isinstance(field.field, fitdecode.types.DevField):
        return _POD_FIELDS.get((str(field.name).lower(), str(field.units).lower()))
    return "time" if field.name == "timestamp" else _FIELDS.get(str(field.name))


def _other(frame: Any, raw: Raw) -> None:
    match frame.name:
        case "lap":
            start, elapsed, distance = (
                _number(frame.get_value(key, fallback=None))
                for key in ("start_time", "total_elapsed_time", "total_distance")
            )
            if start is not None and elapsed is not None:
                raw.laps.append((start, elapsed, distance))
        case "event" if frame.get_value("event", fallback=None) == "timer":
            _timer(frame, raw)
        case "field_description":
            name = _text(frame.get_value("field_name", fallback=None)) or ""
            raw.pod_worn = raw.pod_worn or name.lower() in _POD_ALONE
        case "session" | "sport":
            raw.sport = raw.sport or _text(frame.get_value("sport", fallback=None))


def _timer(frame: Any, raw: Raw) -> None:
    t, kind = (
        _number(frame.get_value("timestamp", fallback=None)),
        frame.get_value("event_type", fallback=None),
    )
    if t is not None and kind in {"start", "stop", "stop_all"}:
        raw.timer.append((t, kind == "start"))


def _number(value: Any) -> float | None:
    """Returns a number, or an instant as Unix time; clocks before 1998 count from the watch's start."""
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
