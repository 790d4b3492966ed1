"""The supervisor against backends that hang, refuse and die (S4: it never gives up, hangs or floods)."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakError,
)
from hypothesis import given
from hypothesis import strategies as st

from pacer.clock import LoopClock, run_virtual
from pacer.errors import HardwareError, InputError
from pacer.inputs import Link
from pacer.sources.ble import ATTEMPT_S, BACKOFF_S, BleSource
from pacer.sources.profiles import full_uuid, short_uuid
from pacer.sources.radio import Radio, opener
from tests.support.air import POD, POD_ADDRESS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pacer.inputs import Input


@dataclass
class Plan:
    """Says what becomes of each attempt, and keeps when they began and ended."""

    outcomes: list[str]
    scan_errors: list[Exception] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    left: int = 0  # disconnections asked for


class FakeScanner(BaseBleakScanner):
    def __init__(self, callback: Any, uuids: list[str] | None, _mode: str, *, plan: Plan, **_kw: Any) -> None:
        super().__init__(callback, uuids)
        self._plan = plan

    async def start(self) -> None:
        if self._plan.scan_errors:
            raise self._plan.scan_errors.pop(0)
        data = AdvertisementData("Pod", {}, {}, [full_uuid("1814")], None, -60, ())
        device = BLEDevice(POD_ADDRESS, "Pod", None)
        asyncio.get_running_loop().call_later(0.1, self.call_detection_callbacks, device, data)

    async def stop(self) -> None:
        await asyncio.sleep(0)


class FakeClient(BaseBleakClient):
    def __init__(self, address_or_ble_device: BLEDevice | str, *, plan: Plan, **kwargs: Any) -> None:
        callback, timeout = kwargs["disconnected_callback"], kwargs["timeout"]
        super().__init__(address_or_ble_device, disconnected_callback=callback, timeout=timeout)
        self._plan = plan
        self._outcome = plan.outcomes.pop(0) if plan.outcomes else "stay"

    async def connect(self, pair: bool, **_kwargs: Any) -> None:  # noqa: FBT001 - bleak's signature
        del pair
        now = asyncio.get_running_loop().time
        self._plan.began.append(now())
        try:
            await self._act()
        finally:
            self._plan.ended.append(now())

    async def _act(self) -> None:
        match self._outcome:
            case "hang":
                await asyncio.Event().wait()
            case "refuse":
                raise BleakError("refused\nwith more lines")
            case "die":
                await asyncio.sleep(3)
                raise EOFError
            case "drop" | "flap":
                assert self._disconnected_callback is not None
                after = 5 if self._outcome == "drop" else 0.01
                asyncio.get_running_loop().call_later(after, self._disconnected_callback)
        self.services = BleakGATTServiceCollection()

    async def disconnect(self) -> None:
        self._plan.left += 1
        if self._outcome == "hang":
            await asyncio.Event().wait()

    async def start_notify(self, *_args: Any, **_kwargs: Any) -> None:
        await asyncio.sleep(0)

    is_connected = property(lambda _self: True)
    mtu_size = property(lambda _self: 23)
    pair = unpair = stop_notify = start_notify
    read_gatt_char = read_gatt_descriptor = start_notify  # type: ignore[assignment]  # never called here
    write_gatt_char = write_gatt_descriptor = start_notify


def supervised(plan: Plan, seconds: float) -> list[Input]:
    @asynccontextmanager
    async def radio() -> AsyncIterator[Radio]:
        yield Radio(FakeScanner, FakeClient, {"plan": plan})

    async def run() -> list[Input]:
        posted: list[Input] = []
        task = asyncio.create_task(BleSource((POD,), LoopClock(), radio).run(posted.append))
        await asyncio.wait([task], timeout=seconds)
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
        return posted

    return run_virtual(run())


@pytest.fixture(autouse=True)
def _any_characteristic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets bleak subscribe on a client that has discovered nothing."""
    monkeypatch.setattr("bleak.BleakClient.start_notify", FakeClient.start_notify)


@given(st.lists(st.sampled_from(["hang", "refuse", "die", "drop", "flap"]), max_size=8))
def test_whatever_happens_it_connects_in_the_end(outcomes: list[str]) -> None:
    plan = Plan(list(outcomes))
    posted = supervised(plan, 40.0 * (len(outcomes) + 1))
    states = [item.state for item in posted if isinstance(item, Link)]
    assert states[-1] == "connected"
    assert len(plan.began) == plan.left == len(outcomes) + 1  # a sensor's only link is never kept for nothing
    for began, ended in zip(plan.began, plan.ended, strict=True):
        assert ended - began <= ATTEMPT_S + 0.001
    for ended, began in zip(plan.ended, plan.began[1:], strict=False):
        assert began > ended  # one attempt at a time
        assert began - ended <= max(BACKOFF_S) + 5.0 + 5.0 + 1.0  # a link of 5 s, a goodbye of 5 s, a scan


@pytest.mark.parametrize("outcome", ["refuse", "flap"])
def test_the_wait_between_failures_grows_to_four_seconds(outcome: str) -> None:
    plan = Plan([outcome] * 8)
    supervised(plan, 60.0)
    waits = [b - e for e, b in zip(plan.ended, plan.began[1:], strict=False)]
    assert waits == pytest.approx([0.35, 0.6, 1.1, 2.1, 4.1, 4.1, 4.1, 4.1], abs=0.02)  # 0.1 s is the scan


def test_a_link_that_held_is_sought_again_at_once() -> None:
    plan = Plan(["refuse"] * 5 + ["drop"] * 3)
    supervised(plan, 60.0)
    waits = [b - e for e, b in zip(plan.ended, plan.began[1:], strict=False)][-2:]
    assert waits == pytest.approx([5.35, 5.35], abs=0.02)  # 5 s of link, 0.25 s of back-off, 0.1 s of scan


def test_failures_are_told_in_one_line() -> None:
    posted = supervised(Plan(["refuse", "hang", "die"]), 60.0)
    failed = [item.detail for item in posted if isinstance(item, Link) and item.state == "failed"]
    assert failed == ["refused", "connect timed out", "EOFError"]


NO_ADAPTER = BleakBluetoothNotAvailableError(
    "No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
)


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ([NO_ADAPTER], "No Bluetooth adapters found"),
        ([FileNotFoundError(2, "No such file or directory")], "D-Bus"),
        ([PermissionError(13, "Permission denied")], "Permission denied"),
        ([BleakError("org.bluez.Error.InProgress\nmore")] * 3, "InProgress"),
    ],
)
def test_no_adapter_is_one_clear_line(errors: list[Exception], words: str) -> None:
    with pytest.raises(HardwareError, match=words) as caught:
        supervised(Plan([], list(errors)), 20.0)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("no Bluetooth adapter: ")


def test_a_scan_that_is_refused_for_a_moment_is_tried_again() -> None:
    posted = supervised(Plan([], [BleakError("busy"), BleakError("busy")]), 20.0)
    assert [item.state for item in posted if isinstance(item, Link)][-1] == "connected"


@pytest.mark.parametrize("name", ["", "usb:0", "hci", "hci:", "hci:foo", "hci:foo:1", "bluez:hci0"])
def test_an_unknown_radio_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(InputError, match="hci:usb:0") as refused:
        opener(name)
    assert repr(name) in str(refused.value)


def test_every_transport_of_bumble_is_a_radio() -> None:
    bumble = pytest.importorskip("bumble.transport", reason="a raw HCI controller needs bumble")
    documented = re.findall(r"^ +\* ([a-z-]+)$", bumble.open_transport.__doc__, re.MULTILINE)
    assert len(documented) > 10
    for transport in documented:
        opener(f"hci:{transport}:x")


def test_uuids_are_short_for_assigned_numbers_only() -> None:
    assert short_uuid("00002A53-0000-1000-8000-00805F9B34FB") == "2a53"
    assert short_uuid(full_uuid("2a19")) == "2a19"
    uart = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
    assert short_uuid(uart) == full_uuid(uart) == uart
