"""How a body moves: states and process; the figures stand in `process`.

    x = [s v k q u w e n ce cn l m d o]
         s       distance along the measured line, m          v  speed over the ground, m/s
         k, q    odometer units per metre at cruise, and what that changes per m/s of speed
         u, w    what the odometer reads now, in its units, and a smoothed speed, units/s
         e, n    slow bias of the position, m east and north, the map's included
         ce, cn  the faster part of that bias, m
         l       how far right of the measured line the body runs, m (outward on a track)
         m       how far ahead a road's map is of the road, m (an oval has no such freedom: 0)
         d       how much older than assumed a position is, s
         o       correlated error of the Doppler speed, m/s

The bias lives east and north, not along: on the back straight it points the other way. Progress along the
line is v / (1 + curvature l). Speed walks at random, or at the start is pulled towards the target's; every
other state follows in closed form, so that splitting a prediction changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacer.estimator.process import LATERAL_M, POD_TAU_S, Model, Pull

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

S, V, K, Q, U, W, E, NORTH, CE, CN, L, M, D, O = range(14)  # noqa: E741 - the letters of the model above
N = 14


@dataclass(frozen=True, slots=True)
class Belief:
    """Holds what is believed at `t`: the mean `x` (14), its covariance `P` (14, 14), and the bend it is in.

    The bend changes only with `turn`, between predictions.
    """

    t: float  # s
    x: Vector
    P: Matrix
    rate: float = 1.0  # progress along the line per metre over the ground
    bend: float = 0.0  # its change per metre of l, 1/m
    F: Matrix | None = None  # how x follows from the state where `traced` was asked; None: nobody asked


def begin(t: float, model: Model, k: float, k_sd: float) -> Belief:
    """Starts at rest with an odometer of `k` units per metre, sd `k_sd`; the place is anywhere."""
    r = model.receiver
    x = np.zeros(N)
    x[K], x[L] = k, LATERAL_M
    sd = np.ones(N)
    sd[[S, V, K, Q]] = 500.0, 3.0, k_sd, model.speed_scale_sd * k
    sd[[U, W]] = 1e5 * k, 10.0 * k  # an odometer's zero is anywhere
    sd[[E, NORTH]], sd[[CE, CN]] = model.bias[0], r.fast_sd_m
    sd[[L, M, D, O]] = model.map.lateral_sd_m, model.map.ahead_sd_m, r.tag_sd_s, r.doppler_sd_mps
    return Belief(t, x, np.diag(np.square(sd)))


def traced(belief: Belief) -> Belief:
    """Returns the belief with its transition matrix F kept from here on, through every prediction."""
    return Belief(belief.t, belief.x, belief.P, belief.rate, belief.bend, np.eye(N))


def turn(belief: Belief, curvature_1pm: float) -> Belief:
    """Tells the belief how sharp the line's bend is where it is now, 1/m."""
    rate = 1 / (1 + curvature_1pm * float(belief.x[L]))
    return Belief(belief.t, belief.x, belief.P, rate, -curvature_1pm * rate * rate)


def predict(belief: Belief, t: float, model: Model, pull: Pull | None = None) -> Belief:
    """Moves a belief to time `t`, s; an earlier `t` changes nothing."""
    dt = t - belief.t
    if dt <= 0:
        return belief
    left = _left(dt, model)
    way = _free(dt, belief, model, left) if pull is None else _pulled(dt, belief, model, left, pull)
    x, F = _moved(belief, way, left, model.cruise_mps)
    P = F.dot(belief.P).dot(F.T)
    P += _wandered(way.noise, left, model)
    return Belief(t, x, P, belief.rate, belief.bend, None if belief.F is None else F.dot(belief.F))


def _moved(belief: Belief, way: _Way, left: _Left, cruise_mps: float) -> tuple[Vector, Matrix]:
    """Returns the state after a step, and the transition matrix to it."""
    s, _, k, q, u, w, *_ = belief.x.tolist()
    base, decay = k - q * cruise_mps, left.of_each()
    x = belief.x * decay
    x[S] = s + belief.rate * way.first
    x[V] = way.speed
    x[U] = u + base * way.first + q * way.second
    x[W] = way.w_decay * w + base * way.first_w + q * way.second_w
    x[L] += LATERAL_M * (1 - left.side)
    F = np.zeros((N, N))
    F.ravel()[:: N + 1] = decay
    F[V, V], F[W, W] = way.d_speed, way.w_decay
    F[S, V], F[S, L] = belief.rate * way.d_first, belief.bend * way.aside
    F[U, V], F[U, K] = base * way.d_first + q * way.d_second, way.first
    F[U, Q] = way.second - cruise_mps * way.first
    F[W, V], F[W, K] = base * way.d_first_w + q * way.d_second_w, way.first_w
    F[W, Q] = way.second_w - cruise_mps * way.first_w
    return x, F


@dataclass(slots=True)  # not frozen, for these live within a step: that would take 1 us of its 8
class _Left:
    """Holds what is left, after one step, of the states that forget by themselves."""

    slow: float  # of e and n
    fast: float  # of ce and cn
    side: float  # of l
    ahead: float  # of m
    doppler: float  # of o

    def of_each(self) -> Vector:
        """Lists it for every state."""
        slow, fast = self.slow, self.fast
        return np.array([1, 1, 1, 1, 1, 1, slow, slow, fast, fast, self.side, self.ahead, 1, self.doppler])


def _left(dt: float, model: Model) -> _Left:
    r, line = model.receiver, model.map
    return _Left(
        math.exp(-dt / model.bias[1]),
        math.exp(-dt / r.fast_tau_s),
        math.exp(-dt / line.lateral_tau_s),
        math.exp(-dt / line.ahead_tau_s),
        math.exp(-dt / r.doppler_tau_s),
    )


@dataclass(slots=True)
class _Way:
    """Holds the integrals of one step: of v and v², plain and smoothed, and their slopes by v."""

    speed: float  # v at the end
    d_speed: float
    first: float  # the integral of v: metres over the ground
    d_first: float
    second: float  # the integral of v²
    d_second: float
    w_decay: float  # what is left of w
    first_w: float  # v, smoothed
    d_first_w: float
    second_w: float  # v², smoothed
    d_second_w: float
    aside: float  # the integral of v while l decays
    noise: Matrix


def _free(dt: float, belief: Belief, model: Model, left: _Left) -> _Way:
    v = float(belief.x[V])
    e = math.exp(-dt / POD_TAU_S)
    return _Way(
        v, 1.0, v * dt, dt, v * v * dt, 2 * v * dt,
        e, v * (1 - e), 1 - e, v * v * (1 - e), 2 * v * (1 - e),
        v * model.map.lateral_tau_s * (1 - left.side), _free_noise(dt, e, left.side, belief, model),
    )  # fmt: skip


def _free_noise(dt: float, e: float, side: float, belief: Belief, model: Model) -> Matrix:
    """Integrates g gᵀ: a push of v at time-to-go τ moves s, v, u, w by [rate τ, 1, kτ, k (1 - e^(-τ/a))]."""
    _, v, k, q, *_ = belief.x.tolist()
    slope, g, a = k + q * (2 * v - model.cruise_mps), belief.rate, POD_TAU_S
    one, two, three = dt, dt * dt / 2, dt**3 / 3
    w_one = dt - a * (1 - e)
    w_two = two - a * a * (1 - e) + a * dt * e
    w_three = dt - 2 * a * (1 - e) + a / 2 * (1 - e * e)
    tau = model.map.lateral_tau_s
    side_one, side_two = tau * (1 - side), tau / 2 * (1 - side * side)
    noise = np.zeros((N, N))
    n = model.q_v
    noise[S, S], noise[V, V] = n * g * g * three, n * one
    noise[S, V] = noise[V, S] = n * g * two
    noise[S, U] = noise[U, S] = n * g * slope * three
    noise[S, W] = noise[W, S] = n * g * slope * w_two
    noise[V, U] = noise[U, V] = n * slope * two
    noise[V, W] = noise[W, V] = n * slope * w_one
    m = model.q_k * k * k
    both = n * slope * slope + m * v * v
    noise[U, U] = both * three
    noise[U, W] = noise[W, U] = both * w_two
    noise[W, W] = both * w_three
    n, aside = model.map.q_l, belief.bend * v * tau
    noise[S, S] += n * aside * aside * (dt - 2 * side_one + side_two)
    noise[S, L] = noise[L, S] = n * aside * (side_one - side_two)
    noise[L, L] = n * side_two
    noise[K, K] = m * one
    noise[K, U] = noise[U, K] = m * v * two
    noise[K, W] = noise[W, K] = m * v * w_one
    return noise


def _pulled(dt: float, belief: Belief, model: Model, left: _Left, pull: Pull) -> _Way:
    v, to, tau = float(belief.x[V]), pull.speed_mps, pull.tau_s
    a = v - to  # what decays
    phi = math.exp(-dt / tau)
    e = math.exp(-dt / POD_TAU_S)
    one, half = tau * (1 - phi), tau / 2 * (1 - phi * phi)
    w_one = (phi - e) / (1 - POD_TAU_S / tau)
    w_two = (phi * phi - e) / (1 - 2 * POD_TAU_S / tau)
    aside_s = model.map.lateral_tau_s
    side = aside_s * (1 - left.side)
    both = 1 / (1 / tau + 1 / aside_s)
    return _Way(
        to + phi * a, phi, to * dt + a * one, one,
        to * to * dt + 2 * to * a * one + a * a * half, 2 * to * one + 2 * a * half,
        e, to * (1 - e) + a * w_one, w_one,
        to * to * (1 - e) + 2 * to * a * w_one + a * a * w_two, 2 * to * w_one + 2 * a * w_two,
        to * side + a * both * (1 - math.exp(-dt / both)), _pulled_noise(dt, belief, model, pull),
    )  # fmt: skip


# Gauss-Legendre nodes and weights on [0, 1]: exact to 1e-12 for the smooth integrands of a start.
_NODES, _WEIGHTS = (a.astype(np.float64) for a in np.polynomial.legendre.leggauss(8))
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2


def _pulled_noise(dt: float, belief: Belief, model: Model, pull: Pull) -> Matrix:
    """Integrates g gᵀ over the step for a speed that is pulled; the noise of the scale waits for the run."""
    _, v, k, q, *_ = belief.x.tolist()
    to, tau, aside_s = pull.speed_mps, pull.tau_s, model.map.lateral_tau_s
    slope = k - q * model.cruise_mps + 2 * q * to
    go = _NODES * dt  # time to go, s
    phi, e, side = np.exp(-go / np.array([[tau], [POD_TAU_S], [aside_s]]))
    a = (v - to) * np.exp((go - dt) / tau)  # what is left to decay then
    gone = tau * (1 - phi)
    g = np.zeros((N, go.size))
    g[V], g[S] = phi, belief.rate * gone
    g[U] = gone * (slope + q * a * (1 + phi))
    g[W] = slope / (1 - POD_TAU_S / tau) * (phi - e) + 2 * q / (1 - 2 * POD_TAU_S / tau) * a * (phi * phi - e)
    noise: Matrix = (g * (pull.q_v * dt * _WEIGHTS)).dot(g.T)
    both = 1 / (1 / tau + 1 / aside_s)
    aside = to * aside_s * (1 - side) + a * both * (1 - phi * side)
    g = np.array([belief.bend * aside, side])
    (s_s, s_l), (_, l_l) = (g * (model.map.q_l * dt * _WEIGHTS)).dot(g.T).tolist()
    noise[S, S] += s_s
    noise[S, L] = noise[L, S] = s_l
    noise[L, L] = l_l
    return noise


def _wandered(noise: Matrix, left: _Left, model: Model) -> Matrix:
    """Adds, in place, what each Gauss-Markov state gains in variance; l has it with the way it takes s."""
    r = model.receiver
    noise[E, E] = noise[NORTH, NORTH] = model.bias[0] ** 2 * (1 - left.slow**2)
    noise[CE, CE] = noise[CN, CN] = r.fast_sd_m**2 * (1 - left.fast**2)
    noise[M, M] = model.map.ahead_sd_m**2 * (1 - left.ahead**2)
    noise[O, O] = r.doppler_sd_mps**2 * (1 - left.doppler**2)
    return noise


def changed(belief: Belief, ago_s: float) -> Vector:
    """Tells what a change of speed by 1 m/s `ago_s` seconds ago, that was missed, has done to each state."""
    g, k = np.zeros(N), float(belief.x[K])
    g[V], g[S] = 1.0, belief.rate * ago_s
    g[U], g[W] = k * ago_s, k * (1 - math.exp(-ago_s / POD_TAU_S))
    return g
