"""What the Bluetooth source may load: bumble only where asked for, no D-Bus behind a raw controller."""

from __future__ import annotations

import subprocess
import sys

import pytest

LISTEN = """
import asyncio
from functools import partial
from firmware_sim.radio import Air, Controller
from pacer.clock import run_virtual
from pacer.sources.radio import hci_radio
from pacer.sources.scan import scan
from tests.support.air import pod, switched_on
async def main():
    air = Air()
    await switched_on(air, pod())
    seen = await scan(partial(hci_radio, Controller("host", air).transport()), 2.0, connect=True)
    assert [s.battery for s in seen] == [77]
run_virtual(main())
"""


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import pacer.sources.ble, pacer.sources.scan, pacer.engine", ("bumble", "amqtt", "textual")),
        (LISTEN, ("dbus_fast",)),
    ],
)
def test_nothing_is_loaded_that_is_not_needed(code: str, forbidden: tuple[str, ...]) -> None:
    check = f"import sys; print([m for m in {forbidden!r} if m in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", f"{code}\n{check}"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
