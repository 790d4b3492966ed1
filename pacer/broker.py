"""The embedded MQTT broker: amqtt, on loopback only, in the loop of the run.

amqtt 0.12 speaks MQTT 3.1.1 only, hands a new client retained messages that match anybody's filters, and
notices no frozen client. Bound to loopback, with cues that carry their own ttl, none of that matters;
whoever leaves the machine names a real broker by URL instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig
from amqtt.errors import BrokerError

from pacer.errors import HardwareError

HOST = "127.0.0.1"
LISTENER = "default"  # amqtt asks for this name
CLOSING_S = 5.0  # s: a broker that hangs must not keep the run from ending
# Named, so that amqtt does not look for entry points; its $SYS topics and packet log are left out.
PLUGINS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


@dataclass(frozen=True, slots=True)
class Address:
    """Tells where a broker listens, and which protocols are worth trying."""

    host: str
    port: int
    protocols: tuple[str, ...]


@contextlib.asynccontextmanager
async def embedded(port: int = 0) -> AsyncIterator[Address]:
    """Runs a broker on 127.0.0.1 while the context lasts; port 0 takes a free one.

    Raises:
        HardwareError: where the port is taken.
    """
    for name in ("amqtt", "transitions"):  # they report each client that leaves without a word as a failure
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    listener = ListenerConfig(bind=f"{HOST}:{port}")
    broker = _Broker(BrokerConfig(listeners={LISTENER: listener}, plugins=PLUGINS))
    try:
        await broker.start()
    except BrokerError as error:
        raise HardwareError(f"embedded MQTT broker on {HOST}:{port}: {error}") from error
    try:
        yield Address(HOST, broker.port, ("3.1.1",))
    finally:
        await broker.close()


class _Broker(Broker):  # type: ignore[misc]  # amqtt publishes no types
    """Closes every connection in the end; amqtt forgets those whose client went first or never greeted."""

    def __init__(self, config: BrokerConfig) -> None:
        super().__init__(config)
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """Tells which free port it got."""
        return int(self._servers[LISTENER].instance.sockets[0].getsockname()[1])

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Serves one client."""
        self._open.add(writer)
        try:
            await super().stream_connected(reader, writer, listener_name)
        finally:
            writer.close()
            self._open.discard(writer)

    async def close(self) -> None:
        """Lets go of the clients, then of the port."""
        for writer in self._open:
            writer.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await self.shutdown()
