"""A run as it is known afterwards: nearer to the truth, the same however it was started, never told live."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pytest

from pacer.estimator.smooth import Tape
from pacer.hindsight import Hindsight, hindsight
from pacer.inputs import Command, Input, Tick
from pacer.outputs import Output, Split
from pacer.session import Session
from tests.benchmarks.smooth import Array, judge
from tests.support.direct import GUN_T, kit, paced
from tests.support.played import Scene

CUT_S = 160.0  # s after the gun: two laps and a bit


def replayed(inputs: Sequence[Input]) -> tuple[Hindsight, list[Output]]:
    """Steps a session that keeps a tape through inputs."""
    session = Session(kit(), Tape())
    outputs = [output for item in inputs for output in session.step(item)]
    assert session.run is not None
    return hindsight(session.run), outputs


@cache
def known() -> tuple[Hindsight, list[Output], Scene]:
    mile = paced()
    return *replayed(mile.inputs), mile


def late(splits: tuple[Split, ...] | list[Split], mile: Scene) -> list[float]:
    """Returns by how much splits are told too late, s."""
    times = [mile.world.time_at(split.distance_m) for split in splits]
    return [split.elapsed_s - (time or math.nan) for split, time in zip(splits, times, strict=True)]


def test_what_is_told_live_knows_nothing_of_the_tape() -> None:
    _, outputs, mile = known()
    assert outputs == mile.outputs


def test_the_splits_are_those_of_the_run_and_true() -> None:
    found, _, mile = known()

    live = mile.splits("split")
    assert [split.distance_m for split in found.splits] == [split.distance_m for split in live]
    assert [split.distance_m for split in found.laps] == [s.distance_m for s in mile.splits("lap")]
    for split, off_s in zip(found.splits, late(found.splits, mile), strict=True):
        there = found.at(split.t)
        assert there.distance_sd_m is not None
        assert there.speed_mps is not None
        sd_s = there.distance_sd_m / there.speed_mps
        assert abs(off_s) < 3 * sd_s  # 3 sd: once in 370 by chance
        assert sd_s < 0.25  # 1.4 m: no lap was tapped in this run


def test_distance_is_true_between_measurements_too() -> None:
    found, _, mile = known()
    for i in range(200, 2600, 7):
        t = GUN_T + i / 10
        estimate = found.at(t)
        assert estimate.distance_m == pytest.approx(mile.world.runner_at(t).distance_m, abs=2.0)
        assert estimate.distance_sd_m is not None
        assert 0 < estimate.distance_sd_m < 1.5


def test_outside_of_what_was_heard_nothing_is_known() -> None:
    found, _, mile = known()
    for t in (GUN_T - 1.0, mile.inputs[-1].t + 5.0):
        assert found.at(t).distance_m is found.at(t).speed_mps is None


@cache
def first_laps() -> Hindsight:
    return replayed([item for item in paced().inputs if item.t < GUN_T + CUT_S])[0]


@pytest.mark.parametrize(
    "told",
    [
        [Command(GUN_T + 40.0, "start", at=GUN_T, origin="engine")],
        [
            Command(GUN_T - 5.0, "start", at=GUN_T + 2.0, origin="engine"),
            Command(GUN_T + 150.0, "correct_start", at=GUN_T),
        ],
    ],
    ids=["late", "corrected"],
)
def test_however_the_start_was_told_the_splits_are_the_same(told: list[Command]) -> None:
    found = first_laps()
    others = [i for i in paced().inputs if i.t < GUN_T + CUT_S and not isinstance(i, Command)]
    again, _ = replayed(sorted([*others, *told], key=lambda item: item.t))

    assert len(again.splits) == len(found.splits) == 2
    for one, other in zip(again.splits, found.splits, strict=True):
        assert one.elapsed_s == pytest.approx(other.elapsed_s, abs=0.02)


def test_a_run_that_was_stopped_ends_there() -> None:
    stop_t = GUN_T + 72.0
    inputs = [item for item in paced().inputs if item.t <= stop_t + 10.0]
    found, _ = replayed(sorted([*inputs, Command(stop_t, "stop")], key=lambda item: item.t))

    assert [split.distance_m for split in found.splits] == [400.0]
    assert found.moments[-1].t <= stop_t


def test_without_tape_or_start_nothing_is_known() -> None:
    session = Session(kit())
    session.step(Tick(0.0))
    assert session.run is not None
    assert hindsight(session.run) == Hindsight(())
    session = Session(kit(), Tape())
    session.step(Tick(0.0))
    assert session.run is not None
    assert hindsight(session.run) == Hindsight(())


def pooled(errors: Iterable[Array]) -> float:
    return float(np.sqrt(np.nanmean(np.concatenate(list(errors)) ** 2)))


def test_hindsight_is_a_quarter_better_at_speed_and_a_third_at_legs() -> None:
    """The whole comparison is `python -m tests.benchmarks smooth`."""
    runs = [judge("erratic", seed) for seed in (2001, 2002)]
    live, smoothed = ([one[k] for one in runs] for k in (0, 1))

    assert pooled(one.v for one in smoothed) < 0.75 * pooled(one.v for one in live)
    assert pooled(one.legs[0] for one in smoothed) < 0.7 * pooled(one.legs[0] for one in live)
    assert pooled(one.s for one in smoothed) < pooled(one.s for one in live)
