"""A stage for the MQTT sink: the embedded broker, an observer, and a sink that is connected."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from pacer.broker import Address, embedded
from pacer.clock import LoopClock, run_virtual
from pacer.inputs import Input
from pacer.outputs import Cue, State
from pacer.sinks.mqtt import MqttOptions, MqttSink
from tests.support import states
from tests.support.mqtt import Seen, observer, running, until

UTC = 1.8e9  # s


def make(port: int, *, allow_commands: bool = False) -> MqttSink:
    options = MqttOptions("127.0.0.1", port, allow_commands=allow_commands, protocols=("3.1.1",))
    return MqttSink(options, LoopClock(), lambda: UTC)


def ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


def now() -> float:
    return LoopClock().now()


def state(lap: int | None = 3) -> State:
    return replace(states.state(), t=now(), lap=lap)


def cue(seq: int, to: str = "rider") -> Cue:
    return states.cue(now(), seq=seq, to=to)


async def feed(sink: MqttSink, seconds: float) -> None:
    """Offers ten states a second."""
    for _ in range(round(seconds * 10)):
        sink.offer(state())
        await asyncio.sleep(0.1)


Scene = Callable[[MqttSink, list[Seen], Address], Awaitable[None]]


def play(scene: Scene, *, allow_commands: bool = False) -> list[Input]:
    """Plays a scene with a connected sink and an observer; returns what the sink posted."""
    posted: list[Input] = []

    async def main() -> None:
        async with embedded() as address, observer(address.port) as seen:
            sink = make(address.port, allow_commands=allow_commands)
            async with running(sink.run(posted.append)):
                await until(lambda: sink.link == "connected")
                await scene(sink, seen, address)

    run_virtual(main())
    return posted


def on(seen: list[Seen], level: str) -> list[Seen]:
    return [s for s in seen if s.topic.startswith(f"pacer/v1/run/{level}")]
