"""The sensors of the simulated world as GATT servers, and the task that lets their firmware speak.

world ─ Firmware.advance(t) ─ Packet(t, sensor, char, data) ─ play() ─ GattServer.notify ─ air
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from typing import TYPE_CHECKING, Literal, Protocol

from firmware_sim import encode
from firmware_sim.constants import BATTERY_PERCENT, STEP_HZ
from firmware_sim.gatt import Characteristic, GattServer, Peripheral, Service

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from firmware_sim.packet import Packet
    from firmware_sim.radio import Air

GpsVariant = Literal["ln", "ubx"]
SENSORS = ("footpod", "gps", "heart_rate", "wheel")  # as the firmware names them
NORDIC_UART = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"  # Nordic SDK documentation, as the next two
NORDIC_UART_RX = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"

# Random static addresses (the two top bits are set), so that configurations can name them.
FOOTPOD_ADDRESS = "C0:DE:00:00:00:01"
GPS_ADDRESS = "C0:DE:00:00:00:02"
HEART_RATE_ADDRESS = "C0:DE:00:00:00:03"
WHEEL_ADDRESS = "C0:DE:00:00:00:04"

# Appearance values: Bluetooth Assigned Numbers, 2.6.3.
IN_SHOE_SENSOR = 0x0441
LOCATION_AND_NAVIGATION_POD = 0x1444
HEART_RATE_BELT = 0x0341
CYCLING_SPEED_SENSOR = 0x0482

# Sensor Location 0x2A5D and Body Sensor Location 0x2A38: GATT Specification Supplement.
IN_SHOE, REAR_WHEEL, CHEST = b"\x02", b"\x0c", b"\x01"


class Firmware(Protocol):
    """Says what the sensors send, from the last call up to a time."""

    def advance(self, to_t: float) -> list[Packet]:
        """Returns the packets up to `to_t`, in seconds of world time."""
        ...


def footpod() -> Peripheral:
    """Describes the footpod: Running Speed and Cadence 0x1814."""
    chars = (
        Characteristic(encode.RSC_MEASUREMENT, notify=True),
        Characteristic(encode.RSC_FEATURE, encode.rsc_feature(), read=True),
        Characteristic(encode.SENSOR_LOCATION, IN_SHOE, read=True),
    )
    return _sensor("Sim Footpod", FOOTPOD_ADDRESS, Service("1814", chars, advertised=True), IN_SHOE_SENSOR)


def gps(variant: GpsVariant = "ln") -> Peripheral:
    """Describes the receiver: Location and Navigation 0x1819, or UBX frames over the Nordic UART Service."""
    if variant == "ubx":
        chars: tuple[Characteristic, ...] = (
            Characteristic(NORDIC_UART_RX, write=True),
            Characteristic(encode.NUS_TX, notify=True),
        )
        service = Service(NORDIC_UART, chars, advertised=True)
    else:
        chars = (
            Characteristic(encode.LN_FEATURE, encode.ln_feature(), read=True),
            Characteristic(encode.LOCATION_AND_SPEED, notify=True),
            Characteristic(encode.POSITION_QUALITY, encode.position_quality(5.0), read=True),
        )
        service = Service("1819", chars, advertised=True)
    return _sensor("Sim GPS", GPS_ADDRESS, service, LOCATION_AND_NAVIGATION_POD)


def heart_rate() -> Peripheral:
    """Describes the chest strap: Heart Rate 0x180D."""
    chars = (
        Characteristic(encode.HEART_RATE_MEASUREMENT, notify=True),
        Characteristic(encode.BODY_SENSOR_LOCATION, CHEST, read=True),
    )
    service = Service("180d", chars, advertised=True)
    return _sensor("Sim Heart Rate", HEART_RATE_ADDRESS, service, HEART_RATE_BELT)


def wheel() -> Peripheral:
    """Describes the rider's wheel sensor: Cycling Speed and Cadence 0x1816."""
    chars = (
        Characteristic(encode.CSC_MEASUREMENT, notify=True),
        Characteristic(encode.CSC_FEATURE, encode.csc_feature(), read=True),
        Characteristic(encode.SENSOR_LOCATION, REAR_WHEEL, read=True),
    )
    return _sensor("Sim Wheel", WHEEL_ADDRESS, Service("1816", chars, advertised=True), CYCLING_SPEED_SENSOR)


def _sensor(name: str, address: str, service: Service, appearance: int) -> Peripheral:
    level = Characteristic(
        encode.BATTERY_LEVEL, encode.battery_level(BATTERY_PERCENT), read=True, notify=True
    )
    information = (  # Device Information: manufacturer, model, firmware revision
        Characteristic("2a29", b"The pacer authors", read=True),
        Characteristic("2a24", name.encode(), read=True),
        Characteristic("2a26", b"simulated", read=True),
    )
    services = (service, Service("180f", (level,)), Service("180a", information))
    return Peripheral(name, address, services, appearance)


async def switch_on(
    air: Air, gps_variant: GpsVariant = "ln", names: Collection[str] = SENSORS
) -> dict[str, GattServer]:
    """Puts sensors on the air, by the names that the firmware gives them."""
    described = {"footpod": footpod(), "gps": gps(gps_variant), "heart_rate": heart_rate(), "wheel": wheel()}
    servers = {name: GattServer(described[name], air) for name in described if name in names}
    for server in servers.values():
        await server.start()
    return servers


async def play(firmware: Firmware, servers: Mapping[str, GattServer], zero: float) -> None:
    """Notifies every packet at its time, until cancelled; world time 0 is `zero` on the loop's clock.

    The firmware is asked one physics step ahead and no further, since cues on their way change the world.
    """
    due: list[tuple[float, int, Packet]] = []  # a heap; the count keeps packets of one instant in order
    count = itertools.count()
    for step in itertools.count(1):
        until = step / STEP_HZ
        for packet in firmware.advance(until):
            heapq.heappush(due, (packet.t, next(count), packet))
        while due and due[0][0] <= until:
            t, _, packet = heapq.heappop(due)
            await _sleep_until(zero + t)
            await servers[packet.sensor].notify(packet.char, packet.data)
        await _sleep_until(zero + until)


async def _sleep_until(t: float) -> None:
    delay = t - asyncio.get_running_loop().time()
    if delay > 0.0:
        await asyncio.sleep(delay)
