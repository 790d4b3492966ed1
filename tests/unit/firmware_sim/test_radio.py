"""The simulated radio, seen by plain bumble hosts: each mended point of the module's list."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from bumble import core, hci
from bumble.device import Advertisement, Connection, ConnectionParametersPreferences, Device

from firmware_sim.gatt import GattServer
from firmware_sim.radio import Air, Controller
from pacer.clock import run_virtual
from tests.support.air import POD_ADDRESS, pod, strap, switched_on

if TYPE_CHECKING:
    from collections.abc import Callable

PEER = hci.Address(POD_ADDRESS, hci.AddressType.RANDOM_DEVICE)


async def central(air: Air, address: str = "C9:00:00:00:00:01") -> Device:
    transport = Controller(f"central {address}", air).transport()
    own = hci.Address(address, hci.AddressType.RANDOM_DEVICE)
    device = Device.with_hci("central", own, transport.source, transport.sink)
    await device.power_on()
    return device


def supervised(timeout_ms: int) -> dict[hci.Phy, ConnectionParametersPreferences]:
    return {hci.Phy.LE_1M: ConnectionParametersPreferences(supervision_timeout=timeout_ms)}


async def ended(connection: Connection) -> tuple[float, int]:
    """Returns when and why a connection ended."""
    end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    connection.on(Connection.EVENT_DISCONNECTION, end.set_result)
    reason = await end
    return asyncio.get_running_loop().time(), reason


@pytest.mark.parametrize("timeout_ms", [1000, 4000, 20000])
def test_a_vanished_peer_is_lost_after_the_supervision_timeout(timeout_ms: int) -> None:
    async def run() -> tuple[float, int]:
        air = Air()
        server = await switched_on(air, pod())
        device = await central(air)
        connection = await device.connect(PEER, connection_parameters_preferences=supervised(timeout_ms))
        await asyncio.sleep(100)
        server.power_off()
        left = asyncio.get_running_loop().time()
        at, reason = await ended(connection)
        return at - left, reason

    after, reason = run_virtual(run())
    assert reason == hci.HCI_CONNECTION_TIMEOUT_ERROR
    assert 0.75 * timeout_ms / 1000 < after <= 1.25 * timeout_ms / 1000


def test_a_peripheral_advertises_again_when_its_central_vanishes() -> None:
    async def run() -> bool:
        air = Air()
        server = await switched_on(air, pod())
        first = await central(air)
        await first.connect(PEER, connection_parameters_preferences=supervised(4000))
        for controller in list(air.controllers):
            if controller.name.startswith("central"):
                assert isinstance(controller, Controller)
                controller.vanish()
        await asyncio.sleep(6)
        second = await central(air, "C9:00:00:00:00:02")
        await second.connect(PEER, timeout=2.0)
        return server.connected

    assert run_virtual(run())


def test_a_cancelled_connection_frees_the_controller() -> None:
    async def run() -> Connection:
        air = Air()
        device = await central(air)
        with pytest.raises(core.TimeoutError):
            await device.connect(PEER, timeout=5.0)
        await switched_on(air, pod())
        return await device.connect(PEER, timeout=5.0)

    assert run_virtual(run()).peer_address == PEER


def test_nothing_to_cancel_is_refused() -> None:
    async def run() -> None:
        device = await central(Air())
        await device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())

    with pytest.raises(hci.HCI_Error):
        run_virtual(run())


def test_a_second_connection_to_the_same_peer_is_refused() -> None:
    async def run() -> None:
        air = Air()
        await switched_on(air, pod())
        device = await central(air)
        await device.connect(PEER, timeout=2.0)
        with pytest.raises(hci.HCI_Error, match="CONNECTION_ALREADY_EXISTS"):
            await device.connect(PEER, timeout=2.0)

    run_virtual(run())


def names(advertisements: list[Advertisement]) -> set[object]:
    return {a.data.get(core.AdvertisingData.COMPLETE_LOCAL_NAME) for a in advertisements}


@pytest.mark.parametrize("active", [True, False])
def test_only_active_scanners_get_scan_responses_with_the_peers_own_data(active: bool) -> None:  # noqa: FBT001 - a parameter
    async def run() -> list[Advertisement]:
        air = Air()
        await switched_on(air, pod(name="A"))
        await switched_on(air, strap(name="B"))
        device = await central(air)
        heard: list[Advertisement] = []
        device.on(Device.EVENT_ADVERTISEMENT, heard.append)
        await device.start_scanning(active=active)
        await asyncio.sleep(3)
        return heard

    heard = run_virtual(run())
    assert names(heard) == ({"A", "B"} if active else {None})
    assert len({a.rssi for a in heard}) > 3


@pytest.mark.parametrize(
    "command",
    [
        lambda data: hci.HCI_LE_Set_Advertising_Data_Command(advertising_data=data),
        lambda data: hci.HCI_LE_Set_Scan_Response_Data_Command(scan_response_data=data),
    ],
)
def test_data_over_31_bytes_are_refused_by_the_controller(command: Callable[[bytes], Any]) -> None:
    async def run(length: int) -> None:
        device = await central(Air())
        await device.send_sync_command(command(bytes(length)))

    run_virtual(run(31))
    with pytest.raises(hci.HCI_Error):
        run_virtual(run(32))


def test_reset_ends_advertising_and_leaves_the_peer_to_its_timeout() -> None:
    async def run() -> tuple[float, list[Advertisement]]:
        air = Air()
        server = GattServer(pod(), air)
        await server.start()
        device = await central(air)
        connection = await device.connect(PEER, connection_parameters_preferences=supervised(4000))
        server.controller.on_hci_reset_command(hci.HCI_Reset_Command())
        start = asyncio.get_running_loop().time()
        at, _ = await ended(connection)
        heard: list[Advertisement] = []
        device.on(Device.EVENT_ADVERTISEMENT, heard.append)
        await device.start_scanning()
        await asyncio.sleep(5)
        return at - start, heard

    after, heard = run_virtual(run())
    assert 3.0 < after <= 5.0
    assert heard == []


def test_reset_while_advertising_leaves_silence() -> None:
    async def run() -> list[Advertisement]:
        air = Air()
        server = await switched_on(air, pod())
        device = await central(air)
        server.controller.on_hci_reset_command(hci.HCI_Reset_Command())
        heard: list[Advertisement] = []
        device.on(Device.EVENT_ADVERTISEMENT, heard.append)
        await device.start_scanning()
        await asyncio.sleep(5)
        return heard

    assert run_virtual(run()) == []


def test_advertising_keeps_its_interval() -> None:
    async def run() -> int:
        air = Air()
        await switched_on(air, pod())
        device = await central(air)
        heard: list[Advertisement] = []
        device.on(Device.EVENT_ADVERTISEMENT, heard.append)
        await device.start_scanning(active=False)
        await asyncio.sleep(100)
        return len(heard)

    assert run_virtual(run()) == pytest.approx(100 / 0.255, rel=0.02)  # 250 ms and 5 ms of delay on average
