"""What hindsight knows, against all readings weighed at once, and over what breaks a chain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pacer.estimator import body as bodies
from pacer.estimator import kalman, model, smooth
from pacer.estimator.body import Body
from pacer.estimator.kalman import Gate, Reading
from pacer.estimator.model import Belief, S, U, V
from pacer.estimator.process import Q_V
from pacer.estimator.smooth import Tape

OPEN = Gate(1e9, 1e9)
PLACE_SD, SPEED_SD = 2.0, 0.3  # m, m/s
FIRST_SD = (3.0, 1.0)  # m, m/s


def runner(s: float = 0.0, v: float = 5.0) -> Body:
    """Makes a runner of whom place and speed are known well enough to go on from."""
    body = bodies.begin(0.0, None, 1.0, 0.03)
    belief = kalman.reset(body.belief, S, s, FIRST_SD[0])
    belief = kalman.reset(belief, V, v, FIRST_SD[1])
    return replace(body, belief=belief, blind=False, used_t=0.0)


def told(body: Body, t: float, state: int, value: float, sd: float) -> Body:
    """Tells a body one of its states, as if measured."""
    body = bodies.advance(body, t)
    H = np.zeros(model.N)
    H[state] = 1.0
    belief, _ = kalman.update(body.belief, Reading(value - float(body.belief.x[state]), H, sd * sd, OPEN))
    return replace(body, belief=belief, used_t=t)


def readings(count: int = 40) -> list[tuple[float, int, float]]:
    """Draws places and speeds, by turns, at odd times: (t s, state, value)."""
    rng = np.random.default_rng(3)
    t = np.cumsum(rng.uniform(0.2, 1.5, count)).tolist()
    return [
        (t[i], V, 5.0 + 0.5 * rng.standard_normal())
        if i % 3
        else (t[i], S, 5.0 * t[i] + 2 * rng.standard_normal())
        for i in range(count)
    ]


def chain_of(heard: list[tuple[float, int, float]]) -> list[Body]:
    chain = [runner()]
    for t, state, value in heard:
        chain.append(told(chain[-1], t, state, value, PLACE_SD if state == S else SPEED_SD))
    return chain


def at_once(heard: list[tuple[float, int, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Conditions the joint normal distribution of all places and speeds on all readings, in one solve.

    Of a speed that walks at random and its integral: cov(s(a), s(b)) and so on, from 0 to the earlier time.
    """
    t = np.array([0.0, *(t for t, _, _ in heard)])
    first, last = np.minimum.outer(t, t), np.maximum.outer(t, t)
    one = np.ones_like(first)
    vv = FIRST_SD[1] ** 2 * one + Q_V * first
    # s(a) = s0 + a v0 + ∫(a - u) dw(u)
    ss = FIRST_SD[0] ** 2 * one + FIRST_SD[1] ** 2 * np.outer(t, t) + Q_V * first**2 * (3 * last - first) / 6
    a, b = t[:, None], t[None, :]
    sv = FIRST_SD[1] ** 2 * a * np.ones_like(b) + Q_V * (a * first - first**2 / 2)
    K = np.block([[ss, sv], [sv.T, vv]])
    mean = np.concatenate([5.0 * t, np.full(t.shape, 5.0)])
    n = t.size
    picked = [i + (0 if state == S else n) for i, (_, state, _) in enumerate(heard, 1)]
    R = np.diag([PLACE_SD**2 if state == S else SPEED_SD**2 for _, state, _ in heard])
    z = np.array([value for _, _, value in heard])
    gain = np.linalg.solve(K[np.ix_(picked, picked)] + R, K[picked]).T
    return mean + gain @ (z - mean[picked]), np.sqrt(np.diag(K - gain @ K[picked]))


def test_it_is_what_all_readings_weighed_at_once_say() -> None:
    heard = readings()
    found = smooth.smooth(chain_of(heard))

    mean, sd = at_once(heard)
    n = len(found)
    assert [one.s_m for one in found] == pytest.approx(mean[:n].tolist(), abs=1e-4)
    assert [one.v_mps for one in found] == pytest.approx(mean[n:].tolist(), abs=1e-4)
    assert [one.s_sd_m for one in found] == pytest.approx(sd[:n].tolist(), rel=1e-4)
    assert [one.v_sd_mps for one in found] == pytest.approx(sd[n:].tolist(), rel=1e-4)


def test_the_newest_moment_gains_nothing_and_none_is_no_moment() -> None:
    chain = chain_of(readings(5))
    last = smooth.smooth(chain)[-1]

    assert (last.s_m, last.v_mps) == (bodies.along_m(chain[-1]), float(chain[-1].belief.x[V]))
    assert smooth.smooth([]) == []


def changed(body: Body, belief: Belief) -> Body:
    return replace(body, belief=belief)


def test_a_new_zero_of_the_odometer_says_nothing_of_the_past() -> None:
    heard = readings()
    plain = chain_of(heard)
    chain = [told(runner(), 0.0, U, 0.0, 1.0)]
    for i, (t, state, value) in enumerate(heard):
        body = told(chain[-1], t, state, value, PLACE_SD if state == S else SPEED_SD)
        if i == 20:
            body = changed(body, kalman.reset(body.belief, U, 247.0, 1.0))
        chain.append(body)

    for one, other in zip(smooth.smooth(chain), smooth.smooth(plain), strict=True):
        assert one.s_m == pytest.approx(other.s_m, abs=0.01)


def test_a_sensor_that_insisted_does_not_move_the_past() -> None:
    """After half a minute of refused positions the place is given room, and jumps by 40 m."""
    heard = readings()
    chain = chain_of(heard[:20])
    wide = changed(chain[-1], kalman.widen(chain[-1].belief, S, 40.0))
    before = smooth.smooth(chain)
    chain.append(told(wide, heard[20][0], S, 5.0 * heard[20][0] + 40.0, PLACE_SD))
    after = smooth.smooth(chain)

    assert chain[-1].belief.x[S] - chain[-2].belief.x[S] > 35.0
    for one, other in zip(before, after, strict=False):
        assert abs(one.s_m - other.s_m) < 1.0


def test_a_body_that_went_blind_is_led_across_the_silence() -> None:
    heard = readings(20)
    later = [(t + 60.0, state, value + 300.0 * (state == S)) for t, state, value in readings(20)]
    chain = chain_of(heard)
    end = chain[-1].belief.t
    for t, state, value in later:
        body = told(
            chain[-1], end + t, state, value + 5.0 * end * (state == S), PLACE_SD if state == S else SPEED_SD
        )
        chain.append(replace(body, blind=False))
    found = smooth.smooth(chain)

    assert all(np.isfinite([one.s_m, one.s_sd_m, one.v_mps, one.v_sd_mps]).all() for one in found)
    alone = smooth.smooth(chain[: len(heard) + 1])
    for one, other in zip(alone, found, strict=False):  # what comes after it adds little to what was before
        assert abs(one.s_m - other.s_m) < 2 * one.s_sd_m


def test_a_tape_is_bounded_and_loses_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = chain_of(readings(120))
    whole = smooth.smooth(chain)
    monkeypatch.setattr(smooth, "LAG_S", 20.0)
    tape = Tape()
    for body in chain:
        tape.keep(body)
        assert tape.chain[-1].belief.t - tape.chain[0].belief.t <= 40.0

    found = tape.smoothed()
    assert [one.t for one in found] == [one.t for one in whole]
    for one, other in zip(found, whole, strict=True):
        assert one.s_m == pytest.approx(other.s_m, abs=0.15)
        assert one.v_mps == pytest.approx(other.v_mps, abs=0.02)
