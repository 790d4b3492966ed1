"""M1 and M2: the run does not need the broker, and nothing stale comes of it.

A frozen broker is C1's.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_sim.devices import Device, display
from pacer.clock import LoopClock, run_virtual
from pacer.engine import Engine, Sink
from pacer.inputs import Input
from pacer.outputs import Output
from pacer.recording import read
from pacer.session import Session
from pacer.sinks import mqtt as sink_module
from pacer.sinks.mqtt import MqttOptions, MqttSink
from tests.promises.promised import Measured, Promise
from tests.support import states
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import free_port, observer, running, until
from tests.support.secured import Secured, unclosed
from tests.unit.parts import SETUP, Part, recorder, strap

M1 = Promise("M1", "the run does not need the broker", "the same outputs without; found again within 30 s")
M2 = Promise(
    "M2", "a broker that is back brings nothing old", "no cue beyond its ttl; the newest state within 1 s"
)

RESTARTS = 20
STOPPED_S = 2.0  # s until a program that was told to stop has ended


def now() -> float:
    return LoopClock().now()


def ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


def replayed(path: Path) -> list[Output]:
    session = Session(SETUP)
    return [output for item in read(path).inputs for output in session.step(item)]


@M1
def test_m1_an_absent_broker_changes_nothing(tmp_path: Path, measured: Measured) -> None:
    def outputs(name: str, *, published: bool) -> list[tuple[float, Output]]:
        heard = Part()

        async def main() -> None:
            nobody = MqttSink(MqttOptions("127.0.0.1", free_port()), LoopClock(), lambda: 0.0)
            sinks: list[Sink] = [heard, nobody] if published else [heard]
            engine = Engine(
                Session(SETUP), [Part(strap)], sinks, LoopClock(), recorder=recorder(tmp_path / name)
            )
            asyncio.get_running_loop().call_later(60.05, engine.stop)
            await engine.run()
            assert nobody.link == ("reconnecting" if published else "connecting")

        run_virtual(main())
        return heard.heard

    alone = outputs("alone", published=False)
    assert len(alone) >= 600  # ten states a second
    assert outputs("published", published=True) == alone
    measured(M1, f"absent: {len(alone)} outputs equal")


@M1
@M2
async def test_m1_m2_a_broker_killed_20_times_is_found_again_and_brings_nothing_old(
    broker: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    monkeypatch.setattr(sink_module, "BACK_OFF_MAX_S", 0.2)  # s, else 20 restarts take a minute
    heard, rider = Part(), display()
    sink = MqttSink(MqttOptions("127.0.0.1", broker.plain.port), LoopClock(), lambda: 0.0)
    path = tmp_path / "run.pacer"
    engine = Engine(Session(SETUP), [Part(strap)], [heard, sink], LoopClock(), recorder=recorder(path))
    running_engine = asyncio.create_task(engine.run())
    async with running(rider.run("127.0.0.1", broker.plain.port, "run")):
        for seq in range(1, RESTARTS + 1):
            await killed_and_started(broker.plain, sink, seq)
        async with observer(broker.plain.port) as seen:
            began = now()
            await until(lambda: any(s.topic.endswith("/state") for s in seen), 1.0)  # M2: newest state <= 1 s
            measured(M2, "newest state after {:.1f} s", now() - began)
            await until(lambda: any(s.topic.endswith("/status") for s in seen))
        assert next(s for s in seen if s.topic.endswith("/status")).body["state"] == "online"
        await shown_at_last(sink, rider)
    engine.stop()
    await running_engine
    assert min(one.seq for one in rider.shown) > RESTARTS
    assert sink.dropped >= RESTARTS  # not even sent: no device has to find out how old they are
    assert [output for _, output in heard.heard] == replayed(path)
    measured(M1, f"killed: found again {RESTARTS} times, outputs equal")
    measured(M2, f"0 of {RESTARTS} old cues shown")


async def shown_at_last(sink: MqttSink, rider: Device) -> None:
    """Gives cues until the display, which may need a moment longer than the sink, shows one."""
    for seq in range(RESTARTS + 1, RESTARTS + 101):
        sink.offer(states.cue(now(), seq=seq))
        await asyncio.sleep(0.1)
        if rider.shown:
            break


async def killed_and_started(broker: Mosquitto, sink: MqttSink, seq: int) -> None:
    """Kills the broker, gives a cue that is too old when the broker is back, and waits for the link."""
    await until(lambda: sink.link == "connected")
    broker.kill()
    await until(lambda: sink.link == "reconnecting")
    stale = states.cue(now(), seq=seq)
    sink.offer(replace(stale, t=stale.t - stale.ttl_s + 0.02))
    await asyncio.sleep(0.03)
    broker.start()
    await until(lambda: sink.link == "connected", 30.0)  # M1's own figure


@M1
@unclosed
def test_m1_p1_a_broker_that_never_greets_holds_nobody_up_for_2_s(measured: Measured) -> None:
    async def main(port: int) -> float:
        tls = ssl.create_default_context()
        sink = MqttSink(MqttOptions("127.0.0.1", port, tls=tls), LoopClock(), lambda: 0.0)
        async with running(sink.run(ignore)):
            await asyncio.sleep(0.2)  # it says hello, and nobody answers
        return time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        stopped = asyncio.run(main(silent.getsockname()[1]))
    held_up_s = time.monotonic() - stopped
    assert held_up_s < STOPPED_S
    measured(M1, "silent: stopping takes {:.1f} s", held_up_s)
