"""What a receiver is thought to be follows from what it sends, not from what is configured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pacer.estimator import body as bodies
from pacer.estimator import model
from pacer.estimator.body import Body
from pacer.estimator.observe import fix_lag_s, observe
from pacer.estimator.process import BIKE, BOARD, PHONE
from pacer.measurement import Fix
from pacer.setup import Kind, SensorSpec
from tests.benchmarks.metrics import errors, row
from tests.benchmarks.play import OURS, play
from tests.benchmarks.runs import simulate

V, M_PER_DEG = 5.0, 111_195.0  # m/s; m of latitude, on a sphere of 6371 km


def hear(body: Body, made: np.ndarray, kind: Kind = "gps_uart", arrives: np.ndarray | None = None) -> Body:
    """Lets a body hear fixes made at `made` s, which arrive 0.1 s later or at `arrives`."""
    for at, t in zip(made.tolist(), (made + 0.1 if arrives is None else arrives).tolist(), strict=True):
        fix = Fix(t, 47.0 + V * at / M_PER_DEG, 8.0, V, h_acc_m=1.0, sensor_t=at)
        body, outcome = observe(body, fix, kind, from_file=False)
        assert not outcome.late
    return body


def sd(body: Body, *states: int) -> list[float]:
    return [float(np.sqrt(body.belief.P[i, i])) for i in states]


@pytest.mark.parametrize("kind", ["gps", "gps_uart"])
@pytest.mark.parametrize(("rate_hz", "good"), [(1, False), (2, False), (5, True), (10, True), (25, True)])
def test_a_receiver_is_good_that_is_quick_whatever_it_is_called(
    kind: Kind, rate_hz: int, *, good: bool
) -> None:
    body = hear(bodies.begin(0.0, None, 1.0, 0.03), np.arange(1, 4, 1 / rate_hz), kind)
    assert body.model.receiver == (BOARD if good else PHONE)


def test_fixes_that_arrive_all_at_once_were_not_made_so() -> None:
    made = np.arange(1.0, 41.0)
    arrives = 15.0 * np.ceil(made / 15) + 0.01 * (made % 15)  # a radio that stalls for 15 s
    body = hear(bodies.begin(0.0, None, 1.0, 0.03), made, arrives=arrives)
    assert body.model.receiver == PHONE


def test_a_good_receiver_stays_one_on_a_bad_radio_until_a_slow_one_speaks() -> None:
    rng = np.random.default_rng(1)
    body = bodies.begin(0.0, None, 1.0, 0.03, BIKE)  # a rider's as well
    made = np.arange(1, 60, 0.1)
    body = hear(body, np.array([t for t in made.tolist() if rng.random() > 0.3 and not 20 < t < 30]))
    assert body.model == replace(BIKE, receiver=BOARD)
    before = sd(body, model.E, model.O)
    body = hear(body, np.arange(61.0, 72.0))
    assert body.model == BIKE
    assert sd(body, model.E)[0] > before[0]
    assert sd(body, model.O)[0] > before[1]


def test_a_fix_over_a_serial_line_is_younger_than_a_phones_and_a_good_ones_youngest() -> None:
    ages = [
        fix_lag_s(PHONE, "gps", from_file=False),
        fix_lag_s(PHONE, "gps_uart", from_file=False),
        fix_lag_s(BOARD, "gps_uart", from_file=False),
    ]
    assert ages == sorted(ages, reverse=True)
    assert fix_lag_s(PHONE, "gps", from_file=True) < ages[1]


def test_a_receiver_that_is_configured_and_silent_changes_nothing() -> None:
    run = simulate("erratic", 31000)
    silent = SensorSpec("board", "runner", "gps_uart", address="z")
    run = replace(run, inputs=tuple(item for item in run.inputs if item.t < 120))
    other = replace(run, setup=replace(run.setup, sensors=(*run.setup.sensors, silent)))
    alone, beside = play(run, OURS), play(other, OURS)
    assert np.array_equal(alone.s, beside.s, equal_nan=True)
    assert np.array_equal(alone.s_sd, beside.s_sd, equal_nan=True)


def test_the_doubt_of_a_cheap_board_is_honest() -> None:
    """Once a second over a UART, with a phone's errors; as a good receiver's its range covered 56 %."""
    runs = [simulate("mismatch-uart", seed) for seed in range(31000, 31004)]
    found = row("mismatch-uart", OURS, [errors(run, play(run, OURS)) for run in runs])
    assert found.coverage is not None
    assert found.coverage > 0.9
    assert found.gap_p95_s < 0.42
