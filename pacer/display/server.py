"""Serves the rider's page: its files, and the frames as server-sent events.

Every phone gets the newest frame whenever there is one, and at least each `BEAT_S`, so that the page can
tell a silent pacer from a lost network. A slow phone misses frames, never gets old ones from us.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

from aiohttp import web

from pacer.clock import Clock
from pacer.display import feed
from pacer.display.feed import Feed, Frame
from pacer.display.hosts import ours
from pacer.errors import HardwareError
from pacer.heard import Link, Said
from pacer.schema import encode
from pacer.tones import TONES

BEAT_S = 0.25  # s between frames when nothing new is heard
VIEWERS_MAX = 32  # pages at once; a club's worth of phones, and a bound on what a stranger can use up
RETRY_MS = 500  # ms until a browser connects again by itself
BUFFER_BYTES = 4096  # for each phone: 10 frames; what does not fit is not sent
CLOSING_S = 0.5  # s that open pages get when we end

PAGES = {
    "/": ("index.html", "text/html"),
    "/display.css": ("display.css", "text/css"),
    "/display.js": ("display.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "pacer",
}

# What the page must agree on with us comes with each connection.
SETTINGS = json.dumps(
    {"silent_s": feed.SILENT_S, "tones": {name: encode(notes) for name, notes in TONES.items()}}
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Board:
    """Holds the newest that was heard, and wakes whoever shows it."""

    def __init__(self, clock: Clock, begin: Feed) -> None:
        """Begins with nothing heard."""
        self.feed = begin
        self.link: Callable[[], Link] = lambda: "connecting"
        self._clock = clock
        self._viewers: set[asyncio.Event] = set()

    def hear(self, said: Said) -> None:
        """Takes a message and wakes the viewers."""
        watched = replace(self.feed, watched=bool(self._viewers))
        self.feed = feed.hear(watched, said)
        for viewer in self._viewers:
            viewer.set()

    def frame(self) -> Frame:
        """Draws what may be shown now."""
        return feed.frame(self.feed, self.link(), self._clock.now())

    @contextlib.contextmanager
    def viewer(self) -> Any:
        """Counts a page in; the event is set whenever there is something new."""
        if len(self._viewers) >= VIEWERS_MAX:
            raise web.HTTPServiceUnavailable(text=f"{VIEWERS_MAX} pages are open already\n")
        fresh = asyncio.Event()
        self._viewers.add(fresh)
        try:
            yield fresh
        finally:
            self._viewers.discard(fresh)


def application(board: Board, hosts: tuple[str, ...]) -> web.Application:
    """Makes the application; `hosts` are accepted as Host beside this machine's own names."""
    app = web.Application(middlewares=[_guard(hosts)])
    for path, (name, kind) in PAGES.items():
        app.router.add_get(path, _file((files("pacer.display") / "page" / name).read_bytes(), kind))
    app.router.add_get("/events", _events(board))
    return app


@contextlib.asynccontextmanager
async def serving(
    app: web.Application, bind: str | None, port: int, tls: ssl.SSLContext | None
) -> AsyncIterator[int]:
    """Serves while the context lasts; gives the port, which for 0 is a free one.

    Raises:
        HardwareError: the address or the port cannot be had.
    """
    try:
        listener = _listen(bind, port)
    except OSError as error:
        raise HardwareError(
            f"{bind or 'all addresses'}, port {port}: {os.strerror(error.errno or 0)}"
        ) from error
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSING_S, handler_cancellation=True)
    await runner.setup()
    try:
        await web.SockSite(runner, listener, ssl_context=tls).start()
        yield int(listener.getsockname()[1])
    finally:
        await runner.cleanup()


def _listen(bind: str | None, port: int) -> socket.socket:
    """Opens the port on one address, or on all of both families; a machine without IPv6 has IPv4."""
    if bind is None and socket.has_dualstack_ipv6():
        with contextlib.suppress(OSError):
            return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    family = socket.AF_INET6 if ":" in (bind or "") else socket.AF_INET
    return socket.create_server((bind or "", port), family=family)


def _guard(hosts: tuple[str, ...]) -> Any:
    """Refuses requests under a name that is none of ours, and tells browsers how little they may do."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        reached = request.transport.get_extra_info("sockname") if request.transport else None
        if not ours(request.headers.get("Host"), hosts, reached[0] if reached else None):
            text = "403: not a name of this machine; allow it with --host NAME\n"
            return web.Response(status=403, text=text, headers=HEADERS)
        try:
            return await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise

    return guard


def _file(content: bytes, kind: str) -> Handler:
    async def serve(request: web.Request) -> web.Response:
        del request
        return web.Response(body=content, content_type=kind, charset="utf-8", headers=HEADERS)

    return serve


def _events(board: Board) -> Handler:
    async def events(request: web.Request) -> web.StreamResponse:
        with board.viewer() as fresh:
            response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
            await response.prepare(request)
            if request.transport is not None:
                request.transport.set_write_buffer_limits(BUFFER_BYTES)
            with contextlib.suppress(ConnectionResetError):  # the page was closed
                await response.write(f"retry: {RETRY_MS}\nevent: settings\ndata: {SETTINGS}\n\n".encode())
                while True:
                    await _send(response, board, fresh)
            return response

    return events


async def _send(response: web.StreamResponse, board: Board, fresh: asyncio.Event) -> None:
    """Sends the newest frame, then waits for something new."""
    fresh.clear()
    text = json.dumps(encode(board.frame()), separators=(",", ":"), ensure_ascii=False)
    await response.write(f"data: {text}\n\n".encode())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BEAT_S):
            await fresh.wait()
