from __future__ import annotations

import math

import numpy as np
import pytest

from firmware_sim.gauss_markov import GaussMarkov, Normals, stream


@pytest.mark.parametrize("dt_s", [0.05, 1.0, 4.0])
def test_spread_and_correlation_do_not_depend_on_the_step(dt_s: float) -> None:
    process = GaussMarkov(2.0, 3.0, dt_s, Normals(stream(1, "test", str(dt_s))))
    values = np.array([process.step() for _ in range(int(40_000 / min(dt_s, 1.0) / 4))])
    samples = len(values) * dt_s / 6.0  # about as many independent ones as that
    assert values.std() == pytest.approx(2.0, rel=4 / math.sqrt(2 * samples))
    lag_one = float(np.corrcoef(values[1:], values[:-1])[0, 1])
    assert lag_one == pytest.approx(math.exp(-dt_s / 3.0), abs=0.02)


def test_process_starts_in_its_stationary_state() -> None:
    first = [GaussMarkov(2.0, 1e6, 1.0, Normals(stream(seed, "start"))).value for seed in range(2000)]
    assert np.std(first) == pytest.approx(2.0, rel=0.07)
    assert np.mean(first) == pytest.approx(0.0, abs=0.2)


def test_streams_repeat_and_differ_by_seed_and_name() -> None:
    def five(seed: int, *name: str) -> list[float]:
        normals = Normals(stream(seed, *name))
        return [normals.next() for _ in range(5)]

    assert five(1, "a") == five(1, "a")
    assert five(1, "a") != five(2, "a")
    assert five(1, "a") != five(1, "b")
