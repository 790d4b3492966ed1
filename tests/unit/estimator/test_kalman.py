from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.estimator import kalman
from pacer.estimator.kalman import Belief, Pull, Reading, predict, update

START = Pull(5.75, 1.3, 0.36)


def row(**entries: float) -> kalman.Vector:
    H = np.zeros(kalman.N)
    for name, value in entries.items():
        H[getattr(kalman, name)] = value
    return H


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


@pytest.mark.parametrize("pull", [kalman.FREE, START, kalman.BIKE])
def test_splitting_a_prediction_changes_nothing(pull: Pull) -> None:
    begun, _ = update(kalman.begin(0.0, 1.02, 0.03), Reading(4.0, row(V=1.0), 0.1))
    whole, parts = predict(begun, 3.7, pull), begun
    for t in (0.1, 0.15, 1.0, 2.9, 3.7):
        parts = predict(parts, t, pull)
    # the scale is linearised about its way: only the odometer's row sees, in second order, where it was split
    keep = [i for i in range(kalman.N) if i != kalman.U]
    assert np.allclose(whole.x, parts.x, rtol=0, atol=1e-9)
    assert np.allclose(whole.P[np.ix_(keep, keep)], parts.P[np.ix_(keep, keep)], rtol=1e-9, atol=1e-9)


def test_time_that_goes_back_changes_nothing() -> None:
    belief = kalman.begin(5.0, 1, 0.1)
    assert predict(belief, 4.0) is belief


def test_it_is_the_least_squares_fit_where_all_is_linear() -> None:
    """Compares with numpy: a constant speed measured twenty times, the place anywhere before."""
    rng = np.random.default_rng(1)
    z = 5.7 + 0.2 * rng.standard_normal(20)
    belief = kalman.begin(0.0, 1.0, 0.03)
    for value in z:
        reading = Reading(float(value - belief.x[kalman.V]), row(V=1.0), 0.04)
        belief, verdict = update(belief, reading, gate=1e9) if abs(reading.y) < 1e9 else (belief, None)
        assert verdict is not None
    # the prior, 0 +- 3 m/s, is one more row; nothing was beyond two sigma, or softening would show
    A, b = np.vstack([np.ones((20, 1)) / 0.2, [[1 / 3.0]]]), np.append(z / 0.2, 0.0)
    fit = np.linalg.lstsq(A, b, rcond=None)[0][0]
    assert belief.x[kalman.V] == pytest.approx(fit, abs=1e-2)
    assert math.sqrt(belief.P[kalman.V, kalman.V]) == pytest.approx(
        1 / math.sqrt(20 / 0.04 + 1 / 9), rel=0.05
    )


def test_one_reading_by_hand() -> None:
    # P = 9, R = 1, y = 2: S = 10, K = 0.9, x = 1.8, P = 9 - 0.9 * 9 = 0.9
    belief, verdict = update(kalman.begin(0.0, 1.0, 0.1), Reading(2.0, row(V=1.0), 1.0))
    assert belief.x[kalman.V] == pytest.approx(1.8)
    assert belief.P[kalman.V, kalman.V] == pytest.approx(0.9)
    assert verdict.ratio == pytest.approx(2 / math.sqrt(10) / 5)


@pytest.mark.parametrize("y", [math.nan, math.inf, -math.inf, 1e300])
def test_no_number_and_no_possible_number_is_refused(y: float) -> None:
    begun = kalman.begin(0.0, 1.0, 0.1)
    belief, verdict = update(begun, Reading(y, row(V=1.0), 1.0))
    assert belief is begun
    assert not verdict.accepted


@given(
    st.lists(
        st.tuples(
            st.floats(0, 30),
            st.sampled_from("SVUEL"),
            st.floats(-50, 50),
            st.floats(1e-3, 1e4),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_doubt_stays_sound_whatever_comes(steps: list[tuple[float, str, float, float, bool]]) -> None:
    belief = kalman.begin(0.0, 1.0, 0.03)
    for dt, state, y, R, pulled in steps:
        belief = predict(belief, belief.t + dt, START if pulled else kalman.FREE)
        belief, _ = update(belief, Reading(y, row(**{state: 1.0}), R))
        assert sound(belief)
