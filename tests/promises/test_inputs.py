"""B1, B3 and B5: whatever sensors send and people write gives a value that can be, or one typed error."""

from __future__ import annotations

import copy
import dataclasses
import math
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim import encode
from pacer import config
from pacer.errors import DecodeError
from pacer.gatt import DECODABLE, decode
from pacer.inputs import Measured
from pacer.measurement import Battery, Fix, HeartRate, Measurement, Refused, Stride, WheelRevolution
from pacer.outputs import State
from pacer.recording import read
from pacer.session import Session
from tests.fuzz import targets
from tests.promises import goldens
from tests.promises.promised import Measured as Noted
from tests.promises.promised import Promise
from tests.support import odd
from tests.support.damage import mutated
from tests.support.data import recording
from tests.support.gps_frames import MIXED, frames

B1 = Promise("B1", "any bytes from a sensor give measurements or one typed error", "for every characteristic")
B3 = Promise("B3", "impossible values never enter the estimate", "refused by name; the estimate unchanged")
B5 = Promise(
    "B5", "what is wrong in a configuration is said so that one can act", "file, key, value, what is allowed"
)
EXAMPLES = 20_000  # of all characteristics together
EACH, SLOT = 20, 41  # notifications in an example of hypothesis; of 0 to 40 bytes, each after its length
STREAMS = 500
busy = settings(deadline=None)  # a busy machine is slow, and that is no finding


@B1
@pytest.mark.parametrize("char", range(len(DECODABLE)))
def test_b1_any_bytes_give_measurements_or_a_decode_error(char: int, measured: Noted) -> None:
    many = st.binary(min_size=EACH * SLOT, max_size=EACH * SLOT)  # one by one they would take minutes

    @settings(busy, max_examples=EXAMPLES // EACH // len(DECODABLE))
    @given(many)
    def holds(data: bytes) -> None:
        for at in range(0, len(data), SLOT):
            length = data[at] % SLOT
            targets.gatt(bytes([char]) + data[at + 1 : at + 1 + length])

    holds()
    measured(B1, f"{EXAMPLES} notifications of {len(DECODABLE)} characteristics")


PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
GOOD = st.one_of(
    st.builds(
        encode.rsc_measurement,
        st.floats(0, 12),
        st.integers(0, 255),
        running=st.booleans(),
        stride_length_m=st.none() | st.floats(0, 6),
        distance_m=st.none() | st.floats(0, 4e8),
    ).map(lambda data: (encode.RSC_MEASUREMENT, data)),
    st.builds(encode.csc_measurement, st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1)).map(
        lambda data: (encode.CSC_MEASUREMENT, data)
    ),
    st.builds(  # one interval at most: of several, the last may be cut off and the others stand
        encode.heart_rate_measurement,
        st.integers(0, 300),
        contact=st.none() | st.booleans(),
        rr_s=st.lists(st.floats(0.2, 2), max_size=1).map(tuple),
    ).map(lambda data: (encode.HEART_RATE_MEASUREMENT, data)),
    st.integers(0, 100).map(lambda percent: (encode.BATTERY_LEVEL, encode.battery_level(percent))),
    st.builds(
        encode.LocationAndSpeed,
        st.sampled_from(encode.PositionStatus),
        st.none() | st.floats(0, 100),
        st.none() | st.floats(0, 1e6),
        st.none() | PLACES,
        st.none() | st.floats(-500, 8000),
        st.none() | st.floats(0, 360),
        st.none() | st.integers(0, 255),
        st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
    ).map(lambda said: (encode.LOCATION_AND_SPEED, encode.location_and_speed(said))),
)


@B1
@busy
@given(GOOD)
def test_b1_every_beginning_of_a_good_value_is_refused(good: tuple[str, bytes]) -> None:
    char, data = good
    decode(char, 1.0, data)
    for cut in range(len(data)):
        with pytest.raises(DecodeError, match="bytes"):
            decode(char, 1.0, data[:cut])


PIECES = st.lists(
    st.one_of(
        st.sampled_from(MIXED), st.sampled_from(MIXED).map(lambda f: f[: len(f) // 2]), st.binary(max_size=60)
    ),
    max_size=12,
).map(b"".join)


@B1
def test_b1_a_receivers_stream_cut_anywhere_gives_the_same(measured: Noted) -> None:
    @settings(busy, max_examples=STREAMS)
    @given(PIECES, st.lists(st.integers(0, 2000), max_size=20), st.integers(0, 255))
    def holds(data: bytes, cuts: list[int], size: int) -> None:
        assert frames(data, cuts) == frames(data, [])
        targets.stream(bytes([size]) + data)

    holds()
    measured(B1, f"{STREAMS} streams of UBX and NMEA cut anywhere")


@B1
@pytest.mark.parametrize("name", ["bsd_ubx_navpvt_5hz_neom8n.log", "bsd_nmea_ublox8_1hz.log"])
def test_b1_damaged_logs_of_receivers_give_fixes_or_bad_frames(name: str) -> None:
    log, chance = recording(f"raw_sensor_logs/{name}").read_bytes()[:4000], random.Random(7)
    for _ in range(20):
        targets.stream(bytes([chance.randrange(256)]) + mutated(log, chance))


AT_S = 30.0  # s into a run: the gun was at 10
STRIDE = Stride(AT_S, 5.7, 90.0, 1.9, 247.0, running=True)
FIX = Fix(AT_S, 47.0, 8.0, 5.7, 270.0, 400.0, 3.0, 0.2, 1.7e9)
WILD = (9999.0, -9999.0)
# What each field cannot be, beside what is not finite.
IMPOSSIBLE: dict[str, dict[str, tuple[float, ...]]] = {
    "footpod": {
        "speed_mps": (*WILD, 12.6),
        "cadence_spm": WILD,
        "stride_length_m": WILD,
        "distance_m": (-1.0,),
        "sensor_t": (),
    },
    "gps": {
        "lat_deg": (*WILD, 90.1),
        "lon_deg": (*WILD, 180.1),
        "speed_mps": (*WILD, 12.6),
        "course_deg": WILD,
        "altitude_m": WILD,
        "h_acc_m": (-1.0,),
        "speed_acc_mps": (-1.0,),
        "sensor_t": (),
    },
}


def impossible() -> Iterator[tuple[str, Measurement]]:
    """Lists readings of which one value cannot be."""
    of: dict[str, Any] = {"footpod": STRIDE, "gps": FIX}
    for sensor, good in of.items():
        for name, wild in IMPOSSIBLE[sensor].items():
            for value in (*wild, math.nan, math.inf, -math.inf):
                yield sensor, dataclasses.replace(good, **{name: value})
    for bpm in (0, 24, 251, 9999, -1):
        yield "heart_rate", HeartRate(AT_S, bpm, contact=True)
    for percent in (101, -1, 9999):
        yield "footpod", Battery(AT_S, percent)
    for revolutions, event_t in ((-1, 1.0), (2**32, 1.0), (1, -1.0), (1, 64.1), (1, math.nan)):
        yield "wheel", WheelRevolution(AT_S, revolutions, event_t)


def known(session: Session, items: tuple[Any, ...]) -> list[Any]:
    """Lists what a session goes on to know of both people."""
    states = [said for item in items for said in session.step(item) if isinstance(said, State)]
    return [(s.runner, s.rider, s.standing, s.heart_rate_bpm, s.cadence_spm) for s in states]


@B3
def test_b3_an_impossible_value_is_refused_and_changes_nothing(measured: Noted) -> None:
    whole = read(goldens.FOLDER / "steady.pacer")
    early = [item for item in whole.inputs if item.t <= AT_S]
    later = tuple(item for item in whole.inputs if AT_S < item.t <= AT_S + 1.5)
    running = Session(whole.header.setup)
    for item in early:
        running.step(item)
    unharmed = known(copy.deepcopy(running), later)
    assert len(unharmed) == 15
    readings = list(impossible())
    for sensor, reading in readings:
        session = copy.deepcopy(running)
        (said,) = session.step(Measured(AT_S, sensor, reading))
        assert isinstance(said, Refused), reading
        assert said.sensor == sensor
        assert ": " in said.reason
        assert known(session, later) == unharmed, reading
    measured(B3, f"{len(readings)} impossible values in all fields: each refused, nothing changed")


@B3
@settings(busy, max_examples=1000)
@given(odd.measurement)
def test_b3_what_is_let_in_can_be(reading: Measurement) -> None:
    targets.plausible(dataclasses.replace(reading, t=AT_S))  # the time is judged with its input


GOOD_SENSOR = {"name": "pod", "role": "runner", "kind": "footpod", "address": "C0:DE:00:00:00:01"}
ODD = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=12)
    | st.dates()
    | st.sampled_from(["mile", "4:41", "none", "track.toml", "x.gpx", "mqtt://h", "AA:BB:CC:DD:EE:FF", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\n\x1b", max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def keys(cls: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Lists the keys that a configuration may have."""
    hints = get_type_hints(cls)
    for field in dataclasses.fields(cls):
        yield (*above, field.name)
        if dataclasses.is_dataclass(hints[field.name]):
            yield from keys(hints[field.name], (*above, field.name))


KEYS = [*keys(config._File), ("colour",), ("policy", "a\nb")]


@B5
@pytest.mark.parametrize("sensor", [False, True])
def test_b5_any_value_is_taken_or_told_with_file_key_and_what_is_allowed(
    *, sensor: bool, tmp_path: Path, measured: Noted
) -> None:
    file = tmp_path / "mine.toml"
    places = [(name,) for name in GOOD_SENSOR] if sensor else KEYS

    @settings(busy, max_examples=400)
    @given(st.sampled_from(places), ODD)
    def holds(key: tuple[str, ...], value: Any) -> None:
        body: Any = value
        for name in reversed(key):
            body = {name: body}
        whole = {"sensors": [GOOD_SENSOR | body]} if sensor else {"sensors": [GOOD_SENSOR]} | body
        file.write_text(tomli_w.dumps(whole), "utf-8")
        told = config.check(file)
        if not told:
            assert isinstance(config.load(file), config.Config)
        for problem in map(str, told):
            targets.one_line(problem)
            assert problem.startswith(str(tmp_path)), "the file, or the course that it names"
            if problem.startswith(f"{file}: "):
                assert ("sensors[1]" if sensor else key[0]) in problem.removeprefix(f"{file}: ")
                assert "allowed" in problem or "must be" in problem

    holds()
    measured(B5, "800 odd values, in each key of a configuration and of a sensor")


@B5
def test_b5_the_words_are_those_that_were_agreed(monkeypatch: pytest.MonkeyPatch, measured: Noted) -> None:
    """Compares what is said of a bad file; PACER_ACCEPT=1 accepts it as it is now, for git to show."""
    golden = goldens.FOLDER.parent / "bad-config.txt"
    monkeypatch.chdir(golden.parent)
    said = "".join(f"{problem}\n" for problem in config.check(Path("bad-config.toml")))
    if os.environ.get("PACER_ACCEPT"):
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8")
    measured(B5, f"{len(said.splitlines())} messages as agreed")
