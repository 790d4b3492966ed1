"""Runs the rider's wheel sensor (Cycling Speed and Cadence): revolutions and when the last one ended."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from firmware_sim.constants import WheelErrors
from firmware_sim.encode import CSC_MEASUREMENT, csc_measurement
from firmware_sim.gauss_markov import stream
from firmware_sim.packet import Packet
from firmware_sim.sensors.schedule import Schedule

if TYPE_CHECKING:
    from firmware_sim.world import World

_WHEEL = WheelErrors()


class Wheel:
    """Holds the sensor's counters, which begin anywhere."""

    name = "wheel"

    def __init__(self, world: World, seed: int) -> None:
        rng = stream(seed, "wheel")
        self._world = world
        self.circumference_m = _WHEEL.circumference_m * (1 + _WHEEL.scale * float(rng.standard_normal()))
        self._turned = float(rng.uniform(0, 1))  # of a revolution, at the world's beginning
        self._first = int(rng.integers(2**31))
        self._clock_s = float(rng.uniform(0, 64))  # s, the sensor's clock at the world's beginning
        self._schedule = Schedule(1.0, float(rng.uniform(0, 1)))
        self._radio = stream(seed, "wheel", "radio")

    def step(self, t: float) -> list[Packet]:
        """Samples up to world time `t`; returns a packet once a second."""
        return [packet for at in self._schedule.due(t) for packet in self._send(at)]

    def _send(self, at: float) -> list[Packet]:
        spread = abs(_WHEEL.latency_spread_s * float(self._radio.standard_normal()))
        if self._radio.random() < _WHEEL.loss:
            return []
        turns = math.floor(self._world.rider_at(at).path_m / self.circumference_m + self._turned)
        ended = (
            self._world.rider.time_at_path((turns - self._turned) * self.circumference_m) if turns else 0.0
        )
        event = math.floor((self._clock_s + (ended or 0.0)) * 1024)
        data = csc_measurement(self._first + turns, event)
        return [Packet(at + _WHEEL.latency_s + spread, self.name, CSC_MEASUREMENT, data)]
