"""M1 to M5: the run does not need the broker, nothing stale comes of it, and what is wrong with it is named.

A frozen broker and a killed pacer are in tests/system/test_mqtt_real.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firmware_sim.devices import Device, display
from pacer import app, config, dial
from pacer.clock import LoopClock, run_virtual
from pacer.engine import Engine, Sink
from pacer.errors import ConfigError
from pacer.inputs import Input
from pacer.outputs import Output
from pacer.reach import Mqtt
from pacer.recording import read
from pacer.session import Session
from pacer.sinks import mqtt as sink_module
from pacer.sinks.mqtt import MqttOptions, MqttSink
from pacer.sources.radio import platform_radio
from tests.support import states
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import free_port, observer, running, until
from tests.support.secured import PASSWORD, USERS, Secured, secured
from tests.unit.parts import SETUP, Part, recorder, strap

RESTARTS = 20
STOPPED_S = 2.0  # s until a program that was told to stop has ended
NAMED_S = 5.0  # s after the start, in which a person is told what is wrong
# paho leaves the socket of a failed handshake to the garbage collector
unclosed = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
CONFIG = """
sensors = [{ name = "pod", role = "runner", kind = "footpod", pin = "name", advertised = "X 1" }]
[mqtt]
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured(tmp_path_factory.mktemp("broker")) as one:
        yield one


def now() -> float:
    return LoopClock().now()


def ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


def replayed(path: Path) -> list[Output]:
    session = Session(SETUP)
    return [output for item in read(path).inputs for output in session.step(item)]


def test_m1_an_absent_broker_changes_nothing(tmp_path: Path) -> None:
    def outputs(name: str, *, published: bool) -> list[tuple[float, Output]]:
        heard = Part()

        async def main() -> None:
            nobody = MqttSink(MqttOptions("127.0.0.1", free_port()), LoopClock(), lambda: 0.0)
            sinks: list[Sink] = [heard, nobody] if published else [heard]
            engine = Engine(
                Session(SETUP), [Part(strap)], sinks, LoopClock(), recorder=recorder(tmp_path / name)
            )
            asyncio.get_running_loop().call_later(60.05, engine.stop)
            await engine.run()
            assert nobody.link == ("reconnecting" if published else "connecting")

        run_virtual(main())
        return heard.heard

    alone = outputs("alone", published=False)
    assert len(alone) >= 600  # ten states a second
    assert outputs("published", published=True) == alone


async def test_m1_m2_a_broker_killed_20_times_is_found_again_and_brings_nothing_old(
    broker: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink_module, "BACK_OFF_MAX_S", 0.2)  # s, else 20 restarts take a minute
    heard, rider = Part(), display()
    sink = MqttSink(MqttOptions("127.0.0.1", broker.plain.port), LoopClock(), lambda: 0.0)
    path = tmp_path / "run.pacer"
    engine = Engine(Session(SETUP), [Part(strap)], [heard, sink], LoopClock(), recorder=recorder(path))
    running_engine = asyncio.create_task(engine.run())
    async with running(rider.run("127.0.0.1", broker.plain.port, "run")):
        for seq in range(1, RESTARTS + 1):
            await killed_and_started(broker.plain, sink, seq)
        async with observer(broker.plain.port) as seen:
            await until(lambda: any(s.topic.endswith("/state") for s in seen), 1.0)  # M2: newest state <= 1 s
            await until(lambda: any(s.topic.endswith("/status") for s in seen))
        assert next(s for s in seen if s.topic.endswith("/status")).body["state"] == "online"
        await shown_at_last(sink, rider)
    engine.stop()
    await running_engine
    assert min(one.seq for one in rider.shown) > RESTARTS
    assert [output for _, output in heard.heard] == replayed(path)


async def shown_at_last(sink: MqttSink, rider: Device) -> None:
    """Gives cues until the display, which may need a moment longer than the sink, shows one."""
    for seq in range(RESTARTS + 1, RESTARTS + 101):
        sink.offer(states.cue(now(), seq=seq))
        await asyncio.sleep(0.1)
        if rider.shown:
            break


async def killed_and_started(broker: Mosquitto, sink: MqttSink, seq: int) -> None:
    """Kills the broker, gives a cue that is too old when the broker is back, and waits for the link."""
    await until(lambda: sink.link == "connected")
    broker.kill()
    await until(lambda: sink.link == "reconnecting")
    stale = states.cue(now(), seq=seq)
    sink.offer(replace(stale, t=stale.t - stale.ttl_s + 0.02))
    await asyncio.sleep(0.03)
    broker.start()
    await until(lambda: sink.link == "connected", 30.0)  # M1's own figure


@unclosed
def test_m1_p1_a_broker_that_never_greets_holds_nobody_up_for_2_s() -> None:
    async def main(port: int) -> float:
        tls = ssl.create_default_context()
        sink = MqttSink(MqttOptions("127.0.0.1", port, tls=tls), LoopClock(), lambda: 0.0)
        async with running(sink.run(ignore)):
            await asyncio.sleep(0.2)  # it says hello, and nobody answers
        return time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        stopped = asyncio.run(main(silent.getsockname()[1]))
    assert time.monotonic() - stopped < STOPPED_S


async def said(options: Mqtt, **changes: Any) -> list[str]:
    """Starts the sink as `pacer run` does, and returns what a person was told within 5 s."""
    told: list[str] = []
    async with app.broker(config.Config(mqtt=options)) as found:
        assert found
        sink = MqttSink(replace(found, **changes), LoopClock(), lambda: 0.0, told.append)
        async with running(sink.run(ignore)):
            await until(lambda: bool(told) or bool(sink._echo and sink._echo.verdict == ()), NAMED_S)
        assert PASSWORD not in f"{found} {told} {sink.detail}"
    return told


async def test_m3_nothing_is_said_of_a_broker_where_all_is_right(broker: Secured) -> None:
    assert await said(replace(broker.options(), session="right", commands=True)) == []


async def test_m3_each_missing_line_of_the_access_list_is_named(broker: Secured) -> None:
    assert len(broker.topics) == 6
    lacking = [
        replace(broker.options(f"pacer{n}"), session=f"s{n}", commands=True)
        for n in range(len(broker.topics))
    ]
    for n, told in enumerate(await asyncio.gather(*map(said, lacking))):
        topic = broker.topics[n].replace("+", f"s{n}")
        assert len(told) == 1
        assert f"nothing arrives on {topic};" in told[0]
        assert f"user pacer{n}" in told[0]


@unclosed
async def test_m3_password_and_certificate_are_named(
    broker: Secured, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("pacer.mqtt", "mqtt"):
        caplog.set_level(logging.DEBUG, name)
    good, plain = broker.options(), broker.plain.port
    wrong: dict[str, tuple[Mqtt, dict[str, Any]]] = {
        "user pacer: not authorised|user pacer: bad user": (good, {"password": "guessed"}),
        "user nobody: (not authorised|bad user)": (replace(good, username="nobody"), {}),
        "refuses nobody without a username": (replace(good, username=None, password_file=None), {}),
        "self.signed|unable to get local issuer": (
            replace(good, ca_file=str(broker.folder / "other-ca.crt")),
            {},
        ),
        "not valid for '127.0.0.1'": (broker.options(host="127.0.0.1"), {}),
        "expired": (broker.options(port=broker.expired_port), {}),
        "no TLS with the broker": (broker.options(port=plain), {}),
    }
    for told, words in zip(
        await asyncio.gather(*(said(options, **changes) for options, changes in wrong.values())),
        wrong,
        strict=True,
    ):
        assert len(told) == 1
        assert re.search(words, told[0]), (words, told)
    assert "CONNECT" in caplog.text  # paho's own words are in it
    assert PASSWORD not in caplog.text
    assert "guessed" not in caplog.text


@pytest.mark.parametrize(
    "host", ["192.168.1.20", "track.example", "[2001:db8::1]", "[::]", "localhost.example"]
)
def test_m4_plain_text_off_the_machine_is_refused(host: str, tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    for port in ("", ":1883"):
        file.write_text(f"{CONFIG}broker = 'mqtt://{host}{port}'\n")
        (problem,) = config.check(file)
        assert "insecure = true" in str(problem)
        with pytest.raises(ConfigError, match="insecure = true"):
            dial.find(Mqtt(f"mqtt://{host}{port}"))
        file.write_text(f"{CONFIG}broker = 'mqtt://{host}{port}'\ninsecure = true\n")
        assert config.check(file) == []
        file.write_text(f"{CONFIG}broker = 'mqtts://{host}{port}'\n")
        assert config.check(file) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"])
def test_m4_plain_text_on_the_machine_is_allowed(host: str) -> None:
    assert dial.find(Mqtt(f"mqtt://{host}")).tls is None


TOPICS = (
    *("state", "cue/rider", "cue/runner", "split", "device/display/status", "device/audio/status"),
    *("command", "status"),  # the last one is read by all, and so ends the listening
)
WRITES = {
    "pacer": {"state", "cue/rider", "cue/runner", "split", "status", "command"},
    "display": {"device/display/status"},
    "audio": {"device/audio/status"},
    "coach": {"command"},
}
READS = {
    "pacer": {"state", "cue/rider", "cue/runner", "split", "status", "command"},
    "display": {"state", "cue/rider", "status"},
    "audio": {"state", "cue/runner", "split", "status"},
    "coach": {"state", "split", "status", "device/display/status", "device/audio/status"},
}


async def arrived(broker: Secured, reader: str, writers: tuple[str, ...]) -> set[tuple[str, str]]:
    """Returns who wrote what, of all that writers published, as far as it came to a reader."""
    seen: set[tuple[str, str]] = set()
    async with dial.client(broker.broker(reader)) as listener:
        await listener.subscribe("#", qos=1)
        for writer in writers:
            async with dial.client(broker.broker(writer)) as one:
                for level in TOPICS:
                    await one.publish(f"pacer/v1/run/{level}", writer.encode(), qos=1)
        async with dial.client(broker.broker("source")) as one:
            await one.publish("pacer/v1/run/status", b"end", qos=1)
        async with asyncio.timeout(NAMED_S):
            async for message in listener.messages:
                payload = bytes(message.payload)
                if payload == b"end":
                    break
                if not message.retain:  # what other tests left
                    seen.add((payload.decode(), message.topic.value.removeprefix("pacer/v1/run/")))
    return seen


async def test_m5_each_user_writes_what_is_his_and_nothing_else(broker: Secured) -> None:
    assert await arrived(broker, "witness", USERS) == {
        (user, level) for user, levels in WRITES.items() for level in levels
    }


@pytest.mark.parametrize("reader", USERS)
async def test_m5_each_user_reads_what_is_his_and_nothing_else(broker: Secured, reader: str) -> None:
    assert await arrived(broker, reader, ("source",)) == {("source", level) for level in READS[reader]}


async def test_the_password_is_in_no_recording(broker: Secured, tmp_path: Path) -> None:
    async with app.broker(config.Config(mqtt=replace(broker.options(), session="kept"))) as found:
        plan = app.Plan("kept", SETUP, platform_radio, mqtt=found, recordings=str(tmp_path))
        engine, path = app.compose(plan)
        (published,) = (sink for sink in engine.sinks if isinstance(sink, MqttSink))
        async with running(app.run_engine(replace(engine, sources=(Part(strap),)), path)):
            await until(lambda: published.link == "connected" and published.sent > 1)
            engine.stop()
    written = path.read_text()
    assert "strap" in written
    assert PASSWORD not in written


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_password_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    options = Mqtt("mqtt://localhost", username="pacer", password_file=str(file))
    file.chmod(mode)
    with pytest.raises(ConfigError, match=f"mode {mode:04o}; allowed is 0600") as caught:
        dial.find(options)
    assert PASSWORD not in str(caught.value)
    file.chmod(0o600)
    assert dial.find(options).password == PASSWORD


def test_a_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    options = Mqtt("mqtt://localhost", username="pacer", password_env="PACER_TEST_PASSWORD")  # noqa: S106 - a name
    assert "PACER_TEST_PASSWORD" not in os.environ
    with pytest.raises(ConfigError, match="PACER_TEST_PASSWORD is not set"):
        dial.find(options)
    monkeypatch.setenv("PACER_TEST_PASSWORD", PASSWORD)
    found = dial.find(options)
    assert found.password == PASSWORD
    assert PASSWORD not in repr(found)
