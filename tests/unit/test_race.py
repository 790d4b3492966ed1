from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.race import History, Race, marks, new_marks
from pacer.target import EvenSplit

MILE = EvenSplit(1609.344, 281.0)


def steady(speed_mps: float, until_t: int) -> History:
    history = History()
    for i in range(until_t * 10 + 1):
        history.append(i / 10, speed_mps * i / 10, rising=True)
    return history


def test_marks_end_with_the_finish_and_leave_no_scrap() -> None:
    assert marks(400, 1609.344) == (400, 800, 1200, 1600, 1609.344)
    assert marks(400, 1600) == (400, 800, 1200, 1600)
    assert marks(400, 1600.5) == (400, 800, 1200, 1600.5)
    assert marks(400, 100) == (100,)


def test_a_mark_is_timed_between_two_ticks() -> None:
    history = steady(5.0, 100)
    race, (split,) = new_marks("split", Race("running", 10.03), history, MILE, (400.01,))
    assert split.t == pytest.approx(80.002)
    assert split.elapsed_s == pytest.approx(69.972)
    assert split.gap_s == pytest.approx(MILE.gap_s(400.01, 69.972))
    assert race.split_ts == (split.t,)
    assert new_marks("split", race, history, MILE, (400.01,))[1] == []


def test_legs_add_up() -> None:
    _, splits = new_marks("split", Race("running", 0.0), steady(5.0, 300), MILE, marks(400, 1000))
    assert [s.leg_m for s in splits] == [400, 400, 200]
    assert sum(s.leg_s for s in splits) == pytest.approx(splits[-1].elapsed_s)
    assert splits[-1].final


def test_the_clock_of_a_race_stops_at_its_end() -> None:
    assert Race("waiting").elapsed(5.0) is None
    assert Race("countdown", start_t=9.0).elapsed(5.0) is None
    assert Race("running", start_t=2.0).elapsed(5.0) == 3
    assert Race("finished", start_t=2.0, end_t=4.0).elapsed(50.0) == 2


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=60), st.floats(0, 6))
def test_from_the_start_distance_never_falls(steps: list[float], start_t: float) -> None:
    history = History()
    for i, step in enumerate(steps):
        history.append(i / 10, step, rising=False)
    history.rise_from(start_t)
    after = [s for t, s in zip(history.t, history.s, strict=True) if t >= start_t]
    assert after == sorted(after)


def test_what_is_written_anew_is_the_newest_part() -> None:
    history = steady(5.0, 1)
    assert len(history.since(0.75)) == 3
    history.rewrite([7.0, 8.0, 9.0])
    assert list(history.s[-4:]) == pytest.approx([3.5, 7.0, 8.0, 9.0])
    history.rewrite([])
    assert len(history.s) == len(history.t) == 11
