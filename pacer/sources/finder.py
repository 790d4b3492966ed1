"""One scan for all missing sensors, and the check that a found one is the right one."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bleak.exc import BleakBluetoothNotAvailableError, BleakError

from pacer.clock import heed_cancellation
from pacer.sources.profiles import PROFILES, full_uuid
from pacer.sources.radio import no_adapter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bleak import BleakScanner
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from pacer.setup import SensorSpec

SLICE_S = 10.0  # s of one scan; then it is restarted, since some stacks report each device only once
RETRY_S = 1.0  # s after a scan that could not be started: another program may hold the adapter
ANSWER_S = 10.0  # s for a scan to start, and to stop: BlueZ answers in one, a stack that hangs never does
TRIES = 3  # failed starts in a row until the adapter counts as missing


@dataclass(slots=True)
class Wanted:
    """Holds what is looked for, who shall get it, and which impostors were told of already."""

    spec: SensorSpec
    found: asyncio.Future[BLEDevice]
    tell: Callable[[str], None]
    refused: set[str] = field(default_factory=set)  # addresses


@dataclass(slots=True)
class Finder:
    """Scans while anything is missing; shares `lock` with whoever connects."""

    make_scanner: Callable[..., BleakScanner]
    lock: asyncio.Lock
    _wanted: dict[str, Wanted] = field(default_factory=dict)
    _work: asyncio.Event = field(default_factory=asyncio.Event)
    _change: asyncio.Event = field(default_factory=asyncio.Event)  # found, or more wanted: the scan ends

    async def find(self, spec: SensorSpec, tell: Callable[[str], None]) -> BLEDevice:
        """Returns the sensor once it is seen; `tell` hears in words of those that were refused."""
        wanted = Wanted(spec, asyncio.get_running_loop().create_future(), tell)
        self._wanted[spec.name] = wanted
        self._work.set()
        self._change.set()
        try:
            return await wanted.found
        finally:
            del self._wanted[spec.name]

    async def run(self) -> None:
        """Scans for ever; raises HardwareError where scanning cannot be started."""
        failures = 0
        while True:
            heed_cancellation()
            await self._work.wait()
            try:
                async with self.lock:
                    await self._scan()
                failures = 0
            except (BleakBluetoothNotAvailableError, OSError) as error:  # no adapter, or no D-Bus at all
                raise no_adapter(error) from error
            except BleakError as error:
                failures += 1
                if failures == TRIES:
                    raise no_adapter(error) from error
                await asyncio.sleep(RETRY_S)

    async def _scan(self) -> None:
        """Scans until one is found, so that the lock is free for its connection, or another is wanted."""
        self._change.clear()
        kinds = {wanted.spec.kind for wanted in self._open()}
        services = sorted(full_uuid(PROFILES[kind].service) for kind in kinds)
        if not services:
            self._work.clear()
            return
        scanner = self.make_scanner(detection_callback=self._on_seen, service_uuids=services)
        await _answered(scanner.start(), "start")
        try:
            heed_cancellation()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SLICE_S):
                    await self._change.wait()
        finally:
            await _answered(scanner.stop(), "stop")

    def _open(self) -> list[Wanted]:
        return [wanted for wanted in self._wanted.values() if not wanted.found.done()]

    def _on_seen(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        for wanted in self._open():
            if full_uuid(PROFILES[wanted.spec.kind].service) not in advertisement.service_uuids:
                continue
            if is_pinned(wanted.spec, device, advertisement):
                wanted.found.set_result(device)
                self._change.set()
            elif _poses(wanted.spec, device, advertisement) and device.address not in wanted.refused:
                wanted.refused.add(device.address)
                wanted.tell(f"impostor refused: {device.address} calls itself {wanted.spec.advertised}")


async def _answered(asked: Awaitable[None], what: str) -> None:
    """Waits for the stack, but not for ever: while it hangs nobody can connect either."""
    try:
        async with asyncio.timeout(ANSWER_S):
            await asked
    except TimeoutError:
        raise BleakError(f"a scan does not {what} within {ANSWER_S:g} s") from None


def is_pinned(spec: SensorSpec, device: BLEDevice, advertisement: AdvertisementData) -> bool:
    """Tells whether a device is the one that the configuration pins.

    "address" and "bond" compare the address (a bonded peer's rotating address is resolved by the stack);
    "name" compares the advertised name, and takes any device of the kind where no name is given.
    """
    if spec.pin == "name":
        return spec.advertised is None or spec.advertised in (advertisement.local_name, device.name)
    return spec.address is not None and device.address.lower() == spec.address.lower()


def _poses(spec: SensorSpec, device: BLEDevice, advertisement: AdvertisementData) -> bool:
    name = spec.advertised
    return name is not None and name in (advertisement.local_name, device.name)
