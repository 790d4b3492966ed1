"""A host on a simulated air, and bleak behind it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bleak import BleakClient, BleakScanner

from firmware_sim.radio import Air, Controller
from pacer.sources.hci import HciHost, HciScanner, open_host
from pacer.sources.hci_client import HciClient
from tests.support.air import POD_ADDRESS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bleak.backends.device import BLEDevice


@asynccontextmanager
async def hosted(air: Air) -> AsyncIterator[HciHost]:
    async with open_host(Controller("host", air).transport()) as host:
        yield host


async def found(host: HciHost, address: str = POD_ADDRESS) -> BLEDevice:
    async with BleakScanner(backend=HciScanner, host=host) as scanner:
        await asyncio.sleep(2)
    return scanner.discovered_devices_and_advertisement_data[address][0]


def client(device: BLEDevice, host: HciHost, timeout: float = 10.0) -> BleakClient:
    return BleakClient(device, backend=HciClient, host=host, timeout=timeout)
