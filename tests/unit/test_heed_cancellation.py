"""Who is told to end by MQTT ends, though the client below swallows the cancellation once.

`asyncio.wait_for` of Python 3.11, by which aiomqtt waits for an answer, drops a cancellation that comes in
the same turn of the loop as the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import aiomqtt
import pytest

from pacer.broker import embedded
from pacer.clock import LoopClock, run_virtual
from pacer.dial import Broker
from pacer.follow import Device, Follower
from pacer.heard import Counts
from tests.support.mqtt import observer
from tests.unit.sinks.stage import ignore, make

Run = Callable[[int], Coroutine[Any, Any, None]]


def follow(port: int) -> Coroutine[Any, Any, None]:
    device = Device("left", "display", ("state",), Counts)
    return Follower(Broker("127.0.0.1", port), device, LoopClock(), lambda _said: None).run()


def publish(port: int) -> Coroutine[Any, Any, None]:
    return make(port).run(ignore)


@pytest.mark.parametrize(("run", "call"), [(publish, "publish"), (follow, "publish"), (follow, "subscribe")])
def test_it_ends_though_a_cancellation_was_swallowed(
    run: Run, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, swallowed = getattr(aiomqtt.Client, call), list[str]()

    async def swallowing(client: aiomqtt.Client, *args: Any, **rest: Any) -> Any:
        if not swallowed:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.append(call)
        return await whole(client, *args, **rest)

    async def main() -> None:
        async with embedded() as address, observer(address.port) as seen:
            monkeypatch.setattr(aiomqtt.Client, call, swallowing)
            task = asyncio.create_task(run(address.port))
            await asyncio.sleep(1.0)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=1.0)
            assert swallowed == [call]
            assert done
            await asyncio.sleep(0.1)
            assert all(one.body["state"] == "offline" for one in seen[-1:])

    run_virtual(main())
