from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pacer.errors import ConfigError, InputError
from pacer.inputs import VERBS, Command
from pacer.measurement import Refused
from pacer.outputs import Cue, Notice, Output, State
from pacer.topics import Presence, Tree, check_session, message, parse_command, status
from tests.support import asyncapi, states

TREE = Tree("run", "0123abcd")
PRESENCE = Presence(online=True, protocol="5", rate=1.0, state_hz=10.0, pacer_version="0.1.0")
NOW, UTC = 5000.0, 1.8e9  # s
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work may slow us


def body(output: Output) -> dict[str, Any]:
    said = message(output, TREE, 12)
    assert said
    return asyncapi.check(said.topic, said.payload)


@pytest.mark.parametrize(
    ("output", "topic"),
    [
        (states.state(), "pacer/v1/run/state"),
        (states.unknown_state(), "pacer/v1/run/state"),
        (states.waiting_state(), "pacer/v1/run/state"),
        (states.cue(), "pacer/v1/run/cue/rider"),
        (states.cue(to="runner"), "pacer/v1/run/cue/runner"),
        (states.split(2), "pacer/v1/run/split"),
    ],
)
def test_output_goes_where_and_how_the_document_says(output: Output, topic: str) -> None:
    said = message(output, TREE, 12)
    assert said
    assert said.topic == topic
    bindings = asyncapi.operation(topic)["bindings"]["mqtt"]
    assert (said.qos, said.retain) == (bindings["qos"], bindings["retain"])
    asyncapi.check(said.topic, said.payload)


@pytest.mark.parametrize("output", [Notice(1.0, "info", "x", "y"), states.finished()])
def test_what_is_for_people_in_the_house_stays_there(output: Output) -> None:
    assert message(output, TREE, 1) is None


def test_refused_reading_stays_in_the_house() -> None:
    fields = dict.fromkeys(Refused.__dataclass_fields__)
    assert message(Refused(**fields), TREE, 1) is None  # type: ignore[arg-type]  # whatever its fields


def test_cue_says_its_size_in_seconds_a_lap() -> None:
    cue = Cue(10.0, 3, "rider", "ease", change_mps=-0.1, speed_mps=5.7, gap_s=1.2, gap_sd_s=0.3)
    said = body(cue)
    # 400 m at 5.8 m/s take 68.966 s, at 5.7 m/s 70.175 s
    assert said["change_s_per_lap"] == pytest.approx(1.210, abs=0.001)
    assert (said["seq"], said["t"], said["ttl"], said["word"], said["to"]) == (3, 10.0, 3.0, "ease", "rider")


def test_cue_to_somebody_who_stands_has_no_seconds_a_lap() -> None:
    assert body(states.cue(change_mps=5.0, speed_mps=5.0))["change_s_per_lap"] is None


def test_unknown_is_null_and_never_zero() -> None:
    said = body(states.unknown_state())
    for key in ("distance_m", "speed_mps", "gap_s", "finish_s", "lap", "heart_rate_bpm", "rider_speed_mps"):
        assert said[key] is None


def test_infinity_is_unknown_too() -> None:
    state = states.state()
    broken = replace(state, standing=replace(state.standing, finish_s=math.inf, gap_s=math.nan))
    assert body(broken)["finish_s"] is None
    assert body(broken)["gap_s"] is None


def test_state_carries_the_continuous_signal() -> None:
    said = body(states.state(rider_asked_mps=5.7))
    assert said["rider_asked_mps"] == 5.7
    assert said["rider_speed_mps"] == 5.81
    assert said["rider_bar"] == pytest.approx((5.81 / 5.7 - 1) / 0.05, abs=1e-3)
    assert (said["lap"], said["laps"]) == (3, 4)
    assert body(states.state(rider_asked_mps=None))["rider_bar"] is None


def test_state_without_a_rider_has_nulls_for_him() -> None:
    assert body(states.state(rider=None, rider_gap_m=None))["rider_distance_m"] is None


def test_every_moment_of_a_run_fits_the_document() -> None:
    for output in states.run_outputs():
        if said := message(output, TREE, 1):
            asyncapi.check(said.topic, said.payload)


@pytest.mark.parametrize("state", [None, states.state(), states.unknown_state()])
@pytest.mark.parametrize("online", [True, False])
def test_status_is_retained_and_fits_the_document(state: State | None, online: bool) -> None:  # noqa: FBT001 - parametrised
    said = status(state, replace(PRESENCE, online=online), TREE, 1, 10.0 if state else None)
    assert (said.qos, said.retain, said.expires) == (1, True, None)
    assert asyncapi.check(said.topic, said.payload)["state"] == ("online" if online else "offline")


def test_only_status_is_ever_retained() -> None:
    outputs: list[Output] = [states.state(), states.cue(), states.split(1)]
    assert not any(said.retain for o in outputs if (said := message(o, TREE, 1)))


@pytest.mark.parametrize("name", ["run", "a", "A-b_9", "x" * 32])
def test_session_name_is_one_topic_level(name: str) -> None:
    assert check_session(name) == name


@pytest.mark.parametrize("name", ["", "a/b", "a+", "#", "a,b", "ä", "a b", "x" * 33, "run\n", "$SYS"])
def test_session_name_that_could_be_more_than_one_level_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="allowed are 1 to 32"):
        check_session(name)


@pytest.mark.parametrize(
    ("payload", "command"),
    [
        (b'{"verb":"lap"}', Command(NOW, "lap", None, None, "mqtt")),
        (b'{"v":1,"verb":"lap","age_s":0.5}', Command(NOW, "lap", NOW - 0.5, None, "mqtt")),
        (b'{"verb":"start","at_utc_s":1800000010}', Command(NOW, "start", NOW + 10, None, "mqtt")),
        (
            b'{"verb":"correct_start","at_utc_s":1799999990}',
            Command(NOW, "correct_start", NOW - 10, None, "mqtt"),
        ),
        (b'{"verb":"target","value":279}', Command(NOW, "target", None, 279.0, "mqtt")),
    ],
)
def test_command_lands_on_our_clock(payload: bytes, command: Command) -> None:
    assert parse_command(payload, NOW, UTC) == command


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "an object"),
        (b'{"verb":"explode"}', "allowed are start"),
        (b'{"verb":["lap"]}', "allowed are start"),
        (b"{}", "allowed are start"),
        (b'{"verb":"lap","verb":"stop"}', "twice"),
        (b'{"verb":"lap","at":3}', "unknown 'at'"),
        (b'{"v\\rb":"lap"}', r"unknown 'v\\rb'"),  # fuzzed: it came as a line break
        (b'{"verb":"lap","v":2}', "v 2"),
        (b'{"verb":"lap","v":true}', "v True"),
        (b'{"verb":"lap","age_s":-1}', "age_s -1"),
        (b'{"verb":"lap","age_s":NaN}', "age_s nan"),
        (b'{"verb":"lap","age_s":1e999}', "age_s inf"),
        (b'{"verb":"lap","age_s":true}', "age_s True"),
        (b'{"verb":"lap","age_s":null}', "age_s None"),
        (b'{"verb":"lap","age_s":1,"at_utc_s":1800000000}', "one of them"),
        (b'{"verb":"start","at_utc_s":0}', "at_utc_s 0"),
        (b'{"verb":"target"}', "value None"),
        (b'{"verb":"target","value":0}', "value 0"),
        (b'{"verb":"lap","value":3}', "only target"),
        (b'{"verb":"correct_start"}', "needs"),
        (b'{"verb":"lap","age_s":1' + b" " * 1024 + b"}", "bytes"),
        (b"[" * 1000, "not JSON"),
    ],
)
def test_what_is_not_exactly_a_command_is_refused_in_words(payload: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_command(payload, NOW, UTC)


def parsed(payload: bytes) -> Command | None:
    try:
        return parse_command(payload, NOW, UTC)
    except InputError:
        return None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NUMBER = st.floats() | st.integers() | st.sampled_from([0, 1, 0.5, 279, 3600, 86400, UTC, UTC + 5])
FIELDS = {
    "v": st.just(1) | JSON,
    "at_utc_s": NUMBER | JSON,
    "age_s": NUMBER | JSON,
    "value": NUMBER | JSON,
    "extra": JSON,
}


@BUSY
@given(st.fixed_dictionaries({"verb": st.sampled_from(VERBS) | JSON}, optional=FIELDS))
def test_commands_are_taken_exactly_where_the_document_allows_them(fields: dict[str, Any]) -> None:
    command = parsed(json.dumps(fields).encode())
    finite = all(math.isfinite(v) for v in fields.values() if isinstance(v, float))
    allowed = finite and asyncapi.validator("command").is_valid(fields)
    # what no schema can say: an hour around now, and 1 kB
    utc = fields.get("at_utc_s", UTC)
    near = isinstance(utc, int | float) and UTC - 3600 <= utc <= UTC + 3600
    assert (command is not None) == (allowed and near)
    if command and command.at is not None:
        assert NOW - 3600 <= command.at <= NOW + 3600
