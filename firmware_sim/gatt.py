"""GATT servers as sensors have them: a name, an address, services, and notifications.

A `Peripheral` describes one sensor; a `GattServer` puts it on the air as a bumble `Device` on a
controller of its own.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bumble import gatt, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.profiles.gap import GenericAccessService

from firmware_sim.radio import MAX_ADVERTISING_DATA, Air, Controller

ADVERTISING_INTERVAL_MS = 250  # ms; sensors use 100 ms to 1 s, and this finds four of them within a second
FLAGS = 0x06  # general discoverable, no BR/EDR: Core Specification Supplement, Part A, 1.3


@dataclass(frozen=True, slots=True)
class Characteristic:
    """Describes a characteristic by its UUID ("2a53" or 128 bit), value and properties."""

    uuid: str
    value: bytes = b""
    read: bool = False
    notify: bool = False
    write: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """Describes a primary service; the advertised ones are what scanners filter by."""

    uuid: str
    characteristics: tuple[Characteristic, ...]
    advertised: bool = False


@dataclass(frozen=True, slots=True)
class Peripheral:
    """Describes one sensor as its radio shows it."""

    name: str
    address: str  # random static, "C0:…" to "FF:…"
    services: tuple[Service, ...]
    appearance: int = 0  # Bluetooth Assigned Numbers, 2.6


class GattServer:
    """Puts one sensor on the air."""

    def __init__(self, peripheral: Peripheral, air: Air) -> None:
        self.peripheral = peripheral
        self.controller = Controller(peripheral.address, air)
        self._characteristics = {
            characteristic.uuid: _characteristic(characteristic)
            for service in peripheral.services
            for characteristic in service.characteristics
        }
        self._device = self._make_device()
        self._subscribed = asyncio.Event()
        server = self._device.gatt_server
        server.on(server.EVENT_CHARACTERISTIC_SUBSCRIPTION, lambda *_: self._subscribed.set())

    def _make_device(self) -> Device:
        peripheral = self.peripheral
        config = DeviceConfiguration(
            name=peripheral.name,
            address=hci.Address(peripheral.address, hci.AddressType.RANDOM_DEVICE),
            advertising_interval_min=ADVERTISING_INTERVAL_MS,
            advertising_interval_max=ADVERTISING_INTERVAL_MS,
            advertising_data=advertising_data(peripheral),
            scan_response_data=scan_response(peripheral),
            gap_service_enabled=False,  # ours carries the appearance
        )
        transport = self.controller.transport()
        device = Device.from_config_with_hci(config, transport.source, transport.sink)
        device.add_service(GenericAccessService(peripheral.name, peripheral.appearance))
        for service in peripheral.services:
            members = [self._characteristics[c.uuid] for c in service.characteristics]
            device.add_service(gatt.Service(service.uuid, members))
        return device

    async def start(self) -> None:
        """Switches the sensor on; it advertises until connected and again after each disconnection."""
        await self._device.power_on()
        await self._device.start_advertising(auto_restart=True)

    async def notify(self, char: str, data: bytes) -> None:
        """Sends a notification to every subscriber, and makes `data` the value that reads return."""
        characteristic = self._characteristics[char]
        characteristic.value = data
        for connection in list(self._device.connections.values()):
            await self._device.notify_subscriber(connection, characteristic, data)

    def power_off(self) -> None:
        """Vanishes from the air without a goodbye, as with a flat battery."""
        self.controller.vanish()

    def power_on(self) -> None:
        """Comes back, advertising, with every subscription forgotten."""
        self.controller.appear()

    async def subscribed(self) -> None:
        """Returns once a central has subscribed to anything."""
        await self._subscribed.wait()

    @property
    def connected(self) -> bool:
        """Tells whether a central is connected."""
        return bool(self._device.connections)

    @property
    def encrypted(self) -> bool:
        """Tells whether a central is connected over an encrypted link."""
        return any(connection.is_encrypted for connection in self._device.connections.values())


def advertising_data(peripheral: Peripheral) -> bytes:
    """Builds flags, service UUIDs and appearance; raises ValueError above 31 bytes."""
    uuids = [UUID(service.uuid) for service in peripheral.services if service.advertised]
    short = b"".join(bytes(uuid) for uuid in uuids if len(bytes(uuid)) == 2)
    long = b"".join(bytes(uuid) for uuid in uuids if len(bytes(uuid)) == 16)
    fields: list[tuple[int, bytes]] = [(AdvertisingData.FLAGS, bytes([FLAGS]))]
    if short:
        fields.append((AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, short))
    if long:
        fields.append((AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, long))
    if peripheral.appearance:
        fields.append((AdvertisingData.APPEARANCE, peripheral.appearance.to_bytes(2, "little")))
    return _checked(peripheral, "advertisement", fields)


def scan_response(peripheral: Peripheral) -> bytes:
    """Builds the name; raises ValueError above 31 bytes."""
    name = (AdvertisingData.COMPLETE_LOCAL_NAME, peripheral.name.encode())
    return _checked(peripheral, "scan response", [name])


def _checked(peripheral: Peripheral, what: str, fields: list[tuple[int, bytes]]) -> bytes:
    data = b"".join(bytes([1 + len(value), kind]) + value for kind, value in fields)
    if len(data) > MAX_ADVERTISING_DATA:
        raise ValueError(
            f"{peripheral.name}: {what} of {len(data)} bytes; at most {MAX_ADVERTISING_DATA} go on the air"
        )
    return data


def _characteristic(described: Characteristic) -> gatt.Characteristic[bytes]:
    properties = gatt.Characteristic.Properties(0)
    permissions = gatt.Characteristic.Permissions(0)
    if described.read:
        properties |= gatt.Characteristic.Properties.READ
        permissions |= gatt.Characteristic.READABLE
    if described.notify:
        properties |= gatt.Characteristic.Properties.NOTIFY
    if described.write:
        properties |= gatt.Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        permissions |= gatt.Characteristic.WRITEABLE
    return gatt.Characteristic(described.uuid, properties, permissions, described.value)
