"""The small parts under the screen: its memory, its letters, its plot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacer.outputs import Notice, Standing
from pacer.sinks.tui.feed import Feed
from pacer.sinks.tui.letters import PIXELS, ROWS, big
from pacer.sinks.tui.plot import Gaps, RunningTime, pieces
from tests.support import states


def test_letters_are_five_even_rows() -> None:
    assert big("+1").split("\n") == [
        "         ██  ",
        "  ██   ████  ",
        "██████   ██  ",
        "  ██     ██  ",
        "       ██████",
    ]


def test_every_letter_is_a_box_of_its_own_shape() -> None:
    for pixels in PIXELS.values():
        rows = pixels.split()
        assert len(rows) == ROWS
        assert len({len(row) for row in rows}) == 1
        assert set(pixels) <= set("#. ")
    assert len(set(PIXELS.values())) == len(PIXELS)


@pytest.mark.parametrize("text", ["EASE", "HOLD", "PRESS", "-12.3", "1:02:03", "--", "+123"])
def test_whatever_is_said_big_has_all_its_letters_and_fits_40_columns(text: str) -> None:
    assert set(text) <= set(PIXELS)
    assert max(len(line) for line in big(text).splitlines()) <= 40


def test_a_corrected_split_replaces_its_old_self() -> None:
    feed = Feed()
    feed.take(states.split(1), 0.0)
    feed.take(replace(states.split(1), elapsed_s=69.3), 0.0)
    assert [s.elapsed_s for s in feed.splits.values()] == [69.3]


def test_undo_takes_the_last_tap_away_and_no_split() -> None:
    feed = Feed()
    for index in (1, 2):
        feed.take(states.split(index), 0.0)
        feed.take(replace(states.split(index), kind="tap"), 0.0)
    feed.take(Notice(1.0, "info", "undo", "lap tap 2 taken back"), 0.0)
    assert set(feed.splits) == {("split", 1), ("split", 2), ("tap", 1)}
    feed.take(Notice(1.0, "warning", "undo-refused", "no"), 0.0)
    assert ("tap", 1) in feed.splits


def test_history_is_one_point_a_second_of_the_run_alone() -> None:
    feed = Feed()
    feed.take(states.waiting_state(), 0.0)
    for tick in range(31):
        feed.take(states.state(tick / 10, standing=Standing(tick / 10, 0.1, 0.0, 5.7, None, None)), 0.0)
    assert list(feed.history) == [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]


def test_an_unknown_gap_is_a_hole_in_the_line() -> None:
    history = [
        (0.0, 1.0),
        (1.0, 2.0),
        (2.0, None),
        (3.0, None),
        (4.0, 1.0),
        (5.0, 0.0),
        (6.0, None),
        (7.0, 1.0),
    ]
    assert pieces(history) == [[(0.0, 1.0), (1.0, 2.0)], [(4.0, 1.0), (5.0, 0.0)]]
    assert pieces([]) == []


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (0.0, 60.0, ["0:00", "0:20", "0:40"]),
        (0.0, 142.0, ["0:00", "0:30", "1:00", "1:30", "2:00"]),
        (100.0, 1000.0, ["5:00", "10:00", "15:00"]),
    ],
)
def test_the_time_axis_is_in_round_running_time(first: float, last: float, labels: list[str]) -> None:
    assert RunningTime().get_ticks_and_labels(first, last)[1] == labels


@pytest.mark.parametrize(
    ("limit", "labels"), [(1.2, ["-1.0", "0.0", "+1.0"]), (63.0, ["-50.0", "0.0", "+50.0"])]
)
def test_the_gap_axis_has_signs(limit: float, labels: list[str]) -> None:
    assert Gaps().get_ticks_and_labels(-limit, limit)[1] == labels
