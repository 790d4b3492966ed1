from __future__ import annotations

import math

import pytest

from pacer.activity import Lap
from pacer.errors import InputError
from pacer.files.tidy import Raw, Row, tidy

UTC_S = 1.5e9


def times(*seconds: float) -> tuple[list[float], tuple[str, ...]]:
    """Returns the times of a run whose records lie at `seconds`, and the notes."""
    rows: list[Row] = [{"time": UTC_S + s, "distance_m": float(n)} for n, s in enumerate(seconds)]
    run = tidy("fit", rows, Raw(), "f")
    return [r.t_s for r in run.records], run.notes


def test_good_times_stay_with_their_pauses_and_fractions() -> None:
    assert times(0, 1, 1.4, 600, 601) == ([0, 1, 1.4, 600, 601], ())


def test_a_step_back_leaves_out_what_was_told_already() -> None:
    assert times(0, 1, 2, 1, 2, 3) == ([0, 1, 2, 3], ("2 records running backwards in time left out",))


def test_records_of_one_instant_become_one() -> None:
    assert times(0, 1, 1, 1, 2) == ([0, 1, 2], ("2 records shared an instant with the one before",))


def test_neighbours_of_one_instant_fill_each_other_up() -> None:
    rows: list[Row] = [
        {"time": UTC_S, "speed_mps": 3.0},
        {"time": UTC_S, "speed_mps": 9.0, "heart_rate_bpm": 60},
    ]
    (record,) = tidy("fit", rows, Raw(), "f").records
    assert (record.speed_mps, record.heart_rate_bpm) == (3.0, 60)


@pytest.mark.parametrize("wild", [-1e6, 1e6, 1e9])
def test_one_wild_time_costs_no_record_and_no_hours(wild: float) -> None:
    told, notes = times(0, 1, wild, 3, 4)
    assert told == [0, 1, 2, 3, 4]
    assert notes == ("2 jumps of the clock taken out: time goes on 1 s later",)  # there, and back


def test_a_clock_that_was_set_goes_on() -> None:
    told, notes = times(0, 1, 2, -3598, -3597)
    assert told == [0, 1, 2, 3, 4]
    assert notes == ("1 jumps of the clock taken out: time goes on 1 s later",)


def test_no_activity_lasts_longer_than_two_days() -> None:
    told, notes = times(*(n * 11 * 3600.0 for n in range(10)))
    assert told[-1] <= 48 * 3600
    assert any("the rest is left out" in note for note in notes)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lat_deg", 9999.0),
        ("lat_deg", math.nan),
        ("lon_deg", -180.1),
        ("speed_mps", math.inf),
        ("speed_mps", -1.0),
        ("distance_m", -math.inf),
        ("heart_rate_bpm", 300.0),
        ("altitude_m", 1e6),
    ],
)
def test_an_impossible_value_is_unknown_and_noted(key: str, value: float) -> None:
    good: Row = {"time": UTC_S, "lat_deg": 47.0, "lon_deg": 8.0, "distance_m": 1.0}
    run = tidy("fit", [good | {key: value}], Raw(), "f")
    assert getattr(run.records[0], key) is None
    assert run.notes == (f"1 impossible values of {key} left out",)
    assert (run.records[0].lat_deg is None) == (run.records[0].lon_deg is None)


def test_a_receiver_that_knows_nothing_is_not_in_the_gulf_of_guinea() -> None:
    rows: list[Row] = [{"time": UTC_S, "lat_deg": 0.0, "lon_deg": 0.0, "speed_mps": 0.0}]
    assert tidy("fit", rows, Raw(), "f").records[0].lat_deg is None


def test_a_heart_rate_of_zero_is_no_heart_rate() -> None:
    run = tidy("fit", [{"time": UTC_S, "speed_mps": 1.0, "heart_rate_bpm": 0.0}], Raw(), "f")
    assert run.records[0].heart_rate_bpm is None
    assert run.notes == ()


def test_laps_outside_the_run_are_dropped() -> None:
    raw = Raw(laps=[(UTC_S, 60.0, 400.0), (UTC_S + 1e6, 60.0, None), (math.nan, 1.0, None)])
    rows: list[Row] = [{"time": UTC_S + t, "speed_mps": 1.0} for t in (5.0, 70.0)]
    assert tidy("fit", rows, raw, "f").laps == (Lap(-5.0, 60.0, 400.0),)


@pytest.mark.parametrize(
    "rows", [[], [{"speed_mps": 1.0}], [{"time": UTC_S}], [{"time": UTC_S, "heart_rate_bpm": 60.0}]]
)
def test_nothing_to_replay_is_an_input_error(rows: list[Row]) -> None:
    with pytest.raises(InputError, match=r"^f: nothing to replay"):
        tidy("fit", rows, Raw(), "f")


def test_stops_of_the_devices_timer_are_told() -> None:
    """A stop is a pause where it goes on again: not the one at the end, and told twice it is one."""
    rows: list[Row] = [{"time": UTC_S + n, "distance_m": 3.0 * n} for n in range(100)]
    told = ((0, True), (20, False), (21, False), (30, True), (50, False), (56, True), (99, False))
    run = tidy("fit", rows, Raw(timer=[(UTC_S + t, on) for t, on in told]), "f")
    (note,) = run.notes
    assert note.startswith("the timer was stopped 2 times, for 16 s in all")
    assert len(run.records) == len(rows)
