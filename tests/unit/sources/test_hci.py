"""The HCI backend behind bleak's public classes, and what it promises bleak."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

import pytest
from bleak import BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakCharacteristicNotFoundError

from firmware_sim.gatt import Characteristic, Peripheral, Service
from firmware_sim.radio import Air, Controller
from pacer.clock import run_virtual
from pacer.errors import HardwareError
from pacer.sources.hci import HciScanner, open_host
from pacer.sources.hci_client import HciClient
from tests.support.air import POD_ADDRESS, pod, strap, switched_on
from tests.unit.sources.hosts import client, found, hosted

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice

POD_UUID = "00001814-0000-1000-8000-00805f9b34fb"


@pytest.mark.parametrize(
    ("base", "ours", "abstract"),
    [
        (BaseBleakScanner, HciScanner, {"start", "stop"}),
        (
            BaseBleakClient,
            HciClient,
            {"mtu_size", "connect", "disconnect", "pair", "unpair", "is_connected", "start_notify"}
            | {"read_gatt_char", "read_gatt_descriptor", "write_gatt_char", "write_gatt_descriptor"}
            | {"stop_notify"},
        ),
    ],
)
def test_bleaks_backend_contract_has_not_changed(base: type, ours: type, abstract: set[str]) -> None:
    assert base.__abstractmethods__ == abstract  # type: ignore[attr-defined]  # every ABC has it
    for name in abstract:
        theirs, own = inspect.getattr_static(base, name), inspect.getattr_static(ours, name)
        if not isinstance(theirs, property):
            assert list(inspect.signature(own).parameters) == list(inspect.signature(theirs).parameters), name


def test_scan_gives_name_services_and_a_varying_rssi() -> None:
    async def run() -> tuple[BLEDevice, list[int], list[list[str]]]:
        air = Air()
        await switched_on(air, pod(name="Foot Pod 7"))
        seen = []
        async with hosted(air) as host:
            async with BleakScanner(lambda _device, data: seen.append(data), backend=HciScanner, host=host):
                await asyncio.sleep(5)
            device = await found(host)
        return device, [data.rssi for data in seen], [data.service_uuids for data in seen]

    device, rssi, services = run_virtual(run())
    assert (device.name, device.address) == ("Foot Pod 7", POD_ADDRESS)
    assert len(set(rssi)) > 3
    assert all(-90 < value < -30 for value in rssi)
    assert services[-1] == [POD_UUID]


def test_scan_filters_by_service() -> None:
    async def run() -> set[str]:
        air = Air()
        await switched_on(air, pod())
        await switched_on(air, strap())
        async with hosted(air) as host:
            async with BleakScanner(service_uuids=["1814"], backend=HciScanner, host=host) as scanner:
                await asyncio.sleep(3)
            return set(scanner.discovered_devices_and_advertisement_data)

    assert run_virtual(run()) == {POD_ADDRESS}


def test_services_are_discovered_and_values_longer_than_a_packet_are_read() -> None:
    long = bytes(range(256)) + b"end"
    chars = (Characteristic("2a29", long, read=True), Characteristic("2a53", notify=True))

    async def run() -> tuple[bytes, int, set[str]]:
        air = Air()
        await switched_on(air, Peripheral("Pod", POD_ADDRESS, (Service("1814", chars, advertised=True),)))
        async with hosted(air) as host, client(await found(host), host) as bleak:
            with pytest.raises(BleakCharacteristicNotFoundError):
                await bleak.read_gatt_char("2a37")
            measurement = bleak.services.get_characteristic("2a53")
            assert measurement is not None
            return bytes(await bleak.read_gatt_char("2a29")), bleak.mtu_size, set(measurement.properties)

    value, mtu, properties = run_virtual(run())
    assert value == long
    assert mtu == 247
    assert properties == {"notify"}


def test_writes_reach_the_peripheral_and_unsubscribing_ends_notifications() -> None:
    chars = (Characteristic("2a53", notify=True), Characteristic("2a55", read=True, write=True))

    async def run() -> tuple[bytes, list[bytes]]:
        air = Air()
        described = Peripheral("Pod", POD_ADDRESS, (Service("1814", chars, advertised=True),))
        server = await switched_on(air, described)
        heard: list[bytes] = []
        async with hosted(air) as host, client(await found(host), host) as bleak:
            await bleak.write_gatt_char("2a55", b"\x04\x01", response=False)
            await bleak.start_notify("2a53", lambda _char, data: heard.append(bytes(data)))
            await server.notify("2a53", b"one")
            await asyncio.sleep(1)
            await bleak.stop_notify("2a53")
            await server.notify("2a53", b"two")
            await asyncio.sleep(1)
            return bytes(await bleak.read_gatt_char("2a55")), heard

    assert run_virtual(run()) == (b"\x04\x01", [b"one"])


def test_a_read_returns_what_was_notified_last() -> None:
    async def run() -> list[int]:
        air = Air()
        server = await switched_on(air, pod())
        async with hosted(air) as host, client(await found(host), host) as bleak:
            first = await bleak.read_gatt_char("2a19")
            await server.notify("2a19", b"\x10")
            return [*first, *await bleak.read_gatt_char("2a19")]

    assert run_virtual(run()) == [77, 16]


@pytest.mark.parametrize(
    "name", ["nonsense", "tcp-client:127.0.0.1:1", "tcp-client:nowhere", "serial:/dev/does-not-exist"]
)
async def test_a_transport_that_is_not_there_is_named_in_one_line(name: str) -> None:
    with pytest.raises(HardwareError) as caught:
        async with open_host(name):
            pass
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_mute_controller_is_a_hardware_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pacer.sources.hci.POWER_ON_S", 0.05)
    air = Air()
    controller = Controller("mute", air)
    monkeypatch.setattr(controller, "on_packet", lambda _packet: None)
    with pytest.raises(HardwareError, match="does not answer"):
        async with open_host(controller.transport()):
            pass
