"""`pacer display`: puts the parts together, tells the address, and runs until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_address

import segno

from pacer.clock import BootClock, Clock
from pacer.dial import Broker
from pacer.display.feed import Feed
from pacer.display.hosts import addresses, names
from pacer.display.server import Board, application, serving
from pacer.follow import Device, Follower
from pacer.recorder import home
from pacer.setup import Role
from pacer.units import RidingUnit

DNS_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")  # what may stand in a certificate


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what the command line says."""

    broker: Broker
    bind: str | None = None  # None: all interfaces
    port: int = 8080
    hosts: tuple[str, ...] = ()  # accepted as Host beside our own names
    https: bool = False
    device: str = "display"
    to: Role = "rider"
    unit: RidingUnit = "km/h"


async def run_display(options: Options) -> None:
    """Serves the page until cancelled.

    Raises:
        HardwareError: the address or the port cannot be had.
        InputError: the certificate cannot be kept.
    """
    tls, fingerprint = _certificate(options) if options.https else (None, None)
    scheme = "https" if tls else "http"
    async with showing(options, BootClock(), tls) as port:
        _tell([f"{scheme}://{host}:{port}/" for host in _hosts(options)], fingerprint)
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def showing(options: Options, clock: Clock, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Follows the session and serves the page while the context lasts; gives the port."""
    board = Board(clock, Feed(options.to, options.unit))
    topics = ("state", *dict.fromkeys((f"cue/{options.to}", "cue/runner")), "status")
    device = Device(options.device, "display", topics, lambda: board.feed.counts)
    follower = Follower(options.broker, device, clock, board.hear, _say)
    board.link = lambda: follower.link
    app = application(board, options.hosts)
    async with serving(app, options.bind, options.port, tls) as port, asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follower.run())
        yield port
        following.cancel()


def _hosts(options: Options) -> list[str]:
    """Lists the hosts of the addresses to tell, the one for the phone first."""
    if options.bind and not ip_address(options.bind).is_unspecified:
        return [_in_url(options.bind), *options.hosts]
    every = [ip_address(a) for a in addresses()]
    found = [ip for ip in every if not (ip.is_loopback or ip.is_link_local)] or every[:1]
    best = [str(ip) for ip in found if ip.version == 4] or [str(ip) for ip in found]
    return [*map(_in_url, best), f"{socket.gethostname().partition('.')[0]}.local", *options.hosts]


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _certificate(options: Options) -> tuple[ssl.SSLContext, str]:
    from pacer.display.certificate import context  # noqa: PLC0415 - its library takes 0.1 s to load

    named = [name for name in ("localhost", *names(options.hosts)) if DNS_NAME.fullmatch(name)]
    return context(home() / "display", [*named, *addresses()])


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _tell(urls: list[str], fingerprint: str | None) -> None:
    """Prints the addresses, and the first one as a QR code for the phone's camera."""
    code = io.StringIO()
    segno.make(urls[0]).terminal(code, compact=True)
    sys.stdout.write(f"{code.getvalue()}the rider's page: {urls[0]}\n")
    for url in urls[1:]:
        sys.stdout.write(f"              or: {url}\n")
    if fingerprint:
        sys.stdout.write(f"the phone warns once, as nobody vouches for us; SHA-256 {fingerprint}\n")
    sys.stdout.flush()
