from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer import units
from pacer.errors import InputError


@pytest.mark.parametrize(
    ("seconds", "digits", "text"),
    [
        (281.0, 0, "4:41"),
        (281.34, 1, "4:41.3"),
        (59.96, 1, "1:00.0"),
        (59.6, 0, "1:00"),
        (3599.99, 1, "1:00:00.0"),
        (3723.0, 0, "1:02:03"),
        (0.0, 0, "0:00"),
        (-5.0, 0, "-0:05"),
        (-0.01, 1, "0:00.0"),
        (None, 0, "--:--"),
        (math.inf, 1, "--:--"),
        (math.nan, 0, "--:--"),
    ],
)
def test_duration(seconds: float | None, digits: int, text: str) -> None:
    assert units.duration(seconds, digits) == text


@pytest.mark.parametrize(
    ("speed", "lap", "mile", "km"),
    [
        (1609.344 / 281.0, "69.8", "4:41", "2:55"),  # 4:41 a mile, never 4.68
        (1000.0 / 240.0, "96.0", "6:26", "4:00"),
        (0.0, "--.-", "--:--", "--:--"),
        (0.29, "--.-", "--:--", "--:--"),
        (None, "--.-", "--:--", "--:--"),
        (math.nan, "--.-", "--:--", "--:--"),
        (-3.0, "--.-", "--:--", "--:--"),
    ],
)
def test_the_three_paces(speed: float | None, lap: str, mile: str, km: str) -> None:
    assert (units.per_lap(speed), units.per_mile(speed), units.per_km(speed)) == (lap, mile, km)
    assert [units.in_unit(speed, unit) for unit in units.PACE_UNITS] == [
        f"{lap} s/400",
        f"{mile} /mi",
        f"{km} /km",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (69.84, "69.8"),
        (99.94, "99.9"),
        (99.96, "1:40.0"),
        (112.4, "1:52.4"),
        (None, "--.-"),
        (math.inf, "--.-"),
    ],
)
def test_leg(seconds: float | None, text: str) -> None:
    assert units.leg(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.24, "+1.2"),
        (-0.36, "-0.4"),
        (0.0, "0.0"),
        (0.04, "0.0"),
        (-0.04, "0.0"),
        (None, "--"),
        (math.nan, "--"),
    ],
)
def test_gap(seconds: float | None, text: str) -> None:
    assert units.gap(seconds) == text


def test_a_slower_lap_takes_more_seconds() -> None:
    # by hand: 400 / 5.0 = 80 s, 400 / 4.0 = 100 s
    assert units.lap_seconds(-1.0, 5.0) == pytest.approx(20.0)
    assert units.lap_seconds(1.0, 4.0) == pytest.approx(-20.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("281", 281.0), ("4:41", 281.0), (" 4:41.3 ", 281.3), ("1:02:03", 3723.0), ("13:00", 780.0)],
)
def test_parse_duration(text: str, seconds: float) -> None:
    assert units.parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "4:60", "4.41.3", "-4:41", "0", "0:00", "1:2:3:4", "nan", "inf", "4:41s", "1e3", "٤:٤١"]
)
def test_a_time_that_is_none_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InputError, match=r"allowed are|must be"):
        units.parse_duration(text)


@given(st.integers(1, 359999))
def test_what_is_written_is_read_again(seconds: int) -> None:
    assert units.parse_duration(units.duration(float(seconds))) == seconds


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("mile", 1609.344),
        ("Mile", 1609.344),
        ("1500m", 1500.0),
        ("1500 m", 1500.0),
        ("5km", 5000.0),
        ("5k", 5000.0),
        ("2mi", 3218.688),
        ("2 miles", 3218.688),
        ("1609.344", 1609.344),
        ("marathon", 42195.0),
        ("half-marathon", 21097.5),
    ],
)
def test_parse_distance(text: str, metres: float) -> None:
    assert units.parse_distance(text) == pytest.approx(metres)


@pytest.mark.parametrize("text", ["", "0", "0km", "-5km", "5 furlongs", "km", "nan", "1e3m"])
def test_a_distance_that_is_none_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InputError, match="allowed are"):
        units.parse_distance(text)
