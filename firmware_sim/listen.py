"""The simulated sensors for another process: an air, and a door to it over TCP.

    World or file ─ Firmware ─ GattServer ─ air ─ Controller ─ HCI over TCP ─▶ pacer run … --radio hci:…
      ▲                                                                            │
      └── display and audio device ◀── a broker that both processes reach ◀────────┘

The world's time starts when somebody first listens to a sensor, and the runner stands for a while yet, so
that the person at the other terminal sees him standing first.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from firmware_sim import devices, peripherals, recorded, scenario
from firmware_sim.firmware import GUN_T, Firmware
from firmware_sim.hci_tcp import serve_hci
from firmware_sim.radio import Air
from firmware_sim.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
    from pathlib import Path

    from firmware_sim.gatt import GattServer

    Say = Callable[[str], None]

LOOK_S = 0.5  # s between looks at whether the run is over: a person reads what is said then
CANCEL_S = 1.0  # s until a task is cancelled again; saying goodbye to a broker takes milliseconds


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what `python -m firmware_sim` was told."""

    host: str
    port: int  # 0 takes a free one
    scenario: str = "even"
    seed: int = 1
    gps: peripherals.GpsVariant = "ln"
    file: Path | None = None  # a recorded run instead of a scenario
    start_after_s: float = GUN_T  # s from the first listener to the start
    broker: tuple[str, int] | None = None  # where the runner's and the rider's devices listen for cues
    session: str = "run"


async def listen(options: Options, say: Say) -> None:
    """Serves until cancelled.

    Raises:
        ScenarioError, RecordedError: no such scenario, or a file that cannot be played.
        OSError: the address is taken.
    """
    world, firmware = _firmware(options)
    air = Air()
    gps = "ubx" if isinstance(world, recorded.RecordedWorld) and world.uart else options.gps
    servers = await peripherals.switch_on(air, gps, firmware.names)
    server = await serve_hci(air, options.host, options.port)
    try:
        async with _beside(_devices(options, world)):
            _greet(options, say, server.sockets[0].getsockname(), servers.values())
            await _first_listener(servers.values())
            say(f"somebody listens: the runner starts in {options.start_after_s:g} s")
            async with _beside([_tell_end(world, say)]):
                await peripherals.play(firmware, servers, _start(world, options.start_after_s))
    finally:
        server.close()


def _firmware(options: Options) -> tuple[World | recorded.RecordedWorld, Firmware]:
    if options.file is not None:
        return recorded.firmware(options.file)
    world = World(scenario.load(options.scenario), options.seed)
    return world, Firmware.of(world, options.gps)


def _greet(options: Options, say: Say, address: tuple[Any, ...], servers: Iterable[GattServer]) -> None:
    """Tells what is on the air, and what to type in the other terminal."""
    say(f"listening: pacer run CONFIG --radio hci:tcp-client:{address[0]}:{address[1]}")
    for server in servers:
        say(f"  {server.peripheral.name}: {server.peripheral.address}")
    say(f"plays {options.file or f'{options.scenario}, seed {options.seed}'}; Ctrl-C ends it")


async def _first_listener(servers: Iterable[GattServer]) -> None:
    waits = [asyncio.create_task(server.subscribed()) for server in servers]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _start(world: World | recorded.RecordedWorld, after_s: float) -> float:
    """Sets the start `after_s` from now; returns the loop's time at world time 0."""
    now = asyncio.get_running_loop().time()
    if isinstance(world, World):
        world.gun(after_s)
        return now
    return now + max(after_s - recorded.LEAD_S, 0.0)


async def _tell_end(world: World | recorded.RecordedWorld, say: Say) -> None:
    """Says, once the run is over, what was true of it."""
    while True:
        if truth := _truth(world):
            return say(f"{truth}; start this again for another run")
        await asyncio.sleep(LOOK_S)


def _truth(world: World | recorded.RecordedWorld) -> str | None:
    if not isinstance(world, World):
        return "the file is played" if world.t >= world.end_t else None
    if world.finish_s is None:
        return None
    splits = " ".join(f"{split:.1f}" for split in world.splits())
    return f"truth: {world.scenario.distance_m:.1f} m in {world.finish_s:.1f} s, 400 m splits {splits or '-'}"


def _devices(options: Options, world: World | recorded.RecordedWorld) -> Iterable[Coroutine[Any, Any, None]]:
    """Makes the devices by which the simulated people hear and see cues, where a broker is named.

    Their names differ from those of the demo's own devices, which may be at the same broker.
    """
    if options.broker is None or not isinstance(world, World):
        return
    for device, take in (
        (devices.display("sim-display"), world.see),
        (devices.audio("sim-audio"), world.hear),
    ):
        yield device.run(*options.broker, options.session, partial(_obey, take))


@asynccontextmanager
async def _beside(jobs: Iterable[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Runs jobs while the context lasts."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        while pending := [task for task in tasks if not task.done()]:
            for task in pending:  # a client that is just connecting may turn the first one into an error
                task.cancel()
            await asyncio.wait(pending, timeout=CANCEL_S)


def _obey(take: Callable[[str, float], None], word: str, change_mps: float, seq: int) -> None:
    del seq
    take(word, abs(change_mps))
