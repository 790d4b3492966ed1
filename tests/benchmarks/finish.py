"""How honest the projected finish is: how often the finish falls within its range, by who runs.

The runs are those of the comparison; the target is not the time that is really run but up to a few per cent
beside it, as targets are. Every second from 10 s after the gun to 5 m before the finish counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np

from firmware_sim.gauss_markov import stream
from pacer.inputs import Command
from pacer.outputs import Notice, State
from pacer.session import Session
from pacer.units import Z_95
from tests.benchmarks.play import timeline
from tests.benchmarks.runs import Array, SimRun, simulate

RUNNERS = ("even", "erratic", "surge", "positive-split")
TARGET_OFF = 0.01  # share of the time that is run, sd: 2.8 s of a 4:44 mile
FROM_S, LEFT_M = 10.0, 5.0  # s after the gun; m, when it is all but over
EVERY = 10  # ticks
AT_M = (400.0, 800.0, 1200.0)  # m, where the error is told


@dataclass(frozen=True, slots=True)
class Projected:
    """Holds what was projected in one run, a line a second: distance m, error s, doubt s."""

    runner: str
    said: Array  # (n, 3)


def measure(seeds: range, jobs: int) -> list[Projected]:
    """Plays every runner and seed, on `jobs` cores."""
    tasks = [(runner, seed) for runner in RUNNERS for seed in seeds]
    with get_context("spawn").Pool(jobs) as pool:
        return pool.map(_one, tasks, chunksize=2)


def _one(task: tuple[str, int]) -> Projected:
    runner, seed = task
    return Projected(runner, projected(simulate(runner, seed)))


def projected(run: SimRun) -> Array:
    """Returns distance, error of the projected finish and its doubt, once a second, (n, 3)."""
    target = run.setup.target
    off = 1 + TARGET_OFF * float(stream(run.seed, "target").standard_normal())
    session = Session(replace(run.setup, target=replace(target, time_s=target.time_s * off)))
    found: list[tuple[float, float, float]] = []
    for item in timeline(run):
        for output in session.step(item):
            match output:
                case State(phase="running", elapsed_s=float(elapsed), remaining_m=float(left)) if (
                    elapsed >= FROM_S and left >= LEFT_M
                ):
                    finish_s, sd = output.standing.finish_s, output.standing.finish_sd_s
                    if finish_s is not None and sd is not None:
                        found.append((target.distance_m - left, finish_s - target.time_s, sd))
                case Notice(code="confirm-start") if isinstance(item, Command):
                    session.step(item)
    return np.array(found[::EVERY])


def table(found: Sequence[Projected]) -> str:
    """Returns coverage and errors, a line a runner."""
    head = "".join(f"{f'{at:.0f} m: rms, sd':>18}" for at in AT_M)
    lines = [f"projected finish, s: 95 % ranges\n{'':18}{'runs':>5}{'cover':>8}{head}"]
    for runner in dict.fromkeys(one.runner for one in found):
        runs = [one.said for one in found if one.runner == runner]
        whole = np.concatenate(runs)
        cover = float(np.mean(np.abs(whole[:, 1]) <= Z_95 * whole[:, 2]))
        at = [np.array([said[np.argmax(said[:, 0] >= m)] for said in runs]) for m in AT_M]
        errors = "".join(f"{np.sqrt((x[:, 1] ** 2).mean()):>11.1f}, {x[:, 2].mean():>5.1f}" for x in at)
        lines.append(f"{runner:18}{len(runs):>5}{cover:>8.1%}{errors}")
    return "\n".join(lines)
