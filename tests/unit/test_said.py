from __future__ import annotations

import pytest

from pacer.measurement import Battery, Fix, HeartRate, Measurement, NoFix, Stride, WheelRevolution
from pacer.said import Said


def stride(
    t: float, speed_mps: float | None, cadence_spm: float = 0.0, sensor_t: float | None = None
) -> Stride:
    return Stride(t, speed_mps, cadence_spm, None, 100.0, running=None, sensor_t=sensor_t)


def after(*readings: Measurement) -> Said:
    said = Said()
    for one in readings:
        said = said.take(one)
    return said


@pytest.mark.parametrize(
    ("readings", "still"),
    [
        ([stride(1.0, 0.0)], True),
        ([stride(1.0, 0.0), stride(2.0, 3.0, 80.0)], False),
        ([stride(1.0, None)], False),
        ([stride(1.0, 0.0, 50.0)], False),  # steps on the spot
        ([WheelRevolution(1.0, 7, 3.0)], False),  # nobody can know yet
        ([WheelRevolution(1.0, 7, 3.0), WheelRevolution(2.0, 7, 3.0)], True),
        ([WheelRevolution(1.0, 7, 3.0), WheelRevolution(2.0, 9, 4.0)], False),
        ([Fix(1.0, 47.0, 8.0, 0.0)], False),  # receivers do not sleep
        ([], False),
    ],
)
def test_a_sensor_says_itself_that_it_stands(readings: list[Measurement], still: bool) -> None:  # noqa: FBT001 - a table of cases
    assert after(*readings).still == still


def test_the_same_is_said_from_its_first_time_on_whatever_the_clocks_say() -> None:
    said = after(stride(1.0, 4.0, 80.0, 10.0), stride(2.0, 5.0, 80.0, 11.0), stride(3.0, 5.0, 80.0, 12.0))
    assert said.same_since == 2.0
    assert said.take(Battery(3.5, 80)).take(stride(4.0, 5.0, 80.0)).same_since == 2.0
    assert said.take(stride(4.0, 5.0, 81.0)).same_since == 4.0


def test_movement_counts_from_its_first_word_until_one_to_the_contrary() -> None:
    said = after(Fix(1.0, 47.0, 8.0, 1.0), Fix(2.0, 47.0, 8.0, 2.5), Fix(3.0, 47.0, 8.0, 2.6))
    assert said.moving_since == 2.0
    assert said.take(NoFix(4.0, "searching")).moving_since is None
    assert after(HeartRate(1.0, 150, None)).moving_since is None
    wheel = after(WheelRevolution(1.0, 7, 3.0), WheelRevolution(2.0, 9, 4.0), WheelRevolution(3.0, 11, 5.0))
    assert wheel.moving_since == 2.0
    assert wheel.take(WheelRevolution(4.0, 11, 5.0)).moving_since is None


def test_speeds_are_kept_for_ten_seconds() -> None:
    said = after(*(Fix(float(t), 47.0, 8.0, t / 10) for t in range(30)))
    assert said.speeds == tuple((float(t), t / 10) for t in range(20, 30))
