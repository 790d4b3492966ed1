"""Links of the HCI backend: refused, cancelled, lost, forgotten, and four at a time."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakClient
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_16
from bumble import att

from firmware_sim.gatt import GattServer
from firmware_sim.radio import Air
from pacer.clock import run_virtual
from pacer.sources.hci_client import HciClient
from tests.support.air import pod, switched_on
from tests.unit.sources.hosts import client, found, hosted


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


def test_an_answer_that_comes_while_its_request_is_cancelled_is_dropped() -> None:
    async def run() -> None:
        air = Air()
        await switched_on(air, pod())
        async with hosted(air) as host, client(await found(host), host) as bleak:
            gatt = next(iter(host.device.connections.values())).gatt_client
            reading = asyncio.create_task(bleak.read_gatt_char(normalize_uuid_16(0x2A19)))
            await asyncio.wait([reading], timeout=0)  # it is on its way
            assert gatt.pending_response is not None
            gatt.pending_response.cancel()
            gatt.on_gatt_pdu(att.ATT_Read_Response(attribute_value=b"late"))
            with pytest.raises(BleakError, match="lost"):
                await reading
            assert await bleak.read_gatt_char(normalize_uuid_16(0x2A19))

    run_virtual(run())


@pytest.mark.parametrize("turns", [1, 2, 3, 5])  # later than that, and after what was sent later, none comes
def test_a_link_that_is_made_while_connecting_is_cancelled_is_ended(turns: int) -> None:
    """The controller's word of the link comes some turns of the loop after the connection was given up."""
    bugs: list[dict[str, object]] = []

    async def run() -> None:
        air, loop = Air(), asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: bugs.append(context))
        await switched_on(air, pod())
        async with hosted(air) as host:
            device = await found(host)
            attempt = asyncio.create_task(client(device, host).connect())
            hear = host.device.host.on_packet

            async def late(packet: bytes) -> None:
                attempt.cancel()
                for _ in range(turns):
                    await asyncio.sleep(0)
                hear(packet)

            made = loop.create_future()

            def on_packet(packet: bytes) -> None:
                if packet[:2] == b"\x04\x3e" and packet[3] in (0x01, 0x0A) and not made.done():  # connected
                    made.set_result(asyncio.create_task(late(packet)))
                else:
                    hear(packet)

            host.device.host.on_packet = on_packet  # type: ignore[method-assign]
            with pytest.raises(asyncio.CancelledError):
                await attempt
            await made.result()
            async with client(device, host, timeout=1.0) as bleak:
                assert bleak.is_connected

    run_virtual(run())
    assert bugs == []


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
