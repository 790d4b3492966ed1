"""The client half of the HCI backend: connect, discover, read, write, subscribe."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError
from bumble import att, hci
from bumble.core import BaseBumbleError
from bumble.core import TimeoutError as BumbleTimeoutError
from bumble.device import Connection, ConnectionParametersPreferences, Peer

from pacer.sources.hci import HciHost, translated, uuid_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.args import SizedBuffer
    from bumble.gatt_client import CharacteristicProxy, Client, ServiceProxy

MTU = 247  # bytes: one ATT packet then fills one LE data PDU (251 less the L2CAP header of 4)
SUPERVISION_MS = 4000  # ms without a packet until the link counts as lost, as BlueZ and phones have it
ABORT_S = 1.0  # s to wait for the controller to confirm that it no longer connects
PARAMETERS = {hci.Phy.LE_1M: ConnectionParametersPreferences(supervision_timeout=SUPERVISION_MS)}


class HciClient(BaseBleakClient):
    """Talks to one peripheral through an `HciHost`."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        host: HciHost,
        **kwargs: Any,
    ) -> None:
        del kwargs  # for other backends
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._device = host.device
        self._peer_address, self._name = _peer(address_or_ble_device)
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._leaving = False

    @property
    def name(self) -> str:
        """Returns the advertised name, or the address with dashes."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """Returns the ATT MTU in bytes; 23 before the exchange."""
        return 23 if self._connection is None else self._connection.att_mtu

    @property
    def is_connected(self) -> bool:
        """Tells whether the link stands."""
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:  # noqa: FBT001 - bleak's signature
        """Connects, exchanges the MTU and discovers all services.

        Raises TimeoutError where the peripheral does not answer, BleakError for anything else.
        """
        del kwargs
        with translated(f"connection to {self.address}"):
            await self._end_stale_link()
            connection = await self._connected()
            connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
            self._connection, self._peer, self._leaving = connection, Peer(connection), False
            _forgive(self._peer.gatt_client)
            try:
                await self._peer.request_mtu(MTU)
                if pair:
                    await connection.pair()
                await self._peer.discover_all()  # type: ignore[no-untyped-call]
            except BaseException:  # also when cancelled: a half-made link would block the next attempt
                await self.disconnect()
                raise
            self.services = self._service_collection(self._peer.services)

    async def _connected(self) -> Connection:
        try:
            return await self._device.connect(
                self._peer_address, connection_parameters_preferences=PARAMETERS, timeout=self._timeout
            )
        except BumbleTimeoutError as error:
            raise TimeoutError(f"{self.address} did not answer in {self._timeout:g} s") from error
        except asyncio.CancelledError:
            await self._abort()
            raise

    async def _abort(self) -> None:
        """Tells the controller to stop connecting, else it refuses every later connection."""
        # Bumble has forgotten this, and fails on a link that is made in this very moment: it would stay.
        self._device.connect_own_address_type = hci.OwnAddressType.RANDOM
        stopped = asyncio.Event()
        self._device.once(self._device.EVENT_CONNECTION_FAILURE, lambda _error: stopped.set())
        try:
            async with asyncio.timeout(ABORT_S):
                await self._device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
                await stopped.wait()
        except (TimeoutError, BaseBumbleError):
            await self._end_stale_link()  # it was connected in this very moment
        finally:
            self._device.connect_own_address_type = None

    async def _end_stale_link(self) -> None:
        for connection in list(self._device.connections.values()):
            if connection.peer_address == self._peer_address:
                await connection.disconnect()

    def _on_disconnection(self, reason: int) -> None:
        del reason
        self._connection = self._peer = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """Disconnects; does nothing where the link is already gone."""
        if self._connection is not None:
            with translated(f"disconnection from {self.address}"):
                await self._connection.disconnect()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Pairs; the keys are kept as long as the host is open."""
        del args, kwargs
        with translated(f"pairing with {self.address}"):
            await self._linked().connection.pair()

    async def unpair(self) -> None:
        """Deletes the keys of this peripheral."""
        if self._device.keystore is not None:
            with translated(f"unpairing of {self.address}"):
                await self._device.keystore.delete(str(self._peer_address))

    def _linked(self) -> Peer:
        if self._peer is None:
            raise BleakError(f"{self.address} is not connected")
        return self._peer

    # -- GATT ------------------------------------------------------------------------------------------

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Reads a characteristic; nothing is cached."""
        del use_cached, kwargs
        return await self._read(characteristic.handle, characteristic.uuid)

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Reads a descriptor; nothing is cached."""
        del use_cached, kwargs
        return await self._read(descriptor.handle, descriptor.uuid)

    async def _read(self, handle: int, uuid: str) -> bytearray:
        with translated(f"read of {uuid}"):
            return bytearray(await self._linked().read_value(handle))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - bleak's signature
    ) -> None:
        """Writes a characteristic."""
        with translated(f"write of {characteristic.uuid}"):
            await self._linked().write_value(characteristic.handle, bytes(data), response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Writes a descriptor."""
        with translated(f"write of {descriptor.uuid}"):
            await self._linked().write_value(descriptor.handle, bytes(data), with_response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        """Subscribes; the callback gets each value as a bytearray."""
        del kwargs
        with translated(f"subscription to {characteristic.uuid}"):
            await self._linked().subscribe(characteristic.obj, lambda value: callback(bytearray(value)))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribes everyone from the characteristic."""
        with translated(f"unsubscription from {characteristic.uuid}"):
            await self._linked().gatt_client.unsubscribe(characteristic.obj, force=True)

    def _service_collection(self, services: list[ServiceProxy]) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for found in services:
            service = BleakGATTService(found, found.handle, uuid_str(found.uuid))
            collection.add_service(service)
            for proxy in found.characteristics:
                characteristic = self._characteristic(proxy, service)
                collection.add_characteristic(characteristic)
                for descriptor in proxy.descriptors:
                    uuid = uuid_str(descriptor.type)
                    collection.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, uuid, characteristic)
                    )
        return collection

    def _characteristic(
        self, proxy: CharacteristicProxy[bytes], service: BleakGATTService
    ) -> BleakGATTCharacteristic:
        names = sorted(gatt_char_props_to_strs(int(proxy.properties)))
        room = lambda: self.mtu_size - 3  # noqa: E731 - ATT opcode and handle take 3 bytes
        return BleakGATTCharacteristic(proxy, proxy.handle, uuid_str(proxy.uuid), names, room, service)


def _forgive(client: Client) -> None:
    """Drops an answer to a request that is cancelled in the very moment it comes: Bumble would fail."""
    hear = client.on_gatt_pdu

    def heard(pdu: att.ATT_PDU) -> None:
        waiting = client.pending_response
        if pdu.op_code not in att.ATT_RESPONSES or waiting is None or not waiting.done():
            hear(pdu)

    client.on_gatt_pdu = heard  # type: ignore[assignment, method-assign]


def _peer(given: BLEDevice | str) -> tuple[hci.Address, str | None]:
    """Returns the address with its type, which only a scan knows; without one, "/P" marks a public one."""
    if isinstance(given, BLEDevice):
        return given.details, given.name
    return hci.Address(given, hci.AddressType.RANDOM_DEVICE), None
