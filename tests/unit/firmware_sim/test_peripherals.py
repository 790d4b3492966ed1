"""The four sensors and the task that lets their firmware speak, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from functools import partial

import pytest

from firmware_sim.constants import BATTERY_PERCENT
from firmware_sim.firmware import GUN_T, Firmware
from firmware_sim.firmware import play as scenario
from firmware_sim.packet import Packet
from firmware_sim.peripherals import (
    FOOTPOD_ADDRESS,
    GPS_ADDRESS,
    HEART_RATE_ADDRESS,
    WHEEL_ADDRESS,
    GpsVariant,
    play,
    switch_on,
)
from firmware_sim.radio import Air, Controller
from firmware_sim.scenario import load
from firmware_sim.world import World
from pacer.clock import run_virtual
from pacer.inputs import Notification
from pacer.setup import SensorSpec
from pacer.sources.profiles import NORDIC_UART_TX
from pacer.sources.radio import hci_radio
from pacer.sources.scan import scan
from tests.support.air import Posted, listening

SPECS = (
    SensorSpec("footpod", "runner", "footpod", address=FOOTPOD_ADDRESS),
    SensorSpec("gps", "runner", "gps", address=GPS_ADDRESS),
    SensorSpec("heart_rate", "runner", "heart_rate", address=HEART_RATE_ADDRESS),
    SensorSpec("wheel", "rider", "wheel", address=WHEEL_ADDRESS),
)


@dataclass
class Scripted:
    """A firmware that sends what it is told to, and notes how far ahead it was asked."""

    packets: list[Packet]
    ahead: list[float] = field(default_factory=list)

    def advance(self, to_t: float) -> list[Packet]:
        self.ahead.append(to_t - asyncio.get_running_loop().time())
        out = [p for p in self.packets if p.t <= to_t]
        self.packets = [p for p in self.packets if p.t > to_t]
        return out


def played(packets: list[Packet], variant: GpsVariant, specs: tuple[SensorSpec, ...], until: float) -> Posted:
    async def run() -> Posted:
        air = Air()
        servers = await switch_on(air, variant)
        firmware = Scripted(packets)
        async with listening(air, *specs) as posted:
            task = asyncio.create_task(play(firmware, servers, 0.0))
            await asyncio.sleep(until)
            task.cancel()
        assert max(firmware.ahead) == pytest.approx(0.05)  # one physics step, so that cues still count
        return posted

    return run_virtual(run())


def test_every_sensor_is_heard_at_its_time() -> None:
    packets = [
        Packet(10.0, "footpod", "2a53", b"a"),
        Packet(10.013, "gps", "2a67", bytes(28)),  # the full record: longer than the smallest ATT payload
        Packet(10.02, "heart_rate", "2a37", b"c"),
        Packet(10.02, "wheel", "2a5b", b"d"),
        Packet(11.5, "footpod", "2a19", b"e"),
    ]
    posted = played(list(packets), "ln", SPECS, 13.0)
    for p in packets:
        heard = posted.notifications(p.char, p.sensor)[-1]
        assert heard.t == pytest.approx(p.t, abs=1e-3)
        assert heard.data == p.data


def test_packets_of_one_instant_keep_their_order() -> None:
    packets = [Packet(10.0, "gps", NORDIC_UART_TX, bytes([n])) for n in range(20)]
    specs = (SensorSpec("gps", "runner", "gps_uart", address=GPS_ADDRESS),)
    posted = played(packets, "ubx", specs, 12.0)
    assert posted.data(NORDIC_UART_TX, "gps") == [bytes([n]) for n in range(20)]


def test_a_scan_shows_four_sensors_with_battery() -> None:
    async def run() -> dict[str | None, tuple[tuple[str, ...], int | None]]:
        air = Air()
        await switch_on(air)
        seen = await scan(partial(hci_radio, Controller("host", air).transport()), 3.0, connect=True)
        return {s.name: (s.services, s.battery) for s in seen}

    assert run_virtual(run()) == {
        "Sim Footpod": (("1814",), BATTERY_PERCENT),
        "Sim GPS": (("1819",), BATTERY_PERCENT),
        "Sim Heart Rate": (("180d",), BATTERY_PERCENT),
        "Sim Wheel": (("1816",), BATTERY_PERCENT),
    }


def test_the_real_firmware_arrives_over_the_air_as_it_was_sent() -> None:
    sent = [p for p in itertools.takewhile(lambda p: p.t < 40.0, scenario("even", 1)) if p.t > 10.0]

    async def run() -> Posted:
        air = Air()
        servers = await switch_on(air)
        world = World(load("even"), 1)
        world.gun(GUN_T)
        async with listening(air, *SPECS) as posted:
            task = asyncio.create_task(play(Firmware.of(world), servers, 0.0))
            await asyncio.sleep(45.0)
            task.cancel()
        return posted

    posted = run_virtual(run())
    for spec in SPECS:
        wanted = [(p.char, p.data) for p in sent if p.sensor == spec.name]
        got = [
            (i.char, i.data)
            for i in posted.inputs
            if isinstance(i, Notification) and i.sensor == spec.name and 10.0 < i.t < 41.0
        ]
        assert len(wanted) >= 25
        assert got[: len(wanted)] == wanted
