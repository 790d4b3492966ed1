"""A run on a track that nobody described: found within two laps, without a jump, and never on a road."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from firmware_sim import constants as c
from firmware_sim.geometry import Oval as DrawnOval
from pacer.course import Origin, Oval
from pacer.estimator.smooth import Tape
from pacer.hindsight import hindsight
from pacer.inputs import Command, Input, Measured, Tick
from pacer.measurement import Fix
from pacer.outputs import Notice, Output, Split, State, TrackLearned
from pacer.session import Session
from pacer.setup import PolicySpec, Setup, Target, TrackSpec
from tests.support import ovals
from tests.support.direct import GPS, GUN_T, TICK_S, drive, feed, kit
from tests.support.played import Scene
from tests.unit.course.test_learn import ROADS

TRACK = DrawnOval(ovals.PLACE)
SPEED_MPS = 5.7
LAP_3_S = 800 / SPEED_MPS  # s


def silent(course: TrackSpec | None) -> Setup:
    """Returns the kit without cues, so that the run does not depend on what its session says."""
    return replace(kit(course=course), policy=PolicySpec(name="none"))


@cache
def mile(*, known_lap: bool) -> Scene:
    return drive("even", 3, silent(TrackSpec() if known_lap else None))


def codes(outputs: Sequence[Output]) -> list[str]:
    return [o.code for o in outputs if isinstance(o, Notice) and o.code.startswith("track")]


def shown(outputs: Sequence[Output]) -> list[tuple[float, float]]:
    """Lists time and distance of every picture, where it is known."""
    return [
        (o.t, o.runner.distance_m)
        for o in outputs
        if isinstance(o, State) and o.runner.distance_m is not None and o.phase == "running"
    ]


def lines_s(run: Scene, count: int) -> list[float]:
    """Lists when the lap lines of a mile were passed, s after the gun."""
    return [run.world.time_at(409.344 + 400 * i) or math.nan for i in range(count)]


@pytest.mark.parametrize("known_lap", [True, False])
def test_the_track_is_found_and_told_once_within_two_laps(known_lap: bool) -> None:  # noqa: FBT001 - its name is its parameter
    run = mile(known_lap=known_lap)
    told = [o for o in run.of(Notice) if o.code.startswith("track")]
    assert [o.code for o in told] == ["track-found"]
    assert 400 < run.world.runner_at(told[0].t).distance_m < 800
    # a length that nobody told is the receiver's, and not said to be a standard track's
    assert ("as configured" in told[0].text) == known_lap
    assert ("as the receiver draws it" in told[0].text) != known_lap


@pytest.mark.parametrize("known_lap", [True, False])
def test_the_distance_never_falls_and_never_jumps(known_lap: bool) -> None:  # noqa: FBT001 - likewise
    run = mile(known_lap=known_lap)
    found = next(o.t for o in run.of(Notice) if o.code == "track-found")
    for (t, before), (_, after) in pairwise(shown(run.outputs)):
        assert after >= before
        if abs(t - found) < 1.0:
            assert after - before < 1.5 * SPEED_MPS * TICK_S
    second = shown(run.outputs)[:: round(1 / TICK_S)]
    for (t, before), (now, after) in pairwise(second):
        truth = run.world.runner_at(now).distance_m - run.world.runner_at(t).distance_m
        if t > found:  # 0.57 m are owed each second, and a reading moves the estimate by another metre
            assert after - before == pytest.approx(truth, abs=0.1 * SPEED_MPS + 1.2)


def test_from_lap_3_on_it_is_as_right_as_on_a_known_track() -> None:
    run = mile(known_lap=True)
    assert max(map(abs, run.errors_m(LAP_3_S))) < 4.0
    legs = [split.leg_s for split in run.splits("lap")]
    truth = lines_s(run, 4)
    assert [split.leg_m for split in run.splits("lap")] == pytest.approx([409.344, 400, 400, 400])
    assert legs[2:] == pytest.approx(np.diff(truth)[1:], abs=0.6)


def test_the_doubt_says_how_sure_it_is() -> None:
    for run in (mile(known_lap=True), mile(known_lap=False)):
        found = next(o.t for o in run.of(Notice) if o.code == "track-found")
        for state in run.settled(found - GUN_T):
            error = (state.runner.distance_m or 0.0) - run.world.runner_at(state.t).distance_m
            assert abs(error) < 2.5 * (state.runner.distance_sd_m or math.inf)
    # who does not know the lap's length is unsure of all that he ran
    last = list(mile(known_lap=False).settled())[-1]
    assert 0.02 * 1600 < (last.runner.distance_sd_m or 0.0) < 0.04 * 1600


def test_a_track_that_is_found_without_its_start_brings_no_doubt_of_what_was_run() -> None:
    run = mile(known_lap=True)
    hole = (GUN_T - 1.0, GUN_T + 40.0)
    items = [i for i in run.inputs if getattr(i, "sensor", "") != GPS.name or not hole[0] < i.t < hole[1]]
    outputs = feed(silent(TrackSpec()), items)
    found = next(o.t for o in outputs if isinstance(o, Notice) and o.code == "track-found")
    sd = {o.t: o.runner.distance_sd_m or math.inf for o in outputs if isinstance(o, State)}
    before = max(doubt for t, doubt in sd.items() if found - 2.0 < t < found)
    assert max(doubt for t, doubt in sd.items() if found < t < found + 20.0) < before + 5.0


def test_laps_are_counted_where_nobody_spoke_of_a_track() -> None:
    run = mile(known_lap=False)
    laps = run.splits("lap")
    drawn = run.of(TrackLearned)[-1].drawn_lap_m
    assert [split.index for split in laps] == [1, 2, 3]  # the fourth ends beyond the mile as it is drawn
    assert [split.leg_m for split in laps[1:]] == pytest.approx([drawn, drawn], abs=8.0)
    truth = lines_s(run, 3)
    assert [split.elapsed_s for split in laps] == pytest.approx(truth, abs=1.5)
    assert {s.lap for s in run.settled(LAP_3_S)} <= {2, 3}


def test_the_track_is_handed_over_in_the_end() -> None:
    learned = mile(known_lap=True).of(TrackLearned)[-1]
    track = learned.track
    assert track.lap_length_m == 400.0
    assert learned.drawn_lap_m == pytest.approx(400.0, abs=4 * learned.drawn_lap_sd_m)
    where = Origin(c.TRACK_LAT_DEG, c.TRACK_LON_DEG).to_enu(track.lat_deg or 0.0, track.lon_deg or 0.0)
    assert math.hypot(*where) < 3.0
    assert math.remainder(track.heading_deg - c.TRACK_HEADING_DEG, 360) == pytest.approx(0, abs=3.0)


def test_a_start_that_is_put_right_after_the_track_was_found_moves_the_distance_by_what_was_run() -> None:
    run = mile(known_lap=True)
    later_s, corrected_t = 2.0, 120.0
    put_right = Command(corrected_t, "correct_start", at=GUN_T + later_s, origin="engine")
    items = sorted([*run.inputs, put_right], key=lambda item: item.t)
    outputs = feed(silent(TrackSpec()), items)
    between = run.world.runner_at(GUN_T + later_s).distance_m
    was, now = dict(shown(run.outputs)), dict(shown(outputs))
    for t in now.keys() & was.keys():
        if t > corrected_t:
            assert was[t] - now[t] == pytest.approx(between, abs=1.5)
    elapsed = {o.t: o.elapsed_s for o in outputs if isinstance(o, State)}
    assert elapsed[200.0] == pytest.approx(200.0 - GUN_T - later_s)


def test_the_rider_is_given_his_lane_of_the_track_that_was_found() -> None:
    session = Session(silent(TrackSpec()))
    run = mile(known_lap=True)
    found = next(o.t for o in run.of(Notice) if o.code == "track-found")
    for item in run.inputs:
        if item.t < found + 1.0:
            session.step(item)
    assert session._run
    assert session._run.rider
    own, lane = session._run.runner.course, session._run.rider.course
    assert isinstance(own, Oval)
    assert isinstance(lane, Oval)
    assert own.origin is not None
    assert own.abreast(0.0, lane) == pytest.approx(0.0, abs=1e-6)  # both began side by side
    assert own.abreast(800.0, lane) == pytest.approx(800 + 2 * math.tau * 1.12)  # lane 2


def test_the_same_inputs_find_the_same_track_and_hindsight_sees_the_laps_on_it() -> None:
    run = mile(known_lap=True)
    session = Session(silent(TrackSpec()), Tape())
    assert [output for item in run.inputs for output in session.step(item)] == run.outputs
    assert session._run
    seen = hindsight(session._run)
    truth = lines_s(run, 4)
    assert [split.elapsed_s for split in seen.laps] == pytest.approx(truth, abs=1.0)


def walk(fixes: ovals.Fixes, *commands: Command) -> Iterator[Input]:
    """Yields a receiver's fixes with two ticks a second, and what a person asks for."""
    columns = zip(fixes.t.tolist(), fixes.lat_deg.tolist(), fixes.lon_deg.tolist(), strict=True)
    items: list[Input] = [Measured(t, "gps", Fix(t, lat, lon)) for t, lat, lon in columns]
    items += commands
    items += [Tick(i / 2) for i in range(int(2 * fixes.t[-1]))]
    return iter(sorted(items, key=lambda item: item.t))


def on(course: TrackSpec | None, fixes: ovals.Fixes, *commands: Command) -> list[Output]:
    setup = Setup(sensors=(GPS,), course=course, target=Target(5000.0, 900.0))
    begin = commands or (Command(0.0, "start", at=0.0, origin="engine"),)
    return feed(setup, walk(fixes, *begin))


def test_a_warm_up_finds_the_track_and_a_start_told_late_counts_from_its_own_place() -> None:
    fixes = ovals.run(ovals.laps(TRACK), 2400.0, 5, kind=c.GPS_A)
    late = Command(155.0, "start", at=150.0, origin="engine")
    outputs = on(TrackSpec(), fixes, late)
    assert codes(outputs) == ["track-found"]
    assert not [o for o in outputs if isinstance(o, Notice) and o.code == "start-off-line"]
    for t, s in shown(outputs):
        assert s == pytest.approx((t - 150.0) * SPEED_MPS, abs=5.0)


def test_a_track_that_is_left_and_met_again_is_told_and_the_distance_goes_on() -> None:
    laps = ovals.run(ovals.laps(TRACK), 900.0, 2)
    away = ovals.run(ovals.through((0.0, -40.0), (500.0, -300.0), (0.0, -40.0)), 1100.0, 3)
    fixes = laps.then(away).then(ovals.run(ovals.laps(TRACK), 900.0, 4))
    outputs = on(None, fixes)
    assert codes(outputs) == ["track-found", "track-left", "track-found"]
    seen = shown(outputs)
    assert all(after >= before for (_, before), (_, after) in pairwise(seen))
    # what is run until positions off the track are believed is told by them afterwards
    assert seen[-1][1] == pytest.approx(2900.0, rel=0.01)
    # no lap line was passed on the road
    laps_s = [o.elapsed_s for o in outputs if isinstance(o, Split) and o.kind == "lap"]
    assert not [t for t in laps_s if laps.t[-1] + 40 < t < laps.t[-1] + away.t[-1] - 5]


@pytest.mark.parametrize("name", ROADS)
def test_no_road_is_told_to_be_a_track(name: str) -> None:
    assert codes(on(None, ovals.run(ROADS[name], 1500.0, 1, speed_mps=4.0))) == []


def test_a_track_of_another_length_than_the_one_that_was_told_is_not_taken_for_it() -> None:
    fixes = ovals.run(ovals.laps(TRACK), 1300.0, 1)
    assert codes(on(TrackSpec(lap_length_m=300.0), fixes)) == []
    assert codes(on(TrackSpec(lap_length_m=400.0, lane=4), fixes)) == ["track-found"]


def test_bends_that_a_receiver_draws_too_wide_do_not_count_where_the_lap_is_known() -> None:
    fixes = ovals.run(ovals.laps(TRACK, wide_m=4.0), 2400.0, 3, kind=c.GPS_A)  # 4 % too long
    outputs = on(TrackSpec(), fixes)
    for t, s in shown(outputs):
        if t > LAP_3_S:
            assert s == pytest.approx(t * SPEED_MPS, abs=6.0)
