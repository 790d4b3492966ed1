"""Runs many estimators over many simulated runs on all cores, and puts their figures together."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context

from tests.benchmarks.cost import SESSION, Cost, cost
from tests.benchmarks.metrics import Errors, Row, errors, row
from tests.benchmarks.play import BOUNDS, ORACLE, OURS, play
from tests.benchmarks.runs import simulate

# Work is handed out in pieces of a few seconds, so that cores stay busy and progress is seen.
PIECE = 2  # runs


@dataclass(frozen=True, slots=True)
class Plan:
    """Says what is compared."""

    scenarios: tuple[str, ...]
    estimators: tuple[str, ...]
    seeds: range
    jobs: int = 2


@dataclass(frozen=True, slots=True)
class _Task:
    scenario: str
    seed: int
    estimators: tuple[str, ...]


def compare(plan: Plan) -> Iterator[list[Row]]:
    """Yields each scenario's rows as soon as its last run is over; tells progress on stderr."""
    with get_context("spawn").Pool(plan.jobs) as pool:
        for scenario in plan.scenarios:
            tasks = [_Task(scenario, seed, plan.estimators) for seed in plan.seeds]
            found: dict[str, list[Errors]] = {name: [] for name in plan.estimators}
            begun = time.monotonic()
            for done, results in enumerate(pool.imap(_one, tasks, chunksize=PIECE), start=1):
                for name, result in zip(plan.estimators, results, strict=True):
                    found[name].append(result)
                _progress(scenario, done, len(tasks), begun)
            yield [row(scenario, name, runs) for name, runs in found.items()]


def costs(estimators: Sequence[str], seed: int) -> dict[str, Cost]:
    """Measures every estimator on one even mile with the default kit, in this process, nothing beside it."""
    run = simulate("even", seed)
    names = [name for name in estimators if name not in BOUNDS and name != ORACLE]
    return {name: cost(run, name) for name in (*names, *([SESSION] if OURS in names else []))}


def _one(task: _Task) -> list[Errors]:
    run = simulate(task.scenario, task.seed)
    return [errors(run, play(run, name)) for name in task.estimators]


def _progress(scenario: str, done: int, of: int, begun: float) -> None:
    took = time.monotonic() - begun
    left = took / done * (of - done)
    if done == of or sys.stderr.isatty():
        line = f"{scenario:16} {done:4} of {of} runs, {took:4.0f} s, {left:4.0f} s to go"
        sys.stderr.write(f"\r{line}" + ("\n" if done == of else ""))
        sys.stderr.flush()
