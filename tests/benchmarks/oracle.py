"""Runs the oracle: an extended Kalman filter that is told the nuisances, and so shows what they cost.

It knows the run's time tag and spread, the pod's scale at every instant and its smoothing, and the runner's
line; receiver errors it must estimate, unless `bias` tells it those of each fix too. It stands on the
simulator's own model (`exact`) and shares no code with `pacer.estimator`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_sim import constants as c
from firmware_sim.sensors.footpod import strides_per_s
from pacer.course import course
from pacer.measurement import Fix, Stride
from tests.benchmarks.bound import model_of, tap_sd_s
from tests.benchmarks.exact import INDEX, ODOMETER_SD_M, SPEED, Instant, N, Row, lag_of, row
from tests.benchmarks.heard import Heard, heard
from tests.benchmarks.runs import TICK_S, SimRun

Array = NDArray[np.float64]

KNOWN = frozenset({"k", "kv", "kd", "d", "l", "ll"})
BIASES = frozenset({"bE", "bN", "cE", "cN", "pE", "pN", "o", "q"})  # what the errors of each fix hold
_BODY, _TAPS = c.RunnerBody(), c.Taps()
_V = [INDEX[name] for name in SPEED]
POD_START_S = 5.0  # s, as long as a pod's first strides are not like the others: it loses metres there
PATIENCE = 3  # readings: a second and a half of footpod and receiver
SURPRISE_MPS = 2.0  # m/s, half of the step from running to walking
SOFT_SIGMA, GATE_SIGMA = 1.5, 4.0  # beyond the first a reading counts less, beyond the second not at all


@dataclass(frozen=True, slots=True)
class Told:
    """Holds what the oracle said at every tick of the run's truth."""

    t: Array  # s
    s: Array  # m
    v: Array  # m/s
    s_sd: Array  # m
    v_sd: Array  # m/s


def oracle(run: SimRun, *, bias: bool = False) -> Told:
    """Returns what the oracle believes of a run."""
    filter_ = _Filter(run, bias=bias)
    waiting, n, told = heard(run), 0, []
    for k, t in enumerate(run.truth.t.tolist()):
        filter_.tick(k, t)
        while n < len(waiting) and waiting[n].t <= t:
            filter_.update(waiting[n])
            n += 1
        told.append(filter_.told())
    s, v, s_sd, v_sd = np.array(told).T
    return Told(run.truth.t, s, v, s_sd, v_sd)


class _Filter:
    """Holds x and P; every equation is `exact`'s."""

    def __init__(self, run: SimRun, *, bias: bool) -> None:
        self._run = run
        self._bias = bias
        line = course(run.setup.course, run.setup.target.distance_m)
        assert line is not None
        assert line.origin is not None
        self._line, self._origin = line, line.origin
        model = model_of(run, KNOWN | BIASES if bias else KNOWN)
        self._model = replace(model, smoothing_s=run.nuisances.pod_smoothing_s)
        self._refused = 0  # readings in a row
        self._zero_m: float | None = None  # m, the odometer's reading where u is 0
        self._tap_sd_s = tap_sd_s(run)
        self.P = self._model.prior()
        self.x = np.zeros(N)
        self.x[INDEX["r"]] = run.setup.target.distance_m / (run.setup.target.time_s - _BODY.start_tau_s)
        self._at, self._scale = self._instant(0, 0.0), 1.0

    def tick(self, k: int, t: float) -> None:
        """Predicts over a tick."""
        at = self._at = self._instant(k, t)
        self._scale = float(self._run.nuisances.pod_scale[k])
        F = self._model.transition(at, TICK_S)
        self.P = F @ self.P @ F.T + self._model.noise(at, TICK_S)
        keep = np.diag(F).copy()
        pod = self._scale * at.path
        share = 1 - keep[INDEX["w"]]
        self.x *= keep  # Gauss-Markov states fade; w moves towards what the pod sees
        self.x[INDEX["w"]] += share * pod
        self.x[INDEX["s"]] += at.v * TICK_S
        self.x[INDEX["u"]] += pod * TICK_S

    def told(self) -> tuple[float, float, float, float]:
        """Returns distance, speed along the line, and their standard deviations."""
        s = INDEX["s"]
        v_var = self.P[np.ix_(_V, _V)].sum() * self._at.g**2
        return float(self.x[s]), self._at.v, math.sqrt(self.P[s, s]), math.sqrt(v_var)

    def update(self, reading: Heard) -> None:
        """Takes a reading in."""
        match reading.measurement:
            case Fix() as fix:
                self._fix(reading, fix)
            case Stride() as stride:
                self._stride(reading, stride)
            case None:
                rows = self._model.tap(self._at, self._tap_sd_s)
                gone = self._at.v * _TAPS.bias_s
                self._take([(reading.line_m - (float(self.x[INDEX["s"]]) - gone), *rows[0])])

    def _fix(self, reading: Heard, fix: Fix) -> None:
        assert fix.lat_deg is not None
        assert fix.lon_deg is not None
        at, x, known = self._at, self.x, self._run.nuisances
        lag = lag_of(at, reading.lag + known.tag_s)
        s = float(x[INDEX["s"]]) - self._gone(lag) * at.g
        heading = self._line.heading_rad(s)
        place = self._line.position(s, at.lateral)
        z = self._origin.to_enu(fix.lat_deg, fix.lon_deg)
        direction = (math.sin(heading), math.cos(heading))
        rows = self._model.fix(at, lag, direction, place)
        off = [z[i] - place[i] - float(_without_motion(rows[i][0]) @ x) for i in (0, 1)]
        if self._bias:
            off = [off[0] - known.bias_east[reading.index], off[1] - known.bias_north[reading.index]]
        self._take([(off[i], *rows[i]) for i in (0, 1)])
        if at.elapsed_s > 0 and fix.speed_mps is not None:
            error = float(known.speed_bias[reading.index]) if self._bias else float(x[INDEX["q"]])
            self._take([(fix.speed_mps - self._path(lag) - error, *self._model.doppler(at)[0])])

    def _stride(self, reading: Heard, stride: Stride) -> None:
        at, x = self._at, self.x
        if stride.distance_m is None or stride.speed_mps is None:
            return
        rate = strides_per_s(at.path)
        lag = lag_of(at, reading.lag + (0.5 / rate if rate else 0.0))  # and half a stride that is not counted
        if at.elapsed_s < POD_START_S:
            return
        if self._zero_m is None:
            self._forget("u")
            self._zero_m = stride.distance_m - float(x[INDEX["u"]])
        off = stride.distance_m - self._zero_m - (float(x[INDEX["u"]]) - self._scale * self._gone(lag))
        self._take([(off, *self._model.odometer(at, lag)[0])])
        w = float(self.x[INDEX["w"]])
        w -= (self._scale * at.path - w) * lag / self._run.nuisances.pod_smoothing_s
        self._take([(stride.speed_mps - w, *self._model.pod_speed(at)[0])])

    def _forget(self, name: str) -> None:
        """Takes back what is known of a state."""
        i = INDEX[name]
        self.P[i, :] = self.P[:, i] = 0.0
        self.P[i, i] = ODOMETER_SD_M**2

    def _gone(self, lag: float) -> float:
        """Returns the m of path run in the last `lag` seconds, the start's gathering of speed included."""
        t = self._at.elapsed_s
        if t <= 0:
            return 0.0
        tau, cruise = self._tau(), float(self.x[_V].sum())
        return cruise * (lag - tau * (math.exp((lag - t) / tau) - math.exp(-t / tau)))

    def _path(self, lag: float) -> float:
        """Returns the speed of `lag` seconds ago in m/s, as the start has it."""
        cruise, since = float(self.x[_V].sum()), self._at.elapsed_s - lag
        return cruise * (1 - math.exp(-max(since, 0.0) / self._tau()))

    def _tau(self) -> float:
        """Returns the start's time constant in s; nobody starts faster than half a second."""
        return max(_BODY.start_tau_s + float(self.x[INDEX["a"]]), 0.5)

    def _take(self, readings: list[tuple[float, Array, float]]) -> None:
        """Weighs one sensor's scalar readings together: far ones less, absurd ones not."""
        ratios = [y * y / (H @ self.P @ H + R) for y, H, R in readings]
        far = math.sqrt(sum(ratios) / len(ratios))
        if far > GATE_SIGMA:
            self._refused += 1
            if self._refused < PATIENCE:
                return
            # so many in a row are right: he does what no plan foresaw, as when he stops to walk
            self.P[INDEX["r"], INDEX["r"]] += SURPRISE_MPS**2
            self._refused = 0
            return
        self._refused = 0
        soft = max(1.0, far / SOFT_SIGMA) ** 2
        moved = np.zeros(N)
        for y, H, R in readings:
            PH = self.P @ H
            S = soft * (H @ PH + R)
            moved = moved + PH / S * (y - H @ moved)
            self.P = self.P - np.outer(PH, PH) / S
        self.x = self.x + moved

    def _instant(self, k: int, t: float) -> Instant:
        """Returns the point about which the model is linear: the estimate, on the line that is known."""
        elapsed = t - self._run.truth.gun_t - _BODY.reaction_s
        lateral = float(self._run.truth.lateral[k])
        curvature = self._line.curvature_1pm(float(self.x[INDEX["s"]]))
        cruise = float(self.x[_V].sum())
        path = max(cruise * (1 - math.exp(-elapsed / self._tau())), 0.0) if elapsed > 0 else 0.0
        return Instant(elapsed, path / (1 + curvature * lateral), path, curvature, lateral)


_MOTION: Row = dict.fromkeys(("s", *SPEED, "a", "l", "ll", "d"), 1.0)
_MOVING = row(_MOTION) > 0


def _without_motion(H: Array) -> Array:
    """Returns a position's row without what the place on the line already tells."""
    return np.where(_MOVING, 0.0, H)
