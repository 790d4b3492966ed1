"""`python -m firmware_sim --listen`: another process hears the sensors over HCI and TCP."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from firmware_sim.peripherals import FOOTPOD_ADDRESS, GPS_ADDRESS, HEART_RATE_ADDRESS, WHEEL_ADDRESS
from pacer.clock import LoopClock
from pacer.inputs import Input, Notification
from pacer.setup import SensorSpec
from pacer.sources.ble import BleSource
from pacer.sources.radio import opener

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SPECS = (
    SensorSpec("footpod", "runner", "footpod", address=FOOTPOD_ADDRESS),
    SensorSpec("gps", "runner", "gps", address=GPS_ADDRESS),
    SensorSpec("heart_rate", "runner", "heart_rate", address=HEART_RATE_ADDRESS),
    SensorSpec("wheel", "rider", "wheel", address=WHEEL_ADDRESS),
)
# a standing wheel is silent, but every battery is read
EXPECTED = {("footpod", "2a53"), ("gps", "2a67"), ("heart_rate", "2a37")} | {(s.name, "2a19") for s in SPECS}


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "firmware_sim", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.fixture
async def radio() -> AsyncIterator[str]:
    process = await started("--listen", "127.0.0.1:0")
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20.0):
            line = (await process.stdout.readline()).decode()
        yield line.split()[-1]
    finally:
        process.kill()
        await process.communicate()


async def test_another_process_hears_all_sensors(radio: str) -> None:
    heard: set[tuple[str, str]] = set()
    complete = asyncio.Event()

    def post(item: Input) -> None:
        if isinstance(item, Notification):
            heard.add((item.sensor, item.char))
        if heard >= EXPECTED:
            complete.set()

    task = asyncio.create_task(BleSource(SPECS, LoopClock(), opener(radio)).run(post))
    async with asyncio.timeout(20.0):
        await complete.wait()
    task.cancel()
    await asyncio.wait([task])
    assert heard >= EXPECTED


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scenario", "nonsense"], "there are"),
        (["--from", "does-not-exist.gpx"], "does-not-exist.gpx"),
        (["--listen", "9001"], "HOST:PORT"),
    ],
)
async def test_bad_arguments_end_with_exit_2_and_say_what_is_allowed(
    arguments: list[str], words: str
) -> None:
    process = await started("--listen", "127.0.0.1:0", *arguments)
    async with asyncio.timeout(20.0):
        _, stderr = await process.communicate()
    assert process.returncode == 2
    assert words in stderr.decode()
    assert "Traceback" not in stderr.decode()
