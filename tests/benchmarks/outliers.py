"""Makes single wrong readings, of every channel and of any size: one input in the place of a right one."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from firmware_sim.encode import LOCATION_AND_SPEED, RSC_MEASUREMENT
from pacer.inputs import Command, Input, Notification

Spoil = Callable[[bytearray, np.random.Generator], None]

# Offsets in the records that firmware_sim sends, every field present: LN speed u16, latitude and longitude
# s32; RSC speed u16, cadence u8, stride length u16, distance u32 (GATT Specification Supplement).
_LN_SPEED, _LN_PLACE, _RSC_SPEED, _RSC_CADENCE, _RSC_STRIDE, _RSC_DISTANCE = 2, 7, 1, 3, 4, 6
_DEGREES_PER_M = 1 / 111_195.0  # of latitude, on a sphere of 6371 km


def _added(data: bytearray, at: int, form: str, by: float) -> None:
    """Adds to a field, as far as it can hold it."""
    most = 2 ** (8 * struct.calcsize(form)) - 1
    value = struct.unpack_from(form, data, at)[0]
    struct.pack_into(form, data, at, max(0, min(most, round(value + by))))


def _size(rng: np.random.Generator, least: float, most: float) -> float:
    """Draws a size of any order of magnitude, of either sign."""
    size = math.exp(rng.uniform(math.log(least), math.log(most)))
    return size if rng.random() < 0.5 else -size


def _doppler(data: bytearray, rng: np.random.Generator) -> None:
    _added(data, _LN_SPEED, "<H", _size(rng, 0.2, 20.0) * 100)


def _place(data: bytearray, rng: np.random.Generator) -> None:
    size, angle = _size(rng, 1.0, 1e5) * _DEGREES_PER_M * 1e7, rng.uniform(0, 2 * math.pi)
    lat, lon = struct.unpack_from("<ii", data, _LN_PLACE)
    place = lat + round(size * math.sin(angle)), lon + round(size * math.cos(angle))
    struct.pack_into("<ii", data, _LN_PLACE, *place)


def _fix(data: bytearray, rng: np.random.Generator) -> None:
    _doppler(data, rng)
    _place(data, rng)


def _pod_speed(data: bytearray, rng: np.random.Generator) -> None:
    _added(data, _RSC_SPEED, "<H", _size(rng, 0.2, 20.0) * 256)


def _odometer(data: bytearray, rng: np.random.Generator) -> None:
    _added(data, _RSC_DISTANCE, "<I", _size(rng, 1.0, 1e5) * 10)


def _stride(data: bytearray, rng: np.random.Generator) -> None:
    _added(data, _RSC_STRIDE, "<H", _size(rng, 0.1, 5.0) * 100)


def _cadence(data: bytearray, rng: np.random.Generator) -> None:
    data[_RSC_CADENCE] = int(rng.integers(256))


def _still(data: bytearray, rng: np.random.Generator) -> None:
    del rng
    data[0] &= ~0x04  # not running
    struct.pack_into("<HB", data, _RSC_SPEED, 0, 0)


CHANNELS: dict[str, tuple[str, Spoil]] = {
    "GPS speed": (LOCATION_AND_SPEED, _doppler),
    "GPS place": (LOCATION_AND_SPEED, _place),
    "GPS both": (LOCATION_AND_SPEED, _fix),
    "pod speed": (RSC_MEASUREMENT, _pod_speed),
    "pod odometer": (RSC_MEASUREMENT, _odometer),
    "pod stride": (RSC_MEASUREMENT, _stride),
    "pod cadence": (RSC_MEASUREMENT, _cadence),
    "pod stands": (RSC_MEASUREMENT, _still),
}
TAP = "lap tap"


def spoiled(items: list[Input], channel: str, rng: np.random.Generator) -> list[Input]:
    """Returns the inputs with the first reading of a channel wrong; for `TAP`, with a tap anywhere."""
    if channel == TAP:
        return [Command(items[0].t, "lap"), *items]
    char, spoil = CHANNELS[channel]
    for k, item in enumerate(items):
        if isinstance(item, Notification) and item.char == char:
            data = bytearray(item.data)
            spoil(data, rng)
            return [*items[:k], replace(item, data=bytes(data)), *items[k + 1 :]]
    raise ValueError(f"nothing of {char} to spoil")
