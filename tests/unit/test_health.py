from __future__ import annotations

import random

import pytest

from pacer.health import Health
from pacer.inputs import Command, Measured, Tick
from pacer.measurement import Fix, HeartRate, NoFix, Stride
from pacer.outputs import Notice, SensorState, State
from pacer.session import Session
from pacer.setup import SensorSpec
from tests.support.direct import FOOTPOD, GPS, HEART_RATE, WHEEL, kit

TICK_S = 0.1


def heard(until_t: float, seed: int, lost: float = 0.05) -> list[float]:
    """Lists arrivals of a sensor of 1 Hz with jitter; of 20 readings one is lost, never two in a row."""
    rng, times, was_lost = random.Random(seed), [], False
    for i in range(int(until_t)):
        was_lost = not was_lost and rng.random() < lost
        if not was_lost:
            times.append(i + rng.uniform(0, 0.2))
    return times


def watch(arrivals: list[float], until_t: float) -> list[Notice]:
    health, notices, waiting = Health(GPS), [], list(arrivals)
    for i in range(round(until_t / TICK_S)):
        now = i * TICK_S
        while waiting and waiting[0] <= now:
            health, back = health.hear(waiting[0]).back(waiting.pop(0))
            notices += [back] if back else []
        health, gone = health.silence(now)
        notices += [gone] if gone else []
    return notices


def test_a_sensor_that_is_heard_again_is_back_once() -> None:
    times = [t for t in heard(60, 3) if not 20 < t < 40]
    assert [n.code for n in watch(times, 59)] == ["sensor-gone", "sensor-back"]


def test_a_sensor_that_speaks_every_5_s_is_not_gone_in_between() -> None:
    notices = watch([5.0 * i for i in range(1, 40)], 199)
    assert [n.t for n in notices if n.t > 10.05] == []  # before the second reading nobody can know


@pytest.mark.parametrize(
    ("spec", "rested_t", "state"),
    [
        (FOOTPOD, 9.0, "asleep"),
        (WHEEL, 9.0, "asleep"),
        (FOOTPOD, None, "gone"),
        (FOOTPOD, 7.4, "gone"),  # its body moves again, and it has had 2.5 s to wake
        (GPS, 9.0, "gone"),
        (HEART_RATE, 9.0, "gone"),
    ],
)
def test_a_pod_or_a_wheel_may_sleep_while_its_body_stands(
    spec: SensorSpec, rested_t: float | None, state: SensorState
) -> None:
    health = Health(spec) if rested_t is None else Health(spec).rest(rested_t)
    assert health.state(10.0) == "searching"
    assert health.hear(1.0).state(10.0) == state


def picture(*items: Measured) -> State:
    session = Session(kit())
    for item in items:
        session.step(item)
    state = session.step(Tick(items[-1].t + 0.1))[-1]
    assert isinstance(state, State)
    return state


def sensor(state: State, name: str) -> SensorState:
    return next(s.state for s in state.sensors if s.name == name)


def test_no_fix_is_shown_as_such_until_there_is_one() -> None:
    lost = Measured(1.0, "gps", NoFix(1.0, "searching"))
    found = Measured(2.0, "gps", Fix(2.0, 47.0, 8.0, 0.0))
    assert sensor(picture(lost), "gps") == "no fix"
    assert sensor(picture(lost, found), "gps") != "no fix"


def test_a_sensor_whose_readings_cannot_be_true_is_refused_and_counted() -> None:
    mad = Stride(1.0, 40.0, 90.0, 1.0, 1.0, running=True)
    state = picture(Measured(1.0, "footpod", mad), Measured(2.0, "footpod", mad))
    assert sensor(state, "footpod") == "refused"
    assert next(s.refused for s in state.sensors if s.name == "footpod") == 2


def test_a_heart_rate_that_is_no_longer_heard_is_not_shown() -> None:
    session = Session(kit())
    session.step(Measured(1.0, "heart_rate", HeartRate(1.0, 150, contact=True)))
    session.step(Command(1.5, "start", at=1.5, origin="engine"))
    state = session.step(Tick(4.0))[-1]
    assert isinstance(state, State)
    assert state.heart_rate_bpm is None
