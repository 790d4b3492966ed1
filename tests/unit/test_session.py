from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import pytest

from pacer.inputs import Command, Link, Notification, Tick
from pacer.measurement import Refused
from pacer.outputs import Finished, Learned, Notice, State
from pacer.session import Session
from pacer.setup import PolicySpec, SensorSpec, Setup, Target, TrackSpec
from tests.support.direct import (
    FOOTPOD,
    GPS,
    GUN_T,
    HEART_RATE,
    START,
    TRACK,
    WHEEL,
    drive,
    feed,
    kit,
    paced,
)
from tests.support.played import Scene

SILENT = PolicySpec(name="none")


def silent(setup: Setup) -> Setup:
    """Takes the cues away, so that a run does not depend on what its session says."""
    return replace(setup, policy=SILENT)


def told(t: float, verb: str, at: float | None = None, **more: float) -> Command:
    return Command(t, verb, at=at, origin="engine", **more)  # type: ignore[arg-type]  # a test's own words


def test_the_same_inputs_give_the_same_outputs() -> None:
    mile = paced()
    assert feed(kit(), mile.inputs) == mile.outputs


def test_two_sessions_do_not_know_of_each_other() -> None:
    mile = paced()
    one, other = Session(kit()), Session(kit())
    for item in mile.inputs[:2000]:
        assert one.step(item) == other.step(item)


def test_laps_end_at_the_finish_line_and_splits_at_each_400_m() -> None:
    mile = paced()
    assert [s.distance_m for s in mile.splits("lap")] == pytest.approx(
        [409.344, 809.344, 1209.344, 1609.344], abs=0.01
    )
    assert [s.distance_m for s in mile.splits()] == pytest.approx([400, 800, 1200, 1600, 1609.344])
    assert [s.final for s in mile.splits()] == [False] * 4 + [True]
    assert mile.of(State)[-1].lap == 4


def test_the_finish_lies_between_two_ticks() -> None:
    mile = paced()
    (end,) = mile.of(Finished)
    before, after = (
        max(s.elapsed_s for s in mile.of(State) if s.phase == "running" and s.elapsed_s is not None),
        min(s.t - GUN_T for s in mile.of(State) if s.phase == "finished"),
    )
    assert before < end.elapsed_s <= after


@pytest.mark.parametrize("stopped", [False, True], ids=["finished", "stopped"])
def test_the_result_stays_when_all_sensors_fall_silent(*, stopped: bool) -> None:
    setup = replace(silent(kit(FOOTPOD, GPS)), target=Target(150.0, 28.0))
    commands = [START, told(GUN_T + 20.0, "stop")] if stopped else [START]
    inputs = list(drive("study/even", 4, setup, commands, limit_s=GUN_T + 36.0).inputs)
    last_t = inputs[-1].t
    out = feed(setup, [*inputs, *(Tick(last_t + n / 10) for n in range(1, 150))])

    (end,) = (one for one in out if isinstance(one, Finished))
    over = [
        one for one in out if isinstance(one, State) and one.phase == ("stopped" if stopped else "finished")
    ]
    assert over[-1].t - over[0].t > 20
    assert over[-1].runner.speed_mps is None, "nobody knows what the runner does now"
    assert {(one.standing, one.remaining_m) for one in over} == {(over[0].standing, over[0].remaining_m)}
    result, left_m = over[-1].standing, over[-1].remaining_m
    assert left_m == pytest.approx(150.0 - end.distance_m, abs=1.0)  # a tick of running
    if not stopped:
        assert (result.finish_s, result.gap_s) == pytest.approx((end.elapsed_s, 28.0 - end.elapsed_s))
    assert result.gap_sd_s is not None
    assert 0 < result.gap_sd_s < 1.0


def test_what_the_run_taught_is_handed_over() -> None:
    mile = paced()
    (learned,) = mile.of(Learned)
    (scale,) = (one for one in learned.lessons if one.quantity == "footpod_scale")
    assert scale.sd < kit().calibration.footpod_scale_sd / 2


STARTS = {
    "3 s late": [told(23, "start", GUN_T)],
    "30 s late": [told(50, "start", GUN_T)],
    "3 s too early, put right": [told(17, "start", 17), told(30, "correct_start", GUN_T)],
    "10 s too early, put right at once": [told(10, "start", 10), told(21, "correct_start", GUN_T)],
    "5 s too late, put right": [told(25, "start", 25), told(60, "correct_start", GUN_T)],
    "a reaction too late, put right": [told(15, "start", 20.4), told(100, "correct_start", GUN_T)],
}


@cache
def told_in_time(course: TrackSpec | None) -> Scene:
    return drive("even", 2, silent(kit(course=course)), [START])


@pytest.mark.parametrize("commands", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("course", [TRACK, None], ids=["track", "no course"])
def test_it_does_not_matter_when_the_start_is_told(commands: list[Command], course: TrackSpec | None) -> None:
    wanted, found = told_in_time(course), drive("even", 2, silent(kit(course=course)), commands)
    assert [s.elapsed_s for s in found.splits()] == pytest.approx(
        [s.elapsed_s for s in wanted.splits()], abs=0.05
    )
    assert [s.distance_m for s in found.splits()] == [s.distance_m for s in wanted.splits()]
    ends = found.of(State)[-1], wanted.of(State)[-1]
    assert ends[0].rider_gap_m == pytest.approx(ends[1].rider_gap_m, abs=0.3)


def test_a_start_long_after_counts_what_was_run_since() -> None:
    mile = drive("even", 1, silent(kit()), [told(110, "start", GUN_T)])
    for split in mile.splits():
        truth = mile.world.time_at(split.distance_m)
        assert truth == pytest.approx(split.elapsed_s, abs=1.5)


def started(mile: Scene) -> float:
    return next(s.t - s.elapsed_s for s in mile.of(State) if s.elapsed_s is not None)


SOON_T = GUN_T + 8.0  # s: the first step is long told of


@pytest.mark.parametrize("sensors", [(), (GPS,), (FOOTPOD,)], ids=["all", "GPS", "footpod"])
def test_the_first_step_starts_the_run(sensors: tuple[SensorSpec, ...]) -> None:
    """Runners differ in how they start, by a quarter of the time constant: most are within half a second."""
    off = [
        started(drive("even", seed, silent(kit(*sensors, start="first_step")), [], limit_s=SOON_T)) - GUN_T
        for seed in range(1, 11)
    ]
    assert sum(abs(seconds) <= 0.5 for seconds in off) >= 7
    assert max(map(abs, off)) < 0.8
    assert abs(sum(off) / len(off)) < 0.35


def test_a_countdown_counts_and_fires_by_itself() -> None:
    states = [s for s in paced().of(State) if 15.05 < s.t < 20.05]
    assert [s.phase for s in states[:-1]] == ["countdown"] * (len(states) - 1)
    for state in states[:-1]:
        assert state.countdown_s == pytest.approx(GUN_T - state.t, abs=1e-6)
        assert state.elapsed_s is None
    assert states[-1].phase == "running"


@pytest.mark.parametrize("sensors", [(FOOTPOD,), (GPS,), (FOOTPOD, GPS), (FOOTPOD, GPS, HEART_RATE)])
def test_any_part_of_the_kit_carries_a_mile(sensors: tuple[SensorSpec, ...]) -> None:
    mile = drive("even", 3, silent(kit(*sensors)))
    assert max(map(abs, mile.errors_m())) < (0.06 * 1609 if sensors == (FOOTPOD,) else 12)
    assert mile.of(Finished)


def test_a_run_without_a_course_is_measured_by_pod_and_doppler() -> None:
    mile = drive("even", 3, silent(kit(course=None)))
    assert max(map(abs, mile.errors_m())) < 0.03 * 1609
    found = next(o.t for o in mile.of(Notice) if o.code == "track-found")
    assert {s.lap for s in mile.of(State) if s.t < found} == {None}


def test_the_rider_is_followed_by_his_wheel() -> None:
    mile = paced(2)
    for state in mile.settled(30):
        truth = mile.world.rider_at(state.t).distance_m - mile.world.runner_at(state.t).distance_m - 2.0
        # an uncalibrated wheel is good to 1 %
        assert state.rider_gap_m == pytest.approx(truth, abs=4 + 0.01 * 5.73 * (state.elapsed_s or 0))


def test_in_lane_2_a_lap_is_407_m() -> None:
    setup = replace(kit(), course=replace(TRACK, lane=2))
    lines = [s.distance_m for s in drive("even", 1, silent(setup)).splits("lap")]
    assert lines[1] - lines[0] == pytest.approx(407.04, abs=0.01)


def test_what_makes_no_sense_is_refused_and_the_run_goes_on() -> None:
    session = Session(kit())
    session.step(Tick(10.0))
    refused = [
        session.step(Notification(10.1, "stranger", "2a53", b"\0" * 4)),
        session.step(Notification(10.2, "footpod", "2a53", b"\1")),
        session.step(Notification(10.3, "heart_rate", "2a53", b"\0\0\5\50")),
        session.step(Tick(9.0)),
        session.step(Tick(math.nan)),
        session.step(Tick(math.inf)),
        session.step(Link(10.4, "stranger", "connected")),
    ]
    for outputs in refused:
        (one,) = outputs
        assert isinstance(one, Refused)
    (state,) = session.step(Tick(10.5))
    assert isinstance(state, State)
    assert {s.name: s.state for s in state.sensors}["footpod"] == "refused"


def test_a_start_without_a_fix_wants_a_second_word() -> None:
    session = Session(kit(FOOTPOD, GPS))
    session.step(Tick(1.0))
    (notice,) = session.step(Command(2.0, "start"))
    assert isinstance(notice, Notice)
    assert notice.code == "confirm-start"
    assert "3 %" in notice.text
    codes = [o.code for o in session.step(Command(4.0, "start")) if isinstance(o, Notice)]
    assert codes == ["start"]


def test_the_wheel_alone_carries_a_rider() -> None:
    setup = replace(kit(WHEEL))
    mile = drive("even", 1, silent(setup))
    state = next(s for s in mile.of(State) if s.t > GUN_T + 200)
    assert state.rider is not None
    truth = (
        mile.world.rider_at(state.t).distance_m * 407.04 / 400
    )  # along his own lane; the truth is lane 1's
    assert state.rider.distance_m == pytest.approx(truth, rel=0.02)
    assert state.runner.distance_m is None
