"""Location and Speed, 0x2A67 (GATT Specification Supplement, Location and Speed).

The full record is 28 bytes, more than the 20 of a default ATT MTU, so the link must negotiate a larger one.
"""

from __future__ import annotations

from pacer.gatt.fields import Fields, on_earth
from pacer.gatt.utc import unix_s
from pacer.measurement import Fix, NoFix

CHARACTERISTIC = "2a67"  # Assigned Numbers, section 3.8; written as in `Notification.char`
_SPEED_PRESENT = 0x0001
_DISTANCE_PRESENT = 0x0002
_LOCATION_PRESENT = 0x0004
_ELEVATION_PRESENT = 0x0008
_HEADING_PRESENT = 0x0010
_ROLLING_TIME_PRESENT = 0x0020
_UTC_PRESENT = 0x0040
_STATUS_SHIFT = 7  # bits 7 and 8; bits 13 to 15 are reserved and ignored
_POSITION_OK = 1
_STATUS_WORDS = ("no position", "position OK", "position only estimated", "last known position")


def decode(t: float, data: bytes) -> tuple[Fix | NoFix, ...]:
    """Decodes one value: a Fix only where the position status is OK; nothing where only others are sent.

    Raises:
        DecodeError: fewer bytes than the flags announce, a position not on Earth, a reserved time.
    """
    fields = Fields("Location and Speed", data)
    flags = fields.unsigned(2)
    speed = fields.unsigned(2) / 100 if flags & _SPEED_PRESENT else None  # cm/s
    if flags & _DISTANCE_PRESENT:
        fields.unsigned(3)  # dm; the receiver's own path length, which its noise makes too long
    lat, lon = _location(fields) if flags & _LOCATION_PRESENT else (None, None)
    altitude = fields.signed(3) / 100 if flags & _ELEVATION_PRESENT else None  # cm
    course = _heading(fields) if flags & _HEADING_PRESENT else None
    if flags & _ROLLING_TIME_PRESENT:
        fields.unsigned(1)  # s, wraps at 256
    utc = _utc(fields) if flags & _UTC_PRESENT else None
    status = flags >> _STATUS_SHIFT & 0b11
    if status != _POSITION_OK:
        return (NoFix(t, _STATUS_WORDS[status], utc),)
    if lat is None and speed is None:
        return ()
    return (Fix(t, lat, lon, speed, course, altitude, sensor_t=utc),)


def _location(fields: Fields) -> tuple[float, float]:
    """Reads latitude and longitude, sent in 1e-7 degrees."""
    lat, lon = fields.signed(4) / 1e7, fields.signed(4) / 1e7
    if not on_earth(lat, lon):
        raise fields.refuse(f"position {lat}, {lon}: allowed are latitude -90 to 90, longitude -180 to 180")
    return lat, lon


def _heading(fields: Fields) -> float:
    """Reads the heading, sent in 1/100 degree; a full 360 is taken as 0."""
    hundredths = fields.unsigned(2)
    if hundredths > 36000:
        raise fields.refuse(f"heading {hundredths / 100} degrees: allowed is 0 to 360")
    return hundredths % 36000 / 100


def _utc(fields: Fields) -> float | None:
    """Reads a Date Time (0x2A08) as Unix time, s; None where a part of the date is 0, which means unknown."""
    date = fields.unsigned(2), fields.unsigned(1), fields.unsigned(1)
    clock = fields.unsigned(1), fields.unsigned(1), fields.unsigned(1)
    if clock[2] > 59 or (date[0] and not 1582 <= date[0] <= 9999):
        raise fields.refuse(f"reserved UTC time {date}, {clock}")
    known = (
        date[0] or 1972,
        date[1] or 1,
        date[2] or 1,
    )  # a leap year holds any day, so only the rest is judged
    unix = unix_s(known, *clock)
    if unix is None:
        raise fields.refuse(f"reserved UTC time {date}, {clock}")
    return unix if all(date) else None
