"""The adapter: the platform's own, or a raw HCI controller; both behind bleak's scanner and client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError

from pacer.errors import HardwareError, InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import BaseBleakScanner
    from bumble.transport.common import Transport

# What bumble opens, as its `open_transport` names them (0.0.236).
TRANSPORTS = (
    *("usb", "pyusb", "serial", "pty", "file", "vhci", "hci-socket"),
    *("tcp-client", "tcp-server", "udp", "ws-client", "ws-server", "unix", "unix-client", "unix-server"),
    *("android-emulator", "android-netsim"),
)
DISCONNECT_S = 5.0  # s to say goodbye to a peer that may be gone


async def _never() -> None:
    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Radio:
    """Makes bleak's scanners and clients: of the platform's own backend, or of the one given."""

    scanner_backend: type[BaseBleakScanner] | None = None
    client_backend: type[BaseBleakClient] | None = None
    options: dict[str, Any] = field(default_factory=dict)  # handed to both backends
    lost: Callable[[], Awaitable[None]] = _never  # returns when the adapter is gone, where that is told

    def scanner(self, **kwargs: Any) -> BleakScanner:
        """Returns a scanner, not yet started."""
        return BleakScanner(backend=self.scanner_backend, **kwargs, **self.options)

    def client(self, device: BLEDevice, **kwargs: Any) -> BleakClient:
        """Returns a client, not yet connected."""
        return BleakClient(device, backend=self.client_backend, **kwargs, **self.options)


OpenRadio = Callable[[], AbstractAsyncContextManager[Radio]]


def opener(radio: str | None) -> OpenRadio:
    """Returns what opens the radio that `--radio` names: None, or "hci:" and a bumble transport.

    Raises:
        InputError: it names no radio, or a transport that bumble has not.
    """
    if radio is None:
        return platform_radio
    scheme, _, transport = radio.partition(":")
    if scheme != "hci" or transport.partition(":")[0] not in TRANSPORTS:
        examples = "hci:usb:0, hci:serial:DEVICE, hci:tcp-client:HOST:PORT"
        raise InputError(
            f"radio {radio!r} is not known: allowed is hci:TRANSPORT, as in {examples}; "
            f"transports are {', '.join(TRANSPORTS)}"
        )
    return partial(hci_radio, transport)


@asynccontextmanager
async def platform_radio() -> AsyncIterator[Radio]:
    """Opens the platform's own adapter (BlueZ, CoreBluetooth, WinRT)."""
    yield Radio()


async def require_adapter() -> None:
    """Looks for the platform's adapter before anything else is started.

    Raises:
        HardwareError: there is none.
    """
    try:
        async with BleakScanner():
            pass
    except (BleakError, OSError) as error:
        raise no_adapter(error) from None


@asynccontextmanager
async def hci_radio(transport: str | Transport) -> AsyncIterator[Radio]:
    """Opens a raw HCI controller, by a transport or its name; needs the extra "hci"."""
    try:
        from pacer.sources.hci import HciScanner, open_host  # noqa: PLC0415 - bumble is an extra
        from pacer.sources.hci_client import HciClient  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise HardwareError(f"a radio at {transport} needs bumble: install pacer[hci]") from error
    async with open_host(transport) as host:
        yield Radio(HciScanner, HciClient, {"host": host}, host.lost)


def no_adapter(error: BaseException) -> HardwareError:
    """Returns an error of one line for a stack's refusal, whatever it is wrapped in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, HardwareError):
        return error
    if isinstance(error, FileNotFoundError):
        return HardwareError("no Bluetooth adapter: the system's Bluetooth service (D-Bus) is not running")
    reason = str(error.args[0] if isinstance(error, BleakError) and error.args else error)
    return HardwareError(f"no Bluetooth adapter: {(reason.splitlines() or ['no reason given'])[0]}")


async def leave(client: BleakClient) -> None:
    """Disconnects, so that the sensor is free for the next attempt; its only link may be ours."""
    try:
        async with asyncio.timeout(DISCONNECT_S):
            await client.disconnect()
    except (BleakError, TimeoutError, OSError, EOFError):
        return  # it is gone already
