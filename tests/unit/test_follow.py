"""Following a session as a display does: over the embedded broker, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pacer.broker import Address, embedded
from pacer.clock import LoopClock, run_virtual
from pacer.dial import Broker
from pacer.follow import Device, Follower
from pacer.heard import Counts, HeardCue, HeardSplit, HeardState, HeardStatus, Said, read
from pacer.inputs import Input
from pacer.outputs import Output
from pacer.sinks.mqtt import MqttOptions, MqttSink
from pacer.topics import Presence, Tree, message, status
from tests.support import asyncapi, states
from tests.support.mosquitto import mosquitto
from tests.support.mqtt import free_port, observer, running, until

TREE = Tree("run", "0123abcd")
COUNTS = Counts().show(7).drop("late").drop("late").drop("unseen")


def follower(port: int, heard: list[Said]) -> Follower:
    device = Device("left", "display", ("state", "cue/rider", "status"), lambda: COUNTS)
    return Follower(Broker("127.0.0.1", port), device, LoopClock(), heard.append)


def sink(address: Address) -> MqttSink:
    return MqttSink(MqttOptions(address.host, address.port, protocols=("3.1.1",)), LoopClock(), lambda: 0.0)


def ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


def test_it_hears_what_it_asked_for_and_tells_how_it_is() -> None:
    heard: list[Said] = []

    async def main() -> None:
        async with embedded() as address, observer(address.port) as seen:
            one, voice = follower(address.port, heard), sink(address)
            async with running(one.run(), voice.run(ignore)):
                await until(lambda: one.link == voice.link == "connected")
                now = LoopClock().now()
                for output in (states.cue(now), states.cue(now, to="runner"), states.split(1)):
                    voice.offer(output)
                voice.offer(replace(states.state(), t=now))
                await asyncio.sleep(6.0)
        about = [s for s in seen if s.topic == "pacer/v1/run/device/left/status"]
        for s in about:
            asyncapi.check(s.topic, s.payload)
        assert [s.body["state"] for s in about] == ["online", "online", "offline"]
        assert about[0].body["dropped"] == {"late": 2, "unseen": 1}
        assert (about[0].body["shown"], about[0].body["last_seq"]) == (1, 7)

    run_virtual(main())
    assert {said.levels for said in heard} == {("state",), ("cue", "rider"), ("status",)}


def test_a_broker_that_goes_is_said_and_found_again() -> None:
    heard: list[Said] = []

    async def main() -> None:
        port = free_port()
        one = follower(port, heard)
        async with running(one.run()):
            await until(lambda: one.link == "reconnecting")
            assert "refused" in one.detail.lower()
            for _ in range(2):
                async with embedded(port):
                    await until(lambda: one.link == "connected", 5.0)
                    assert one.detail == ""
                await until(lambda: one.link == "reconnecting", 5.0)

    run_virtual(main())


def test_password_shows_nowhere() -> None:
    assert "s3cret" not in repr(Broker("h", 1883, password="s3cret"))  # noqa: S106 - made up


@pytest.mark.parametrize(
    ("output", "kind"),
    [(states.state(), HeardState), (states.cue(), HeardCue), (states.split(1), HeardSplit)],
)
def test_every_field_is_read_as_it_was_said(output: Output, kind: type) -> None:
    said = message(output, TREE, 9)
    assert said
    heard = read(said.topic.split("/")[3:], said.payload)
    assert isinstance(heard, kind)
    body = asyncapi.check(said.topic, said.payload)
    assert {name: body[name] for name in kind.__dataclass_fields__} == {  # type: ignore[attr-defined]  # a dataclass
        name: getattr(heard, name)
        for name in kind.__dataclass_fields__  # type: ignore[attr-defined]  # likewise
    }


def test_status_is_read_and_other_topics_are_let_be() -> None:
    said = status(states.state(), Presence(True, "5", 4.0, 10.0, "0"), TREE, 0, 0.0)  # noqa: FBT003 - online
    assert read(("status",), said.payload) == HeardStatus("0123abcd", "online", 4.0, 281.0, 1609.34)
    assert read(("command",), b"anything") is None
    assert read((), b"") is None


async def test_a_frozen_broker_holds_up_no_one_who_quits(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        one, loop = follower(broker.port, []), asyncio.get_running_loop()
        async with running(one.run()):
            await until(lambda: one.link == "connected")
            broker.freeze()
            quits_t = loop.time()
        assert loop.time() - quits_t < 2.0
