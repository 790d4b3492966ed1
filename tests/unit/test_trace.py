"""Each rule that is watched in every test notices what breaks it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pacer.inputs import Input, Notification
from pacer.outputs import Cue, Finished, Output, Split, State
from pacer.recording import read
from pacer.session import Session
from tests.promises import goldens
from tests.support import trace
from tests.support.trace import Watch

PACED = goldens.FOLDER / "paced.pacer"
RECORDING = read(PACED)
LATE_T = 50.0  # s on the recording's clock: in full flight

Doctor = Callable[[Output], list[Output]]


def of(kind: type[Output], change: Callable[..., list[Output]]) -> Doctor:
    """Changes outputs of one kind late in the run, and leaves the others."""
    return lambda output: change(output) if isinstance(output, kind) and output.t > LATE_T else [output]


def picture(**changes: object) -> Doctor:
    return of(State, lambda state: [replace(state, **changes)])


def runner(**changes: float | None) -> Doctor:
    return of(State, lambda state: [replace(state, runner=replace(state.runner, **changes))])


def doubt(state: State) -> list[Output]:
    refused = tuple(replace(one, state="refused") for one in state.sensors)
    return [replace(state, sensors=refused)]


def forgetful(state: State) -> list[Output]:
    """Lets the gap of a run that is over go on."""
    over = state.phase == "finished" and state.standing.gap_s is not None
    return [replace(state, standing=replace(state.standing, gap_s=state.t))] if over else [state]


@cache
def steps() -> list[tuple[Input, list[Output]]]:
    session = Session(RECORDING.header.setup)
    return [(item, session.step(item)) for item in RECORDING.inputs]


def broken(doctor: Doctor, heard: Callable[[Input], bool] = lambda _item: True) -> set[str]:
    """Shows the recording's inputs and its outputs, doctored, to a watch; returns the rules that it broke."""
    watch, session = Watch(), Session(RECORDING.header.setup)
    watch.meet(session)
    for item, outputs in steps():
        if heard(item):
            watch.look(session, item, [one for output in outputs for one in doctor(output)])
    return set(watch.broken)


def deaf(item: Input) -> bool:
    return not (isinstance(item, Notification) and item.sensor == "gps" and item.t > LATE_T)


CASES: list[tuple[str, Doctor]] = [
    ("finite", picture(pace_mps=math.nan)),
    ("finite", runner(speed_sd_mps=0.0)),
    ("known", picture(pace_mps=None)),
    ("known", runner(distance_m=None)),
    ("known", of(State, forgetful)),
    ("forward", of(State, lambda s: [replace(s, runner=replace(s.runner, distance_m=400 - s.t))])),
    ("forward", picture(elapsed_s=None)),
    ("in_force", picture(cue=Cue(LATE_T, 99, "runner", "ease", -0.1, 5.6, 1.0, 0.2))),
    ("sure", of(State, doubt)),
    ("sure", picture(phase="finished")),
    ("in_order", of(Cue, lambda cue: [replace(cue, seq=cue.seq + 1)])),
    ("in_order", of(Cue, lambda cue: [cue, cue])),
    ("calm", of(Cue, lambda cue: [cue, replace(cue, seq=cue.seq + 1)])),
    ("calm", of(Cue, lambda cue: [replace(cue, word="ease")])),
    ("answered", of(State, lambda _state: [])),
    ("counted", of(Split, lambda split: [split, split])),
    ("ended_once", of(Finished, lambda end: [end, end])),
]


@pytest.mark.parametrize(("rule", "doctor"), CASES, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(CASES)])
def test_a_run_that_breaks_a_rule_is_noticed(rule: str, doctor: Doctor) -> None:
    assert rule in broken(doctor)


def test_a_silent_sensor_that_is_shown_as_live_is_noticed() -> None:
    assert broken(lambda output: [output], deaf) == {"silent"}


def test_a_run_as_it_was_breaks_none() -> None:
    assert broken(lambda output: [output]) == set()


def test_a_covariance_that_is_none_is_noticed() -> None:
    session = Session(RECORDING.header.setup)
    for item in RECORDING.inputs[:200]:
        session.step(item)
    assert session.run
    body = session.run.runner
    assert trace.sound(body) is None
    P = np.array(body.belief.P)
    P[0, 1] += 2 * math.sqrt(P[0, 0] * P[1, 1])
    assert trace.sound(replace(body, belief=replace(body.belief, P=P)))
    P = np.array(body.belief.P)
    P[3, 3] = -1e-9
    assert trace.sound(replace(body, belief=replace(body.belief, P=P)))
