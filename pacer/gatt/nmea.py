"""NMEA 0183: how sentences are framed, and what RMC, GGA and VTG say.

A receiver spreads one epoch over several sentences and says some things twice. Each position and each
speed is handed out once an epoch, by whichever sentence brings it first, so that nobody downstream
counts one measurement as two.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from pacer.errors import DecodeError
from pacer.evolve import replace
from pacer.gatt.fields import on_earth
from pacer.measurement import Fix, NoFix

SENTENCES = ("RMC", "GGA", "VTG")
# The standard allows 82 characters; receivers with more digits or own sentences send up to about 200.
LONGEST = 256
BODY = re.compile(rb"\$[\x20-\x23\x25-\x7e]*")  # printable, and no second $
_WHOLE = re.compile(rb"\$(\w+,[^*]*)\*([0-9A-Fa-f]{2})\Z")
_HEAD = re.compile(rb"\$[A-Z]{4}")  # talker and type; after a $, random bytes look so once in 9,400 times
_ADDRESS = re.compile(rb"\$(\w*)")
_KNOT_MPS = 1852 / 3600  # a nautical mile an hour
_KMH_MPS = 1 / 3.6
_DAY_S = 86400.0
_EPOCH_ORDINAL = 719163  # 1970-01-01, counted in days from 0001-01-01 as day 1
# Position mode (RMC, VTG) and fix quality (GGA) that are no measured position.
_NO_FIX_MODES = {"N": "no fix", "E": "dead reckoning only", "M": "entered by hand", "S": "simulated"}
_NO_FIX_QUALITIES = {0: "no fix", 6: "dead reckoning only", 7: "entered by hand", 8: "simulated"}


@dataclass(frozen=True, slots=True)
class Epoch:
    """Holds what the sentences of one instant have said so far."""

    time_s: float | None = None  # s since midnight UTC
    unix_s: float | None = None  # s, of the newest RMC: the only one that knows the date
    position: bool = False  # handed out already
    speed: bool = False  # handed out already


def is_sentence(text: bytes) -> bool:
    """Tells whether `text` begins as a sentence does, and so is worth a word when it is broken."""
    return _HEAD.match(text) is not None


def checksum_fits(text: bytes) -> bool:
    """Tells whether a sentence without its line end has a checksum, and the right one."""
    whole = _WHOLE.match(text)
    if whole is None:
        return False
    folded = 0
    for byte in whole[1]:
        folded ^= byte
    return folded == int(whole[2], 16)


def name(text: bytes) -> str:
    """Names a sentence: RMC from any talker; an own sentence of a maker by its whole address."""
    match = _ADDRESS.match(text)
    address = match[1].decode("ascii") if match else ""
    return address if address.startswith("P") else address[-3:]


def measure(t: float, text: bytes, epoch: Epoch) -> tuple[tuple[Fix | NoFix, ...], Epoch]:
    """Reads a whole RMC, GGA or VTG sentence that arrived at `t`; also returns the epoch after it.

    Raises:
        DecodeError: a sentence that the library cannot read, or values that cannot be.
    """
    from pynmeagps import NMEAReader  # noqa: PLC0415 - an extra: everything else works without it

    what = name(text)
    try:
        parsed = NMEAReader.parse(text + b"\r\n")
    except Exception as error:  # whatever the library raises at bytes from the air
        raise DecodeError(f"{what}: {error}") from error
    values = {k: v for k, v in vars(parsed).items() if v != ""} if parsed is not None else {}
    match what:
        case "RMC":
            return _rmc(t, values, epoch)
        case "GGA":
            return _gga(t, values, epoch)
        case _:
            return _vtg(t, values, epoch)


def _rmc(t: float, values: dict[str, Any], epoch: Epoch) -> tuple[tuple[Fix | NoFix, ...], Epoch]:
    """Reads time, date, status, position, speed and course."""
    epoch = _at(values, epoch)
    date = values.get("date")
    if date is not None and epoch.time_s is not None:
        epoch = replace(epoch, unix_s=(date.toordinal() - _EPOCH_ORDINAL) * _DAY_S + epoch.time_s)
    mode = values.get("posMode", "A")  # older receivers send none
    if values.get("status") != "A" or mode in _NO_FIX_MODES:
        return (NoFix(t, _NO_FIX_MODES.get(mode, "no fix"), _utc(epoch)),), epoch
    speed = _number(values, "spd", _KNOT_MPS)
    lat, lon = _position("RMC", values)
    return _new(Fix(t, lat, lon, speed, _number(values, "cog"), sensor_t=_utc(epoch)), epoch)


def _gga(t: float, values: dict[str, Any], epoch: Epoch) -> tuple[tuple[Fix | NoFix, ...], Epoch]:
    """Reads time, quality, position and altitude."""
    epoch = _at(values, epoch)
    quality = values.get("quality", 0)
    if quality in _NO_FIX_QUALITIES:
        return (NoFix(t, _NO_FIX_QUALITIES[quality], _utc(epoch)),), epoch
    lat, lon = _position("GGA", values)
    return _new(Fix(t, lat, lon, altitude_m=_number(values, "alt"), sensor_t=_utc(epoch)), epoch)


def _vtg(t: float, values: dict[str, Any], epoch: Epoch) -> tuple[tuple[Fix | NoFix, ...], Epoch]:
    """Reads speed and course; it has no time of its own and belongs to the epoch it stands in."""
    if values.get("posMode", "A") in _NO_FIX_MODES:
        return (), epoch
    speed = _number(values, "sogn", _KNOT_MPS)
    if speed is None:
        speed = _number(values, "sogk", _KMH_MPS)
    return _new(Fix(t, None, None, speed, _number(values, "cogt"), sensor_t=_utc(epoch)), epoch)


def _new(fix: Fix, epoch: Epoch) -> tuple[tuple[Fix | NoFix, ...], Epoch]:
    """Takes out of a fix what its epoch has handed out before; nothing where nothing is left."""
    if epoch.position:
        fix = replace(fix, lat_deg=None, lon_deg=None)
    if epoch.speed:
        fix = replace(fix, speed_mps=None, course_deg=None)
    position, speed = fix.lat_deg is not None, fix.speed_mps is not None
    after = replace(epoch, position=epoch.position or position, speed=epoch.speed or speed)
    return (fix,) if position or speed else (), after


def _at(values: dict[str, Any], epoch: Epoch) -> Epoch:
    """Begins a new epoch where the time of day is another one than before, or not known."""
    clock = values.get("time")
    if clock is None:
        return Epoch(None, epoch.unix_s)
    time_s = clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
    return epoch if time_s == epoch.time_s else Epoch(time_s, epoch.unix_s)


def _utc(epoch: Epoch) -> float | None:
    """Returns the epoch as Unix time: on the day that brings it nearest to the last time with a date."""
    if epoch.unix_s is None or epoch.time_s is None:
        return None
    return round((epoch.unix_s - epoch.time_s) / _DAY_S) * _DAY_S + epoch.time_s


def _position(what: str, values: dict[str, Any]) -> tuple[float, float]:
    lat, lon = _number(values, "lat"), _number(values, "lon")
    if lat is None or lon is None:
        raise DecodeError(f"{what}: says that its position is valid, but holds none")
    if not on_earth(lat, lon):
        raise DecodeError(f"{what}: position {lat}, {lon} is not on Earth")
    return lat, lon


def _number(values: dict[str, Any], key: str, unit: float = 1.0) -> float | None:
    value = values.get(key)
    if value is None:
        return None
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise DecodeError(f"field {key} of a sentence: {value!r:.60} is no number")
    return value * unit
