"""A radio that plays tricks: bleak's backends over peers that hang, refuse, die and come back.

It keeps what was done to it, and every offence against the rules of the air (`offences`). Unlike `air`, it
has no bytes below GATT, so that thousands of attempts take no time; unlike real stacks, it never gives up by
itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError

from pacer.sources.profiles import full_uuid
from pacer.sources.radio import Radio

ADVERTISES_S = 0.25  # s between advertisements
SPEAKS_S = 1.0  # s between notifications
CONNECTS_S = 0.3  # s that a willing peer takes


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True, eq=False)
class Peer:
    """Is one device, whose `manner` says how it takes being connected: "well", or with one of the tricks."""

    address: str
    name: str
    service: str
    char: str
    manner: str = "well"
    there: bool = True
    reports_s: float = 4.0  # s until the stack tells that the link is lost
    client: FlakyClient | None = None  # to whom it is linked
    spoke: int = 0

    def vanish(self) -> None:
        """Goes out of range: the stack tells later."""
        self.there = False
        if self.client is not None:
            client, self.client = self.client, None
            client.owe(self.reports_s)

    def drop(self) -> None:
        """Ends the link, and the stack tells at once."""
        if self.client is not None:
            client, self.client = self.client, None
            client.lose()


@dataclass(slots=True, eq=False)
class Attempt:
    """Holds one attempt at a peer: until it succeeded or was given up, and until its link ended."""

    address: str
    began: float
    ended: float | None = None
    listens: bool = False  # it came to a subscription
    over: float | None = None  # s, when nobody wanted anything of it any more


@dataclass(slots=True, eq=False)
class Ether:
    """Holds the peers and the log of what was done."""

    peers: list[Peer]
    attempts: list[Attempt] = field(default_factory=list)
    offences: list[str] = field(default_factory=list)
    scans: int = 0  # under way
    hanging: int = 0  # calls that are not answered
    owed: int = 0  # links of which it is not told yet that they are lost
    scan_trouble: list[str] = field(default_factory=list)  # what the next starts of a scan do: refuse, hang

    def busy(self) -> list[Attempt]:
        """Lists the attempts under way."""
        return [attempt for attempt in self.attempts if attempt.ended is None]

    async def hang(self) -> None:
        """Never answers."""
        self.hanging += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.hanging -= 1

    @asynccontextmanager
    async def radio(self) -> AsyncIterator[Radio]:
        """Opens it."""
        yield Radio(FlakyScanner, FlakyClient, {"ether": self})

    async def speak(self) -> None:
        """Lets every peer with a subscriber notify, for ever."""
        while True:
            await asyncio.sleep(SPEAKS_S)
            for peer in self.peers:
                if peer.there and peer.client is not None:
                    peer.spoke += 1
                    peer.client.hear(peer.spoke.to_bytes(4, "little"))


class FlakyScanner(BaseBleakScanner):
    """Sees every peer that is there and has no link."""

    def __init__(
        self, callback: Any, uuids: list[str] | None, _mode: str, *, ether: Ether, **_kw: Any
    ) -> None:
        super().__init__(callback, uuids)
        self._ether = ether
        self._uuids = uuids or []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        trouble = self._ether.scan_trouble.pop(0) if self._ether.scan_trouble else None
        if trouble == "refuse":
            raise BleakError("org.bluez.Error.InProgress")
        if trouble == "hang":
            await self._ether.hang()
        if self._ether.busy():
            self._ether.offences.append("a scan began during an attempt")
        self._ether.scans += 1
        self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(ADVERTISES_S)
            for peer in self._ether.peers:
                if peer.there and peer.client is None and full_uuid(peer.service) in self._uuids:
                    data = AdvertisementData(peer.name, {}, {}, [full_uuid(peer.service)], None, -60, ())
                    self.call_detection_callbacks(BLEDevice(peer.address, peer.name, None), data)

    async def stop(self) -> None:
        assert self._task is not None
        self._ether.scans -= 1
        self._task.cancel()
        await asyncio.sleep(0)


class FlakyClient(BaseBleakClient):
    """Is a connection to one peer, or an attempt at it."""

    def __init__(self, address_or_ble_device: BLEDevice | str, *, ether: Ether, **kwargs: Any) -> None:
        callback, timeout = kwargs["disconnected_callback"], kwargs["timeout"]
        super().__init__(address_or_ble_device, disconnected_callback=callback, timeout=timeout)
        self._ether = ether
        self._peer = next(peer for peer in ether.peers if peer.address == self.address)
        self._callback: Callable[[bytearray], None] | None = None
        self._attempt = Attempt(self.address, 0.0)

    async def connect(self, pair: bool, **_kwargs: Any) -> None:  # noqa: FBT001 - bleak's signature
        del pair
        if self._ether.busy():
            self._ether.offences.append("two attempts at once")
        if self._ether.scans:
            self._ether.offences.append("an attempt during a scan")
        self._attempt.began = now()
        self._ether.attempts.append(self._attempt)
        with _ending(self._attempt):
            await self._answer()
        peer = self._peer
        peer.client = self
        if peer.manner == "flap":
            asyncio.get_running_loop().call_later(0.5, peer.drop)
        self.services = _services(peer)

    async def _answer(self) -> None:
        if not self._peer.there:
            await self._ether.hang()
        match self._peer.manner:
            case "hang":
                await self._ether.hang()
            case "refuse":
                raise BleakError("refused\nwith more lines")
            case "die":
                await asyncio.sleep(3)
                raise EOFError
            case "odd":
                raise ValueError("a bug of the stack")
        await asyncio.sleep(CONNECTS_S)

    async def start_notify(self, characteristic: Any, callback: Any, **_kwargs: Any) -> None:
        del characteristic
        with _ending(self._attempt):
            if self._peer.manner == "mute":
                await self._ether.hang()
            await asyncio.sleep(0.05)
        self._callback = callback
        self._attempt.listens = True
        self._attempt.ended = now()

    def hear(self, data: bytes) -> None:
        """Hands a notification on."""
        if self._callback is not None:
            self._callback(bytearray(data))

    def lose(self) -> None:
        """Lets the stack tell that the link is gone."""
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    def owe(self, after_s: float) -> None:
        """Lets the stack tell so later."""
        self._ether.owed += 1
        asyncio.get_running_loop().call_later(after_s, self._pay)

    def _pay(self) -> None:
        self._ether.owed -= 1
        self.lose()

    async def disconnect(self) -> None:
        self._attempt.over = now()
        if self._peer.client is self:
            self._peer.client = None
        if self._peer.manner in ("hang", "deaf"):
            await self._ether.hang()

    is_connected = property(lambda self: self._peer.client is self)
    mtu_size = property(lambda _self: 23)

    async def _never_called(self, *_args: Any, **_kwargs: Any) -> Any:
        raise AssertionError("nobody asked for this")

    pair = unpair = stop_notify = _never_called
    read_gatt_char = read_gatt_descriptor = write_gatt_char = write_gatt_descriptor = _never_called


@contextmanager
def _ending(attempt: Attempt) -> Iterator[None]:
    """Notes the end of an attempt that ends in an error, its cancellation included."""
    try:
        yield
    except BaseException:
        attempt.ended = now()
        raise


def _services(peer: Peer) -> BleakGATTServiceCollection:
    collection = BleakGATTServiceCollection()
    service = BleakGATTService(None, 1, full_uuid(peer.service))
    collection.add_service(service)
    collection.add_characteristic(
        BleakGATTCharacteristic(None, 2, full_uuid(peer.char), ["notify"], lambda: 20, service)
    )
    return collection
