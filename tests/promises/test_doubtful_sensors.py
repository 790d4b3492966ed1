"""S5, S8, L3: sensors that speak on and cannot be right are named, and do not lead the runner astray."""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path

import pytest

from pacer.activity import inputs, sensors
from pacer.files import read_activity
from pacer.outputs import Cue, Notice, Output, SensorStatus, State
from pacer.setup import Setup
from tests.promises import goldens
from tests.promises.promised import Measured, Promise
from tests.support import data
from tests.support.direct import FOOTPOD, GPS, GUN_T, HEART_RATE, drive, feed, kit
from tests.support.played import Scene

S5 = Promise(
    "S5", "a frozen sensor is noticed, and no longer used", "after 10 s of the very same, within 12 s"
)
S8 = Promise(
    "S8", "a footpod and a receiver that disagree are named", "where they are 15 % apart for 10 s, once"
)
L3 = Promise(
    "L3",
    "another runner's sensor in place of one's own is told, and does not steer far",
    "31 % faster: told within 10 s; at most 1 m/s and 10 m off, and no cue until that is settled",
)
RUNNER = kit(FOOTPOD, GPS, HEART_RATE)
CODES = ("sensor-back", "sensor-frozen", "sensors-disagree", "sensors-agree")


@pytest.fixture
def mile(tmp_path: Path) -> Mile:
    return Mile(tmp_path / "mile.toml")


class Mile:
    """Runs some of a mile, with what is wrong with its sensors."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, wrong: str, seed: int, to_s: float, setup: Setup = RUNNER) -> Scene:
        self._path.write_text(wrong, encoding="utf-8")
        return drive(str(self._path), seed, setup, limit_s=GUN_T + to_s)


def fault(kind: str, sensor: str, from_s: float, to_s: float) -> str:
    return f'[[fault]]\nkind = "{kind}"\nsensor = "{sensor}"\nfrom_s = {from_s}\nto_s = {to_s}\n'


def told(outputs: list[Output]) -> list[tuple[float, Notice]]:
    """Lists what was said of doubtful sensors, with the time since the gun."""
    return [(one.t - GUN_T, one) for one in outputs if isinstance(one, Notice) and one.code in CODES]


def status(state: State, name: str) -> SensorStatus:
    return next(sensor for sensor in state.sensors if sensor.name == name)


@S5
def test_s5_a_frozen_sensor_is_noticed_while_others_move(mile: Mile, measured: Measured) -> None:
    frozen = {"heart_rate": (25.0, 50.0), "footpod": (40.0, 60.0), "gps": (75.0, 95.0)}
    run = mile("".join(fault("freeze", name, *when) for name, when in frozen.items()), 931, 110.0)
    for name, (begin, end) in frozen.items():
        (noticed_s, notice), (back_s, back) = [(t, one) for t, one in told(run.outputs) if one.sensor == name]
        assert (notice.code, back.code) == ("sensor-frozen", "sensor-back")
        assert 9.0 <= noticed_s - begin <= 12.0  # the last true reading is the first of those that are alike
        assert back_s - end <= 2.0
        for state in run.of(State):
            shown = status(state, name).state == "frozen"
            assert shown == (noticed_s <= state.t - GUN_T < back_s)
            if shown and name == "heart_rate":
                assert state.heart_rate_bpm is None
            if shown and name == "footpod":
                assert state.cadence_spm is None
        measured(S5, "noticed after {:.1f} s", noticed_s - begin)
    errors = run.errors_m(after_s=30.0)
    measured(
        S5, "footpod, receiver and strap frozen in turn: the distance {:.1f} m off", max(map(abs, errors))
    )
    assert max(map(abs, errors)) < 10.0


@S5
def test_s5_a_pod_that_never_woke_is_noticed_once_the_runner_moves(mile: Mile) -> None:
    run = mile(fault("freeze", "footpod", -10.0, 40.0), 932, 50.0)
    (noticed_s, notice), (_, back) = told(run.outputs)
    assert (notice.code, back.code) == ("sensor-frozen", "sensor-back")
    assert 10.0 <= noticed_s <= 15.0  # a receiver tells of running from the second or third second on


@S5
def test_s5_from_a_frozen_pod_alone_nobody_is_cued(mile: Mile, measured: Measured) -> None:
    run = mile(fault("freeze", "footpod", 30.0, 120.0), 933, 120.0, kit(FOOTPOD, HEART_RATE))
    ((noticed_s, _),) = told(run.outputs)
    assert not [cue for cue in run.of(Cue) if cue.t - GUN_T > noticed_s + 2.6]
    late = [state for state in run.of(State) if state.t - GUN_T > noticed_s + 6.0]
    assert {state.runner.speed_mps for state in late} == {None}
    measured(S5, "with nothing else: no cue, and no speed shown")


@S8
@pytest.mark.parametrize("seed", [941, 942])
def test_s8_a_pod_that_is_off_is_named_once_and_harms_nothing(
    mile: Mile, seed: int, measured: Measured
) -> None:
    run = mile("[footpod]\nscale_off = 0.25\n", seed, 60.0)
    ((told_s, notice),) = told(run.outputs)
    assert notice.text.startswith("footpod and gps disagree: footpod is ")
    assert notice.text.endswith("er than gps; check footpod")
    assert told_s <= 30.0
    last = run.of(State)[-1]
    assert status(last, "footpod").detail in notice.text
    assert status(last, "footpod").state != "ok"
    assert max(map(abs, run.errors_m(after_s=30.0))) < 5.0
    measured(S8, "25 % off: named once, {:.0f} s after the gun", told_s)


@S5
@S8
def test_s5_s8_nothing_is_said_where_all_is_well(measured: Measured) -> None:
    """Listens to a real footpod beside a receiver for 20 min; R6 holds the golden ones to theirs."""
    run = read_activity(data.recording("footpod_runs/mit_stryd_app_gps_6.8km.fit"))
    assert {spec.kind for spec in sensors(run)} >= {"footpod", "gps"}
    some = takewhile(lambda item: item.t < 1200.0, inputs(run))
    assert told(feed(Setup(sensors=sensors(run), start="first_input"), some)) == []
    for path in goldens.paths():
        said = [json.loads(line) for line in goldens.expected(path).read_text("ascii").splitlines()]
        assert {one.get("code") for one in said}.isdisjoint(CODES[1:])
    for promise in (S5, S8):
        measured(promise, "a real footpod beside a receiver, and 11 golden recordings: no word")


@L3
@pytest.mark.parametrize("seed", [951, 952])
def test_l3_another_runners_sensor_does_not_steer_far_and_is_told(
    mile: Mile, seed: int, measured: Measured
) -> None:
    undisturbed = {round(state.t, 1): state.runner for state in mile("", seed, 72.0).of(State)}
    for sensor in ("footpod", "gps"):
        run = mile(fault("impostor", sensor, 40.0, 60.0), seed, 72.0)
        (told_s, notice), *_ = told(run.outputs)
        assert notice.code == "sensors-disagree"
        assert told_s - 40.0 <= 10.0
        both = [(state.runner, undisturbed[round(state.t, 1)]) for state in run.of(State)]
        off_mps = max(abs((a.speed_mps or 0.0) - (b.speed_mps or 0.0)) for a, b in both)
        off_m = max(abs((a.distance_m or 0.0) - (b.distance_m or 0.0)) for a, b in both)
        assert off_mps <= 1.0
        assert off_m <= 10.0
        assert not [cue for cue in run.of(Cue) if told_s <= cue.t - GUN_T < told_s + 10.0]
        measured(L3, f"{sensor}: told after {{:.1f}} s", told_s - 40.0)
        measured(L3, f"{sensor}: {{:.1f}} m/s off", off_mps)
        measured(L3, f"{sensor}: {{:.0f}} m off", off_m)
