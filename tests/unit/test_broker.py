from __future__ import annotations

import asyncio
import logging

import pytest

from pacer.broker import embedded
from pacer.clock import RateLoop, run_virtual
from pacer.errors import HardwareError
from tests.support.mqtt import client, observer, until


def test_delivers_on_loopback_in_virtual_time() -> None:
    async def main() -> None:
        async with embedded() as address:
            assert address.host == "127.0.0.1"
            async with observer(address.port) as seen, client(address.port) as one:
                for i in range(600):
                    await one.publish("pacer/x", str(i))
                    await asyncio.sleep(0.1)
                assert [int(s.payload) for s in seen] == list(range(600))

    run_virtual(main())


def test_runs_faster_than_life() -> None:
    async def main() -> None:
        async with embedded() as address, observer(address.port) as seen, client(address.port) as one:
            await one.publish("pacer/x", b"hello", qos=1)
            await until(lambda: bool(seen))

    with asyncio.Runner(loop_factory=lambda: RateLoop(10)) as runner:
        runner.run(main())


def test_two_take_different_free_ports() -> None:
    async def main() -> None:
        async with embedded() as one, embedded() as other:
            assert one.port != other.port

    run_virtual(main())


def test_taken_port_is_named() -> None:
    async def main() -> None:
        async with embedded() as one:
            with pytest.raises(HardwareError, match=str(one.port)):
                async with embedded(one.port):
                    pass

    run_virtual(main())


def test_client_in_mid_greeting_does_not_hold_the_end_back() -> None:
    """An MQTT 5 greeting with a will looks like this to amqtt: it waits for the rest for ever."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with embedded() as address:
            _, writer = await asyncio.open_connection(address.host, address.port)
            writer.write(b"\x10\x50\x00\x04MQTT\x04\x02")  # CONNECT of 80 bytes, of which 10 come
            await asyncio.sleep(1.0)
            closing = loop.time()
        writer.close()
        return loop.time() - closing

    assert run_virtual(main()) < 1.0


def test_client_that_vanishes_makes_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with embedded() as address:
            _, writer = await asyncio.open_connection(address.host, address.port)
            writer.write(b"not mqtt at all")
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            async with client(address.port) as one:  # and it goes on serving
                await one.publish("pacer/x", b"y", qos=1)

    with caplog.at_level(logging.WARNING):
        run_virtual(main())
    assert [r for r in caplog.records if r.name.startswith(("amqtt", "transitions"))] == []


async def test_stays_open_while_a_client_is_still_there() -> None:
    async with embedded() as address, observer(address.port) as seen:
        async with client(address.port) as one:
            await one.publish("pacer/x", b"y", qos=1, retain=True)
        await until(lambda: bool(seen))
