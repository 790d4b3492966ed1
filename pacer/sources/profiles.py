"""Which service and characteristics carry each kind of sensor (Bluetooth Assigned Numbers, 3.4 and 3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacer.setup import Kind

BASE_UUID = "-0000-1000-8000-00805f9b34fb"  # of all numbers that the Bluetooth SIG assigns
BATTERY_SERVICE = "180f"
BATTERY_LEVEL = "2a19"
NORDIC_UART = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
NORDIC_UART_TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"


@dataclass(frozen=True, slots=True)
class Profile:
    """Tells how a kind of sensor is found and heard."""

    service: str  # advertised, and what scans filter by
    chars: tuple[str, ...]  # that notify
    silence_s: float | None = None  # s of silence that mean a dead link; None: may rest while standing


PROFILES: dict[Kind, Profile] = {
    "footpod": Profile("1814", ("2a53",)),  # Running Speed and Cadence
    "gps": Profile("1819", ("2a67",), 10.0),  # Location and Navigation: 1 Hz, with or without a fix
    "gps_uart": Profile(NORDIC_UART, (NORDIC_UART_TX,), 10.0),
    "heart_rate": Profile("180d", ("2a37",), 10.0),  # 1 Hz, with or without skin contact
    "wheel": Profile("1816", ("2a5b",)),  # Cycling Speed and Cadence
}


def full_uuid(uuid: str) -> str:
    """Returns the 128-bit form: "2a53" becomes "00002a53-0000-…"."""
    return f"0000{uuid}{BASE_UUID}" if len(uuid) == 4 else uuid


def short_uuid(uuid: str) -> str:
    """Returns the form that inputs carry: "2a53" for SIG numbers, else 128 bit, lower case."""
    uuid = uuid.lower()
    return uuid[4:8] if uuid.startswith("0000") and uuid.endswith(BASE_UUID) else uuid
