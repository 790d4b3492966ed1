"""Plays a recorded run as firmware would have sent it: the file's positions, heart rate and footpod as bytes.

A recording of pacer holds the sensors' own bytes. No errors are added: the file's are in it. World time 0 is
`LEAD_S` before the first sample, so that a central has time to connect; the file's own gaps stay gaps.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from firmware_sim import encode, recorded_packets
from firmware_sim.constants import STEP_HZ, STEP_S, FootpodErrors
from firmware_sim.faults import Faults
from firmware_sim.firmware import Firmware
from firmware_sim.packet import Packet
from firmware_sim.recorded_files import RecordedError, Sample, read
from firmware_sim.scenario import SENSORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["LEAD_S", "RecordedError", "RecordedWorld", "firmware"]

LEAD_S = 5.0  # s, before the first sample
_RUNNING_MPS = FootpodErrors().running_mps
# Bounds of the fields on the wire: what they cannot hold is left out, as firmware would.
_MAX_LN_MPS, _MAX_RSC_MPS, _MAX_CADENCE, _MAX_BPM = 655.35, 255.99, 255, 65535
_MAX_ALTITUDE_M = 83_886.0  # m, a signed 24 bit field of centimetres


class RecordedWorld:
    """Holds the time of a recorded run; its truth is what the file says."""

    def __init__(self, length_s: float, *, uart: bool = False) -> None:
        self.end_t = LEAD_S + length_s  # s
        self.uart = uart  # the receiver speaks UBX over a serial line
        self._steps = 0

    @property
    def t(self) -> float:
        """Returns the world time reached, in s."""
        return self._steps / STEP_HZ

    def step(self) -> None:
        """Moves on by one step of the simulation's clock."""
        self._steps += 1

    def elapsed(self, t: float) -> float:
        """Returns the seconds from the first sample to world time `t`."""
        return t - LEAD_S


class Played:
    """Sends packets that were made before, each when its time has come."""

    def __init__(self, name: str, packets: Iterable[Packet]) -> None:
        self.name = name
        self._packets = list(packets)
        self._next = 0

    def __bool__(self) -> bool:
        """Tells whether the file had anything for this sensor."""
        return bool(self._packets)

    def step(self, t: float) -> list[Packet]:
        """Returns the packets up to the step after world time `t`: one between steps must not be late."""
        first = self._next
        while self._next < len(self._packets) and self._packets[self._next].t <= t + STEP_S:
            self._next += 1
        return self._packets[first : self._next]


def firmware(path: Path) -> tuple[RecordedWorld, Firmware]:
    """Returns a recorded run's clock and the firmware of the sensors that it has samples of.

    Raises RecordedError where the file cannot be read or holds nothing that a sensor sends.
    """
    if path.suffix.lower() == recorded_packets.SUFFIX:
        return _resent(path)
    samples = read(path)
    kinds = (("footpod", _footpod), ("gps", _gps), ("heart_rate", _heart_rate))
    sensors = [Played(name, make(samples)) for name, make in kinds]
    world = RecordedWorld(samples[-1].unix_s - samples[0].unix_s)
    return world, _firmware(path, world, sensors)


def _firmware(path: Path, world: RecordedWorld, sensors: Iterable[Played]) -> Firmware:
    present = [sensor for sensor in sensors if sensor]
    if not present:
        raise RecordedError(f"{path}: holds no position, heart rate, footpod or wheel")
    return Firmware(world, present, Faults((), seed=0))


def _resent(path: Path) -> tuple[RecordedWorld, Firmware]:
    """Plays a recording of pacer: every notification as it was."""
    try:
        recording = recorded_packets.read(path)
    except OSError as error:
        raise RecordedError(f"{path}: cannot be read: {error.strerror}") from error
    first = recording.packets[0].t if recording.packets else 0.0
    packets = [replace(packet, t=LEAD_S + packet.t - first) for packet in recording.packets]
    sensors = [Played(name, (p for p in packets if p.sensor == name)) for name in SENSORS]
    world = RecordedWorld(packets[-1].t - LEAD_S if packets else 0.0, uart=recording.uart)
    return world, _firmware(path, world, sensors)


def _packets(samples: list[Sample], sensor: str, char: str, data: Iterable[bytes | None]) -> Iterator[Packet]:
    """Yields a packet for every sample that has data."""
    start = samples[0].unix_s
    for sample, payload in zip(samples, data, strict=True):
        if payload is not None:
            yield Packet(LEAD_S + sample.unix_s - start, sensor, char, payload)


def _gps(samples: list[Sample]) -> Iterator[Packet]:
    return _packets(samples, "gps", encode.LOCATION_AND_SPEED, (_location(s) for s in samples))


def _location(sample: Sample) -> bytes | None:
    if sample.lat_deg is None or sample.lon_deg is None:
        return None
    if not (abs(sample.lat_deg) <= 90 and abs(sample.lon_deg) <= 180):  # degrees; NaN fails as well
        return None
    return encode.location_and_speed(
        encode.LocationAndSpeed(
            status=encode.PositionStatus.OK,
            speed_mps=_within(sample.speed_mps, 0, _MAX_LN_MPS),
            location=(sample.lat_deg, sample.lon_deg),
            elevation_m=_within(sample.altitude_m, -_MAX_ALTITUDE_M, _MAX_ALTITUDE_M),
            utc=datetime.fromtimestamp(sample.unix_s, UTC),
        )
    )


def _heart_rate(samples: list[Sample]) -> Iterator[Packet]:
    rates = (_within(s.heart_bpm, 1, _MAX_BPM) for s in samples)
    data = (None if bpm is None else encode.heart_rate_measurement(round(bpm), contact=None) for bpm in rates)
    return _packets(samples, "heart_rate", encode.HEART_RATE_MEASUREMENT, data)


def _footpod(samples: list[Sample]) -> Iterator[Packet]:
    return _packets(samples, "footpod", encode.RSC_MEASUREMENT, (_stride(s) for s in samples))


def _stride(sample: Sample) -> bytes | None:
    speed = _within(sample.pod_speed_mps, 0, _MAX_RSC_MPS)
    if speed is None:
        return None
    return encode.rsc_measurement(
        speed,
        round(_within(sample.cadence_spm, 0, _MAX_CADENCE) or 0),
        running=speed >= _RUNNING_MPS,
        distance_m=_within(sample.pod_distance_m, 0, 2**32 / 10 - 1),
    )


def _within(value: float | None, low: float, high: float) -> float | None:
    """Returns a finite value that its field can hold, else None."""
    return value if value is not None and math.isfinite(value) and low <= value <= high else None
