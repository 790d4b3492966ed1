"""Whole runs over the air: the demo's parts with radio and MQTT, in virtual time or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pacer import demo
from pacer.app import Plan, broker, compose, run_engine
from pacer.clock import LoopClock, run_virtual
from pacer.config import Config
from pacer.engine import Engine, Post
from pacer.ledger import Ledger
from pacer.outputs import Output
from pacer.reach import Mqtt
from pacer.recording import read
from pacer.sinks.mqtt import MqttOptions
from tests.support.played import Scene

LIMIT_S = 400.0  # s of virtual time: a mile takes 300; a run whose end never comes is ended here
AFTER_S = 3.0  # s that a run goes on after its finish
LAST_CUE_S = 1.0  # s in which a cue that was sent as the run ended still reaches eye and ear


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
