"""UBX: how u-blox receivers frame their binary messages, and what NAV-PVT says.

Source: u-blox M8/M9/M10 interface descriptions, sections "UBX frame structure" and "UBX-NAV-PVT".
"""

from __future__ import annotations

from pacer.errors import DecodeError
from pacer.gatt.fields import on_earth
from pacer.gatt.utc import unix_s
from pacer.measurement import Fix, NoFix

SYNC = b"\xb5\x62"
HEADER = 6  # bytes: sync, class, identity, payload length u16
AROUND = HEADER + 2  # bytes around the payload: header and checksum
# The longest periodic message, RXM-RAWX with some 100 signals, has 3.3 kB: a longer length is a broken one.
LONGEST_PAYLOAD = 4096
NAV_PVT = "NAV-PVT"
_SHORTEST_PVT = 84  # bytes, as u-blox 7 sends it; later receivers send 92
_GOOD_FIXES = (3, 4)  # 3D, and GNSS with dead reckoning
_FIX_WORDS = ("no fix", "dead reckoning only", "2D fix only", "3D fix", "GNSS + dead reckoning", "time only")


def frame_length(data: bytes | bytearray, start: int) -> int | None:
    """Returns the length that the frame at `start` says it has; None where its header is not all there."""
    if len(data) < start + HEADER:
        return None
    return int.from_bytes(data[start + 4 : start + 6], "little") + AROUND


def checksum_fits(frame: bytes) -> bool:
    """Tells whether the 8-bit Fletcher sums over class to payload are the frame's last two bytes."""
    a = b = 0
    for byte in frame[2:-2]:
        a = (a + byte) & 0xFF
        b = (b + a) & 0xFF
    return frame[-2:] == bytes((a, b))


def name(frame: bytes) -> str:
    """Names a frame: NAV-PVT, else its class and identity in hex."""
    return NAV_PVT if frame[2:4] == b"\x01\x07" else f"UBX {frame[2]:02x}-{frame[3]:02x}"


def measure(t: float, frame: bytes) -> Fix | NoFix:
    """Reads a whole NAV-PVT frame that arrived at `t`.

    Raises:
        DecodeError: a frame that the library cannot read, or a position not on Earth.
    """
    if len(frame) - AROUND < _SHORTEST_PVT:  # the library would make up what is missing
        raise DecodeError(f"{NAV_PVT}: payload of {len(frame) - AROUND} bytes, {_SHORTEST_PVT} are needed")
    from pyubx2 import UBXReader  # noqa: PLC0415 - an extra: everything else works without it

    try:
        pvt = UBXReader.parse(frame)
    except Exception as error:  # whatever the library raises at bytes from the air
        raise DecodeError(f"{NAV_PVT}: {error}") from error
    return _fix(t, pvt)


def _fix(t: float, pvt: object) -> Fix | NoFix:
    value = {key: getattr(pvt, key) for key in _FIELDS}
    date = value["year"], value["month"], value["day"]
    second = value["second"] + value["nano"] / 1e9  # ns, may be negative
    known = value["validDate"] and value["validTime"]
    utc = unix_s(date, value["hour"], value["min"], second) if known else None
    kind = value["fixType"]
    if kind not in _GOOD_FIXES:
        return NoFix(t, _FIX_WORDS[kind] if kind < len(_FIX_WORDS) else f"fix type {kind}", utc)
    if not value["gnssFixOk"] or value["invalidLlh"]:
        return NoFix(t, "fix not OK", utc)
    if not on_earth(value["lat"], value["lon"]):
        raise DecodeError(f"{NAV_PVT}: position {value['lat']}, {value['lon']} is not on Earth")
    return Fix(
        t,
        value["lat"],
        value["lon"],
        value["gSpeed"] / 1000,  # mm/s
        value["headMot"] % 360,
        value["hMSL"] / 1000,  # mm
        value["hAcc"] / 1000,  # mm
        value["sAcc"] / 1000,  # mm/s
        utc,
    )


_FIELDS = (
    *("year", "month", "day", "hour", "min", "second", "nano", "validDate", "validTime"),
    *("fixType", "gnssFixOk", "invalidLlh", "lat", "lon", "hMSL", "hAcc", "gSpeed", "headMot", "sAcc"),
)
