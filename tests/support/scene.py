"""Whole runs to look at: the demo's parts over radio and MQTT in virtual time, or bytes straight in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from firmware_sim import devices, scenario
from firmware_sim.devices import Device
from firmware_sim.firmware import Firmware
from firmware_sim.world import World
from pacer import demo
from pacer.app import Plan, broker, compose, run_engine
from pacer.clock import LoopClock, run_virtual
from pacer.config import Config, Mqtt
from pacer.engine import TICK_S, Engine, Post
from pacer.inputs import Command, Input, Notification, Tick
from pacer.ledger import Ledger
from pacer.outputs import Cue, Output
from pacer.recording import read
from pacer.session import Session
from pacer.sinks.mqtt import MqttOptions

LIMIT_S = 400.0  # s of virtual time: a mile takes 300; a run whose end never comes is ended here
GUN_T = 25.0  # s, world time of the gun where bytes go straight in
COUNTDOWN_S = 5.0  # s
AFTER_S = 3.0  # s that a run goes on after its finish
LAST_CUE_S = 1.0  # s in which a cue that was sent as the run ended still reaches eye and ear

Kept = TypeVar("Kept")


@dataclass(slots=True, eq=False)
class Witness:
    """Keeps every output of a session, as a sink."""

    name: str = "witness"
    outputs: list[Output] = field(default_factory=list)

    def offer(self, output: Output) -> None:
        self.outputs.append(output)

    async def run(self, post: Post) -> None:
        del post
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Scene:
    """Holds a run that is over: what was said, what was true, what the devices showed."""

    inputs: Sequence[Input]
    outputs: list[Output]
    ledger: Ledger
    world: World
    zero: float  # s, the session's clock at world time 0
    display: Device
    audio: Device
    path: Path | None = None  # of the recording

    def of(self, kind: type[Kept]) -> list[Kept]:
        """Lists the outputs of one kind."""
        return [output for output in self.outputs if isinstance(output, kind)]

    @property
    def gun_t(self) -> float:
        """Returns when the gun was, on the session's clock."""
        assert self.world.gun_t is not None
        return self.zero + self.world.gun_t

    def truth_m(self, t: float) -> float:
        """Returns where the runner really was at `t` of the session's clock."""
        return self.world.runner_at(t - self.zero).distance_m


async def over_the_air(
    options: demo.Options, recordings: Path, mqtt: MqttOptions | None = None, limit_s: float = LIMIT_S
) -> Scene:
    """Runs GATT servers, bleak, engine, MQTT and both devices to the finish, or until `limit_s` is over."""
    async with _broker(mqtt) as found, demo.stage(options, found) as on:
        assert on.world is not None
        plan = Plan(
            name=f"scene-{on.world.scenario.name}",
            setup=demo.demo_setup(options),
            open_radio=on.open_radio,
            clock=LoopClock(),
            mqtt=found,
            recordings=str(recordings),
            linger_s=AFTER_S,
        )
        witness, ledger = Witness(), Ledger()
        engine, path = compose(plan, (witness, ledger, demo.Starter(on.world, on.zero)))
        await _limited(engine, path, limit_s)
        await asyncio.sleep(LAST_CUE_S)
    inputs = read(path).inputs
    return Scene(inputs, witness.outputs, ledger, on.world, on.zero, on.display, on.audio, path)


def play(options: demo.Options, recordings: Path, limit_s: float = LIMIT_S) -> Scene:
    """Runs `over_the_air` in virtual time with the embedded broker."""
    return run_virtual(over_the_air(options, recordings, limit_s=limit_s))


@asynccontextmanager
async def _broker(mqtt: MqttOptions | None) -> AsyncIterator[MqttOptions | None]:
    if mqtt is not None:
        yield mqtt
        return
    async with broker(Config(name="scene", mqtt=Mqtt("embedded", "run"))) as found:
        yield found


async def _limited(engine: Engine, path: Path, limit_s: float) -> None:
    timer = asyncio.get_running_loop().call_later(limit_s, engine.stop)
    try:
        await run_engine(engine, path)
    finally:
        timer.cancel()


def straight_in(options: demo.Options, limit_s: float = LIMIT_S) -> Scene:
    """Runs the same people and sensors, but their bytes go straight into a session and its cues straight out.

    No radio and no broker: for everything that these do not change, and a tenth of the price.
    """
    world = World(scenario.load(options.scenario), options.seed)
    session, witness, ledger = Session(demo.demo_setup(options)), Witness(), Ledger()
    inputs: list[Input] = []
    for item in _inputs(world, Firmware.of(world, options.gps), ledger, limit_s):
        inputs.append(item)
        for output in session.step(item):
            witness.offer(output)
            ledger.offer(output)
            if isinstance(output, Cue):
                people = {"rider": world.see, "runner": world.hear}
                people[output.to](output.word, abs(output.change_mps))
    return Scene(inputs, witness.outputs, ledger, world, 0.0, devices.display(), devices.audio())


def _inputs(world: World, firmware: Firmware, ledger: Ledger, limit_s: float) -> Iterator[Input]:
    """Yields packets and ticks in time order, a tick's length at a time, since cues change the world."""
    end = limit_s
    for count in range(1, round(limit_s / TICK_S)):
        t = round(count * TICK_S, 6)
        for packet in firmware.advance(t):
            yield Notification(packet.t, packet.sensor, packet.char, packet.data)
        yield Tick(t)
        if t == GUN_T - COUNTDOWN_S:
            world.gun(GUN_T)
            yield Command(t, "start", at=GUN_T, origin="engine")
        if ledger.finished is not None:
            end = min(end, ledger.finished.t + AFTER_S)
        if t >= end:
            return
