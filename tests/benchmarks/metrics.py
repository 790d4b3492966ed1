"""Reduces what estimators said of many runs to the few figures by which they are compared.

Distance and speed count from 20 s after the gun, the gap from 60 s, to the finish, ten times a second. The
gap's error is that of the distance over the even split's cruising speed: (s_hat - s) / v_c. Quantiles are
over all instants of all runs; their interval is a bootstrap over runs, for instants of one run are not
independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.play import Belief
from tests.benchmarks.runs import TICK_S, SimRun

Array = NDArray[np.float64]

SETTLED_S, GAP_AFTER_S = 20.0, 60.0  # s after the gun
START_LOSS_S = 1.3  # s, what a standing start costs: v (1 - exp(-t / 1.3 s))
Z95 = 1.96  # standard deviations to either side that hold 95 % of a normal distribution
BOOTSTRAPS = 400  # gives the ends of a 95 % interval to about a tenth of its width
THIN = 10  # the bootstrap takes an instant a second: errors hardly change within one
LAGS_S = np.arange(0.0, 20.01, 0.25)  # s, tried against each other; a 30 s mean lags by 15
SURGE_M = 900.0  # m, where the surge begins
SURGE_BEFORE_S, SURGE_AFTER_S = 15.0, 30.0  # s around it that are kept


@dataclass(frozen=True, slots=True)
class Errors:
    """Holds the errors of one estimator over one run."""

    s: Array  # m, from 20 s on
    v: Array  # m/s, likewise
    gap: Array  # s, from 60 s on
    finish_m: float  # m, at the finish
    nees: float  # mean squared error of distance over its variance
    nees_v: float
    covered: float  # share of instants within the 95 % range
    nis: float  # median of the innovations squared over their variance, over what it should be
    correlation: Array  # of the speeds, at LAGS_S
    surge: Array  # (2, n) m/s, shown and true, around SURGE_M


@dataclass(frozen=True, slots=True)
class Row:
    """Holds the figures of one estimator in one scenario; nan is not known."""

    scenario: str
    estimator: str
    runs: int
    distance_rmse_m: float
    distance_p95_m: float
    gap_p95_s: float
    gap_p95_low_s: float  # the bootstrap's 95 % interval
    gap_p95_high_s: float
    finish_rmse_m: float
    finish_bias_m: float
    speed_rmse_mps: float
    speed_lag_s: float  # at which the speeds agree best
    surge_delay_s: float  # from half of the true step to half of it shown
    nees: float
    nees_v: float
    coverage: float
    nis: float  # mean over runs of the above: 1 is as expected
    silent: float  # share of instants without an answer


def errors(run: SimRun, said: Belief) -> Errors:
    """Compares what was said with the truth."""
    truth, target = run.truth, run.setup.target
    elapsed = truth.t - truth.gun_t
    to_finish = elapsed <= target.time_s
    settled, late = to_finish & (elapsed >= SETTLED_S), to_finish & (elapsed > GAP_AFTER_S)
    s, v = said.s - truth.s, said.v - truth.v
    cruise = target.distance_m / (target.time_s - START_LOSS_S)
    z = s[settled] / said.s_sd[settled]
    return Errors(
        s=s[settled],
        v=v[settled],
        gap=s[late] / cruise,
        finish_m=float(s[to_finish][-1]),
        nees=_mean(z**2),
        nees_v=_mean((v[settled] / said.v_sd[settled]) ** 2),
        covered=_mean(np.where(np.isnan(z), np.nan, np.abs(z) <= Z95)),
        nis=float(np.median(said.nis)) if said.nis.size else math.nan,
        correlation=_correlation(said.v, truth.v, settled),
        surge=_around(said.v, truth.v, truth.s),
    )


def row(scenario: str, estimator: str, runs: Sequence[Errors]) -> Row:
    """Puts the runs of one estimator together."""
    s, v = np.concatenate([e.s for e in runs]), np.concatenate([e.v for e in runs])
    low, high = _interval([np.abs(e.gap[::THIN]) for e in runs])
    finish = np.array([e.finish_m for e in runs])
    return Row(
        scenario=scenario,
        estimator=estimator,
        runs=len(runs),
        distance_rmse_m=_rms(s),
        distance_p95_m=_p95(np.abs(s)),
        gap_p95_s=_p95(np.abs(np.concatenate([e.gap for e in runs]))),
        gap_p95_low_s=low,
        gap_p95_high_s=high,
        finish_rmse_m=_rms(finish),
        finish_bias_m=_mean(finish),
        speed_rmse_mps=_rms(v),
        speed_lag_s=_best_lag(runs),
        surge_delay_s=_delay(runs) if scenario == "surge" else math.nan,
        nees=_mean(np.array([e.nees for e in runs])),
        nees_v=_mean(np.array([e.nees_v for e in runs])),
        coverage=_mean(np.array([e.covered for e in runs])),
        nis=_mean(np.array([e.nis for e in runs])),
        silent=float(np.isnan(s).mean()),
    )


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _rms(values: Array) -> float:
    return math.sqrt(_mean(values**2))


def _p95(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(np.quantile(known, 0.95)) if known.size else math.nan


def _interval(runs: list[Array]) -> tuple[float, float]:
    """Returns the 95 % interval of the pooled 95 % quantile, by drawing runs again and again."""
    rng = np.random.default_rng(0)  # the report is the same each time
    picks = rng.integers(len(runs), size=(BOOTSTRAPS, len(runs)))
    found = [_p95(np.concatenate([runs[i] for i in pick])) for pick in picks]
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)


def _correlation(shown: Array, true: Array, settled: NDArray[np.bool_]) -> Array:
    """Correlates the shown speed with the true one of some time ago, for every lag."""
    first, last = np.flatnonzero(settled)[[0, -1]]
    now = shown[first : last + 1]
    if np.isnan(now).any() or now.std() == 0:
        return np.full(LAGS_S.shape, math.nan)
    ticks = np.rint(LAGS_S / TICK_S).astype(int)
    return np.array([np.corrcoef(now, true[first - k : last + 1 - k])[0, 1] for k in ticks])


def _best_lag(runs: Sequence[Errors]) -> float:
    known = [e.correlation for e in runs if not np.isnan(e.correlation).any()]
    return float(LAGS_S[int(np.argmax(np.mean(known, axis=0)))]) if known else math.nan


def _around(shown: Array, true: Array, s: Array) -> Array:
    """Cuts out the speeds around the place of the surge."""
    at = int(np.searchsorted(s, SURGE_M))
    first, last = at - round(SURGE_BEFORE_S / TICK_S), at + round(SURGE_AFTER_S / TICK_S)
    return np.array([shown[first:last], true[first:last]])


def _delay(runs: Sequence[Errors]) -> float:
    """Returns the time from half of the true step to half of it shown, in the mean of all runs."""
    shown, true = np.nanmean([e.surge for e in runs], axis=0)
    begin = round(SURGE_BEFORE_S / TICK_S)
    before = slice(0, begin)
    step = true[begin + 40 : begin + 120].mean() - true[before].mean()  # 4 to 12 s into 14 s of surge
    crossed = [np.flatnonzero(speed[begin:] - speed[before].mean() >= step / 2) for speed in (shown, true)]
    if not all(found.size for found in crossed):
        return math.nan
    return float(crossed[0][0] - crossed[1][0]) * TICK_S
