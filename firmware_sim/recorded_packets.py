"""Reads the notifications of a recording that pacer made, by the description of its format.

    line      crc32 SPACE json LF; the zlib polynomial over the bytes of `json` as 8 lower-case hex digits
    json      "k" is h (header: setup.sensors with name and kind; utc, t), a (resumed: utc, t), n
              (notification: t, sensor, char, data in hexadecimal), or something else that no sensor sent

What cannot be read is skipped, as pacer's own replay does.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from firmware_sim import encode
from firmware_sim.packet import Packet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".pacer"
MAX_LINE = 1 << 24  # bytes; the header of a route of 200,000 points has half of it
# What each kind of sensor sends, as simulated: what it is called here, and by which characteristic.
_KINDS = {
    "footpod": ("footpod", encode.RSC_MEASUREMENT),
    "gps": ("gps", encode.LOCATION_AND_SPEED),
    "gps_uart": ("gps", encode.NUS_TX),
    "heart_rate": ("heart_rate", encode.HEART_RATE_MEASUREMENT),
    "wheel": ("wheel", encode.CSC_MEASUREMENT),
}


@dataclass(slots=True)
class Recording:
    """Holds what sensors sent, at s of UTC, and whether the receiver spoke UBX over a serial line."""

    packets: list[Packet] = field(default_factory=list)
    uart: bool = False
    _sensors: dict[str, tuple[str, str]] = field(default_factory=dict)
    _zero: float = 0.0  # s, UTC at which the recording's clock reads 0

    def take(self, line: dict[str, Any]) -> None:
        """Takes one line; raises where it is not what its kind should be."""
        kind = line.get("k")
        if kind in ("h", "a"):
            self._zero = datetime.fromisoformat(line["utc"]).timestamp() - line["t"]
        if kind == "h":
            specs = line["setup"]["sensors"]
            self._sensors = {s["name"]: _KINDS[s["kind"]] for s in specs if s["kind"] in _KINDS}
            self.uart = any(char == encode.NUS_TX for _, char in self._sensors.values())
        elif kind == "n" and line["sensor"] in self._sensors:
            name, char = self._sensors[line["sensor"]]
            if line["char"] in (char, encode.BATTERY_LEVEL):
                data = bytes.fromhex(line["data"])
                self.packets.append(Packet(self._zero + line["t"], name, line["char"], data))


def read(path: Path) -> Recording:
    """Returns what the sensors of a recorded run sent, oldest first; raises OSError."""
    recording = Recording()
    with path.open("rb") as file:
        for line in _lines(file):
            try:
                recording.take(line)
            except (KeyError, TypeError, ValueError, OverflowError):
                continue  # another format's, or damaged before its checksum was made
    recording.packets.sort(key=lambda packet: packet.t)
    return recording


def _lines(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yields the lines that are whole; CR LF ends them where another program has rewritten them."""
    while whole := file.readline(MAX_LINE):
        raw = whole.rstrip(b"\r\n")
        if raw[:9] != b"%08x " % zlib.crc32(memoryview(raw)[9:]):
            continue
        try:
            line = json.loads(raw[9:])
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict):
            yield line
