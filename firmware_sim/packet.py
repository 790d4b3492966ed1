"""Holds the one thing that leaves the firmware."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packet:
    """Carries one notification as the radio would send it."""

    t: float  # s, world time at which it leaves the sensor's radio
    sensor: str  # "footpod", "gps", "heart_rate" or "wheel"
    char: str  # characteristic: "2a53" for SIG numbers, else the full lower-case UUID
    data: bytes
