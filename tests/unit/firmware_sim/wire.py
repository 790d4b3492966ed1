"""Reads the simulator's bytes back, by the specifications and as little of them as the tests need."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyubx2 import UBXReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firmware_sim.packet import Packet


@dataclass(frozen=True, slots=True)
class Rsc:
    t: float
    running: bool
    speed_mps: float
    cadence_spm: int
    stride_m: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Ln:
    t: float
    status: int
    location: tuple[float, float] | None
    speed_mps: float | None


def strides(packets: Iterable[Packet]) -> list[Rsc]:
    out = []
    for p in packets:
        if p.char == "2a53":
            flags, speed, cadence, stride, distance = struct.unpack("<BHBHI", p.data)
            out.append(Rsc(p.t, bool(flags & 4), speed / 256, cadence, stride / 100, distance / 10))
    return out


def strides_without_length(packets: Iterable[Packet]) -> list[float]:
    """Returns the odometer (m) of RSC packets that hold no stride length."""
    return [struct.unpack("<BHBI", p.data)[3] / 10 for p in packets if p.char == "2a53"]


def wheel(packets: Iterable[Packet]) -> list[tuple[float, int, int]]:
    """Returns arrival, revolutions and event time in 1/1024 s."""
    return [(p.t, *struct.unpack("<xIH", p.data)) for p in packets if p.char == "2a5b"]


def records(packets: Iterable[Packet]) -> list[Ln]:
    out = []
    for p in packets:
        if p.char == "2a67":
            (flags,) = struct.unpack_from("<H", p.data)
            at = 2 + 2 * (flags & 1) + 3 * (flags >> 1 & 1)
            place = struct.unpack_from("<ii", p.data, at) if flags & 4 else None
            speed = struct.unpack_from("<H", p.data, 2)[0] / 100 if flags & 1 else None
            location = (place[0] / 1e7, place[1] / 1e7) if place else None
            out.append(Ln(p.t, flags >> 7 & 3, location, speed))
    return out


def frames(packets: Iterable[Packet]) -> list[Any]:
    """Returns the NAV-PVT messages in the joined UART stream."""
    stream = b"".join(p.data for p in packets if p.sensor == "gps" and len(p.char) == 36)
    starts = range(0, len(stream), 100)
    return [UBXReader.parse(stream[i : i + 100]) for i in starts]
