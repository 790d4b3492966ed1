"""`python -m firmware_sim`: what it is told, what it refuses, and when the runner starts."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from firmware_sim import __main__ as command
from firmware_sim import listen as listening
from firmware_sim.listen import Options
from pacer.clock import LoopClock
from pacer.setup import SensorSpec
from pacer.sources.ble import BleSource
from pacer.sources.radio import opener

LISTEN = ("--listen", "127.0.0.1:0")


def told(monkeypatch: pytest.MonkeyPatch, *argv: str) -> Options:
    """Returns what the command line makes of its arguments."""
    seen: list[Options] = []

    async def noted(options: Options, _say: listening.Say) -> None:
        seen.append(options)

    monkeypatch.setattr(listening, "listen", noted)
    assert command.main([*LISTEN, *argv]) == 0
    return seen[0]


def test_without_a_broker_the_runner_keeps_the_pace_by_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch) == Options("127.0.0.1", 0, scenario="even", start_after_s=20.0)


def test_with_a_broker_somebody_heeds_the_cues(monkeypatch: pytest.MonkeyPatch) -> None:
    options = told(monkeypatch, "--broker", "mqtt://10.0.0.1", "--session", "track")
    assert (options.scenario, options.broker, options.session) == ("paced", ("10.0.0.1", 1883), "track")


def test_everything_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    options = told(
        monkeypatch, "--from", "a.fit", "--seed", "7", "--start-after", "3.5", "--broker", "mqtt://h:1884"
    )
    assert (options.file, options.seed, options.start_after_s) == (Path("a.fit"), 7, 3.5)
    assert options.broker == ("h", 1884)
    assert told(monkeypatch, "--scenario", "solo", "--gps", "ubx").gps == "ubx"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--start-after", "-1"], "0 to 3600"),
        (["--start-after", "nan"], "0 to 3600"),
        (["--seed", "-1"], "whole number from 0"),
        (["--broker", "10.0.0.1:1883"], "mqtt://HOST:PORT"),
        (["--broker", "mqtt://h:99999"], "mqtt://HOST:PORT"),
        (["--from", "a.fit", "--gps", "ubx"], "as it was recorded"),
        (["--from", "a.fit", "--scenario", "solo"], "not allowed with"),
    ],
)
def test_bad_arguments_are_refused(argv: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main([*LISTEN, *argv])
    assert end.value.code == 2
    assert words in capsys.readouterr().err


def test_a_taken_port_is_named_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert command.main(["--listen", address]) == 2
    err = capsys.readouterr().err
    assert address in err
    assert err.count("\n") == 1


async def test_the_runner_stands_until_somebody_listens() -> None:
    said: list[str] = []
    spoke = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        spoke.set()

    async def until(words: str) -> str:
        async with asyncio.timeout(20.0):
            while not (found := [line for line in said if words in line]):
                spoke.clear()
                await spoke.wait()
        return found[0]

    simulator = asyncio.create_task(listening.listen(Options("127.0.0.1", 0, start_after_s=7.0), say))
    radio = (await until("listening")).split()[-1]
    assert len([line for line in said if "C0:DE" in line]) == 4
    assert not [line for line in said if "somebody" in line]
    pod = SensorSpec("footpod", "runner", "footpod", address="C0:DE:00:00:00:01")
    listener = asyncio.create_task(BleSource((pod,), LoopClock(), opener(radio)).run(lambda _input: None))
    assert "7 s" in await until("somebody listens")
    for task in (listener, simulator):
        task.cancel()
        await asyncio.wait([task])
