"""Characteristics against the specification's own layout, written out by hand."""

import json
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacer.errors import DecodeError
from pacer.gatt import (
    BATTERY_LEVEL,
    CSC_MEASUREMENT,
    HEART_RATE_MEASUREMENT,
    LOCATION_AND_SPEED,
    RSC_MEASUREMENT,
    decode,
)
from pacer.measurement import Battery, Crank, Fix, HeartRate, Measurement, NoFix, Stride, WheelRevolution
from tests.support.data import recording

T = 12.5

# Frames of which every proper prefix must be refused (so with one RR-interval: a second could be cut off).
FULL_LN = (
    struct.pack("<HH", 0x00FF, 573) + bytes.fromhex("40e201") + struct.pack("<ii", 422912345, -710123456)
)
FULL_LN += (
    bytes.fromhex("d20400") + struct.pack("<HB", 27050, 7) + struct.pack("<HBBBBB", 2024, 2, 29, 23, 59, 58)
)
GOOD = {
    "rsc full": (RSC_MEASUREMENT, "07 ba05 5a 8c00 6f010000"),
    "rsc bare": (RSC_MEASUREMENT, "00 0000 00"),
    "rsc distance": (RSC_MEASUREMENT, "02 0005 50 ffff0001"),
    "csc both": (CSC_MEASUREMENT, "03 ffffffff 033f ff07 e70f"),
    "csc wheel": (CSC_MEASUREMENT, "01 01000000 0004"),
    "csc crank": (CSC_MEASUREMENT, "02 c800 0000"),
    "heart rate": (HEART_RATE_MEASUREMENT, "00 3c"),
    "heart rate full": (HEART_RATE_MEASUREMENT, "1f 2c01 1000 0004"),
    "battery": (BATTERY_LEVEL, "64"),
    "ln full": (LOCATION_AND_SPEED, FULL_LN.hex()),
    "ln location": (LOCATION_AND_SPEED, "8400 00000000 00000000"),
}


def one(char: str, data: str | bytes) -> Measurement:
    (measurement,) = decode(char, T, bytes.fromhex(data) if isinstance(data, str) else data)
    return measurement


def test_rsc_gives_speed_cadence_stride_distance_and_gait() -> None:
    # flags 0x07; 1466/256 m/s; 90 strides/min; 1.40 m; 36.7 m
    assert one(RSC_MEASUREMENT, "07 ba05 5a 8c00 6f010000") == Stride(
        T, 5.7265625, 90.0, 1.40, 36.7, running=True
    )
    assert one(RSC_MEASUREMENT, "00 0001 28") == Stride(T, 1.0, 40.0, None, None, running=False)


def test_rsc_reserved_flags_do_not_move_fields() -> None:
    assert one(RSC_MEASUREMENT, "fa 0005 50 ffff0001") == one(RSC_MEASUREMENT, "02 0005 50 ffff0001")


def test_csc_gives_wheel_crank_both_or_neither() -> None:
    wheel = WheelRevolution(T, 1, 1.0)
    assert decode(CSC_MEASUREMENT, T, bytes.fromhex("01 01000000 0004")) == (wheel,)
    assert decode(CSC_MEASUREMENT, T, bytes.fromhex("03 01000000 0004 0200 0002")) == (
        wheel,
        Crank(T, 2, 0.5),
    )
    assert decode(CSC_MEASUREMENT, T, b"\x00") == ()


@pytest.mark.parametrize(
    ("data", "bpm", "contact"),
    [
        ("00 3c", 60, None),
        ("02 3c", 60, None),  # the contact bit without "supported" says nothing
        ("04 3c", None, False),
        ("06 3c", 60, True),
        ("05 3c00", None, False),
        ("07 3c00", 60, True),
        ("01 2c01", 300, None),  # not 44, whatever the low byte says
    ],
)
def test_heart_rate_contact_bits(data: str, bpm: int | None, contact: bool | None) -> None:  # noqa: FBT001 - a table
    assert one(HEART_RATE_MEASUREMENT, data) == HeartRate(T, bpm, contact)


def test_heart_rate_intervals_stand_after_the_energy() -> None:
    assert one(HEART_RATE_MEASUREMENT, "18 50 ffff 0004 0002") == HeartRate(T, 80, None, (1.0, 0.5))


def test_location_and_speed_full_record() -> None:
    assert len(FULL_LN) == 28  # the longest there is
    utc = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC).timestamp()
    assert one(LOCATION_AND_SPEED, FULL_LN) == Fix(
        T, 42.2912345, -71.0123456, 5.73, 270.5, 12.34, sensor_t=utc
    )


def test_location_below_sea_level() -> None:
    fix = one(LOCATION_AND_SPEED, "8c00 00000000 00000000 18fcff")
    assert isinstance(fix, Fix)
    assert fix.altitude_m == -10.0


@pytest.mark.parametrize(("status", "word"), [(0, "no position"), (2, "estimated"), (3, "last known")])
def test_only_position_ok_is_a_fix(status: int, word: str) -> None:
    frame = struct.pack("<HHii", 0x05 | status << 7, 500, 1, 1)
    no_fix = one(LOCATION_AND_SPEED, frame)
    assert isinstance(no_fix, NoFix)
    assert word in no_fix.reason


def test_location_and_speed_with_speed_only() -> None:
    assert one(LOCATION_AND_SPEED, struct.pack("<HH", 0x0081, 573)) == Fix(T, None, None, 5.73)
    assert decode(LOCATION_AND_SPEED, T, struct.pack("<H", 0x0080)) == ()  # nothing in it, so no measurement


@pytest.mark.parametrize("date", [(0, 2, 3), (2024, 0, 3), (2024, 2, 0)])
def test_an_unknown_date_is_an_unknown_time(date: tuple[int, int, int]) -> None:
    fix = one(LOCATION_AND_SPEED, struct.pack("<HHHBBBBB", 0x00C1, 500, *date, 1, 2, 3))
    assert isinstance(fix, Fix)
    assert fix.sensor_t is None


@pytest.mark.parametrize(
    ("char", "data", "word"),
    [
        (BATTERY_LEVEL, "65", "101"),
        (BATTERY_LEVEL, "ff", "255"),
        (HEART_RATE_MEASUREMENT, "10 3c", "RR"),
        (HEART_RATE_MEASUREMENT, "10 3c 00", "RR"),
        (LOCATION_AND_SPEED, "8400 01e9a435 00000000", "90.0000001"),
        (LOCATION_AND_SPEED, "8400 00000000 ff2db694", "-180.0000001"),
        (LOCATION_AND_SPEED, "9100 0000 a18c", "360.01"),
        (LOCATION_AND_SPEED, "c100 0000 e807 0d 01 00 00 00", "UTC"),  # month 13
        (LOCATION_AND_SPEED, "c100 0000 e707 02 1d 00 00 00", "UTC"),  # 29 February 2023
        (LOCATION_AND_SPEED, "c100 0000 e807 01 01 18 00 00", "UTC"),  # hour 24
        (LOCATION_AND_SPEED, "c100 0000 e807 01 01 00 00 3c", "UTC"),  # second 60
        (LOCATION_AND_SPEED, "c100 0000 2d06 01 01 00 00 00", "UTC"),  # year 1581
        ("2a63", "0000 2800", "2a63"),
    ],
)
def test_what_the_specification_forbids_is_refused_by_name(char: str, data: str, word: str) -> None:
    with pytest.raises(DecodeError, match=word):
        decode(char, T, bytes.fromhex(data))


def test_a_long_value_is_named_by_its_first_bytes() -> None:
    """Holds what fuzzing found: a message of 640 characters."""
    with pytest.raises(DecodeError, match=r"205 bytes of RR-intervals.*\(bytes 16 ac( 89){26} …\)$"):
        decode(HEART_RATE_MEASUREMENT, T, b"\x16\xac" + b"\x89" * 205)


@pytest.mark.parametrize("name", GOOD)
def test_every_proper_prefix_of_a_good_frame_is_refused(name: str) -> None:
    char, data = GOOD[name]
    frame = bytes.fromhex(data)
    assert decode(char, T, frame)
    for cut in range(len(frame)):
        with pytest.raises(DecodeError, match="bytes"):
            decode(char, T, frame[:cut])


@pytest.mark.parametrize("name", [n for n in GOOD if n != "heart rate full"])  # its intervals fill the frame
def test_bytes_after_the_known_fields_are_ignored(name: str) -> None:
    char, data = GOOD[name]
    assert decode(char, T, bytes.fromhex(data) + b"\x99\x99\x99") == decode(char, T, bytes.fromhex(data))


@settings(deadline=None)
@given(st.datetimes(datetime(1582, 10, 15), datetime(9999, 12, 31)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_utc_agrees_with_the_calendar_of_the_standard_library(when: datetime) -> None:
    frame = struct.pack("<HHHBBBBB", 0x00C1, 500, *when.timetuple()[:6])
    fix = one(LOCATION_AND_SPEED, frame)
    assert isinstance(fix, Fix)
    assert fix.sensor_t == when.replace(tzinfo=UTC, microsecond=0).timestamp()


def _seen(char: str, data: bytes) -> dict[str, object]:
    """Draws what was decoded in the words of ble_vectors.json."""
    seen: dict[str, object] = {}
    for m in decode(char, T, data):
        match m:
            case Stride():
                seen |= {
                    "speed_mps": m.speed_mps,
                    "cadence_spm": m.cadence_spm,
                    "total_distance_m": m.distance_m,
                }
            case WheelRevolution():
                seen |= {"wheel_revs": m.revolutions, "wheel_time_1024": m.event_t * 1024}
            case Crank():
                seen |= {"crank_revs": m.revolutions, "crank_time_1024": m.event_t * 1024}
            case HeartRate():
                seen |= {"bpm": m.bpm, "rr": list(m.rr_s)}
            case Battery() | Fix() | NoFix():
                pytest.fail(f"no vector holds a {m}")
    return seen


def test_vectors_of_other_projects() -> None:
    """Cycling power (2A63) is left out: pacer does not use a power meter, and `decode` refuses it."""
    vectors = json.loads(recording("raw_sensor_logs/ble_vectors.json").read_text())["vectors"]
    used = [v for v in vectors if v["char"] != "2A63"]
    assert len(used) == len(vectors) - 2 == 8
    for vector in used:
        seen = _seen(vector["char"].lower(), bytes.fromhex(vector["hex"]))
        assert {k: seen[k] for k in vector["expect"]} == vector["expect"], vector["name"]
