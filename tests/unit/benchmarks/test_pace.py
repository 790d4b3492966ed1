"""What people are shown as pace, through the whole session: some of the runs that the benchmark measures."""

from __future__ import annotations

from functools import cache

import numpy as np

from tests.benchmarks.pace import MOVED_MPS, S_PER_MILE, Figures, figures

SEEDS = range(61001, 61005)  # used for no tuning


@cache
def found() -> list[Figures]:
    return [figures(seed) for seed in SEEDS]


def test_it_is_calm_while_speed_is_held() -> None:
    assert np.mean([one.calm_mps for one in found()]) * S_PER_MILE <= 2.0
    assert all(one.calm_mps < one.raw_mps for one in found())


def test_half_of_a_step_is_shown_within_3_s_and_most_of_it_within_6_s() -> None:
    assert sorted(one.half_s for one in found())[-2] <= 3.0  # nine of ten are promised
    assert sorted(one.ninety_s for one in found())[-2] <= 6.0


def test_a_stop_is_shown_while_it_is_news() -> None:
    assert all(one.stop_s <= 2.5 for one in found())
    assert all(one.stop_gps_s <= 4.0 for one in found())


def test_a_jog_that_becomes_a_repetition_is_shown_at_once() -> None:
    assert all(one.fast_s <= 4.0 and one.fast_gps_s <= 4.0 for one in found())


def test_one_outlier_hardly_moves_it() -> None:
    moves = [move for one in found() for channel in one.moved_mps.values() for move in channel]
    assert len(moves) >= 100
    assert np.mean(np.array(moves) > MOVED_MPS) < 0.1
    assert max(moves) < 0.3
