"""A bleak backend for raw HCI controllers: USB and serial dongles, containers, the simulator.

    BleakScanner ─ HciScanner ─┐
    BleakClient  ─ HciClient ──┴─ HciHost ─ bumble host ─ HCI transport ─ controller

bleak takes both classes by its `backend=` argument, and passes `host=` on to them; BlueZ and D-Bus are
never touched. One host owns the controller, so scanner and clients share it. A raw controller needs
CAP_NET_ADMIN, and no other stack on the same adapter.

bleak does not promise its backend base classes, so its minor version is pinned and a contract test
compares their abstract methods with ours.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_str
from bumble import hci
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Advertisement, Device, DeviceConfiguration
from bumble.transport import open_transport

from pacer.errors import HardwareError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bumble.transport.common import Transport

# What bumble warns of (a link that broke under a packet) is told by Link inputs; without a handler of the
# user's it would be written over the screen.
logging.getLogger("bumble").addHandler(logging.NullHandler())

POWER_ON_S = 10.0  # s; a controller answers within 1 s, a dongle that loads firmware first needs several
SCAN_MS = 60.0  # ms, scan interval and window: listen all the time, and miss nothing
UUID_FIELDS = (
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


class HciHost:
    """Owns a controller by its HCI transport; made by `open_host`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        config = DeviceConfiguration(name="pacer", address=hci.Address.ANY_RANDOM)
        self.device = Device.from_config_with_hci(config, transport.source, transport.sink)

    async def lost(self) -> None:
        """Returns when the transport is gone: the dongle pulled, the TCP connection closed."""
        await asyncio.wait([self._transport.source.terminated])


@asynccontextmanager
async def open_host(transport: str | Transport) -> AsyncIterator[HciHost]:
    """Opens a controller and resets it.

    `transport` is a bumble transport, or its name: "usb:0", "serial:/dev/ttyACM0,1000000",
    "tcp-client:127.0.0.1:9001". Raises HardwareError where there is no such controller.
    """
    opened = await _opened(transport) if isinstance(transport, str) else transport
    try:
        host = HciHost(opened)
        try:
            async with asyncio.timeout(POWER_ON_S):
                await host.device.power_on()
        except (TimeoutError, OSError, BaseBumbleError) as error:
            raise HardwareError(f"HCI controller {transport} does not answer a reset: {error}") from error
        try:
            yield host
        finally:  # the peers should know that we leave, else they stay connected until their timeout
            await _disconnect_all(host.device)
    finally:
        await opened.close()


async def _opened(name: str) -> Transport:
    try:
        return await open_transport(name)
    except Exception as error:  # each transport has errors of its own: usb1, serial, OSError, AssertionError
        raise HardwareError(f"HCI transport {name!r} cannot be opened: {error}") from error


async def _disconnect_all(device: Device) -> None:
    for connection in list(device.connections.values()):
        try:
            async with asyncio.timeout(1.0):  # s; local, so it takes milliseconds
                await connection.disconnect()
        except (TimeoutError, BaseBumbleError):
            return  # the controller is gone


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turns bumble's errors into BleakError.

    On link loss bumble cancels the future that a request waits for, so the caller sees CancelledError
    though nobody cancelled it; left alone, that would end its task group.
    """
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BleakError(f"{what}: the link was lost") from None
    except BaseBumbleError as error:
        raise BleakError(f"{what}: {error}") from error


class HciScanner(BaseBleakScanner):
    """Scans through an `HciHost`."""

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        *,
        host: HciHost,
        **kwargs: Any,
    ) -> None:
        del kwargs  # for other backends
        uuids = None if service_uuids is None else [normalize_uuid_str(uuid) for uuid in service_uuids]
        super().__init__(detection_callback, uuids)
        self._device = host.device
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        """Starts scanning; what was seen before is forgotten."""
        self.seen_devices = {}
        with translated("scan"):
            await self._device.start_scanning(
                active=self._active, scan_interval=SCAN_MS, scan_window=SCAN_MS, filter_duplicates=False
            )
        self._device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)

    async def stop(self) -> None:
        """Stops scanning."""
        self._device.remove_listener(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        with translated("stop of scan"):
            await self._device.stop_scanning()

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        data = advertisement_data(advertisement)
        if not self.is_allowed_uuid(data.service_uuids):
            return
        address = advertisement.address.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(address, address, data.local_name, advertisement.address, data)
        self.call_detection_callbacks(device, data)


def advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    """Sorts the fields of an advertisement (Core Specification Supplement, Part A) as bleak has them."""
    fields = advertisement.data.ad_structures
    uuids = [uuid for kind, value in fields if kind in UUID_FIELDS for uuid in _uuids(kind, value)]
    names = {kind: value.decode(errors="replace") for kind, value in fields if kind in _NAMES}
    makers = [value for kind, value in fields if kind == AdvertisingData.MANUFACTURER_SPECIFIC_DATA]
    known = advertisement.tx_power != Advertisement.TX_POWER_NOT_AVAILABLE
    return AdvertisementData(
        local_name=next((names[kind] for kind in _NAMES if kind in names), None),
        manufacturer_data={int.from_bytes(m[:2], "little"): m[2:] for m in makers if len(m) >= 2},
        service_data={},  # no sensor that pacer reads uses it
        service_uuids=uuids,
        tx_power=advertisement.tx_power if known and not advertisement.is_legacy else None,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )


_NAMES = (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)  # the better first


def _uuids(kind: int, value: bytes) -> list[str]:
    """Cuts a list of UUIDs; a rest that is no whole UUID is dropped."""
    size = (2, 4, 16)[UUID_FIELDS.index(kind) // 2]
    whole = range(0, len(value) - size + 1, size)
    return [uuid_str(UUID.from_bytes(value[i : i + size])) for i in whole]


def uuid_str(uuid: UUID) -> str:
    """Returns a bumble UUID as bleak writes it: lower case, 128 bit."""
    return normalize_uuid_str(uuid.to_hex_str("-"))
