"""HCI over TCP on loopback, as two processes would use it; in real time, since sockets are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bumble.transport.common import StreamPacketSink

from firmware_sim.hci_tcp import serve_hci
from firmware_sim.radio import Air
from pacer.clock import LoopClock
from pacer.errors import HardwareError
from pacer.inputs import Input, Notification
from pacer.sources.ble import BleSource
from pacer.sources.radio import opener
from tests.support.air import POD, STRAP, chatter, pod, strap, switched_on

if TYPE_CHECKING:
    from pacer.setup import SensorSpec


def source(server: asyncio.Server, *specs: SensorSpec) -> BleSource:
    host, port = server.sockets[0].getsockname()
    return BleSource(specs, LoopClock(), opener(f"hci:tcp-client:{host}:{port}"))


async def heard(source: BleSource, char: str) -> bytes:
    """Runs a source until the first notification of a characteristic."""
    first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def post(item: Input) -> None:
        if isinstance(item, Notification) and item.char == char and not first.done():
            first.set_result(item.data)

    task = asyncio.create_task(source.run(post))
    waiting: set[asyncio.Future[Any]] = {task, first}
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=10.0)
    task.cancel()
    await asyncio.wait([task])
    assert first in done
    return first.result()


async def test_two_clients_have_a_controller_each() -> None:
    air = Air()
    pods, straps = await switched_on(air, pod()), await switched_on(air, strap())
    talk = [
        asyncio.create_task(chatter(pods, "2a53", 0.05)),
        asyncio.create_task(chatter(straps, "2a37", 0.05)),
    ]
    async with await serve_hci(air) as server:
        one, two = await asyncio.gather(
            heard(source(server, POD), "2a53"), heard(source(server, STRAP), "2a37")
        )
        again = await heard(source(server, POD), "2a53")  # a client that left may come back
    assert len(one) == len(two) == len(again) == 4
    for task in talk:
        task.cancel()


async def test_a_connection_that_breaks_is_a_pulled_adapter() -> None:
    air = Air()
    async with await serve_hci(air) as server:
        opened = asyncio.Event()
        task = asyncio.create_task(source(server, POD).run(lambda _input: opened.set()))
        await opened.wait()
        for controller in list(air.controllers):
            assert isinstance(controller.host, StreamPacketSink)
            controller.host.close()
        done, _ = await asyncio.wait([task], timeout=5.0)
    assert task in done
    assert isinstance(task.exception(), HardwareError)
    assert not air.controllers
