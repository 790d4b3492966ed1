"""Readings that are wrong: the bytes of one packet changed, as a receiver or a pod might have sent them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from firmware_sim.encode import LOCATION_AND_SPEED, RSC_MEASUREMENT
from pacer.inputs import Notification

Wrong = Callable[[Notification], Notification | None]  # None: it is no such packet

NORTH_M = 90  # units of 1e-7 degrees of latitude in a metre, within 0.2 %


def north(by_m: float) -> Wrong:
    """Throws a position (Location and Speed) to the north, m."""

    def change(item: Notification) -> Notification | None:
        if item.char != LOCATION_AND_SPEED or not item.data[0] & 0b100:
            return None
        at = 2 + 2 * (item.data[0] & 1) + 3 * (item.data[0] >> 1 & 1)  # after flags, speed and total distance
        lat = int.from_bytes(item.data[at : at + 4], "little", signed=True) + round(by_m * NORTH_M)
        return _put(item, at, lat.to_bytes(4, "little", signed=True))

    return change


def gps_speed(mps: float) -> Wrong:
    """Puts another speed into a receiver's packet, m/s."""
    return lambda item: (
        _put(item, 2, round(mps * 100).to_bytes(2, "little"))
        if item.char == LOCATION_AND_SPEED and item.data[0] & 1
        else None
    )


def pod_speed(mps: float) -> Wrong:
    """Puts another speed into a footpod's packet, m/s."""
    return lambda item: (
        _put(item, 1, round(mps * 256).to_bytes(2, "little")) if item.char == RSC_MEASUREMENT else None
    )


def pod_count(by_m: float) -> Wrong:
    """Throws a footpod's odometer forward, m."""

    def change(item: Notification) -> Notification | None:
        if item.char != RSC_MEASUREMENT or not item.data[0] & 0b10:
            return None
        count = int.from_bytes(item.data[-4:], "little") + round(by_m * 10)
        return _put(item, len(item.data) - 4, (count % 2**32).to_bytes(4, "little"))

    return change


def _put(item: Notification, at: int, data: bytes) -> Notification:
    return replace(item, data=item.data[:at] + data + item.data[at + len(data) :])
