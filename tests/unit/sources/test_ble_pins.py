"""By what a sensor is known again: address, name or bond; an impostor is never taken."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from firmware_sim.radio import Air
from pacer.clock import run_virtual
from pacer.setup import SensorSpec
from tests.support.air import POD, STRAP, Posted, chattering, listening, pod, strap, switched_on


def test_impostor_with_the_right_name_and_a_wrong_address_is_never_connected() -> None:
    spec = replace(POD, advertised="Pod")

    async def run() -> tuple[Posted, bool]:
        air = Air()
        impostor = await switched_on(air, pod("C6:66:66:66:66:66"))
        was_connected = False
        async with listening(air, spec) as posted:
            for _ in range(60):
                await asyncio.sleep(0.5)
                was_connected |= impostor.connected
            await switched_on(air, pod())
            await asyncio.sleep(5)
            was_connected |= impostor.connected
        return posted, was_connected

    posted, impostor_was_connected = run_virtual(run())
    assert not impostor_was_connected
    told = [link.detail for link in posted.links() if link.detail]
    assert told == ["impostor refused: C6:66:66:66:66:66 calls itself Pod"]
    assert posted.states()[-1] == "connected"


def test_beside_the_real_one_an_impostor_is_never_taken() -> None:
    async def run() -> None:
        air = Air()
        impostor = await switched_on(air, strap("C6:66:66:66:66:66"))
        real = await switched_on(air, strap())
        for _ in range(50):  # promise L1
            async with listening(air, replace(STRAP, advertised="Strap")):
                await asyncio.sleep(3)
                assert (impostor.connected, real.connected) == (False, True)
            await asyncio.sleep(0.37)

    run_virtual(run())


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


def test_a_bond_pin_pairs_before_it_listens() -> None:
    async def run() -> Posted:
        air = Air()
        server = await switched_on(air, pod())
        async with listening(air, replace(POD, pin="bond")) as posted, chattering(server, "2a53"):
            await asyncio.sleep(5)
            assert server.encrypted
        return posted

    assert run_virtual(run()).data("2a53")
