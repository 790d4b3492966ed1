"""An MQTT client that writes down everything it hears: what any third program would see."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiomqtt

NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)


@dataclass(frozen=True, slots=True)
class Seen:
    t: float  # s, the loop's
    topic: str
    payload: bytes
    qos: int
    retain: bool

    @property
    def body(self) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.payload)
        return decoded


@contextlib.asynccontextmanager
async def client(port: int) -> AsyncIterator[aiomqtt.Client]:
    async with aiomqtt.Client("127.0.0.1", port, socket_options=NO_DELAY) as one:
        yield one


@contextlib.asynccontextmanager
async def observer(port: int, topics: str = "pacer/#") -> AsyncIterator[list[Seen]]:
    """Collects what is published while the context lasts; retained messages come first."""
    seen: list[Seen] = []

    async def read(one: aiomqtt.Client) -> None:
        now = asyncio.get_running_loop().time
        async for m in one.messages:
            one_more = Seen(now(), m.topic.value, bytes(m.payload), m.qos, m.retain)
            seen.append(one_more)

    async with client(port) as one:
        await one.subscribe(topics, qos=1)
        async with running(read(one)):
            yield seen


@contextlib.asynccontextmanager
async def running(*coroutines: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs coroutines beside the block and cancels them after it; an error in one of them is raised."""
    tasks = [asyncio.create_task(c) for c in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result


async def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Waits (the loop's seconds) until a condition holds.

    Raises:
        TimeoutError: where it does not come to hold.
    """
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - any condition, not only one that has an event
            await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
