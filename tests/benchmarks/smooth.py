"""`python -m tests.benchmarks smooth`: what hindsight is worth, against the truth of simulated runs.

Distance and speed count from 20 s after the gun to the finish, ten times a second; splits are those of every
100 m and of every 400 m, their times and the times of their legs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from pacer.estimator.smooth import Tape
from pacer.hindsight import Hindsight, hindsight
from pacer.inputs import Command
from pacer.outputs import Estimate, Notice, Output, Split, State
from pacer.session import Session
from tests.benchmarks.metrics import SETTLED_S, Z95
from tests.benchmarks.play import timeline
from tests.benchmarks.runs import SimRun, Truth, simulate

Array = NDArray[np.float64]

STEPS_M = (100.0, 400.0)  # m between the splits that are judged


@dataclass(frozen=True, slots=True)
class Errors:
    """Holds the errors of one kind of estimate over one run."""

    s: Array  # m
    v: Array  # m/s
    covered: float  # share of instants with the distance within its 95 % range
    splits: tuple[Array, ...]  # s, of the times at the marks, for each of STEPS_M
    legs: tuple[Array, ...]  # s, of the times of the legs


@dataclass(frozen=True, slots=True)
class SmoothRow:
    """Holds the figures of one scenario, live or smoothed."""

    scenario: str
    kind: str
    runs: int
    distance_rmse_m: float
    speed_rmse_mps: float
    coverage: float
    split_sd_s: tuple[float, ...]  # for each of STEPS_M
    leg_sd_s: tuple[float, ...]


def judge(scenario: str, seed: int) -> tuple[Errors, Errors]:
    """Plays one run and returns the errors of what was told live, and of what is known afterwards."""
    run = simulate(scenario, seed)
    session = Session(replace(run.setup, split_m=STEPS_M[0]), Tape())
    told = list(_told(run, session))
    assert session.run is not None
    known = hindsight(session.run)
    live = [o.runner for o in told if isinstance(o, State)]
    splits = [o for o in told if isinstance(o, Split) and o.kind == "split"]
    return _errors(run, live, splits), _errors(run, _drawn(run, known), known.splits)


def _told(run: SimRun, session: Session) -> Iterator[Output]:
    for item in timeline(run):
        for output in session.step(item):
            yield output
            if isinstance(output, Notice) and output.code == "confirm-start" and isinstance(item, Command):
                session.step(item)


def _drawn(run: SimRun, known: Hindsight) -> list[Estimate]:
    return [known.at(t) for t in run.truth.t.tolist()]


def _errors(run: SimRun, told: Sequence[Estimate], splits: Sequence[Split]) -> Errors:
    truth = run.truth
    elapsed = truth.t - truth.gun_t
    settled = (elapsed >= SETTLED_S) & (elapsed <= run.setup.target.time_s)
    columns = [(e.distance_m, e.speed_mps, e.distance_sd_m) for e in told]
    said, speed, sd = np.array([[math.nan if x is None else x for x in row] for row in columns]).T
    s = (said - truth.s)[settled]
    marks = [[x for x in splits if x.distance_m % step == 0] for step in STEPS_M]
    return Errors(
        s=s,
        v=(speed - truth.v)[settled],
        covered=float(np.mean(np.abs(s) <= Z95 * sd[settled])),
        splits=tuple(_late(truth, found) for found in marks),
        legs=tuple(np.diff(_late(truth, found), prepend=0.0) for found in marks),
    )


def _late(truth: Truth, splits: Sequence[Split]) -> Array:
    """Returns by how much the marks are told too late, s."""
    true = np.interp([split.distance_m for split in splits], truth.s, truth.t) - truth.gun_t
    return np.array([split.elapsed_s for split in splits]) - true


def rows(scenario: str, seeds: range, jobs: int) -> list[SmoothRow]:
    """Judges many runs of a scenario on `jobs` cores."""
    with get_context("spawn").Pool(jobs) as pool:
        found = pool.map(partial(judge, scenario), seeds, chunksize=1)
    kinds = zip(("live", "smoothed"), zip(*found, strict=True), strict=True)
    return [_row(scenario, kind, errors) for kind, errors in kinds]


def _row(scenario: str, kind: str, runs: Sequence[Errors]) -> SmoothRow:
    steps = range(len(STEPS_M))
    return SmoothRow(
        scenario=scenario,
        kind=kind,
        runs=len(runs),
        distance_rmse_m=_rms([e.s for e in runs]),
        speed_rmse_mps=_rms([e.v for e in runs]),
        coverage=float(np.mean([e.covered for e in runs])),
        split_sd_s=tuple(_rms([e.splits[i] for e in runs]) for i in steps),
        leg_sd_s=tuple(_rms([e.legs[i] for e in runs]) for i in steps),
    )


def _rms(errors: Sequence[Array]) -> float:
    return math.sqrt(float(np.nanmean(np.concatenate(errors) ** 2)))


def table(found: Sequence[SmoothRow]) -> str:
    """Returns the figures as lines for people; errors of times are root mean squares, in s."""
    head = f"{'':16}{'runs':>5} {'':9}{'dist m':>7} {'speed m/s':>10} {'cover':>6}"
    head += "".join(f" {f'at {step:.0f} m':>9} {'leg':>6}" for step in STEPS_M)
    return "\n".join([head, *(_line(row) for row in found)])


def _line(row: SmoothRow) -> str:
    times = "".join(f" {at:>9.3f} {leg:>6.3f}" for at, leg in zip(row.split_sd_s, row.leg_sd_s, strict=True))
    figures = f"{row.distance_rmse_m:>7.2f} {row.speed_rmse_mps:>10.3f} {row.coverage:>6.3f}"
    return f"{row.scenario:16}{row.runs:>5} {row.kind:9}{figures}{times}"
