"""A small air for tests: described sensors, a source on it, and what the source posted."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from firmware_sim.gatt import Characteristic, GattServer, Peripheral, Service
from firmware_sim.radio import Air, Controller
from pacer.clock import LoopClock
from pacer.inputs import Input, Link, Notification
from pacer.setup import SensorSpec
from pacer.sources.ble import BleSource
from pacer.sources.radio import hci_radio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

POD_ADDRESS = "C0:00:00:00:00:01"
STRAP_ADDRESS = "C0:00:00:00:00:02"
POD = SensorSpec("footpod", "runner", "footpod", address=POD_ADDRESS)
STRAP = SensorSpec("strap", "runner", "heart_rate", address=STRAP_ADDRESS)


def pod(address: str = POD_ADDRESS, name: str = "Pod") -> Peripheral:
    """Describes a footpod with a battery."""
    return Peripheral(name, address, (_measuring("1814", "2a53"), _battery(77)), 0x0441)


def strap(address: str = STRAP_ADDRESS, name: str = "Strap") -> Peripheral:
    """Describes a heart-rate strap with a battery."""
    return Peripheral(name, address, (_measuring("180d", "2a37"), _battery(55)), 0x0341)


def _measuring(service: str, char: str) -> Service:
    return Service(service, (Characteristic(char, notify=True),), advertised=True)


def _battery(percent: int) -> Service:
    return Service("180f", (Characteristic("2a19", bytes([percent]), read=True, notify=True),))


@dataclass
class Posted:
    """Collects what a source posts."""

    inputs: list[Input] = field(default_factory=list)

    def data(self, char: str, sensor: str = "footpod") -> list[bytes]:
        """Returns the bytes of one characteristic's notifications."""
        return [n.data for n in self.notifications(char, sensor)]

    def notifications(self, char: str, sensor: str = "footpod") -> list[Notification]:
        """Returns the notifications of one characteristic."""
        return [
            i for i in self.inputs if isinstance(i, Notification) and (i.char, i.sensor) == (char, sensor)
        ]

    def links(self, sensor: str = "footpod") -> list[Link]:
        """Returns the link changes of one sensor."""
        return [i for i in self.inputs if isinstance(i, Link) and i.sensor == sensor]

    def states(self, sensor: str = "footpod") -> list[str]:
        """Returns the link states of one sensor."""
        return [link.state for link in self.links(sensor)]


async def switched_on(air: Air, peripheral: Peripheral) -> GattServer:
    """Returns a sensor that is on the air."""
    server = GattServer(peripheral, air)
    await server.start()
    return server


@asynccontextmanager
async def listening(air: Air, *specs: SensorSpec) -> AsyncIterator[Posted]:
    """Runs a BleSource over bleak, our HCI backend and a controller on this air."""
    posted = Posted()
    radio = partial(hci_radio, Controller("host", air).transport())
    source = BleSource(specs, LoopClock(), radio)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(source.run(posted.inputs.append))
        yield posted
        task.cancel()


async def chatter(server: GattServer, char: str, every_s: float = 1.0) -> None:
    """Lets a sensor count aloud."""
    for n in range(1, 1 << 32):
        await asyncio.sleep(every_s)
        await server.notify(char, n.to_bytes(4, "little"))


@asynccontextmanager
async def chattering(server: GattServer, char: str) -> AsyncIterator[None]:
    """Lets a sensor count aloud while the context lasts."""
    task = asyncio.create_task(chatter(server, char))
    yield
    task.cancel()
