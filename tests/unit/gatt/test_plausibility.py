"""What people can do passes; what they cannot is refused by name, value and allowed range."""

import math
from dataclasses import replace

import pytest

from pacer.gatt.plausibility import implausible
from pacer.measurement import Battery, Crank, Fix, HeartRate, Measurement, NoFix, Stride, WheelRevolution

STRIDE = Stride(0.0, 5.7, 90.0, 3.8, 247.0, running=True)
FIX = Fix(0.0, 42.36, -71.09, 5.7, 270.0, 12.0, 3.0, 0.2, 1.7e9)
PLAUSIBLE: list[Measurement] = [
    STRIDE,
    FIX,
    Stride(0.0, None, None, None, None, running=None),
    Fix(0.0, None, None, 5.7),
    NoFix(0.0, "searching"),
    WheelRevolution(0.0, 2**32 - 1, 63.999),
    Crank(0.0, 2**16 - 1, 0.0),
    HeartRate(0.0, None, contact=False),
    HeartRate(0.0, 25, contact=True),
    HeartRate(0.0, 250, contact=None),
    Battery(0.0, 0),
]
IMPLAUSIBLE: list[tuple[Measurement, str]] = [
    (HeartRate(0.0, 24, contact=True), "heart rate 24 bpm: allowed is 25 to 250"),
    (HeartRate(0.0, 251, contact=True), "heart rate 251 bpm: allowed is 25 to 250"),
    (HeartRate(0.0, 0, contact=None), "heart rate 0 bpm: allowed is 25 to 250"),
    (replace(STRIDE, speed_mps=12.6), "runner's speed 12.6 m/s: allowed is 0 to 12.5"),
    (replace(STRIDE, speed_mps=math.nan), "runner's speed nan"),
    (replace(STRIDE, cadence_spm=400.0), "cadence 400 a minute"),
    (replace(STRIDE, stride_length_m=9.0), "stride length 9 m"),
    (replace(STRIDE, distance_m=math.inf), "distance inf m: allowed is finite and 0 or more"),
    (replace(STRIDE, distance_m=-1.0), "distance -1 m"),
    (replace(STRIDE, sensor_t=math.nan), "sensor time nan"),
    (replace(FIX, lat_deg=9999.0), "latitude"),
    (replace(FIX, lon_deg=-180.1), "longitude"),
    (replace(FIX, lat_deg=math.nan), "latitude"),
    (replace(FIX, lat_deg=None), "one half is missing"),
    (replace(FIX, lat_deg=0.0, lon_deg=0.0), "empty record"),
    (replace(FIX, speed_mps=-0.1), "speed -0.1"),
    (replace(FIX, course_deg=361.0), "course 361"),
    (replace(FIX, altitude_m=9001.0), "altitude 9001"),
    (replace(FIX, h_acc_m=-1.0), "horizontal accuracy -1"),
    (replace(FIX, speed_acc_mps=math.inf), "speed accuracy inf"),
    (NoFix(0.0, "searching", math.inf), "sensor time inf"),
    (WheelRevolution(0.0, 2**32, 0.0), "wheel revolutions"),
    (WheelRevolution(0.0, 1, 65.0), "wheel event time"),
    (Crank(0.0, 2**16, 0.0), "crank revolutions"),
    (Battery(0.0, 101), "battery 101"),
]


@pytest.mark.parametrize("measurement", PLAUSIBLE, ids=repr)
def test_what_a_runner_does_is_plausible(measurement: Measurement) -> None:
    assert implausible(measurement, "runner") is None


@pytest.mark.parametrize(
    ("measurement", "reason"), IMPLAUSIBLE, ids=lambda x: x if isinstance(x, str) else ""
)
def test_what_nobody_does_is_named_with_what_is_allowed(measurement: Measurement, reason: str) -> None:
    said = implausible(measurement, "runner")
    assert said is not None
    assert reason in said


def test_a_rider_may_be_twice_as_fast() -> None:
    fast = Fix(0.0, 42.36, -71.09, 25.0)
    assert implausible(fast, "runner") == "runner's speed 25 m/s: allowed is 0 to 12.5"
    assert implausible(fast, "rider") is None
    assert implausible(replace(fast, speed_mps=25.1), "rider") is not None
