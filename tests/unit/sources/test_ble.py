"""The Bluetooth source over real bleak, our HCI backend and simulated radios, in virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from firmware_sim.gatt import Characteristic, Peripheral, Service
from firmware_sim.radio import Air, Controller
from pacer.clock import LoopClock, VirtualLoop, run_virtual
from pacer.errors import HardwareError
from pacer.inputs import Link
from pacer.setup import SensorSpec
from pacer.sources.ble import BleSource
from pacer.sources.profiles import NORDIC_UART, NORDIC_UART_TX
from pacer.sources.radio import Radio, hci_radio
from tests.support.air import POD, STRAP, Posted, chattering, listening, pod, strap, switched_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pacer.inputs import Input


def test_bytes_arrive_unchanged_and_stamped_with_the_clock() -> None:
    async def run() -> Posted:
        air = Air()
        server = await switched_on(air, pod())
        async with listening(air, POD) as posted, chattering(server, "2a53"):
            await asyncio.sleep(5.5)
        return posted

    posted = run_virtual(run())
    assert posted.states() == ["searching", "connecting", "connected"]
    assert posted.data("2a53") == [n.to_bytes(4, "little") for n in (1, 2, 3, 4, 5)]
    assert [n.t for n in posted.notifications("2a53")] == pytest.approx([1, 2, 3, 4, 5], abs=0.01)


def test_battery_is_read_once_and_then_heard() -> None:
    async def run() -> Posted:
        air = Air()
        server = await switched_on(air, pod())
        async with listening(air, POD) as posted:
            await asyncio.sleep(5)
            await server.notify("2a19", bytes([76]))
            await asyncio.sleep(1)
        return posted

    assert run_virtual(run()).data("2a19") == [bytes([77]), bytes([76])]


def test_vanished_sensor_is_subscribed_again_soon_after_it_comes_back() -> None:
    async def run() -> tuple[Posted, float]:
        air = Air()
        server = await switched_on(air, pod())
        async with listening(air, POD) as posted, chattering(server, "2a53"):
            await asyncio.sleep(5)
            server.power_off()
            await asyncio.sleep(60)
            back = asyncio.get_running_loop().time()
            server.power_on()
            await asyncio.sleep(11)
        return posted, back

    posted, back = run_virtual(run())
    once = ["searching", "connecting", "connected"]
    assert posted.states() == [*once, "lost", *once]
    heard = [n.t for n in posted.notifications("2a53")]
    assert not [t for t in heard if 5.5 < t < back]
    assert min(t for t in heard if t > back) - back <= 10.0  # promise S3


def test_absent_sensor_does_not_keep_another_from_connecting() -> None:
    async def run() -> Posted:
        air = Air()
        await switched_on(air, strap())
        async with listening(air, POD, STRAP) as posted:
            await asyncio.sleep(30)
        return posted

    posted = run_virtual(run())
    connected = [link.t for link in posted.links("strap") if link.state == "connected"]
    assert connected[0] < 2.0
    assert posted.states("footpod") == ["searching"]


def test_a_sensor_lost_while_another_is_sought_is_found_at_once() -> None:
    async def run() -> tuple[float, Posted]:
        air = Air()
        server = await switched_on(air, strap())
        async with listening(air, POD, STRAP) as posted, chattering(server, "2a37"):
            await asyncio.sleep(31)
            server.power_off()
            await asyncio.sleep(7)
            back = asyncio.get_running_loop().time()
            server.power_on()
            await asyncio.sleep(10)
        return back, posted

    back, posted = run_virtual(run())
    assert min(n.t for n in posted.notifications("2a37", "strap") if n.t > back) - back < 2.0


def test_four_sensors_connect_one_at_a_time() -> None:
    specs = [replace(POD, name=f"pod{n}", address=f"C0:00:00:00:01:0{n}") for n in range(4)]

    async def run() -> Posted:
        air = Air()
        for spec in specs:
            assert spec.address is not None
            await switched_on(air, pod(spec.address))
        async with listening(air, *specs) as posted:
            await asyncio.sleep(20)
        return posted

    posted = run_virtual(run())
    busy = 0
    for link in (link for spec in specs for link in posted.links(spec.name)):
        assert link.detail == ""
    for item in posted.inputs:
        state = getattr(item, "state", None)
        busy += (state == "connecting") - (state == "connected")
        assert busy <= 1
    assert all(posted.states(spec.name)[-1] == "connected" for spec in specs)


def test_a_silent_strap_is_connected_again_but_a_silent_pod_is_left_alone() -> None:
    async def run() -> Posted:
        air = Air()
        await switched_on(air, strap())
        await switched_on(air, pod())
        async with listening(air, STRAP, POD) as posted:
            await asyncio.sleep(15)
        return posted

    posted = run_virtual(run())
    lost = [link for link in posted.links("strap") if link.state == "lost"]
    assert [link.detail for link in lost] == ["connected, but silent for 10 s"]
    assert posted.states("footpod")[-1] == "connected"  # a standing pod may rest


def test_a_process_that_was_held_up_does_not_take_it_for_the_sensors_silence() -> None:
    async def run() -> Posted:
        air, loop = Air(), asyncio.get_running_loop()
        server = await switched_on(air, strap())
        async with listening(air, STRAP) as posted, chattering(server, "2a37"):
            await asyncio.sleep(5.5)
            assert isinstance(loop, VirtualLoop)
            loop._now += 30.0
            await asyncio.sleep(5)
        return posted

    assert run_virtual(run()).states("strap") == ["searching", "connecting", "connected"]


def test_uart_frames_longer_than_the_smallest_packet_arrive_whole() -> None:
    tx = Characteristic(NORDIC_UART_TX, notify=True)
    receiver = Peripheral("GPS", "C0:00:00:00:00:05", (Service(NORDIC_UART, (tx,), advertised=True),))
    spec = SensorSpec("gps", "runner", "gps_uart", address=receiver.address)
    frame = bytes(range(100))  # as long as UBX-NAV-PVT; 20 bytes would fit without an MTU exchange

    async def run() -> Posted:
        air = Air()
        server = await switched_on(air, receiver)
        async with listening(air, spec) as posted:
            await asyncio.sleep(5)
            await server.notify(NORDIC_UART_TX, frame)
            await asyncio.sleep(1)
        return posted

    assert run_virtual(run()).data(NORDIC_UART_TX, "gps") == [frame]


def test_a_pulled_adapter_is_a_hardware_error() -> None:
    @asynccontextmanager
    async def radio() -> AsyncIterator[Radio]:
        yield Radio(lost=lambda: asyncio.sleep(3.0))

    async def run() -> None:
        await BleSource((), LoopClock(), radio).run(lambda _input: None)

    with pytest.raises(HardwareError, match="adapter is gone"):
        run_virtual(run())


@pytest.mark.parametrize("moment", ["searching", "connecting"])
def test_it_ends_whenever_it_is_cancelled(moment: str) -> None:
    async def run(turns: int) -> bool:
        air = Air()
        await switched_on(air, pod())
        reached = asyncio.Event()
        radio = partial(hci_radio, Controller("host", air).transport())

        def post(item: Input) -> None:
            if isinstance(item, Link) and item.state == moment:
                reached.set()

        task = asyncio.create_task(BleSource((POD,), LoopClock(), radio).run(post))
        if moment == "connecting":
            await reached.wait()
        for _ in range(turns):  # of the loop: between any two packets
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=60.0)
        return task.cancelled()

    assert [turns for turns in range(250) if not run_virtual(run(turns))] == []


def test_runs_are_identical() -> None:
    async def run() -> list[object]:
        air = Air()
        server = await switched_on(air, pod())
        await switched_on(air, strap())
        async with listening(air, POD, STRAP) as posted, chattering(server, "2a53"):
            await asyncio.sleep(10)
            server.power_off()
            await asyncio.sleep(10)
            server.power_on()
            await asyncio.sleep(10)
        return list(posted.inputs)

    assert run_virtual(run()) == run_virtual(run())
