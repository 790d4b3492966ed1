"""The sink against the embedded broker, in virtual time; tests/system has the same against Mosquitto."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from firmware_sim.devices import audio, display
from pacer.broker import Address, embedded
from pacer.clock import LoopClock, run_virtual
from pacer.errors import ConfigError
from pacer.outputs import Split
from pacer.sinks.mqtt import CUES_MAX, MqttOptions, MqttSink
from tests.support import asyncapi, states
from tests.support.mqtt import Seen, free_port, observer, running, until
from tests.unit.sinks.stage import UTC, cue, feed, ignore, make, now, on, play, state


def test_all_that_is_published_is_what_the_document_says() -> None:
    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        devices = (display(), audio())
        async with running(*(d.run(address.host, address.port, "run") for d in devices)):
            for lap in range(1, 5):
                sink.offer(cue(2 * lap))
                sink.offer(cue(2 * lap + 1, "runner"))
                sink.offer(replace(states.split(lap), t=now()))
                await feed(sink, 3.0)
        assert {asyncapi.channel(s.topic) for s in seen} == set(asyncapi.document()["channels"]) - {"command"}
        for s in seen:
            asyncapi.check(s.topic, s.payload)

    play(scene)


def test_state_comes_ten_times_a_second_and_numbers_rise() -> None:
    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        del address
        await feed(sink, 10.0)
        bodies = [s.body for s in on(seen, "state")]
        assert len(bodies) == 100
        assert [b["seq"] for b in bodies] == sorted({b["seq"] for b in bodies})
        assert {b["run"] for b in bodies} == {bodies[0]["run"]}

    play(scene)


def test_a_newcomer_gets_the_status_and_nothing_else() -> None:
    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        del seen
        sink.offer(cue(1))
        sink.offer(replace(states.split(1), t=now()))
        await feed(sink, 1.0)
        async with observer(address.port) as later:
            await asyncio.sleep(0.05)
            # a set: amqtt hands it out at CONNECT and again at SUBSCRIBE
            assert {(s.topic, s.retain) for s in later} == {("pacer/v1/run/status", True)}
            assert later[0].body["state"] == "online"
            assert later[0].body["protocol"] == "3.1.1"

    play(scene)


def test_status_follows_lap_and_target_at_once() -> None:
    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        del address
        sink.offer(state(lap=1))
        await asyncio.sleep(0.1)
        sink.offer(state(lap=2))
        await asyncio.sleep(0.1)
        sink.offer(replace(state(lap=2), target_time_s=279.0))
        await asyncio.sleep(0.1)
        told = [(s.body["lap"], s.body["target_time_s"]) for s in on(seen, "status")]
        assert told == [(None, None), (1, 281.0), (2, 281.0), (2, 279.0)]

    play(scene)


def test_ending_delivers_the_last_split_and_says_offline() -> None:
    async def main() -> None:
        async with embedded() as address, observer(address.port) as seen:
            sink = make(address.port)
            async with running(sink.run(ignore)):
                await until(lambda: sink.link == "connected")
                await feed(sink, 0.5)
                for split in (states.split(3), replace(states.split(4), final=True)):
                    sink.offer(replace(split, t=now()))
            await until(lambda: on(seen, "status")[-1].body["state"] == "offline")
            assert on(seen, "split")[-1].body["final"] is True

    run_virtual(main())


def test_without_a_broker_the_sink_waits_and_then_says_only_what_is_fresh() -> None:
    async def main() -> None:
        port = free_port()
        sink = make(port)
        async with running(sink.run(ignore)):
            sink.offer(cue(1))
            sink.offer(replace(states.split(1), t=now()))
            await feed(sink, 5.0)
            assert sink.link == "reconnecting"
            assert "refused" in sink.detail.lower()
            async with embedded(port), observer(port) as seen:
                sink.offer(cue(2))
                sent_at = now()
                await until(lambda: sink.link == "connected", 3.0)
                await until(lambda: bool(on(seen, "cue")), 3.0)
                assert [s.body["seq"] for s in on(seen, "cue")] == [2]
                assert [s.body["index"] for s in on(seen, "split")] == [1]  # a split stays true
                assert all(s.body["t"] >= sent_at - 2.0 for s in on(seen, "state"))
                assert sink.dropped == 1

    run_virtual(main())


def test_broker_that_goes_and_comes_back_is_found_again() -> None:
    async def main() -> None:
        port = free_port()
        sink = make(port)
        async with running(sink.run(ignore)):
            for _ in range(3):
                async with embedded(port), observer(port) as seen:
                    await until(lambda: sink.link == "connected", 5.0)
                    sink.offer(state())
                    await until(lambda: bool(on(seen, "state")))
                await until(lambda: sink.link == "reconnecting", 5.0)

    run_virtual(main())


def test_split_that_was_in_flight_when_the_broker_went_is_sent_again() -> None:
    async def main() -> None:
        port = free_port()
        sink = make(port)
        async with running(sink.run(ignore)):
            async with embedded(port):
                await until(lambda: sink.link == "connected")
                sink.offer(replace(states.split(1), t=now()))
            async with embedded(port), observer(port) as seen:
                await until(lambda: bool(on(seen, "split")))

    run_virtual(main())


def test_a_broker_without_mqtt_5_is_spoken_to_in_3_1_1() -> None:
    async def main() -> None:
        async with embedded() as address:
            sink = MqttSink(MqttOptions(address.host, address.port), LoopClock(), lambda: UTC)
            async with running(sink.run(ignore)):
                await until(lambda: sink.link == "connected")
                assert sink.protocol == "3.1.1"

    run_virtual(main())


def test_what_is_offered_without_end_is_bounded() -> None:
    sink_states = 10_000

    async def main() -> None:
        sink = make(free_port())
        for i in range(sink_states):
            sink.offer(state())
            sink.offer(cue(i))
        assert [c.seq for c in sink._cues] == list(range(sink_states - CUES_MAX, sink_states))

    run_virtual(main())


def test_password_shows_nowhere() -> None:
    options = MqttOptions("h", password="s3cret")  # noqa: S106 - made up
    assert "s3cret" not in repr(options)
    assert "s3cret" not in repr(MqttSink(options, LoopClock(), lambda: UTC))


def test_session_name_is_checked() -> None:
    with pytest.raises(ConfigError):
        MqttOptions("h", session="a/#")


def test_offer_takes_splits_that_nobody_fetches() -> None:
    sink = make(1)
    for i in range(1, 1000):
        sink.offer(Split(float(i), "split", i, 400.0 * i, float(i), 400.0, 1.0, None))
    assert sink._splits[-1].index == 999


def test_a_broker_that_is_not_there_is_said_once_in_words() -> None:
    said: list[str] = []
    port = free_port()

    async def ten_seconds() -> None:
        options = MqttOptions("127.0.0.1", port, protocols=("3.1.1",))
        sink = MqttSink(options, LoopClock(), lambda: UTC, said.append)
        async with asyncio.timeout(10.0):
            await sink.run(ignore)

    with pytest.raises(TimeoutError):
        run_virtual(ten_seconds())
    assert len(said) == 1
    assert said[0].startswith(f"MQTT 127.0.0.1:{port}: reconnecting")


def test_each_reason_for_having_no_link_is_said_once() -> None:
    said: list[str] = []

    async def main() -> None:
        sink = MqttSink(MqttOptions("h", 1), LoopClock(), lambda: UTC, said.append)
        for detail in ("gone", "refuses user", "gone", "refuses user"):
            sink.detail = detail
            sink._stand("reconnecting")
        sink.detail = ""
        sink._stand("connected")
        sink.detail = "gone"
        sink._stand("reconnecting")

    run_virtual(main())
    links = ["reconnecting (gone)", "reconnecting (refuses user)", "connected", "reconnecting (gone)"]
    assert said == [f"MQTT h:1: {link}" for link in links]


def test_another_run_of_the_same_session_is_told_once() -> None:
    said: list[str] = []

    async def main() -> None:
        async with embedded() as address:
            options = MqttOptions(address.host, address.port, protocols=("3.1.1",), echo=True)
            first = MqttSink(replace(options, echo=False), LoopClock(), lambda: UTC)
            second = MqttSink(options, LoopClock(), lambda: UTC, said.append)
            async with running(first.run(ignore), second.run(ignore)):
                await until(lambda: first.link == second.link == "connected")
                for _ in range(20):
                    for sink in (first, second):
                        sink.offer(state())
                    await asyncio.sleep(0.1)

    run_virtual(main())
    assert len(said) == 1
    assert said[0].endswith("another run is session 'run' too, and displays believe neither: rename one")
