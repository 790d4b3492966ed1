"""`pacer demo`: the whole way with no hardware: people, sensors and radio simulated, engine and bleak real.

    World ─ Firmware ─ GattServer ─ air ─ Controller ─ HCI ─ bleak ─ Engine ─ MQTT ─ Device ─▶ World
      └─────────── truth ─────────────▶ Ledger ◀────────────── outputs ─┘

One loop drives it all, and runs `rate` times as fast as life. With a radio of another process (`python -m
firmware_sim --listen …`) the left half lives there: nobody here knows the truth, and the run starts with the
first step.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from firmware_sim import constants, devices, peripherals, scenario
from firmware_sim.firmware import Firmware
from firmware_sim.radio import Air, Controller
from firmware_sim.road import Road
from firmware_sim.scenario import Scenario
from firmware_sim.world import World
from pacer import summary
from pacer.app import Plan, at_a_terminal, broker, compose, run_engine, say
from pacer.clock import LoopClock
from pacer.config import Config
from pacer.engine import Post
from pacer.errors import InputError
from pacer.hindsight import Hindsight
from pacer.inputs import Command
from pacer.ledger import Ledger
from pacer.outputs import Output, State
from pacer.playback import afterwards
from pacer.reach import Mqtt
from pacer.setup import Kind, Role, RouteSpec, SensorSpec, Setup, Target, TrackSpec
from pacer.sinks.mqtt import MqttOptions
from pacer.sources.radio import OpenRadio, hci_radio, opener

# Everybody stands at the line for this long once all sensors are heard: the receiver's bias is learnt there.
STANDING_S = 10.0  # s
COUNTDOWN_S = 5.0  # s
# After the finish: the runner runs out, the last messages arrive.
LINGER_S = 3.0  # s
TRACK = TrackSpec(
    lat_deg=constants.TRACK_LAT_DEG, lon_deg=constants.TRACK_LON_DEG, heading_deg=constants.TRACK_HEADING_DEG
)
CANCEL_S = 1.0  # s until a task is cancelled again; saying goodbye to a broker takes milliseconds


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what the command line says."""

    scenario: str = "paced"
    seed: int = 1
    rate: float = 1.0
    gps: peripherals.GpsVariant = "ln"
    headless: bool = False
    broker: str = "embedded"
    session: str = "run"
    radio: str | None = None  # hci:TRANSPORT, to the sensors of another process


class Starter:
    """Starts the run when every sensor was heard and all have stood at the line for a while."""

    name = "starter"

    def __init__(self, world: World, zero: float) -> None:
        self._world, self._zero = world, zero
        self._ready = asyncio.Event()

    def offer(self, output: Output) -> None:
        """Looks whether all sensors are there."""
        if isinstance(output, State) and all(sensor.state == "ok" for sensor in output.sensors):
            self._ready.set()

    async def run(self, post: Post) -> None:
        """Fires the gun, once."""
        await self._ready.wait()
        await asyncio.sleep(STANDING_S)
        now = LoopClock().now()  # not the last state's time: a sensor may have been heard since
        gun = round(now + COUNTDOWN_S, 6)
        post(Command(now, "start", at=gun, origin="engine"))
        self._world.gun(gun - self._zero)


def _scenario(options: Options) -> Scenario | None:
    """Reads the scenario; None where the people are in another process."""
    if options.radio is not None:
        return None
    try:
        return scenario.load(options.scenario)
    except scenario.ScenarioError as error:
        raise InputError(f"--scenario: {error}") from None


def demo_setup(options: Options) -> Setup:
    """Returns what the demo's session starts from: four sensors, and a course whose place the map tells.

    Raises:
        InputError: no such scenario.
    """
    told = _scenario(options)
    gps: Kind = "gps_uart" if options.gps == "ubx" else "gps"
    return Setup(
        sensors=(
            SensorSpec("footpod", "runner", "footpod", address=peripherals.FOOTPOD_ADDRESS),
            SensorSpec("gps", "runner", gps, address=peripherals.GPS_ADDRESS),
            SensorSpec("heart_rate", "runner", "heart_rate", address=peripherals.HEART_RATE_ADDRESS),
            SensorSpec("wheel", "rider", "wheel", address=peripherals.WHEEL_ADDRESS),
        ),
        course=RouteSpec(Road.map().points()) if told and told.course == "road" else TRACK,
        target=Target(told.distance_m, told.target_s) if told else Target(),
        start="command" if options.radio is None else "first_step",
        lead_m=constants.RiderBody().lead_m,
        seed=options.seed,
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """Holds what surrounds the engine of a demo while it runs."""

    open_radio: OpenRadio
    world: World | None = None  # None: the people are in another process
    zero: float = 0.0  # s, the loop's time at world time 0
    display: devices.Device = field(default_factory=devices.display)
    audio: devices.Device = field(default_factory=devices.audio)


@asynccontextmanager
async def stage(options: Options, mqtt: MqttOptions | None) -> AsyncIterator[Stage]:
    """Puts people, sensors and devices up while the context lasts.

    Raises:
        InputError: no such scenario, or no such radio.
    """
    async with AsyncExitStack() as stack:
        told = _scenario(options)
        on = Stage(opener(options.radio)) if told is None else await _people(told, options, stack)
        if mqtt:
            for device in (on.display, on.audio):
                obey = partial(_obey, on.world, device.listens_to)
                ask = on.world.ask if on.world and device is on.display else None
                await _beside(stack, device.run(mqtt.host, mqtt.port, mqtt.session, obey, ask))
        yield on


async def _people(told: Scenario, options: Options, stack: AsyncExitStack) -> Stage:
    """Puts runner, rider and their sensors on an air of our own."""
    world = World(told, options.seed)
    air = Air()
    servers = await peripherals.switch_on(air, options.gps)
    radio = partial(hci_radio, Controller("pacer", air).transport())
    on = Stage(radio, world, asyncio.get_running_loop().time())
    await _beside(stack, peripherals.play(Firmware.of(world, options.gps), servers, on.zero))
    return on


async def _beside(stack: AsyncExitStack, job: Coroutine[Any, Any, None]) -> None:
    """Runs a job until the stack is left."""
    task = asyncio.create_task(job)

    async def end() -> None:
        while (
            not task.done()
        ):  # a client that is just connecting may turn the first one into an error of its own
            task.cancel()
            await asyncio.wait([task], timeout=CANCEL_S)

    stack.push_async_callback(end)


async def run_demo(options: Options) -> None:
    """Runs the demo to its end and prints what came of it."""
    headless = options.headless or not at_a_terminal()
    setup = demo_setup(options)  # before anything is started: the scenario may not exist
    name = f"demo-{options.scenario}" if options.radio is None else "demo-radio"
    config = Config(name=name, mqtt=Mqtt(options.broker, options.session, insecure=True))  # invented people
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(broker(config))
        mqtt = replace(found, rate=options.rate) if found else None
        on = await stack.enter_async_context(stage(options, mqtt))
        plan = Plan(
            name=config.name,
            setup=setup,
            open_radio=on.open_radio,
            clock=LoopClock(),
            mqtt=mqtt,
            screen=not headless,
            linger_s=LINGER_S if headless else None,
            rate=options.rate,
            notes=_notes(options, on),
        )
        ledger = Ledger()
        starter = () if on.world is None else (Starter(on.world, on.zero),)
        engine, path = compose(plan, (ledger, *starter))
        await run_engine(engine, path)
    _report(ledger, on, plan, path, headless=headless)


def _notes(options: Options, on: Stage) -> tuple[str, ...]:
    if on.world is None:
        return (f"sensors of {options.radio}", "starts with the first step")
    return (on.world.scenario.title, f"seed {options.seed}, {options.rate:g} times as fast as life")


def _obey(world: World | None, who: Role, word: str, change_mps: float, seq: int) -> None:
    """Lets the simulated person who is here see or hear a cue."""
    del seq
    if world is not None:
        take = world.see if who == "rider" else world.hear
        take(word, abs(change_mps))


def _report(ledger: Ledger, on: Stage, plan: Plan, path: Path, *, headless: bool) -> None:
    found = {
        "event": "summary",
        **_truth(ledger, on, afterwards(path).known()),
        "target_s": plan.setup.target.time_s,
        "cues_shown": {"display": len(on.display.shown), "audio": len(on.audio.shown)},
        "cues_dropped": {"display": dict(on.display.dropped), "audio": dict(on.audio.dropped)},
        "recording": str(path),
    }
    if headless:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        say(summary.table(found))


def _truth(ledger: Ledger, on: Stage, known: Hindsight) -> dict[str, Any]:
    """Says what came out beside what was true, where the people were here; null where they were not."""
    world = on.world
    if world is None:
        nobody = {"scenario": None, "seed": None, "truth_time_s": None}
        return {**nobody, **summary.outcome(ledger, lambda _distance_m: None, None, known)}
    return {
        "scenario": world.scenario.name,
        "seed": world.seed,
        "truth_time_s": summary.rounded(world.finish_s),
        **summary.outcome(ledger, world.time_at, lambda t: world.runner_at(t - on.zero).distance_m, known),
    }
