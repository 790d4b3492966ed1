"""S: a person sees which sensors are there and believed, and within seconds when one is not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import pytest

from firmware_sim import encode
from firmware_sim.radio import Air, Controller
from pacer.clock import LoopClock, run_virtual
from pacer.engine import Engine
from pacer.inputs import Command, Input, Notification, Tick
from pacer.outputs import Notice, Output, SensorStatus, State
from pacer.session import Session
from pacer.setup import Setup, Target
from pacer.sinks.tui.view import sensor_row
from pacer.sources.ble import BleSource
from pacer.sources.radio import hci_radio
from tests.promises import goldens
from tests.promises.promised import Measured, Promise
from tests.support.air import STRAP, strap, switched_on
from tests.support.direct import FOOTPOD, GPS, HEART_RATE, feed, kit
from tests.unit.parts import Part

S1 = Promise("S1", "a sensor that falls silent is shown as gone", "within 3.0 s; asleep where it may sleep")
S2 = Promise("S2", "single lost notifications are no alarm", "0 in an hour at 1 Hz with 5 % of them lost")
S3 = Promise(
    "S3", "a sensor that is back is heard again", "subscribed within 10 s, shown within 1 s of its first word"
)
S6 = Promise("S6", "no skin contact, no heart rate", "for each value of the flags, within a tick")
S7 = Promise("S7", "a person sees which sensors are believed", "in a word and a shape each")

GONE_S = 3.0  # s
CUTS = 200
SPEED_MPS = 5.0
SETUP = Setup(sensors=(FOOTPOD, GPS, HEART_RATE), target=Target(20_000.0, 4000.0))
GUN = Command(0.0, "start", at=0.0, origin="engine")


def pod(t: float, speed_mps: float = SPEED_MPS) -> Notification:
    cadence = round(18 * speed_mps)
    data = encode.rsc_measurement(speed_mps, cadence, running=speed_mps > 2, distance_m=10 * t)
    return Notification(t, "footpod", encode.RSC_MEASUREMENT, data)


def gps(t: float, speed_mps: float = SPEED_MPS) -> Notification:
    record = encode.LocationAndSpeed(encode.PositionStatus.OK, speed_mps=speed_mps)
    return Notification(t, "gps", encode.LOCATION_AND_SPEED, encode.location_and_speed(record))


def heart(t: float, flags: int = 0x06) -> Notification:
    return Notification(t, "heart_rate", encode.HEART_RATE_MEASUREMENT, bytes([flags, 150]))


def ticks(to_t: float) -> list[Input]:
    return [Tick(round(n / 10, 6)) for n in range(round(to_t * 10) + 1)]


def played(items: Iterable[Input], to_t: float, setup: Setup = SETUP) -> list[Output]:
    return feed(setup, sorted([*items, *ticks(to_t)], key=lambda item: item.t))


def states(outputs: Sequence[Output]) -> Iterator[State]:
    return (output for output in outputs if isinstance(output, State))


def codes(outputs: Sequence[Output], of: str = "sensor-") -> list[str]:
    return [one.code for one in outputs if isinstance(one, Notice) and one.code.startswith(of)]


def status(state: State, name: str) -> SensorStatus:
    return next(sensor for sensor in state.sensors if sensor.name == name)


def cut(rng: random.Random, cuts: int) -> tuple[list[float], list[float]]:
    """Lists when a sensor of 1 Hz speaks that is cut off now and then for 6 s, and the last words before."""
    spoken, last, t = [], [], rng.random()
    for _ in range(cuts):
        end = t + rng.uniform(4, 10)
        while t < end:
            spoken.append(round(t + rng.uniform(0, 0.2), 6))
            t += 1.0
        last.append(spoken[-1])
        t += 5.0
    return spoken, last


@S1
@S3
def test_s1_s3_who_falls_silent_is_gone_within_3_s_and_back_with_the_first_word(measured: Measured) -> None:
    rng = random.Random(1)
    heard = {name: cut(rng, CUTS // 3 + 1) for name in ("footpod", "gps", "heart_rate")}
    says = {"footpod": pod, "gps": gps, "heart_rate": heart}
    end = max(last[-1] for _, last in heard.values()) + GONE_S
    inputs = [says[name](t) for name, (times, _) in heard.items() for t in times]
    seen = list(states(played([*inputs, GUN], end)))
    for name, (times, last) in heard.items():
        gone = {state.t for state in seen if status(state, name).state == "gone"}
        for t in last:
            silent_s = min(at for at in gone if at > t) - t
            assert 2.4 < silent_s <= GONE_S
            measured(S1, f"{CUTS} times cut off: {{:.1f}} s after the last word", silent_s)
        assert not any(0 < at - t <= 1.5 for t in times for at in gone)  # S3: back with its first word
    measured(S3, "shown with the next picture, within 0.1 s")
    for state in seen:
        assert (state.heart_rate_bpm is None) == (status(state, "heart_rate").state in ("gone", "searching"))
        assert (state.cadence_spm is None) == (status(state, "footpod").state in ("gone", "searching"))
        for sensor in state.sensors:
            if sensor.state == "gone":
                assert f"✕ {sensor.name:<10} gone" in sensor_row(sensor)


@S1
def test_s1_a_strap_whose_battery_is_pulled_is_gone_before_the_radio_says_so(measured: Measured) -> None:
    shown = Part()

    async def run() -> tuple[float, float]:
        air = Air()
        server = await switched_on(air, strap())
        radio = partial(hci_radio, Controller("host", air).transport())
        source = BleSource((STRAP,), LoopClock(), radio)
        engine = Engine(Session(Setup(sensors=(STRAP,))), [source], [shown], LoopClock())
        running = asyncio.create_task(engine.run())
        for _ in range(10):
            await asyncio.sleep(1.0)
            await server.notify("2a37", bytes([0x06, 150]))
        last = LoopClock().now()
        await asyncio.sleep(0.5)  # the last word is on its way
        server.power_off()
        await asyncio.sleep(GONE_S - 0.5)
        early = LoopClock().now()
        await asyncio.sleep(20.0)
        engine.stop()
        await running
        return last, early

    last, early = run_virtual(run())
    was = {t: (state.heart_rate_bpm, status(state, "strap").state) for t, state in shown.states()}
    assert {seen for t, seen in was.items() if last < t < last + 2.4} == {(150, "ok")}
    assert was[max(t for t in was if t <= early)] == (None, "gone")
    assert [one.text.split(":")[0] for one in shown.notices("sensor-gone")] == ["strap is gone"]
    silent_s = shown.notices("sensor-gone")[0].t - last
    assert silent_s <= GONE_S
    measured(S1, "battery pulled, over the air: {:.1f} s", silent_s)


def pacing(speeds: Iterable[tuple[float, float, float]]) -> list[tuple[float, float]]:
    """Lists (time, speed), one a second, of stretches (from, to, speed)."""
    return [(t + 0.5, speed) for begin, to, speed in speeds for t in range(int(begin), int(to))]


STOP_AND_GO = pacing([(0, 20, 0.0), (20, 60, SPEED_MPS), (60, 100, 0.0), (100, 130, SPEED_MPS)])


@S1
@pytest.mark.parametrize("wakes", [True, False])
def test_s1_who_sleeps_on_the_line_or_at_a_stop_is_asleep_and_has_time_to_wake(
    wakes: bool,  # noqa: FBT001 - a table of cases
    measured: Measured,
) -> None:
    """Lets a pod sleep 2 s after the last step, and wake 1.5 s after the first one, or never after a stop."""
    awake = [(2.0, 4.0), (21.5, 62.0), *([(101.5, 130.0)] if wakes else [])]
    pods = [pod(t, v) for t, v in STOP_AND_GO if any(a <= t <= b for a, b in awake)]
    gun = Command(15.0, "start", at=20.0, origin="engine")
    outputs = played([gun, *pods, *(gps(t, v) for t, v in STOP_AND_GO)], 130.0)
    shown = {round(state.t, 1): status(state, "footpod").state for state in states(outputs)}
    assert {shown[t] for t in (10.0, 18.0, 70.0, 99.0)} == {"asleep"}
    assert codes(outputs) == ([] if wakes else ["sensor-gone"])
    measured(S1, "asleep on the line and at a stop: no alarm, and none on waking")
    if not wakes:  # the receiver takes 2 s to be believed that he runs again
        assert next(t for t, state in shown.items() if state == "gone") <= 100.0 + 2.0 + GONE_S


@S1
def test_s1_a_pod_that_dies_in_full_flight_is_gone_though_it_might_sleep() -> None:
    outputs = played([GUN, *(pod(t + 0.5) for t in range(30))], 40.0)
    shown = {round(state.t, 1): status(state, "footpod").state for state in states(outputs)}
    assert next(t for t, state in shown.items() if state == "gone") <= 29.5 + GONE_S
    assert "asleep" not in shown.values()


@S2
def test_s2_single_losses_are_no_alarm_for_an_hour(measured: Measured) -> None:
    rng, inputs, lost = random.Random(7), list[Input](), 0
    for n in range(3600):
        if n - lost > 1 and rng.random() < 0.05:  # of single packets, as said
            lost = n
        else:
            inputs.append(heart(n + rng.uniform(0, 0.2)))
    assert 3300 < len(inputs) < 3500
    outputs = played(inputs, 3600.0, Setup(sensors=(HEART_RATE,)))
    assert codes(outputs) == []
    assert {status(state, "heart_rate").state for state in states(outputs)} == {"searching", "ok"}
    measured(S2, f"{3600 - len(inputs)} lost, no alarm")


@S6
@pytest.mark.parametrize(("flags", "bpm"), [(0x00, 150), (0x02, 150), (0x04, None), (0x06, 150)])
def test_s6_without_contact_there_is_no_heart_rate(flags: int, bpm: int | None, measured: Measured) -> None:
    """Follows the Heart Rate Service: bit 2 says that contact is told at all, bit 1 that there is some."""
    *_, before, after = states(played([heart(1.0), heart(1.35, flags)], 1.4, kit(HEART_RATE)))
    assert (before.heart_rate_bpm, after.heart_rate_bpm) == (150, bpm)
    measured(S6, "4 values of the flags, with the next picture")


@S7
def test_s7_a_person_sees_which_sensors_are_believed(measured: Measured) -> None:
    seen: dict[str, SensorStatus] = {}
    runs = [goldens.outputs(goldens.FOLDER / f"{name}.pacer") for name in ("glitches", "tunnel")]
    for state in states([*played([], 0.1), *runs[0], *runs[1]]):
        for sensor in state.sensors:
            seen.setdefault(sensor.state, sensor)
            if sensor.ratio is not None and sensor.state in ("ok", "weak"):
                assert (sensor.state == "weak") == (sensor.ratio > 0.5)
    rows = {state: sensor_row(seen[state]) for state in ("ok", "weak", "refused", "gone", "searching")}
    assert {state: row[0] for state, row in rows.items()} == {
        "ok": "●",
        "weak": "◐",
        "refused": "✕",
        "gone": "✕",
        "searching": "…",
    }
    for word, row in rows.items():
        assert row.split()[1:3] == [seen[word].name, word]
    assert (seen["refused"].ratio or 2) > 1
    measured(S7, f"{', '.join(rows)}: each as it should")
