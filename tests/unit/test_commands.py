from __future__ import annotations

import pytest

from pacer.inputs import Command, Tick
from pacer.outputs import Finished, Learned, Notice, Output, Split, State
from pacer.session import Session
from tests.support.direct import FOOTPOD, kit, paced

MID_T = 120.0  # s, a hundred seconds into the mile


def middle() -> Session:
    session = Session(kit())
    for item in paced().inputs:
        if item.t < MID_T:
            session.step(item)
    return session


def codes(outputs: list[Output]) -> list[str]:
    return [o.code for o in outputs if isinstance(o, Notice)]


def state(outputs: list[Output]) -> State:
    (found,) = (o for o in outputs if isinstance(o, State))
    return found


def test_laps_are_told_and_taken_back() -> None:
    session = middle()
    (first,) = session.step(Command(MID_T, "lap"))
    (second,) = session.step(Command(MID_T + 10, "lap", at=MID_T + 9.5))
    assert isinstance(first, Split)
    assert isinstance(second, Split)
    assert first.elapsed_s == pytest.approx(100)
    assert first.distance_m == pytest.approx(paced().world.runner_at(MID_T).distance_m, abs=6)
    assert second.index == 2
    assert second.leg_s == pytest.approx(9.5)
    assert codes(session.step(Command(MID_T + 11, "undo"))) == ["undo"]
    (again,) = session.step(Command(MID_T + 20, "lap"))
    assert isinstance(again, Split)
    assert again.index == 2
    assert again.leg_s == pytest.approx(20)
    for _ in range(2):
        session.step(Command(MID_T + 21, "undo"))
    assert codes(session.step(Command(MID_T + 22, "undo"))) == ["undo-refused"]


@pytest.mark.parametrize("at", [0.0, MID_T + 60, float("nan"), 1e18])
def test_a_lap_at_an_impossible_time_is_refused(at: float) -> None:
    assert codes(middle().step(Command(MID_T, "lap", at=at))) == ["lap-refused"]


def test_stop_ends_the_run_and_says_how_far_it_was() -> None:
    session = middle()
    end, taught = session.step(Command(MID_T, "stop"))
    assert isinstance(end, Finished)
    assert isinstance(taught, Learned)
    assert end.stopped
    assert end.elapsed_s == pytest.approx(100)
    assert end.distance_m == pytest.approx(paced().world.runner_at(MID_T).distance_m, abs=6)
    assert state(session.step(Tick(MID_T + 5))).elapsed_s == pytest.approx(100)
    assert codes(session.step(Command(MID_T + 6, "start"))) == ["start-refused"]


def test_another_target_moves_the_gap_at_once() -> None:
    session = middle()
    before = state(session.step(Tick(MID_T))).standing.gap_s
    assert codes(session.step(Command(MID_T, "target", value=300.0))) == ["target"]
    after = state(session.step(Tick(MID_T)))
    assert after.target_time_s == 300
    assert before is not None
    assert after.standing.gap_s is not None
    assert after.standing.gap_s - before > 5


@pytest.mark.parametrize("value", [None, 0.0, -5.0, 60.0, 1e9, float("nan")])
def test_a_target_nobody_can_run_is_refused(value: float | None) -> None:
    assert codes(middle().step(Command(MID_T, "target", value=value))) == ["target-refused"]


def test_armed_and_called_off() -> None:
    session = Session(kit(FOOTPOD))
    session.step(Tick(1.0))
    assert codes(session.step(Command(2.0, "arm"))) == ["arm"]
    assert state(session.step(Tick(2.1))).phase == "armed"
    session.step(Command(3.0, "start", at=13.0))
    assert state(session.step(Tick(3.1))).countdown_s == pytest.approx(9.9)
    session.step(Command(4.0, "stop"))
    assert state(session.step(Tick(4.1))).phase == "waiting"


@pytest.mark.parametrize("verb", ["lap", "undo", "correct_start"])
def test_what_makes_no_sense_while_waiting_is_said(verb: str) -> None:
    session = Session(kit())
    assert codes(session.step(Command(1.0, verb))) == [f"{verb}-refused"]  # type: ignore[arg-type]  # a Verb


def test_a_start_reckoned_on_another_clock_is_refused() -> None:
    session = Session(kit())
    assert codes(session.step(Command(1000.0, "start", at=1.78e9, origin="mqtt"))) == ["start-refused"]
