"""Bluetooth sensors as a source: find, connect, subscribe, and again whenever one was lost.

    scan (one for all) ── Finder ──▶ one supervisor per sensor ── Notification, Link ──▶ post

A supervisor never gives up and has one attempt under way at most. All connecting happens under one lock,
because concurrent connects fail on BlueZ. The disconnect callback only starts a reconnect; that a sensor
is gone is judged by its silence, in the core.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer.clock import heed_cancellation
from pacer.errors import HardwareError
from pacer.inputs import Link, LinkState, Notification
from pacer.sources.finder import Finder
from pacer.sources.profiles import BATTERY_LEVEL, PROFILES, full_uuid, short_uuid
from pacer.sources.radio import OpenRadio, Radio, leave, no_adapter, platform_radio

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.device import BLEDevice

    from pacer.clock import Clock
    from pacer.engine import Post
    from pacer.setup import SensorSpec

ATTEMPT_S = 20.0  # s per attempt, all of it: habluetooth's figure; discovery on BlueZ takes up to 10 s
CONNECT_S = 15.0  # s of it for the link itself: a sensor just seen advertising answers within 2 s
GRACE_S = 1.0  # s; when this process was held up, its timers come before the bytes that wait for it
STEADY_S = 5.0  # s; a link that ends sooner counts as a failure, or a flapping one would flood the air
BACKOFF_S = (0.25, 0.5, 1.0, 2.0, 4.0)  # s after the first, second … failure in a row
"""A sensor at the edge of its range comes and goes: retry soon at first, then spare the radio."""


@dataclass(slots=True)
class BleSource:
    """Feeds the notifications of the sensors of a configuration."""

    sensors: tuple[SensorSpec, ...]
    clock: Clock
    open_radio: OpenRadio = platform_radio
    name: str = "ble"

    async def run(self, post: Post) -> None:
        """Runs until cancelled; raises HardwareError where there is no adapter, or no longer one."""
        try:
            async with self.open_radio() as radio, asyncio.TaskGroup() as group:
                heed_cancellation()
                finder = Finder(radio.scanner, asyncio.Lock())
                group.create_task(self._watch(radio))
                group.create_task(finder.run())
                for spec in self.sensors:
                    group.create_task(_Supervisor(spec, radio, finder, self.clock, post).run())
        except* HardwareError as errors:
            raise no_adapter(errors) from None

    async def _watch(self, radio: Radio) -> None:
        await radio.lost()
        raise HardwareError("the Bluetooth adapter is gone")


@dataclass(slots=True)
class _Supervisor:
    """Keeps one sensor connected."""

    spec: SensorSpec
    radio: Radio
    finder: Finder
    clock: Clock
    post: Post
    _heard: float = 0.0  # s, when it was last heard

    async def run(self) -> None:
        """Finds, connects and listens, for ever."""
        failures = 0
        while True:
            heed_cancellation()
            self._link("searching")
            device = await self.finder.find(self.spec, lambda detail: self._link("searching", detail))
            steady = False
            try:
                detail, held_s = await self._connected(device)
            except Exception as error:  # noqa: BLE001 - a stack's bug costs one attempt, no other sensor's link
                self._link("failed", _in_words(error))
            else:
                self._link("lost", detail)
                steady = held_s >= STEADY_S
            failures = 0 if steady else failures + 1
            await asyncio.sleep(BACKOFF_S[min(max(failures, 1), len(BACKOFF_S)) - 1])

    async def _connected(self, device: BLEDevice) -> tuple[str, float]:
        """Connects and stays until the link ends; returns why it did, and how long it held, s."""
        gone = asyncio.Event()
        client = self.radio.client(
            device,
            disconnected_callback=lambda _client: gone.set(),
            timeout=CONNECT_S,
            pair=self.spec.pin == "bond",
        )
        try:
            async with self.finder.lock:
                self._link("connecting")
                async with asyncio.timeout(ATTEMPT_S):
                    await client.connect()
                    await self._subscribe(client)
            heed_cancellation()
            self._link("connected")
            began = self.clock.now()
            return await self._listen(gone), self.clock.now() - began
        finally:
            await leave(client)

    async def _subscribe(self, client: BleakClient) -> None:
        profile = PROFILES[self.spec.kind]
        self._heard = self.clock.now()
        for char in profile.chars:
            await client.start_notify(full_uuid(char), self._on_notification)
        battery = client.services.get_characteristic(full_uuid(BATTERY_LEVEL))
        if battery is None:
            return
        if "read" in battery.properties:
            self._on_notification(battery, await client.read_gatt_char(battery))
        if "notify" in battery.properties:
            await client.start_notify(battery, self._on_notification)

    def _on_notification(self, char: BleakGATTCharacteristic, data: bytearray) -> None:
        now = self.clock.now()
        self._heard = now
        self.post(Notification(now, self.spec.name, short_uuid(char.uuid), bytes(data)))

    async def _listen(self, gone: asyncio.Event) -> str:
        """Waits for the end of the link, or for a silence that such a sensor does not keep."""
        limit = PROFILES[self.spec.kind].silence_s
        while True:
            heard = self._heard
            try:
                async with asyncio.timeout(None if limit is None else heard + limit - self.clock.now()):
                    await gone.wait()
            except TimeoutError:
                await asyncio.sleep(GRACE_S)
                if self._heard == heard:
                    return f"connected, but silent for {limit:g} s"
            else:
                return "disconnected"

    def _link(self, state: LinkState, detail: str = "") -> None:
        self.post(Link(self.clock.now(), self.spec.name, state, detail))


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "connect timed out"
    return (str(error).splitlines() or [type(error).__name__])[0]
