from __future__ import annotations

import random

import pytest

from pacer.health import Health
from pacer.inputs import Command, Measured, Tick
from pacer.measurement import Fix, HeartRate, NoFix, Stride
from pacer.outputs import Notice, SensorState, State
from pacer.session import Session
from tests.support.direct import FOOTPOD, GPS, HEART_RATE, kit

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
        health, gone = health.silence(now, running=True)
        notices += [gone] if gone else []
    return notices


def test_gone_is_said_within_3_s_whenever_it_happens() -> None:
    rng = random.Random(1)
    for seed in range(200):
        times = heard(rng.uniform(5, 60), seed)
        (gone,) = watch(times, times[-1] + 5)
        assert gone.code == "sensor-gone"
        assert 2.4 < gone.t - times[-1] <= 3.0


def test_single_losses_are_no_alarm_for_an_hour() -> None:
    assert watch(heard(3600, 7), 3600) == []


def test_a_sensor_that_is_heard_again_is_back_once() -> None:
    times = [t for t in heard(60, 3) if not 20 < t < 40]
    assert [n.code for n in watch(times, 59)] == ["sensor-gone", "sensor-back"]


def test_a_sensor_that_speaks_every_5_s_is_not_gone_in_between() -> None:
    notices = watch([5.0 * i for i in range(1, 40)], 199)
    assert [n.t for n in notices if n.t > 10.05] == []  # before the second reading nobody can know


@pytest.mark.parametrize(
    ("spec", "running", "state"),
    [(FOOTPOD, False, "asleep"), (FOOTPOD, True, "gone"), (GPS, False, "gone"), (HEART_RATE, False, "gone")],
)
def test_a_pod_may_sleep_on_the_line(spec: object, running: bool, state: SensorState) -> None:  # noqa: FBT001 - a table of cases
    assert Health(spec).hear(1.0).state(10.0, running=running) == state  # type: ignore[arg-type]  # a SensorSpec
    assert Health(spec).state(10.0, running=running) == "searching"  # type: ignore[arg-type]  # likewise


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


def test_without_contact_there_is_no_heart_rate() -> None:
    on = Measured(1.0, "heart_rate", HeartRate(1.0, 150, contact=True))
    off = Measured(2.0, "heart_rate", HeartRate(2.0, None, contact=False))
    assert picture(on).heart_rate_bpm == 150
    assert picture(on, off).heart_rate_bpm is None


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
