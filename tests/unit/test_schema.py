from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.errors import ConfigError
from pacer.inputs import Command, Input, Link, Measured, Notification, Tick
from pacer.measurement import Fix, HeartRate, Measurement, Refused
from pacer.schema import Problems, decode, decode_all, encode
from pacer.setup import Calibration, PolicySpec, RouteSpec, SensorSpec, Setup, Target, TrackSpec
from tests.support.values import any_of

CLASSES = (Setup, SensorSpec, TrackSpec, RouteSpec, Target, PolicySpec, Calibration, Refused)


@dataclass(frozen=True, slots=True)
class Odd:
    pair: tuple[int, str]
    flag: bool
    choice: Literal["a", "b"] = "a"
    either: str | TrackSpec | None = None
    raw: bytes = b""


def through_json(value: object) -> Any:
    return json.loads(json.dumps(encode(value), allow_nan=False))


@given(st.one_of([any_of(c) for c in (*CLASSES, *get_args(Input), *get_args(Measurement))]))
def test_everything_comes_back_equal_through_json(value: object) -> None:
    assert decode(type(value), through_json(value), "x") == value


def test_a_union_of_classes_is_told_by_type_and_nothing_else_is() -> None:
    data = through_json(Setup(sensors=(SensorSpec("pod", "runner", "footpod"),), course=RouteSpec(())))
    assert data["course"] == {"type": "RouteSpec", "points": []}
    assert "type" not in data["sensors"][0]
    assert encode(Measured(1.0, "hr", HeartRate(1.0, 60, None)))["measurement"]["type"] == "HeartRate"


def test_bytes_are_hexadecimal_and_whole_numbers_become_floats() -> None:
    assert encode(Notification(1, "s", "2a53", b"\x00\xff"))["data"] == "00ff"
    tick = decode(Tick, {"t": 3}, "x")
    assert isinstance(tick.t, float)


@pytest.mark.parametrize(
    ("cls", "data", "key", "allowed"),
    [
        (Tick, {"t": float("nan")}, "t = nan", "a finite number"),
        (Tick, {"t": float("inf")}, "t = inf", "a finite number"),
        (Tick, {"t": 10**400}, "t = 1000", "a finite number"),
        (Tick, {"t": True}, "t = True", "a finite number"),
        (Tick, {"t": "1"}, "t = '1'", "a finite number"),
        (Tick, {}, "t is missing", "a finite number"),
        (Tick, {"t": 1.0, "T": 2}, "T is not known here", "allowed are t"),
        (Tick, {"t": 1.0, "T\n\x1b[2J": 2}, r"'T\n\x1b[2J' is not known here", "allowed are t"),
        (Tick, [], "[]", "a table of t"),
        (HeartRate, {"t": 1.0, "bpm": 60.5, "contact": None}, "bpm = 60.5", "a whole number"),
        (HeartRate, {"t": 1.0, "bpm": 60, "contact": 1}, "contact = 1", "true or false"),
        (HeartRate, {"t": 1.0, "bpm": 60, "contact": None, "rr_s": [1, "x"]}, "rr_s[2] = 'x'", "a finite"),
        (HeartRate, {"t": 1.0, "bpm": 60, "contact": None, "rr_s": 1}, "rr_s = 1", "a list, each a finite"),
        (Command, {"t": 1.0, "verb": "go"}, "verb = 'go'", '"start" or "correct_start"'),
        (Link, {"t": 1.0, "sensor": 1, "state": "lost"}, "sensor = 1", "text"),
        (Notification, {"t": 1, "sensor": "a", "char": "b", "data": "0g"}, "data = '0g'", "hexadecimal"),
        (Notification, {"t": 1, "sensor": "a", "char": "b", "data": 1}, "data = 1", "hexadecimal"),
        (Measured, {"t": 1, "sensor": "a", "measurement": {"type": "X"}}, "measurement.type = 'X'", "Fix or"),
        (
            Measured,
            {"t": 1, "sensor": "a", "measurement": {"type": []}},
            "measurement.type = []",
            "Stride or",
        ),
        (Setup, {"course": {"lane": 1}}, "course.type = None", "TrackSpec or RouteSpec"),
        (
            Setup,
            {"course": {"type": "RouteSpec", "points": [[1, 2]]}},
            "course.points[1] = [1, 2]",
            "list of 3",
        ),
        (Setup, {"target": {"time_s": None}}, "target.time_s = None", "a finite number"),
        (Odd, {"pair": [1], "flag": True}, "pair = [1]", "a list of 2: a whole number, text"),
        (Odd, {"pair": [1, "a"], "flag": True, "choice": 3}, "choice = 3", '"a" or "b"'),
        (Odd, {"pair": [1, "a"], "flag": True, "either": 3}, "either = 3", "text or a table (TrackSpec)"),
        (
            Odd,
            {"pair": [1, "a"], "flag": True, "either": {"lane": "x"}},
            "either.lane = 'x'",
            "a whole number",
        ),
    ],
)
def test_an_error_names_where_key_value_and_what_is_allowed(
    cls: type, data: object, key: str, allowed: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(cls, data, "mile.toml")
    said = str(caught.value)
    assert said.startswith("mile.toml: ")
    assert key in said
    assert allowed in said
    assert "\n" not in said


def test_all_problems_are_told_at_once() -> None:
    bad = {"lead_m": "x", "seed": 1.5, "sensors": [{"name": 1, "role": "dog", "kind": "gps"}], "what": 1}
    with pytest.raises(Problems) as caught:
        decode_all(Setup, bad, "f")
    assert len(caught.value.found) == 5


def test_a_long_value_is_cut_to_one_readable_line() -> None:
    with pytest.raises(ConfigError) as caught:
        decode(Tick, {"t": "long\n" * 10_000}, "f")
    assert len(str(caught.value)) < 200


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_any_data_gives_a_value_or_a_config_error(data: object) -> None:
    for cls in (Setup, Odd, Measured):
        for body in (data, {f.name: data for f in fields(cls)}):
            try:
                decode(cls, body, "f")
            except ConfigError:
                continue


def test_a_field_left_out_takes_its_default() -> None:
    assert decode(Setup, {}, "f") == Setup()
    assert decode(Fix, {"t": 1.0, "lat_deg": None, "lon_deg": None}, "f") == Fix(1.0, None, None)
