"""Sink, devices and a real Mosquitto in real time: what amqtt and virtual time cannot show."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_sim.devices import Device, audio, display
from pacer.clock import LoopClock
from pacer.inputs import Input
from pacer.outputs import Cue
from pacer.sinks.mqtt import MqttOptions, MqttSink
from tests.support import asyncapi, states
from tests.support.mosquitto import Mosquitto, mosquitto
from tests.support.mqtt import observer, running, until

ROOT = Path(__file__).parents[2]
FROZEN_S = 4.0  # s, over a cue's ttl of 3


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path) as one:
        yield one


def now() -> float:
    return LoopClock().now()


def ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


def cue(seq: int, to: str = "rider") -> Cue:
    return states.cue(now(), seq=seq, to=to)


async def state_for_ever(sink: MqttSink) -> None:
    while True:
        sink.offer(replace(states.state(), t=now()))
        await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def scene(broker: Mosquitto) -> AsyncIterator[tuple[MqttSink, Device, Device]]:
    """Runs a sink, both devices and ten states a second, from when the devices are ready for cues."""
    sink = MqttSink(MqttOptions("127.0.0.1", broker.port), LoopClock(), lambda: 0.0)
    devices = display(), audio()
    runs = [d.run("127.0.0.1", broker.port, "run") for d in devices]
    async with running(sink.run(ignore), state_for_ever(sink), *runs):
        await until(lambda: all(d._offset.age(now(), now()) is not None for d in devices))
        yield sink, *devices


def seqs(device: Device) -> list[int]:
    return [s.seq for s in device.shown]


async def test_cues_arrive_and_all_on_the_wire_is_as_the_document_says(broker: Mosquitto) -> None:
    async with observer(broker.port) as seen:
        async with scene(broker) as (sink, rider, runner):
            assert sink.protocol == "5"
            sink.offer(cue(1))
            sink.offer(cue(2, "runner"))
            sink.offer(replace(states.split(1), t=now()))
            await until(lambda: seqs(rider) == [1] and seqs(runner) == [2])
            assert rider.visible(now())
            assert rider.pacer_online
            async with observer(broker.port) as later:
                await asyncio.sleep(0.05)
            kept = {s.topic for s in later if s.retain}
            assert kept == {
                f"pacer/v1/run/{x}" for x in ("status", "device/display/status", "device/audio/status")
            }
        await until(lambda: sum(s.body.get("state") == "offline" for s in seen) == 3)
    for s in seen:
        asyncapi.check(s.topic, s.payload)


async def test_broker_stopped_and_started_again_is_found_by_all(broker: Mosquitto) -> None:
    async with scene(broker) as (sink, rider, _):
        broker.stop()
        await until(lambda: sink.link == "reconnecting")
        sink.offer(cue(1))
        await until(lambda: bool(rider.blanked))  # 2 s without a state: nothing may stand on the screen
        assert rider.visible(now()) is None
        await asyncio.sleep(3.1 - 2.0)  # the cue grows too old
        broker.start()
        await until(lambda: sink.link == "connected" and rider.visible(now()) is None)
        last = states.cue(now(), seq=2)
        while not rider.shown:  # the display may need a moment longer than the sink; a cue is sent once
            last = replace(last, t=now(), seq=last.seq + 1)
            sink.offer(last)
            await asyncio.sleep(0.2)
        assert 1 not in seqs(rider)
