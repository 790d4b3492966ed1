"""M3 to M5: what is wrong with a broker is named, and nobody gets more of it than is his."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pacer import app, config, dial
from pacer.clock import LoopClock
from pacer.errors import ConfigError
from pacer.inputs import Input
from pacer.reach import Mqtt
from pacer.sinks.mqtt import MqttSink
from pacer.sources.radio import platform_radio
from tests.promises.promised import Measured, Promise
from tests.support.mqtt import running, until
from tests.support.secured import PASSWORD, USERS, Secured, unclosed
from tests.unit.parts import SETUP, Part, strap

M3 = Promise("M3", "a wrong password, certificate or access list is named at the start", "within 5 s")
M4 = Promise("M4", "nothing leaves the machine in the clear", "refused unless `insecure = true`")
M5 = Promise("M5", "users of the shipped access list have least rights", "as listed, by what arrives")

NAMED_S = 5.0  # s after the start, in which a person is told what is wrong
CONFIG = """
sensors = [{ name = "pod", role = "runner", kind = "footpod", pin = "name", advertised = "X 1" }]
[mqtt]
"""


def ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


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


@M3
async def test_m3_nothing_is_said_of_a_broker_where_all_is_right(broker: Secured) -> None:
    assert await said(replace(broker.options(), session="right", commands=True)) == []


@M3
async def test_m3_each_missing_line_of_the_access_list_is_named(broker: Secured, measured: Measured) -> None:
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
    measured(M3, f"each of {len(broker.topics)} missing lines by its topic")


@M3
@unclosed
async def test_m3_password_and_certificate_are_named(
    broker: Secured, caplog: pytest.LogCaptureFixture, measured: Measured
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
    measured(M3, f"{len(wrong)} wrong passwords, names and certificates")


@M4
@pytest.mark.parametrize(
    "host", ["192.168.1.20", "track.example", "[2001:db8::1]", "[::]", "localhost.example"]
)
def test_m4_plain_text_off_the_machine_is_refused(host: str, tmp_path: Path, measured: Measured) -> None:
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
    measured(M4, "each of 5 kinds of address elsewhere")


@M4
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
    "display": {"state", "cue/rider", "cue/runner", "status"},
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


@M5
async def test_m5_each_user_writes_what_is_his_and_nothing_else(broker: Secured, measured: Measured) -> None:
    assert await arrived(broker, "witness", USERS) == {
        (user, level) for user, levels in WRITES.items() for level in levels
    }
    measured(M5, f"{len(USERS)} users, {len(TOPICS)} topics, writing and reading")


@M5
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
