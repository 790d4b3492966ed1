"""Commands over MQTT: who may give them, and which of them are taken."""

from __future__ import annotations

import asyncio
import json

from pacer.broker import Address, embedded
from pacer.clock import run_virtual
from pacer.inputs import Command, Input
from pacer.sinks.mqtt import MqttSink
from tests.support.mqtt import Seen, client, running, until
from tests.unit.sinks.stage import feed, make, now, on, play


def test_commands_are_off_unless_allowed() -> None:
    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        del sink
        async with client(address.port) as person:
            await person.publish("pacer/v1/run/command", b'{"verb":"lap"}', qos=1)
        await until(lambda: bool(on(seen, "command")))  # it did go round
        await asyncio.sleep(1.0)

    assert play(scene) == []


def test_command_is_posted_with_its_own_time() -> None:
    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        del seen, sink
        await asyncio.sleep(10.0 - now())
        async with client(address.port) as person:
            await person.publish("pacer/v1/run/command", b'{"verb":"start","at_utc_s":1800000003}', qos=1)
            await person.publish("pacer/v1/run/command", b'{"verb":"lap","age_s":2}', qos=1)
        await asyncio.sleep(1.0)

    assert play(scene, allow_commands=True) == [
        Command(10.0, "start", 13.0, None, "mqtt"),
        Command(10.0, "lap", 8.0, None, "mqtt"),
    ]


def test_bad_and_retained_commands_are_counted_or_ignored_and_the_run_goes_on() -> None:
    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        async with client(address.port) as person:
            for bad in (
                b"",
                b"stop!",
                b'{"verb":"explode"}',
                b"x" * 5000,
                json.dumps({"verb": "lap", "x": 1}),
            ):
                await person.publish("pacer/v1/run/command", bad, qos=1)
            await person.publish("pacer/v1/run/command", b'{"verb":"undo"}', qos=1)
            await asyncio.sleep(0.5)
            assert sink.refused_commands == 5
            await feed(sink, 1.0)
            assert len(on(seen, "state")) == 10

    assert [c.verb for c in play(scene, allow_commands=True) if isinstance(c, Command)] == ["undo"]


def test_command_kept_by_the_broker_is_an_old_one() -> None:
    posted: list[Input] = []

    async def main() -> None:
        async with embedded() as address:
            async with client(address.port) as person:
                await person.publish("pacer/v1/run/command", b'{"verb":"stop"}', qos=1, retain=True)
            sink = make(address.port, allow_commands=True)
            async with running(sink.run(posted.append)):
                await until(lambda: sink.link == "connected")
                await asyncio.sleep(2.0)

    run_virtual(main())
    assert posted == []
