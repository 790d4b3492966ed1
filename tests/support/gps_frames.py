"""Frames as GPS receivers send them, made by the libraries' own writers."""

from __future__ import annotations

from itertools import pairwise

from pynmeagps import NMEAMessage, NMEAReader
from pyubx2 import GET, UBXMessage

from pacer.gatt.stream import BadFrame, Frame, Reassembler


def nav_pvt(**changed: object) -> bytes:
    """Writes a NAV-PVT frame with the library's writer."""
    time = {"year": 2024, "month": 5, "day": 6, "hour": 12, "min": 0, "second": 0, "nano": 200_000_000}
    valid = {"validDate": 1, "validTime": 1, "fixType": 3, "gnssFixOk": 1}
    place = {"lat": 51.5, "lon": -0.25, "hMSL": 12_300, "hAcc": 1_200}
    speed = {"gSpeed": 5_727, "headMot": 90.0, "sAcc": 150}
    frame = UBXMessage("NAV", "NAV-PVT", GET, **(time | valid | place | speed | changed)).serialize()
    assert isinstance(frame, bytes)
    return frame


def sentence(what: str, *fields: str) -> bytes:
    """Writes a sentence with the library's writer, which puts the checksum."""
    frame = NMEAMessage("GN", what, 0, payload=list(fields)).serialize()
    assert isinstance(frame, bytes)
    assert NMEAReader.parse(frame) is not None
    return frame


def rmc(time: str = "120000.00", status: str = "A", date: str = "060524", mode: str = "A") -> bytes:
    place = ("5130.0000", "N", "00015.0000", "W", "10.000", "90.0") if status == "A" else ("",) * 6
    return sentence("RMC", time, status, *place, date, "", "", mode)


def gga(time: str = "120000.00", quality: str = "1") -> bytes:
    return sentence(
        "GGA", time, "5130.0", "N", "00015.0", "W", quality, "12", "0.8", "12.3", "M", "47", "M", "", ""
    )


VTG = sentence("VTG", "90.0", "T", "", "M", "10.000", "N", "18.520", "K", "A")
MIXED = [nav_pvt(), rmc(), nav_pvt(second=1), gga(), VTG, nav_pvt(second=2), rmc("120001.00")]


def frames(data: bytes, cuts: list[int]) -> list[Frame | BadFrame]:
    """Feeds a stream in the pieces that `cuts` make of it, and ends it."""
    whole = Reassembler()
    borders = [0, *sorted(c % (len(data) + 1) for c in cuts), len(data)]
    found = [f for a, b in pairwise(borders) for f in whole.feed(data[a:b])]
    return [*found, *whole.end()]
