from __future__ import annotations

import math

import pytest

from pacer.estimator import body as bodies
from pacer.estimator import counts, model, readings
from pacer.estimator.body import Body
from pacer.estimator.observe import observe
from pacer.estimator.surge import surge
from pacer.measurement import Stride


def running() -> Body:
    """Makes a body that has been heard to run at 5 m/s for a minute, by a pod that only smooths."""
    body = bodies.begin(0.0, None, 1.0, 0.03)
    for second in range(1, 60):
        body, _ = observe(body, pod(float(second)), "footpod", from_file=False)
    return body


def pod(t: float, stride_m: float = 3.333) -> Stride:
    """Says 5 m/s, smoothed: 90 strides a minute of 3.33 m, or of another length for the last one."""
    return Stride(t, 5.0, 90.0, stride_m, 100 + 5 * t, running=True)


def room(body: Body, first_mps: float, second_mps: float) -> float:
    """Returns the doubt of speed, m/s, that two readings in a row give room to."""
    for off in (first_mps, second_mps):
        speed = float(body.belief.x[model.V]) + off
        body, _ = surge(body, "speed", readings.doppler(body.belief, speed, bodies.ago(body, 0.6), 0.2))
    return math.sqrt(body.belief.P[model.V, model.V])


def test_two_readings_alike_give_room_as_far_as_both_are_off() -> None:
    body = running()
    doubt = math.sqrt(body.belief.P[model.V, model.V])
    assert room(body, 0.9, 1.0) == pytest.approx(math.hypot(doubt, 0.9))
    assert room(body, -1.0, -0.9) == pytest.approx(math.hypot(doubt, 0.9))


@pytest.mark.parametrize(
    "offs", [(0.9, -0.9), (0.3, 0.9), (0.3, 0.3), (0.9, 2.8), (0.9, 1e6), (0.9, math.nan)]
)
def test_one_reading_alone_gives_none(offs: tuple[float, float]) -> None:
    body = running()
    assert room(body, *offs) == pytest.approx(math.sqrt(body.belief.P[model.V, model.V]))


def test_what_one_of_two_says_alone_goes_no_farther_than_half_as_much_again_as_both() -> None:
    body, ys = running(), []
    for off in (0.9, 2.2):
        speed = float(body.belief.x[model.V]) + off
        read = readings.doppler(body.belief, speed, bodies.ago(body, 0.6), 0.2)
        body, told = surge(body, "speed", read)
        ys.append(told.y)
    assert ys[0] == pytest.approx(0.9)
    assert ys[1] == pytest.approx(1.5 * 0.9)


def test_a_stride_length_worked_out_from_the_smoothed_speed_tells_nothing() -> None:
    assert "stride" not in running().channels


def test_measured_stride_lengths_tell_the_speed_of_now_before_the_smoothed_speed_does() -> None:
    body = running()
    for second in range(60, 90):  # a stride's own unevenness, 2 %
        stride_m = 3.333 * (1.02 if second % 2 else 0.98)
        body, _ = observe(body, pod(float(second), stride_m), "footpod", from_file=False)
    before = float(body.belief.x[model.V])
    for second in range(90, 93):  # 8 % faster, which the smoothed speed does not say yet
        body, _ = observe(body, pod(float(second), 3.333 * 1.08), "footpod", from_file=False)
    assert float(body.belief.x[model.V]) > before + 0.1


@pytest.mark.parametrize(
    ("last_m", "count_m", "now_m", "mean_m"),
    [
        (3.5, 300.0, 306.9, 3.45),  # two: the other one was 3.4 m
        (3.5, 300.0, 303.5, 3.5),  # one
        (3.5, 300.0, 310.2, 3.5),  # three: a packet was lost
        (3.5, 300.0, 306.0, 3.5),  # it does not wait for a stride to end
        (3.5, 300.0, 350.0, 3.5),  # the odometer jumped
        (3.5, 300.0, 305.2, 3.5),  # ... or is another pod's
        (3.5, 300.0, 100.0, 3.5),
        (3.5, None, 300.0, 3.5),
        (3.5, 300.0, None, 3.5),
    ],
)
def test_the_odometer_tells_how_long_the_strides_were_that_no_packet_tells(
    last_m: float, count_m: float | None, now_m: float | None, mean_m: float
) -> None:
    assert counts.mean_stride(last_m, count_m, now_m)[0] == pytest.approx(mean_m)


def test_a_length_in_other_units_is_left_alone() -> None:
    body = running()
    for second in range(60, 90):
        body, _ = observe(body, pod(float(second), 1.6667), "footpod", from_file=False)
    assert "stride" not in body.channels
