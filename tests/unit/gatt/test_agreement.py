"""The simulated firmware's encoders and these decoders: written apart, from the same specifications."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim import encode
from pacer import gatt
from pacer.gatt.stream import Stream
from pacer.measurement import Fix, HeartRate, Stride, WheelRevolution

UTCS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as hypothesis asks
PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
HEIGHTS = st.floats(-400, 8000)
SPEEDS = st.floats(0, 25)


@given(
    speed=SPEEDS,
    cadence=st.integers(0, 255),
    running=st.booleans(),
    stride=st.none() | st.floats(0, 6),
    distance=st.none() | st.floats(0, 4e8),
)
def test_footpod(
    *, speed: float, cadence: int, running: bool, stride: float | None, distance: float | None
) -> None:
    sent = encode.rsc_measurement(
        speed, cadence, running=running, stride_length_m=stride, distance_m=distance
    )
    (read,) = gatt.decode(encode.RSC_MEASUREMENT, 1.0, sent)
    assert isinstance(read, Stride)
    assert read.speed_mps == pytest.approx(speed, abs=0.5 / 256)
    assert (read.cadence_spm, read.running) == (cadence, running)
    assert read.stride_length_m == (None if stride is None else pytest.approx(stride, abs=0.0051))
    assert read.distance_m == (None if distance is None else pytest.approx(distance, abs=0.11))


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1))
def test_wheel(revolutions: int, ticks: int) -> None:
    sent = encode.csc_measurement(revolutions, ticks)
    assert gatt.decode(encode.CSC_MEASUREMENT, 1.0, sent) == (
        WheelRevolution(1.0, revolutions, ticks / 1024),
    )


@given(
    bpm=st.integers(0, 300),
    contact=st.none() | st.booleans(),
    ticks=st.lists(st.integers(200, 3000), max_size=8),
)
def test_heart_rate(*, bpm: int, contact: bool | None, ticks: list[int]) -> None:
    rr = tuple(n / 1024 for n in ticks)
    sent = encode.heart_rate_measurement(bpm, contact=contact, rr_s=rr)
    shown = None if contact is False else bpm
    assert gatt.decode(encode.HEART_RATE_MEASUREMENT, 1.0, sent) == (HeartRate(1.0, shown, contact, rr),)


@given(place=PLACES, speed=SPEEDS, heading=st.floats(0, 360), height=HEIGHTS, utc=UTCS)
def test_location_and_speed(
    *, place: tuple[float, float], speed: float, heading: float, height: float, utc: datetime
) -> None:
    record = encode.LocationAndSpeed(encode.PositionStatus.OK, speed, 5.0, place, height, heading, 7, utc)
    (read,) = gatt.decode(encode.LOCATION_AND_SPEED, 1.0, encode.location_and_speed(record))
    assert isinstance(read, Fix)
    assert (read.lat_deg, read.lon_deg) == pytest.approx(place, abs=1e-7)
    assert (read.speed_mps, read.altitude_m) == pytest.approx((speed, height), abs=0.0051)
    assert read.course_deg == pytest.approx(round(heading, 2) % 360, abs=0.011)
    assert read.sensor_t == utc.replace(microsecond=0).timestamp()


@given(place=PLACES, speed=SPEEDS, heading=st.floats(0, 359.9), height=HEIGHTS, utc=UTCS)
def test_nav_pvt(
    *, place: tuple[float, float], speed: float, heading: float, height: float, utc: datetime
) -> None:
    sent = encode.NavPvt(
        utc=utc,
        itow_ms=0,
        fix_type=3,
        fix_ok=True,
        satellites=12,
        lat_deg=place[0],
        lon_deg=place[1],
        height_m=height,
        h_acc_m=1.5,
        v_acc_m=2.0,
        vel_ned_mps=(0.0, 0.0, 0.0),
        speed_mps=speed,
        heading_deg=heading,
        speed_acc_mps=0.2,
        heading_acc_deg=1.0,
        pdop=1.2,
    )
    (read,) = Stream().feed(encode.nav_pvt(sent), 1.0)
    assert isinstance(read, Fix)
    assert (read.lat_deg, read.lon_deg) == pytest.approx(place, abs=1e-7)
    assert (read.speed_mps, read.altitude_m) == pytest.approx((speed, height), abs=0.00051)
    assert (read.course_deg, read.h_acc_m, read.speed_acc_mps) == pytest.approx((heading, 1.5, 0.2), abs=1e-4)
    assert read.sensor_t == pytest.approx(utc.timestamp(), abs=1e-6)
