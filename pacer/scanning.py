"""`pacer scan`: what is on the air, for people: a table, and a line for the configuration per sensor."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from pacer.errors import printable
from pacer.setup import Kind, Role
from pacer.sources.profiles import NORDIC_UART, PROFILES
from pacer.sources.radio import opener
from pacer.sources.scan import Seen, scan

# Bluetooth Assigned Numbers, 3.4, for what people have on them; others are shown by number.
SERVICES = {
    "180a": "device information",
    "180d": "heart rate",
    "180f": "battery",
    "1814": "running speed and cadence",
    "1816": "cycling speed and cadence",
    "1818": "cycling power",
    "1819": "location and navigation",
    "1826": "fitness machine",
    NORDIC_UART: "Nordic UART",
}
COLUMNS = ("name", "address", "services", "RSSI", "battery")


async def run_scan(seconds: float, *, connect: bool, radio: str | None) -> None:
    """Scans and prints what was found; `radio` as in `--radio`, None is the system's adapter.

    Raises:
        HardwareError: no adapter.
        InputError: no such radio.
    """
    open_radio = opener(radio)
    _tell(f"scanning for {seconds:g} s" + (", then reading batteries one by one" if connect else ""))
    if connect:
        _tell("reading takes a sensor's only link: a watch or phone that uses it loses it for a moment")
    found = await scan(open_radio, seconds, connect=connect)
    if not found:
        _tell("nothing found: sensors sleep until they are moved or worn, and hide while something uses them")
    sys.stdout.write("".join(f"{line}\n" for line in report(found)))


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def report(found: list[Seen]) -> Iterator[str]:
    """Yields the lines of the table, and the lines that a configuration's `sensors` list takes."""
    if not found:
        return
    yield from _table([COLUMNS, *(_row(seen) for seen in found)])
    entries = list(_entries(found))
    if entries:
        yield ""
        yield "sensors = ["
        yield from (f"    {entry}" for entry in entries)
        yield "]"


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(seen: Seen) -> tuple[str, ...]:
    services = ", ".join(SERVICES.get(uuid, uuid) for uuid in seen.services) or "-"
    battery = seen.problem or ("-" if seen.battery is None else f"{seen.battery} %")
    return printable(seen.name or "-"), seen.address, services, f"{seen.rssi} dBm", printable(battery)


def _entries(found: Iterable[Seen]) -> Iterator[str]:
    count: Counter[Kind] = Counter()
    for seen in found:
        for kind, profile in PROFILES.items():
            if profile.service in seen.services:
                count[kind] += 1
                yield _entry(seen, kind, kind if count[kind] == 1 else f"{kind}-{count[kind]}")


def _entry(seen: Seen, kind: Kind, name: str) -> str:
    role: Role = "rider" if kind == "wheel" else "runner"  # a guess; who wears it is not on the air
    known = {"name": name, "role": role, "kind": kind}
    if rotates(seen.address) and seen.name:
        pinned, comment = {"pin": "name", "advertised": seen.name}, "its address changes"
    else:
        pinned, comment = {"pin": "address", "address": seen.address}, printable(seen.name or "no name")
    keys = ", ".join(f"{key} = {_quoted(value)}" for key, value in (known | pinned).items())
    return f"{{ {keys} }}, # {comment}"


def _quoted(text: str) -> str:
    """Writes a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'


def rotates(address: str) -> bool:
    """Tells whether an address looks like a resolvable private one, which changes every 15 minutes or so.

    Its two top bits are 01, those of a non-resolvable one 00 and of a static one 11 (Core Specification,
    Vol 6, Part B, 1.3.2). A public address may look the same and bleak does not tell them apart; a pin by
    name then still finds the sensor. Systems that hide addresses give UUIDs, which stay.
    """
    if not re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", address):
        return False
    return int(address[:2], 16) >> 6 == 0b01
