"""What is on the air: for `pacer scan`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bleak.exc import BleakError

from pacer.errors import DecodeError
from pacer.gatt import battery
from pacer.sources.profiles import BATTERY_LEVEL, full_uuid, short_uuid
from pacer.sources.radio import leave, no_adapter

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice

    from pacer.sources.radio import OpenRadio, Radio

CONNECT_S = 10.0  # s; a person is waiting, and the sensor was just seen


@dataclass(frozen=True, slots=True)
class Seen:
    """Holds what one device tells of itself."""

    name: str | None
    address: str
    services: tuple[str, ...]  # "1814" for SIG numbers, else 128 bit
    rssi: int  # dBm, the newest
    battery: int | None = None  # percent; None: not read, or it has none
    problem: str = ""  # why it could not be read, in words


async def scan(open_radio: OpenRadio, seconds: float, *, connect: bool = False) -> list[Seen]:
    """Listens for some seconds and returns what was seen, the strongest first.

    With `connect`, reads battery levels, one device at a time: that takes a sensor's only link for a
    moment. Raises HardwareError where there is no adapter.
    """
    try:
        async with open_radio() as radio:
            found = await _listen(radio, seconds)
            if not connect:
                return [seen for _, seen in found]
            return [await _with_battery(radio, device, seen) for device, seen in found]
    except (BleakError, OSError) as error:
        raise no_adapter(error) from error


async def _listen(radio: Radio, seconds: float) -> list[tuple[BLEDevice, Seen]]:
    async with radio.scanner() as scanner:
        await asyncio.sleep(seconds)
    found = [
        (
            device,
            Seen(
                data.local_name or device.name,
                device.address,
                tuple(short_uuid(uuid) for uuid in data.service_uuids),
                data.rssi,
            ),
        )
        for device, data in scanner.discovered_devices_and_advertisement_data.values()
    ]
    return sorted(found, key=lambda pair: -pair[1].rssi)


async def _with_battery(radio: Radio, device: BLEDevice, seen: Seen) -> Seen:
    client = radio.client(device, timeout=CONNECT_S)
    try:
        async with asyncio.timeout(CONNECT_S):
            await client.connect()
            level = client.services.get_characteristic(full_uuid(BATTERY_LEVEL))
            if level is None:
                return seen
            return replace(
                seen, battery=battery.decode(0.0, bytes(await client.read_gatt_char(level))).percent
            )
    except TimeoutError:
        return replace(seen, problem="did not answer")
    except (BleakError, DecodeError, OSError, EOFError) as error:
        return replace(seen, problem=str(error))
    finally:
        await leave(client)
