"""A desk full of virtual Bluetooth dongles: HCI over TCP, one controller per connection."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from bumble.transport.common import StreamPacketSink, StreamPacketSource

from firmware_sim.radio import Controller

if TYPE_CHECKING:
    from firmware_sim.radio import Air


class HciConnection(StreamPacketSource):
    """Gives one TCP client a controller of its own for as long as it stays connected."""

    def __init__(self, air: Air, number: int) -> None:
        super().__init__()
        self._air = air
        self._number = number
        self._controller: Controller | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Puts a new controller on the air; its public address is made from the client's number."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - create_server gives no other
        address = f"00:00:00:00:{self._number >> 8:02X}:{self._number & 0xFF:02X}"
        sink = StreamPacketSink(transport)
        self._controller = Controller(f"tcp-{self._number}", self._air, self, sink, address)

    def connection_lost(self, exc: Exception | None) -> None:
        """Takes the controller off the air, as when the dongle is pulled."""
        del exc
        if self._controller is not None:
            self._controller.host = None
            self._controller.vanish()
        self.on_transport_lost()


async def serve_hci(air: Air, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
    """Serves controllers on `air`; asyncio sets TCP_NODELAY, so a notification does not wait.

    Port 0 takes a free one: `server.sockets[0].getsockname()[1]`.
    """
    numbers = itertools.count(1)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: HciConnection(air, next(numbers)), host, port)
