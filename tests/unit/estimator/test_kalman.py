from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.estimator import model
from pacer.estimator.kalman import Gate, Pair, Reading, update
from pacer.estimator.model import Belief, predict
from pacer.estimator.process import BIKE, BOARD, ROAD, RUNNER, Model, Pull

ON_A_ROAD = replace(RUNNER, map=ROAD)
START = Pull(5.75, 1.3, 0.36)
BLIND = Pull(0.0, 10.0, 1.8)
OPEN, USUAL = Gate(1e9, 1e9), Gate(2.0)  # without and with softening


def row(**entries: float) -> model.Vector:
    H = np.zeros(model.N)
    for name, value in entries.items():
        H[getattr(model, name)] = value
    return H


def running() -> Belief:
    """Makes a belief in the middle of a bend, every state tied to the others."""
    rng = np.random.default_rng(7)
    A = rng.standard_normal((model.N, model.N)) * 0.1
    x = model.begin(0.0, RUNNER, 1.02, 0.03).x + rng.standard_normal(model.N) * 0.1
    x[model.V] = 5.6
    return model.turn(Belief(0.0, x, A @ A.T + 0.01 * np.eye(model.N)), 1 / 36.8)


def sound(belief: Belief) -> bool:
    """Tells whether all is finite, and P symmetric and positive semi-definite but for rounding."""
    P = belief.P
    finite = bool(np.isfinite(belief.x).all() and np.isfinite(P).all())
    scale = np.sqrt(np.outer(np.diag(P), np.diag(P))) + 1e-300
    return (
        finite
        and np.allclose(P / scale, P.T / scale, atol=1e-9)
        and float(np.linalg.eigvalsh(P / scale)[0]) > -1e-6
    )


@pytest.mark.parametrize("process", [RUNNER, Model(BOARD), ON_A_ROAD, BIKE])
@pytest.mark.parametrize("pull", [None, START, BLIND])
def test_splitting_a_prediction_changes_nothing(process: Model, pull: Pull | None) -> None:
    begun = running()
    whole, parts = predict(begun, 3.7, process, pull), begun
    for t in (0.1, 0.15, 1.0, 2.9, 3.7):
        parts = predict(parts, t, process, pull)
    scale = np.sqrt(np.outer(np.diag(whole.P), np.diag(whole.P)))
    assert np.allclose(whole.x, parts.x, rtol=0, atol=1e-9)
    assert np.allclose(whole.P / scale, parts.P / scale, rtol=0, atol=1e-9)


def test_a_pair_weighs_like_two_readings_one_after_the_other() -> None:
    begun = running()
    H = np.stack([row(S=1.0, E=0.6, NORTH=0.8), row(L=1.0, E=0.8, NORTH=-0.6)])
    both, _ = update(begun, Pair(np.array([0.7, -0.4]), H, 0.2, OPEN))
    first, _ = update(begun, Reading(0.7, H[0], 0.2, OPEN))
    moved = float(H[1] @ (first.x - begun.x))
    second, _ = update(first, Reading(-0.4 - moved, H[1], 0.2, OPEN))
    assert np.allclose(both.x, second.x, atol=1e-12)
    assert np.allclose(both.P, second.P, atol=1e-12)


def test_time_that_goes_back_changes_nothing() -> None:
    belief = model.begin(5.0, RUNNER, 1, 0.1)
    assert predict(belief, 4.0, RUNNER) is belief


def test_it_is_the_least_squares_fit_where_all_is_linear() -> None:
    """Compares with numpy: a constant speed measured twenty times, the place anywhere before."""
    rng = np.random.default_rng(1)
    z = 5.7 + 0.2 * rng.standard_normal(20)
    belief = model.begin(0.0, RUNNER, 1.0, 0.03)
    for value in z:
        belief, verdict = update(belief, Reading(float(value - belief.x[model.V]), row(V=1.0), 0.04, OPEN))
        assert verdict.accepted
    # the prior, 0 +- 3 m/s, is one more row
    A, b = np.vstack([np.ones((20, 1)) / 0.2, [[1 / 3.0]]]), np.append(z / 0.2, 0.0)
    fit = np.linalg.lstsq(A, b, rcond=None)[0][0]
    assert belief.x[model.V] == pytest.approx(fit, abs=1e-6)
    assert math.sqrt(belief.P[model.V, model.V]) == pytest.approx(1 / math.sqrt(20 / 0.04 + 1 / 9), rel=1e-6)


def test_one_reading_by_hand() -> None:
    # P = 9, R = 1, y = 2: S = 10, K = 0.9, x = 1.8, P = 9 - 0.9 * 9 = 0.9
    belief, verdict = update(model.begin(0.0, RUNNER, 1.0, 0.1), Reading(2.0, row(V=1.0), 1.0, USUAL))
    assert belief.x[model.V] == pytest.approx(1.8)
    assert belief.P[model.V, model.V] == pytest.approx(0.9)
    assert verdict.ratio == pytest.approx(2 / math.sqrt(10) / 5)


@pytest.mark.parametrize("y", [math.nan, math.inf, -math.inf, 1e300])
def test_no_number_and_no_possible_number_is_refused(y: float) -> None:
    begun = model.begin(0.0, RUNNER, 1.0, 0.1)
    belief, verdict = update(begun, Reading(y, row(V=1.0), 1.0, USUAL))
    assert belief is begun
    assert not verdict.accepted


@given(
    st.lists(
        st.tuples(
            st.floats(0, 30),
            st.sampled_from("SVUEKLDO"),
            st.floats(-50, 50),
            st.floats(1e-3, 1e4),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_doubt_stays_sound_whatever_comes(steps: list[tuple[float, str, float, float, bool]]) -> None:
    belief = model.begin(0.0, RUNNER, 1.0, 0.03)
    for dt, state, y, R, pulled in steps:
        belief = predict(belief, belief.t + dt, RUNNER, START if pulled else None)
        belief, _ = update(belief, Reading(y, row(**{state: 1.0}), R, USUAL))
        assert sound(belief)
