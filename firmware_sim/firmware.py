"""Runs all sensors of a world and hands out what they send, in time order.

Two ways to drive it, one simulator: `advance` step by step (GATT servers in real or virtual time, cues in
the loop), and `play`, which runs a whole scenario at once.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Protocol

from firmware_sim.constants import BATTERY_PERCENT, STEP_S
from firmware_sim.encode import BATTERY_LEVEL, battery_level
from firmware_sim.faults import Faults
from firmware_sim.packet import Packet
from firmware_sim.scenario import load
from firmware_sim.sensors.footpod import Footpod
from firmware_sim.sensors.gps import Gps, Wire
from firmware_sim.sensors.heart_rate import HeartRate
from firmware_sim.sensors.wheel import Wheel
from firmware_sim.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firmware_sim.sensors import Sensor

__all__ = ["Firmware", "Packet", "play"]

GUN_T = 20.0  # s: twenty standing fixes before the gun; 15 suffice to learn a receiver's bias
AFTER_S = 5.0  # s, how long a played run goes on after the finish
_END_S = 3600.0  # s, a run that has not finished by then is given up


class Timeline(Protocol):
    """Says what the firmware asks of a world."""

    @property
    def t(self) -> float:
        """Returns the world time reached, in s."""
        ...

    def step(self) -> None:
        """Moves on by one physics step."""
        ...

    def elapsed(self, t: float) -> float:
        """Returns the seconds from the gun to world time `t`."""
        ...


class Firmware:
    """Advances a world and its sensors, and releases packets when their time has come."""

    def __init__(self, world: Timeline, sensors: Sequence[Sensor], faults: Faults) -> None:
        self._world = world
        self._sensors = tuple(sensors)
        self._faults = faults
        self._waiting: list[tuple[float, int, Packet]] = []
        self._count = 0  # keeps packets of one instant in the order in which they were sent
        for sensor in self._sensors:  # what a central reads when it has connected
            self._queue(Packet(0.0, sensor.name, BATTERY_LEVEL, battery_level(BATTERY_PERCENT)))

    @classmethod
    def of(cls, world: World, gps: Wire = "ln") -> Firmware:
        """Returns the standard kit on a world: footpod, GPS, strap and the rider's wheel, and its faults."""
        seed = world.seed
        faults = Faults.of(world.scenario, seed)
        runner = (Footpod(world, seed), Gps(world, seed, gps, faults), HeartRate(world, seed))
        return cls(world, (*runner, Wheel(world, seed)), faults)

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the names of the sensors."""
        return tuple(sensor.name for sensor in self._sensors)

    def advance(self, to_t: float) -> list[Packet]:
        """Advances to world time `to_t` (s); returns what was sent since the last call, oldest first.

        Physics moves in whole steps and never beyond `to_t`; going back in time does nothing.
        """
        while self._world.t + STEP_S <= to_t + 1e-9:  # s, so that 0.1 + 0.2 counts as 0.3
            self._world.step()
            for sensor in self._sensors:
                for packet in sensor.step(self._world.t):
                    self._send(packet)
        return list(self._released(to_t))

    def _send(self, packet: Packet) -> None:
        for changed in self._faults.apply(packet, self._world.elapsed(packet.t)):
            self._queue(changed)

    def _queue(self, packet: Packet) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (packet.t, self._count, packet))

    def _released(self, to_t: float) -> Iterator[Packet]:
        while self._waiting and self._waiting[0][0] <= to_t:
            yield heapq.heappop(self._waiting)[2]


def play(scenario: str, seed: int, gps: Wire = "ln", gun_t: float = GUN_T) -> Iterator[Packet]:
    """Plays a scenario from standing at the line to a few seconds after the finish; yields its packets.

    `gun_t` is the world time of the gun in s. For the truth beside it, make the World yourself and call
    `run`.
    """
    world = World(load(scenario), seed)
    world.gun(gun_t)
    yield from run(world, Firmware.of(world, gps))


def run(world: World, firmware: Firmware) -> Iterator[Packet]:
    """Advances a world whose gun is set until its run is over, a second at a time; yields the packets."""
    end = _END_S
    while world.t < end:
        yield from firmware.advance(world.t + 1.0)
        if world.finish_s is not None and end == _END_S:
            end = world.t + AFTER_S
