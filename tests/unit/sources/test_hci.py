"""The HCI backend behind bleak's public classes, and what it promises bleak."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakCharacteristicNotFoundError, BleakError

from firmware_sim.gatt import Characteristic, GattServer, Peripheral, Service
from firmware_sim.radio import Air, Controller
from pacer.clock import run_virtual
from pacer.errors import HardwareError
from pacer.sources.hci import HciHost, HciScanner, open_host
from pacer.sources.hci_client import HciClient
from tests.support.air import POD_ADDRESS, pod, strap, switched_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bleak.backends.device import BLEDevice

POD_UUID = "00001814-0000-1000-8000-00805f9b34fb"


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


def test_a_connection_to_an_absent_peer_times_out_and_later_ones_work() -> None:
    async def run() -> float:
        air, loop = Air(), asyncio.get_running_loop()
        server = await switched_on(air, pod())
        async with hosted(air) as host:
            device = await found(host)
            server.power_off()
            start = loop.time()
            with pytest.raises(TimeoutError):
                await client(device, host, timeout=7.0).connect()
            waited = loop.time() - start
            server.power_on()
            async with client(device, host) as bleak:
                assert bleak.is_connected
        return waited

    assert run_virtual(run()) == pytest.approx(7.0, abs=0.1)


def test_a_cancelled_connection_does_not_block_the_next() -> None:
    async def run() -> bool:
        air = Air()
        server = await switched_on(air, pod())
        async with hosted(air) as host:
            device = await found(host)
            server.power_off()
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(2.0):
                        await client(device, host, timeout=60.0).connect()
            server.power_on()
            async with client(device, host) as bleak:
                return bleak.is_connected

    assert run_virtual(run())


def test_a_connection_may_be_cancelled_at_any_moment() -> None:
    async def run() -> None:
        air = Air()
        await switched_on(air, pod())
        async with hosted(air) as host:
            device = await found(host)
            for n in range(60):  # the next advertisement comes within 0.26 s
                attempt = asyncio.create_task(client(device, host).connect())
                await asyncio.wait([attempt], timeout=0.005 * n)
                attempt.cancel()
                await asyncio.wait([attempt])
                async with client(device, host, timeout=1.0) as bleak:
                    assert bleak.is_connected

    run_virtual(run())


def test_a_forgotten_client_does_not_keep_the_sensor() -> None:
    async def run() -> bool:
        air = Air()
        await switched_on(air, pod())
        async with hosted(air) as host:
            device = await found(host)
            await client(device, host).connect()
            async with client(device, host) as bleak:
                return bleak.is_connected

    assert run_virtual(run())


def test_link_loss_in_the_middle_of_a_read_is_a_bleak_error_and_nothing_is_cancelled() -> None:
    async def read_for_ever(bleak: BleakClient) -> None:
        while True:
            await asyncio.sleep(0.1)
            await bleak.read_gatt_char("2a19")

    async def fails(bleak: BleakClient) -> None:
        with pytest.raises(BleakError, match="the link was lost"):
            await read_for_ever(bleak)

    async def run() -> bool:
        air = Air()
        server = await switched_on(air, pod())
        async with hosted(air) as host:
            gone = asyncio.Event()
            device = await found(host)
            bleak = BleakClient(
                device, lambda _client: gone.set(), backend=HciClient, host=host, timeout=10.0
            )
            await bleak.connect()
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(fails(bleak))
                await asyncio.sleep(0.5)
                server.power_off()
            await gone.wait()
            assert not reading.cancelled()
            return bleak.is_connected

    assert run_virtual(run()) is False


def test_every_peer_is_told_when_the_host_closes() -> None:
    async def run() -> tuple[bool, bool]:
        air = Air()
        server = await switched_on(air, pod())
        async with hosted(air) as host:
            await client(await found(host), host).connect()
            await asyncio.sleep(0.1)
            before = server.connected
        await asyncio.sleep(0.1)  # much less than the supervision timeout
        return before, server.connected

    assert run_virtual(run()) == (True, False)


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


def test_four_connections_carry_notifications_side_by_side() -> None:
    addresses = [f"C0:00:00:00:02:0{n}" for n in range(4)]

    async def run() -> dict[str, list[bytes]]:
        air = Air()
        servers: list[GattServer] = [await switched_on(air, pod(address)) for address in addresses]
        heard: dict[str, list[bytes]] = {address: [] for address in addresses}
        async with hosted(air) as host:
            for address in addresses:
                bleak = client(await found(host, address), host)
                await bleak.connect()
                take = heard[address].append
                await bleak.start_notify("2a53", lambda _char, data, take=take: take(bytes(data)))  # type: ignore[misc]
            for n in range(50):
                for k, server in enumerate(servers):
                    await server.notify("2a53", bytes([k, n]))
            await asyncio.sleep(1)
        return heard

    heard = run_virtual(run())
    for k, address in enumerate(addresses):
        assert heard[address] == [bytes([k, n]) for n in range(50)]
