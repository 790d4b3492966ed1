"""L1, L2: only the sensors of the configuration are used; it is shown which of them anyone could pose as."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from firmware_sim.radio import RSSI_DBM, Air
from pacer.clock import run_virtual
from pacer.inputs import Notification, Tick
from pacer.outputs import State
from pacer.setup import Pin, SensorSpec, Setup
from pacer.sinks.tui.view import sensor_row
from tests.promises.promised import Measured, Promise
from tests.support.air import POD, STRAP, Posted, chattering, listening, pod, strap, switched_on
from tests.support.direct import feed

L1 = Promise("L1", "only the sensors in the configuration are used", "an impostor is never connected")
L2 = Promise(
    "L2",
    "a sensor that is known by its bond is heard over an encrypted link alone",
    "and one known by its name alone is shown as open",
)
IMPOSTOR = "C6:66:66:66:66:66"
LOUDER_DB = 20.0  # at a tenth of the distance
STARTS = 50


@L1
def test_l1_a_louder_impostor_beside_the_real_sensor_is_never_connected(measured: Measured) -> None:
    async def run() -> tuple[float, float]:
        air = Air()
        impostor = await switched_on(air, strap(IMPOSTOR))
        impostor.controller.rssi_dbm = RSSI_DBM + LOUDER_DB
        real = await switched_on(air, strap())
        for _ in range(STARTS):
            async with listening(air, replace(STRAP, advertised="Strap")):
                for _ in range(6):
                    await asyncio.sleep(0.5)
                    assert not impostor.connected
                assert real.connected
            await asyncio.sleep(0.37)
        return impostor.controller.rssi_dbm, real.controller.rssi_dbm

    loud, quiet = run_virtual(run())
    measured(L1, f"{STARTS} starts beside a louder one by {loud - quiet:.0f} dB with the same name: never")


@L1
def test_l1_while_the_real_sensor_is_away_an_impostor_is_refused_by_name(measured: Measured) -> None:
    async def run() -> Posted:
        air = Air()
        impostor = await switched_on(air, pod(IMPOSTOR))
        async with listening(air, replace(POD, advertised="Pod")) as posted:
            for _ in range(60):
                await asyncio.sleep(0.5)
                assert not impostor.connected
            await switched_on(air, pod())
            await asyncio.sleep(5)
            assert not impostor.connected
        return posted

    posted = run_virtual(run())
    told = [link.detail for link in posted.links() if link.detail]
    assert told == [f"impostor refused: {IMPOSTOR} calls itself Pod"]
    assert posted.states()[-1] == "connected"
    measured(L1, "30 s alone with it: never, and told once")


@L2
def test_l2_a_bonded_sensor_is_heard_over_an_encrypted_link_alone(measured: Measured) -> None:
    async def run() -> Posted:
        air = Air()
        server = await switched_on(air, pod())
        async with listening(air, replace(POD, pin="bond")) as posted, chattering(server, "2a53"):
            for _ in range(3):
                await asyncio.sleep(10)
                assert server.encrypted
                server.power_off()
                await asyncio.sleep(5)
                server.power_on()
        return posted

    posted = run_virtual(run())
    assert posted.states().count("connected") == 3
    assert len(posted.data("2a53")) > 20
    measured(L2, "connected 3 times, each time encrypted before the first word")


@L2
def test_l2_a_sensor_that_is_known_by_its_name_alone_is_shown_as_open() -> None:
    beat = bytes([0x06, 150])
    pins: dict[Pin, bool] = {"name": True, "address": False, "bond": False}
    for pin, is_open in pins.items():
        spec = SensorSpec("strap", "runner", "heart_rate", pin=pin, address="a", advertised="Strap")
        *_, state = feed(Setup(sensors=(spec,)), [Notification(1.0, "strap", "2a37", beat), Tick(1.1)])
        assert isinstance(state, State)
        assert ("open" in sensor_row(state.sensors[0]).split()) == is_open
