"""Works out the posterior Cramer-Rao bound of a simulated run: what no estimator can beat.

The recursion of Tichavsky, Muravchik, Nehorai 1998 (IEEE Trans. Signal Process. 46:1386), on the simulator's
own model made linear about the true trajectory. For additive Gaussian noise it is the Riccati equation of
J^-1 = P, which, unlike the form in J, allows states without noise. Nuisances are unknown, or those known that
a run does not change: the pod's scale, the time tag, the runner's line. Outliers, multipath and late taps are
not in it, and pieces of a run that is not linear (walking, a change of lanes) make it only roughly right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.constants import FootpodErrors, Taps
from pacer.course import Course, course
from pacer.setup import RouteSpec
from tests.benchmarks.exact import INDEX, SPEED, Instant, Model, Rows
from tests.benchmarks.heard import Heard, heard
from tests.benchmarks.runs import TICK_S, SimRun
from tests.benchmarks.scenarios import KITS

Array = NDArray[np.float64]
KNOWN = frozenset({"k", "kv", "d", "l"})  # the nuisances that stay as they are throughout a run
_S = INDEX["s"]
_V = [INDEX[name] for name in SPEED]


@dataclass(frozen=True, slots=True)
class Bound:
    """Holds the least standard deviations at every tick of the run's truth."""

    t: Array  # s
    s_sd: Array  # m
    v_sd: Array  # m/s


def bound(run: SimRun, *, known: bool = False) -> Bound:
    """Returns the bound of a run, with nuisances unknown or known."""
    model = model_of(run, KNOWN if known else frozenset())
    line = course(run.setup.course, run.setup.target.distance_m)
    assert line is not None
    waiting, P, tapped_s = heard(run), model.prior(), tap_sd_s(run)
    n, s_sd, v_sd = 0, [], []
    for k, t in enumerate(run.truth.t.tolist()):
        at = instant(run, line, k)
        F = model.transition(at, TICK_S)
        P = F @ P @ F.T + model.noise(at, TICK_S)
        while n < len(waiting) and waiting[n].t <= t:
            reading = waiting[n]
            if reading.kind == "tap":
                P = informed(P, model.tap(at, tapped_s))
            else:
                P = informed(P, _rows(model, line, at, float(run.truth.s[k]), reading))
            n += 1
        s_sd.append(P[_S, _S] ** 0.5)
        v_sd.append(P[np.ix_(_V, _V)].sum() ** 0.5)
    return Bound(run.truth.t, np.array(s_sd), np.array(v_sd))


def model_of(run: SimRun, known: Iterable[str]) -> Model:
    """Returns the exact model of a run."""
    road = isinstance(run.setup.course, RouteSpec)
    scale_sd = min(FootpodErrors().scale, run.setup.calibration.footpod_scale_sd)  # less after a calibration
    return Model(run.nuisances.gps, run.nuisances.spread, road, frozenset(known), scale_sd)


def tap_sd_s(run: SimRun) -> float:
    """Returns how well a run's taps are timed, in s."""
    return KITS[run.scenario].tap_sd_s or Taps().sd_s


def instant(run: SimRun, line: Course, k: int) -> Instant:
    """Returns the true trajectory's point at tick `k`."""
    truth = run.truth
    s, v, lateral = float(truth.s[k]), float(truth.v[k]), float(truth.lateral[k])
    curvature = line.curvature_1pm(s)
    return Instant(float(truth.t[k]) - truth.gun_t, v, v * (1 + curvature * lateral), curvature, lateral)


def informed(P: Array, rows: Rows) -> Array:
    """Returns P after scalar readings."""
    for H, R in rows:
        PH = P @ H
        P = P - np.outer(PH, PH) / (H @ PH + R)
    return P


def _rows(model: Model, line: Course, at: Instant, s: float, reading: Heard) -> Rows:
    """Returns H and R of a sensor's reading: before the gun only what stands still tells anything."""
    if reading.kind == "pod":
        return model.odometer(at, reading.lag) + (model.pod_speed(at) if at.elapsed_s > 0 else [])
    heading = line.heading_rad(s)
    direction = (float(np.sin(heading)), float(np.cos(heading)))
    fix = model.fix(at, reading.lag, direction, line.position(s))
    return fix + (model.doppler(at) if at.elapsed_s > 0 else [])
