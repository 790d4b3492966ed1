from __future__ import annotations

import random

import pytest

from pacer.estimator.timebase import Timebase


def lateness(packets: list[tuple[float, float]], wrap_s: float | None = None) -> list[float]:
    timebase, found = Timebase(wrap_s), []
    for t, sensor_t in packets:
        timebase, late = timebase.learn(t, sensor_t)
        found.append(late)
    return found


def test_a_late_packet_is_known_by_how_late_it_is() -> None:
    delays = [0.05, 0.04, 1.5, 0.05, 0.3]
    found = lateness([(i + delay, 1000.0 + i) for i, delay in enumerate(delays)])
    assert found == pytest.approx([0, 0, 1.46, 0.01, 0.26], abs=1e-9)


def test_a_clock_that_wraps_goes_on() -> None:
    packets = [(i + 0.1 + (0.5 if i == 70 else 0.0), (i + 60) % 64.0) for i in range(300)]
    found = lateness(packets, 64.0)
    assert found[70] == pytest.approx(0.5)
    assert max(late for i, late in enumerate(found) if i != 70) < 1e-6


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0, -18.0, 18.0])
def test_a_clock_that_is_set_costs_no_packet_after_it(jump_s: float) -> None:
    found = lateness([(float(i), i + (jump_s if i > 50 else 0.0)) for i in range(100)])
    assert found == pytest.approx([0.0] * 100)


def test_a_clock_that_was_wrong_once_is_forgotten_within_a_minute() -> None:
    found = lateness([(float(i), i + (5.0 if i == 50 else 0.0)) for i in range(150)])
    assert found[51] == pytest.approx(5)
    assert max(found[112:]) == pytest.approx(0)


def test_drift_of_crystals_is_followed() -> None:
    rng = random.Random(1)
    packets = [(i * (1 + 1e-4) + abs(rng.gauss(0, 0.03)), float(i)) for i in range(7200)]
    assert max(lateness(packets)) < 0.2
