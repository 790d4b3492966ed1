"""The simulated sensors for another process: an air, and a door to it over TCP.

    World or file ─ Firmware ─ GattServer ─ air ─ Controller ─ HCI over TCP ─▶ pacer run … --radio hci:…

The world's time starts when a central has subscribed to every sensor, so that nobody runs unheard.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from firmware_sim import devices, peripherals, recorded, scenario
from firmware_sim.firmware import GUN_T, Firmware
from firmware_sim.hci_tcp import serve_hci
from firmware_sim.radio import Air
from firmware_sim.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what `python -m firmware_sim` was told."""

    host: str
    port: int  # 0 takes a free one
    scenario: str = "even"
    seed: int = 1
    gps: peripherals.GpsVariant = "ln"
    file: Path | None = None  # a recorded run instead of a scenario
    gun_s: float = GUN_T  # s after everything is subscribed
    broker: tuple[str, int] | None = None  # where the runner's and the rider's devices listen for cues
    session: str = "run"


async def listen(options: Options, say: Callable[[str], None]) -> None:
    """Serves until cancelled.

    Raises:
        ScenarioError, RecordedError: no such scenario, or a file that cannot be played.
        OSError: the address is taken.
    """
    air = Air()
    world, firmware = _firmware(options)
    servers = await peripherals.switch_on(air, options.gps, firmware.names)
    server = await serve_hci(air, options.host, options.port)
    host, port = server.sockets[0].getsockname()[:2]
    say(f"listening: pacer run CONFIG --radio hci:tcp-client:{host}:{port}")
    for name, gatt_server in servers.items():
        say(f"  {name}: {gatt_server.peripheral.address} {gatt_server.peripheral.name}")
    try:
        async with _devices(options, world):
            await asyncio.gather(*(gatt_server.subscribed() for gatt_server in servers.values()))
            if world is not None:
                world.gun(options.gun_s)
                say(f"every sensor is heard; the gun goes in {options.gun_s:g} s")
            await peripherals.play(firmware, servers, asyncio.get_running_loop().time())
    finally:
        server.close()


def _firmware(options: Options) -> tuple[World | None, Firmware]:
    if options.file is not None:
        _, firmware = recorded.firmware(options.file)
        return None, firmware
    world = World(scenario.load(options.scenario), options.seed)
    return world, Firmware.of(world, options.gps)


@asynccontextmanager
async def _devices(options: Options, world: World | None) -> AsyncIterator[None]:
    """Lets the simulated people hear and see cues, where a broker is named."""
    jobs: list[asyncio.Task[None]] = []
    if options.broker is not None and world is not None:
        for device, take in ((devices.display(), world.see), (devices.audio(), world.hear)):
            obey = partial(_obey, take)
            jobs.append(asyncio.create_task(device.run(*options.broker, options.session, obey)))
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


def _obey(take: Callable[[str, float], None], word: str, change_mps: float, seq: int) -> None:
    del seq
    take(word, abs(change_mps))
