"""`scan` over real bleak and simulated radios."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from bleak.backends.scanner import BaseBleakScanner

from firmware_sim.radio import Air, Controller
from pacer.clock import run_virtual
from pacer.errors import HardwareError
from pacer.sources.radio import Radio, hci_radio
from pacer.sources.scan import Seen, scan
from tests.support.air import POD_ADDRESS, STRAP_ADDRESS, pod, strap, switched_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def scanned(*, connect: bool, pod_leaves_at: float | None = None) -> dict[str, Seen]:
    async def run() -> list[Seen]:
        air = Air()
        server = await switched_on(air, pod())
        await switched_on(air, strap())
        if pod_leaves_at is not None:
            asyncio.get_running_loop().call_later(pod_leaves_at, server.power_off)
        radio = partial(hci_radio, Controller("host", air).transport())
        return await scan(radio, 3.0, connect=connect)

    return {seen.address: seen for seen in run_virtual(run())}


def test_scan_names_each_device_with_its_services() -> None:
    seen = scanned(connect=False)
    assert {s.name: s.services for s in seen.values()} == {"Pod": ("1814",), "Strap": ("180d",)}
    assert all(-90 < s.rssi < -30 and s.battery is None for s in seen.values())


def test_the_strongest_comes_first() -> None:
    async def run() -> list[Seen]:
        air = Air()
        for n in range(6):
            await switched_on(air, strap(f"C0:00:00:00:03:0{n}"))
        return await scan(partial(hci_radio, Controller("host", air).transport()), 2.0)

    rssi = [seen.rssi for seen in run_virtual(run())]
    assert rssi == sorted(rssi, reverse=True)
    assert len(set(rssi)) > 2


def test_connecting_reads_the_batteries() -> None:
    seen = scanned(connect=True)
    assert (seen[POD_ADDRESS].battery, seen[STRAP_ADDRESS].battery) == (77, 55)


def test_a_device_that_left_is_said_to_be_silent_and_the_others_are_read() -> None:
    seen = scanned(connect=True, pod_leaves_at=2.9)
    assert (seen[POD_ADDRESS].battery, seen[POD_ADDRESS].problem) == (None, "did not answer")
    assert seen[STRAP_ADDRESS].battery == 55


def test_no_adapter_is_a_hardware_error() -> None:
    class Missing(BaseBleakScanner):
        def __init__(self, *_args: object, **_kwargs: object) -> None:
            super().__init__(None, None)

        async def start(self) -> None:
            raise FileNotFoundError(2, "No such file or directory")

        async def stop(self) -> None:
            await asyncio.sleep(0)

    @asynccontextmanager
    async def radio() -> AsyncIterator[Radio]:
        yield Radio(Missing)

    with pytest.raises(HardwareError, match="D-Bus"):
        run_virtual(scan(radio, 1.0))
