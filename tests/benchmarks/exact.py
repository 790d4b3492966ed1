"""Writes the simulator down as a linear model about a trajectory: what the oracle and the bound stand on.

Every constant is the simulator's (`firmware_sim.constants`), none is the filter's. The state's letters:

    s          m, progress along the measured line          d          s, the receiver's time-tag error
    w1 w2      m/s, the runner's two unevennesses           q          m/s, correlated error of Doppler
    r          m/s, what he means to run                    k kv kd    pod: scale, part by speed, drift
    a          s, his start's time constant, less the mean  u          m, the pod's odometer
    l ll       m, his line from run to run, and its wander  w          m/s, the pod's smoothed speed
    b c        m east and north, slow and medium GPS error
    p          m east and north, where the map is misplaced; on a road the warp along, and aside
    o          rad, by which the map is turned

A reading that was true L seconds ago is retrodicted without process noise: s(t - L) = s - v g L.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim import constants as c
from firmware_sim.sensors.footpod import strides_per_s

Array = NDArray[np.float64]
Row = Mapping[str, float]

STATES = ("s", "w1", "w2", "r", "a", "l", "ll", "bE", "bN", "cE", "cN", "pE", "pN", "o", "d", "q")
POD_STATES = ("k", "kv", "kd", "u", "w")
INDEX = {name: i for i, name in enumerate(STATES + POD_STATES)}
N = len(INDEX)
SPEED = ("w1", "w2", "r")  # what his speed is made of

_BODY, _POD = c.RunnerBody(), c.FootpodErrors()
(_W1, _T1), (_W2, _T2) = _BODY.wobble
_START_SD_S = _BODY.start_tau_s * _BODY.start_tau_spread  # s, of the start's time constant
ODOMETER_SD_M = 10.0  # m: any number much above a stride; the first standing packet tells the odometer
# Nobody is told what a runner means to do next. The erratic mile's legs of 200 m change by 4.5 % (rms of
# 4:32, 4:34, 4:56, 5:11, 5:04, 4:46, 4:34, 4:30 a mile), 0.26 m/s every 35 s: as a random walk:
_LEG_MPS = 0.26
_PLAN = _LEG_MPS / math.sqrt(35.0)  # m/s per sqrt(s): 0.044
_SMOOTHING_S = sum(_POD.smoothing_s) / 2  # s, the mean of what it may be
# It is not known which: a speed that lags behind by x is then off by 0.385 x (sd of the uniform range over
# its mean). x is what unevenness and plan do within the smoothing time; it lasts as long, so that readings
# once a second count as white with twice that time's variance.
_LAGGING = _W1**2 * _SMOOTHING_S / (_SMOOTHING_S + _T1) + _PLAN**2 * _SMOOTHING_S / 2  # (m/s)2
_SMOOTHING_DOUBT = (_POD.smoothing_s[1] - _POD.smoothing_s[0]) / math.sqrt(12) / _SMOOTHING_S
_POD_SPEED_VAR = _LAGGING * _SMOOTHING_DOUBT**2 * 2 * _SMOOTHING_S  # (m/s)2: sd 0.059
POD_LAG_S = c.FootpodErrors().latency_s + c.FootpodErrors().latency_spread_s * math.sqrt(2 / math.pi)


@dataclass(frozen=True, slots=True)
class Instant:
    """Holds the point about which the model is linear."""

    elapsed_s: float  # s after the gun
    v: float  # m/s along the line
    path: float  # m/s by foot
    curvature: float  # 1/m, + turns left
    lateral: float  # m outside the line

    @property
    def g(self) -> float:
        """Returns the progress per metre run."""
        return 1 / (1 + self.curvature * self.lateral)

    @property
    def start(self) -> float:
        """Returns by how much he is faster for a start's time constant that is 1 s longer: negative."""
        if self.elapsed_s <= 0:
            return 0.0
        tau = _BODY.start_tau_s
        return -self.path * self.elapsed_s / tau**2 * math.exp(-self.elapsed_s / tau)


@dataclass(frozen=True, slots=True)
class Model:
    """Holds what a run's sensors are, and which of their errors are known."""

    gps: c.GpsClass = c.GPS_B
    spread: float = 1.0  # the run's factor on the receiver's sigmas
    road: bool = False
    known: frozenset[str] = frozenset()  # states that are known: no doubt at first, none added
    scale_sd: float = _POD.scale  # of the pod's scale before the run
    smoothing_s: float | None = None  # s, time constant of the pod's speed where it is known

    def prior(self) -> Array:
        """Returns P when the sensors are switched on, everybody at the line."""
        sd = dict.fromkeys(INDEX, 0.0)
        sd |= {"w1": _W1, "w2": _W2, "r": _LEG_MPS, "a": _START_SD_S, "d": self.gps.tag_s, "q": self._doppler}
        sd |= {"l": _BODY.lateral_spread_m, "ll": _BODY.lateral_wander[0]}
        sd |= {"bE": self._slow, "bN": self._slow, "cE": self._medium, "cN": self._medium}
        if not self.road:
            sd |= {"pE": c.MAP_SHIFT_M, "pN": c.MAP_SHIFT_M, "o": math.radians(c.MAP_TURN_DEG)}
        else:
            sd["pN"] = c.RoadShape().side[0]
        sd |= {"k": self.scale_sd, "kv": _POD.per_mps, "kd": _POD.drift, "u": ODOMETER_SD_M}
        return np.diag([0.0 if name in self.known else sd[name] ** 2 for name in INDEX])

    def transition(self, at: Instant, dt: float) -> Array:
        """Returns F over `dt` seconds; before the gun only the receiver's errors move."""
        F = np.eye(N)
        for name, _, tau in self._processes(at):
            F[INDEX[name], INDEX[name]] = math.exp(-dt / tau)
        if at.elapsed_s <= 0:
            return F
        _add(F, "s", {name: at.g * dt * x for name, x in self._path(at).items()})
        bend = -at.path * at.curvature * at.g**2 * dt
        _add(F, "s", {"l": bend, "ll": bend})
        pod = self.pod(at)
        _add(F, "u", {name: dt * x for name, x in pod.items()})
        share = 1 - math.exp(-dt / self._smooths)
        _add(F, "w", {name: share * x for name, x in pod.items()} | {"w": -share})
        return F

    def noise(self, at: Instant, dt: float) -> Array:
        """Returns Q over `dt` seconds."""
        Q = np.zeros((N, N))
        for name, sd, tau in self._processes(at):
            if name not in self.known:
                Q[INDEX[name], INDEX[name]] = sd**2 * (1 - math.exp(-2 * dt / tau))
        if at.elapsed_s > 0:
            Q[INDEX["r"], INDEX["r"]] = _PLAN**2 * dt
        rate = strides_per_s(at.path)
        if rate and at.elapsed_s > 0:
            stride = np.zeros(N)  # what one stride's noise does to odometer and smoothed speed
            stride[INDEX["u"]] = at.path / rate
            stride[INDEX["w"]] = at.path * (1 - math.exp(-1 / (rate * self._smooths)))
            Q += rate * dt * _POD.stride**2 * np.outer(stride, stride)
        return Q

    def fix(
        self, at: Instant, lag: float, direction: tuple[float, float], place: tuple[float, float]
    ) -> Rows:
        """Returns H and R of a position true `lag` seconds ago: east, then north.

        `direction` is the running direction (east, north) and `place` the place from the map's centre, m.
        """
        (te, tn), (east, north) = direction, place
        R = (self.gps.white_m * self.spread) ** 2
        if self.road:
            h_e, h_n = {"pE": te, "pN": tn}, {"pE": tn, "pN": -te}
            turn = (0.0, 0.0)
        else:
            h_e, h_n, turn = {"pE": 1.0}, {"pN": 1.0}, (north, -east)
        rows = []
        for t, n, name, h, arm in ((te, tn, "E", h_e, turn[0]), (tn, -te, "N", h_n, turn[1])):
            along = {key: x / at.g * t for key, x in self.progress(at, lag).items()}
            rest = {"l": n, "ll": n, "b" + name: 1.0, "c" + name: 1.0, "o": arm, "d": -at.path * t}
            rows.append((row(along, rest, h), R))
        return rows

    def doppler(self, at: Instant) -> Rows:
        """Returns H and R of a speed over ground."""
        sd = self.gps.doppler_white_mps * self.spread
        ripple = self.gps.ripple_mps**2 / 2  # a sine that nobody tracks
        return [(row(self._path(at), {"q": 1.0}), sd**2 + ripple)]

    def odometer(self, at: Instant, lag: float) -> Rows:
        """Returns H and R of a pod's odometer: it moves once a stride, and is told in decimetres."""
        rate = strides_per_s(at.path)
        stride = at.path / rate if rate else 0.0
        back = {name: -lag_of(at, lag) * x for name, x in self.pod(at).items()}
        wait = c.FootpodErrors().latency_spread_s * math.sqrt(1 - 2 / math.pi) * at.path  # of |N(0, 0.1)|
        return [(row({"u": 1.0}, back), stride**2 / 12 + 0.1**2 / 12 + wait**2)]

    def pod_speed(self, at: Instant) -> Rows:
        """Returns H and R of a pod's smoothed speed, told in 1/256 m/s, as old as a stride at most."""
        rate = strides_per_s(at.path)
        jump = at.path * _POD.stride * (1 - math.exp(-1 / (rate * self._smooths))) if rate else 0.0
        doubt = _POD_SPEED_VAR if self.smoothing_s is None else 0.0
        return [(row({"w": 1.0}), doubt + jump**2 + (1 / 256) ** 2 / 12)]

    def tap(self, at: Instant, sd_s: float) -> Rows:
        """Returns H and R of a tap at a lap line, its bias known."""
        return [(row({"s": 1.0}), (sd_s * at.v) ** 2)]

    def progress(self, at: Instant, lag: float) -> dict[str, float]:
        """Returns how progress `lag` seconds ago depends on the state now."""
        return {"s": 1.0, **{name: -lag_of(at, lag) * at.g * x for name, x in self._path(at).items()}}

    def pod(self, at: Instant) -> dict[str, float]:
        """Returns how the speed that the pod reads depends on the state."""
        off = at.path - _POD.race_mps
        return self._path(at) | {"k": at.path, "kv": at.path * off, "kd": at.path}

    @staticmethod
    def _path(at: Instant) -> dict[str, float]:
        return dict.fromkeys(SPEED, 1.0) | {"a": at.start}

    def _processes(self, at: Instant) -> list[tuple[str, float, float]]:
        """Lists the Gauss-Markov processes: state, standard deviation, time constant in s."""
        found = [(name, self._slow, self.gps.slow_s) for name in ("bE", "bN")]
        found += [(name, self._medium, self.gps.medium_s) for name in ("cE", "cN")]
        found.append(("q", self._doppler, self.gps.doppler_s))
        if at.elapsed_s > 0:
            found += [("w1", _W1, _T1), ("w2", _W2, _T2), ("ll", *_BODY.lateral_wander)]
            found.append(("kd", _POD.drift, _POD.drift_s))
        if self.road and at.v > 0:
            (warp, warp_m), (side, side_m) = c.RoadShape().warp, c.RoadShape().side
            found += [("pE", warp, warp_m / at.v), ("pN", side, side_m / at.v)]
        return found

    @property
    def _smooths(self) -> float:
        return _SMOOTHING_S if self.smoothing_s is None else self.smoothing_s

    @property
    def _slow(self) -> float:
        return self.gps.slow_m * self.spread

    @property
    def _medium(self) -> float:
        return self.gps.medium_m * self.spread

    @property
    def _doppler(self) -> float:
        return self.gps.doppler_mps * self.spread


Rows = list[tuple[Array, float]]  # (H, R) of scalar readings


def row(*parts: Row) -> Array:
    """Returns a row of H from what stands in it."""
    H = np.zeros(N)
    for part in parts:
        for name, x in part.items():
            H[INDEX[name]] += x
    return H


def lag_of(at: Instant, lag: float) -> float:
    """Returns the part of a lag in which he was under way."""
    return min(lag, max(at.elapsed_s, 0.0))


def _add(F: Array, name: str, part: Row) -> None:
    for other, x in part.items():
        F[INDEX[name], INDEX[other]] += x
