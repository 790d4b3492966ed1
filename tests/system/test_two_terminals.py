"""`python -m firmware_sim` in one process and pacer in another, as two terminals: real sockets, real time."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from firmware_sim import scenario
from firmware_sim.world import World
from tests.support.mqtt import client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Line = dict[str, Any]

TRACK = Path(__file__).parents[2] / "configs" / "track.toml"
SENSORS = """
sensors = [
    { name = "footpod", role = "runner", kind = "footpod", address = "C0:DE:00:00:00:01" },
    { name = "gps", role = "runner", kind = "gps", address = "C0:DE:00:00:00:02" },
    { name = "wheel", role = "rider", kind = "wheel", address = "C0:DE:00:00:00:04" },
]
"""
HANGING_S = 120.0  # s after which something hangs: what waits longest takes 20, more on a busy machine
PACE_MPS = 1609.344 / 281  # of the scenario "even"


@dataclass
class Terminal:
    """A process that was started in a terminal; what it prints is kept line by line."""

    process: asyncio.subprocess.Process
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)

    async def line(self, *words: str, of: str = "out", within_s: float = HANGING_S) -> str:
        """Waits for the first line with all these words."""
        async with asyncio.timeout(within_s):
            while True:
                for said in getattr(self, of):
                    if all(word in said for word in words):
                        return str(said)
                await asyncio.sleep(0.05)

    async def ended(self, within_s: float = HANGING_S) -> int:
        async with asyncio.timeout(within_s):
            return await self.process.wait()

    def events(self, name: str) -> list[Line]:
        return [line for line in map(json.loads, self.out) if line.get("event") == name]


@asynccontextmanager
async def terminal(*arguments: str) -> AsyncIterator[Terminal]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    opened = Terminal(process)
    assert process.stdout
    assert process.stderr
    reading = asyncio.gather(_keep(process.stdout, opened.out), _keep(process.stderr, opened.err))
    try:
        yield opened
        await asyncio.wait_for(reading, HANGING_S)
    finally:
        reading.cancel()
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _keep(stream: asyncio.StreamReader, lines: list[str]) -> None:
    while line := await stream.readline():
        lines.append(line.decode().rstrip("\n"))


@asynccontextmanager
async def simulator(*arguments: str) -> AsyncIterator[tuple[Terminal, str]]:
    """Starts the sensors; yields their terminal and the radio to use. Ctrl-C ends them, quietly."""
    async with terminal("firmware_sim", "--listen", "127.0.0.1:0", *arguments) as sensors:
        yield sensors, (await sensors.line("listening")).split()[-1]
        sensors.process.send_signal(signal.SIGINT)
        assert await sensors.ended() == 0
        assert sensors.err == []


def truth_s(distance_m: float) -> float:
    """Returns the seconds from the gun that the runner of `even` takes, who heeds nobody."""
    world = World(scenario.load("even"), seed=1)
    world.gun(0.0)
    while (reached := world.time_at(distance_m)) is None:
        world.step()
    return reached


def config(folder: Path, text: str) -> str:
    path = folder / "run.toml"
    path.write_text(text)
    return str(path)


async def verified(pacer: Terminal) -> None:
    """Asserts that the recording it tells of replays to the same outputs."""
    path = pacer.err[-1].removeprefix("recording: ")
    async with terminal("pacer", "replay", "--verify", path) as replay:
        assert await replay.ended() == 0
    assert "equal" in "".join(replay.out + replay.err)


async def test_a_run_over_tcp_starts_with_the_first_step_and_finishes(tmp_path: Path) -> None:
    distance_m = 40.0
    path = config(
        tmp_path,
        f'start = "first_step"\ncourse = "{TRACK}"\nsplit_m = 20\n{SENSORS}'
        f"[target]\ndistance = {distance_m}\ntime = {distance_m / PACE_MPS}\n",
    )
    async with (
        simulator("--start-after", "6") as (sensors, radio),
        terminal("pacer", "run", path, "--headless", "--radio", radio) as pacer,
    ):
        assert await pacer.ended() == 0
    (end,) = pacer.events("finished")
    assert not end["stopped"]
    assert end["distance_m"] == distance_m
    # the gun is a reaction time before the first step, and the pod tells of that within half a second
    assert end["elapsed_s"] == pytest.approx(truth_s(distance_m), abs=1.0)
    assert [split["distance_m"] for split in pacer.events("split") if split["kind"] == "split"] == [20, 40]
    assert any("somebody listens" in line for line in sensors.out)
    await verified(pacer)


async def test_a_run_is_led_by_mqtt_commands(tmp_path: Path) -> None:
    sensors = SENSORS.replace("C0:DE:00:00:00:02", "C0:DE:00:00:00:0A")  # this receiver is at home
    path = config(tmp_path, f'course = "{TRACK}"\n{sensors}[mqtt]\ncommands = true\n')
    async with (
        simulator("--start-after", "4") as (_, radio),
        terminal("pacer", "run", path, "--headless", "--radio", radio) as pacer,
    ):
        port = int((await pacer.line("MQTT broker", of="err")).rsplit(":", 1)[1])
        async with client(port) as phone:

            async def say(**command: object) -> None:
                await phone.publish("pacer/v1/run/command", json.dumps(command), qos=1)

            await phone.subscribe("pacer/v1/run/status", qos=1)
            online = await anext(aiter(phone.messages))  # from here on somebody listens
            assert json.loads(bytes(online.payload))["state"] == "online"
            await say(verb="start", at_utc_s=time.time() + 2.0)
            await pacer.line("confirm-start")  # there is no fix: pacer asks once
            await say(verb="start", at_utc_s=time.time() + 2.0)
            await pacer.line("notice", '"start"', "start in")  # the countdown
            await pacer.line("notice", '"start"', "started")
            await say(verb="correct_start", age_s=1.0)
            await pacer.line("start-corrected")
            await say(verb="lap", age_s=0.2)
            await pacer.line('"tap"')
            await say(verb="undo")
            await pacer.line("taken back")
            await say(verb="fly")  # nonsense changes nothing
            await say(verb="stop")
            assert await pacer.ended() == 0  # by itself, soon after the end
    (end,) = pacer.events("finished")
    assert end["stopped"]
    assert len([split for split in pacer.events("split") if split["kind"] == "tap"]) == 1
    await verified(pacer)


async def test_a_demo_on_the_sensors_of_another_process_ends_by_ctrl_c_without_a_truth() -> None:
    async with (
        simulator("--start-after", "5") as (_, radio),
        terminal("pacer", "demo", "--headless", "--radio", radio) as pacer,
    ):
        await pacer.line('"start"', "started")
        await pacer.line('"lap": 1', '"distance_m": 1')  # he is on his way
        pacer.process.send_signal(signal.SIGINT)
        assert await pacer.ended() == 0
    summary = json.loads(pacer.out[-1])
    assert summary["event"] == "summary"
    assert summary["target_s"] == 281.0
    unknown = ("scenario", "seed", "truth_time_s", "time_s", "distance_m", "error_m")
    assert {key: summary[key] for key in unknown} == dict.fromkeys(unknown)
    async with terminal("pacer", "replay", "--verify", summary["recording"]) as replay:
        assert await replay.ended() == 0


async def test_a_recorded_file_is_played_as_sensors(tmp_path: Path) -> None:
    speed_mps, degrees_per_m = 5.0, 1 / 111_195.0  # a degree of latitude, on a sphere of 6371 km
    points = "".join(
        f'<trkpt lat="{47 + t * speed_mps * degrees_per_m:.7f}" lon="8">'
        f"<time>2024-05-01T10:00:{t:02d}Z</time></trkpt>"
        for t in range(25)
    )
    gpx = tmp_path / "line.gpx"
    head = '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
    gpx.write_text(f"{head}<trk><trkseg>{points}</trkseg></trk></gpx>")
    phone = 'sensors = [{ name = "gps", role = "runner", kind = "gps", address = "C0:DE:00:00:00:02" }]'
    path = config(tmp_path, f'start = "first_step"\n{phone}\n[target]\ndistance = 60\ntime = 12\n')
    async with (
        simulator("--from", str(gpx), "--start-after", "5") as (sensors, radio),
        terminal("pacer", "run", path, "--headless", "--radio", radio) as pacer,
    ):
        assert await pacer.ended() == 0
    (end,) = pacer.events("finished")
    assert end["distance_m"] == 60.0
    assert end["elapsed_s"] == pytest.approx(60.0 / speed_mps, abs=2.0)
    assert [line for line in sensors.out if "C0:DE" in line] == ["  Sim GPS: C0:DE:00:00:00:02"]


async def test_a_run_goes_on_when_its_radio_is_pulled_and_comes_back(tmp_path: Path) -> None:
    path = config(tmp_path, f'start = "first_step"\ncourse = "{TRACK}"\n{SENSORS}')
    async with terminal("firmware_sim", "--listen", "127.0.0.1:0", "--start-after", "600") as sensors:
        radio = (await sensors.line("listening")).split()[-1]
        where = radio.removeprefix("hci:tcp-client:")
        async with terminal("pacer", "run", path, "--headless", "--radio", radio) as pacer:
            await pacer.line('"speed_mps": 0')
            sensors.process.kill()
            gone = json.loads(await pacer.line("sensor-gone"))["sensor"]
            async with terminal("firmware_sim", "--listen", where, "--start-after", "600") as again:
                await pacer.line("sensor-back", gone)
                pacer.process.send_signal(signal.SIGINT)
                assert await pacer.ended() == 0
                again.process.send_signal(signal.SIGINT)
    assert not any("Traceback" in line for line in pacer.err)
    await verified(pacer)
