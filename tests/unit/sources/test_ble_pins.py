"""By what a sensor is known again where no address says it; impostors and bonds are in tests/promises."""

from __future__ import annotations

import asyncio

from firmware_sim.radio import Air
from pacer.clock import run_virtual
from pacer.setup import SensorSpec
from tests.support.air import Posted, listening, pod, strap, switched_on


def test_a_name_pin_finds_the_sensor_whatever_its_address() -> None:
    spec = SensorSpec("footpod", "runner", "footpod", pin="name", advertised="Pod B")

    async def run() -> tuple[bool, bool]:
        air = Air()
        other = await switched_on(air, pod(name="Pod A"))
        wanted = await switched_on(air, pod("C7:00:00:00:00:09", "Pod B"))
        async with listening(air, spec):
            await asyncio.sleep(5)
            return other.connected, wanted.connected

    assert run_virtual(run()) == (False, True)


def test_a_pin_without_a_name_takes_the_kind_and_nothing_else() -> None:
    specs = [SensorSpec(kind, "runner", kind, pin="name") for kind in ("heart_rate", "footpod")]

    async def run() -> Posted:
        air = Air()
        await switched_on(air, pod())
        await switched_on(air, strap())
        async with listening(air, *specs) as posted:
            await asyncio.sleep(5)
        return posted

    posted = run_virtual(run())
    assert (posted.data("2a19", "footpod"), posted.data("2a19", "heart_rate")) == ([b"M"], [b"7"])
    assert not [link for link in posted.links("heart_rate") if link.state == "failed"]
