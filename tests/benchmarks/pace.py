"""`python -m tests.benchmarks pace`: how calm and how quick the pace is that people are shown.

All of it is measured on one build, on the same kind of runs (`scripted`), and printed together:

    held    speed is constant: standard deviation of what is shown over 60 s, and of the raw estimate
    step    5 % faster or slower from one moment to the next: when half and 90 % of that is shown
    jog     from half of cruise to cruise at once, a repetition after a jog: when half of that is shown
    stop    from cruise to standing, by 4 m/s²: from the moment the truth is below 1 m/s to shown
    outlier one wrong reading of one channel: how far it moves what is shown from what it would have been
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from firmware_sim.firmware import GUN_T
from firmware_sim.gauss_markov import stream
from firmware_sim.geometry import MILE_M
from pacer.inputs import Command, Input, Tick
from pacer.outputs import Notice, State
from pacer.session import Session
from tests.benchmarks.outliers import CHANNELS, TAP, spoiled
from tests.benchmarks.runs import Array
from tests.benchmarks.scripted import CRUISE_MPS, ScriptedRun, simulate

S_PER_MILE = MILE_M / CRUISE_MPS**2  # s/mile that 1 m/s is worth at cruise

# What is measured happens in the second half of a mile, some moment of a second after this.
AT_S = 150.0  # s after the gun
HELD_FROM_S, HELD_FOR_S = 120.0, 60.0  # s
STEP, STEP_TOLD_S = 0.05, 15.0  # share of speed; s that it is looked at
JOG = 0.5  # share of speed
STOP_MPS2, STOPPED_MPS, STOP_TOLD_S = 4.0, 1.0, 10.0  # m/s², a hard stop; m/s; s
DRAWS, OUTLIER_TOLD_S = 3, 10.0  # wrong readings per channel and run; s that each is looked at
MOVED_MPS = 0.1  # m/s, what a single outlier may do
NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Figures:
    """Holds what one seed gave."""

    calm_mps: float  # m/s, sd of what is shown while the truth is held
    raw_mps: float  # m/s, sd of the estimate, likewise
    half_s: float  # s, from a step to half of it shown
    ninety_s: float  # s, ... 90 %
    fast_s: float  # s, from jogging to running: half of it shown, with a footpod
    fast_gps_s: float  # s, ... by GPS alone
    stop_s: float  # s, from truth to shown below 1 m/s, with a footpod
    stop_gps_s: float  # s, ... by GPS alone
    moved_mps: dict[str, tuple[float, ...]]  # m/s, by channel: how far each outlier moved it


def measure(seeds: range, jobs: int) -> list[Figures]:
    """Measures every seed, on `jobs` cores."""
    with get_context("spawn").Pool(jobs) as pool:
        return pool.map(figures, seeds, chunksize=1)


def table(found: Sequence[Figures]) -> str:
    """Returns all figures together, as lines for people."""
    calm = np.array([one.calm_mps for one in found]) * S_PER_MILE
    raw = np.array([one.raw_mps for one in found]) * S_PER_MILE
    lines = [
        f"pace shown: {len(found)} runs of each kind",
        f"{'':34}{'mean':>7}{'p50':>7}{'p90':>7}{'p95':>7}{'most':>7}",
        _line("held for 60 s: sd, s/mile", calm),
        _line("  the raw estimate's", raw),
        _line("5 % step: half shown after, s", np.array([one.half_s for one in found])),
        _line("  90 % shown after, s", np.array([one.ninety_s for one in found])),
        _line("jog to run: half shown, s: footpod", np.array([one.fast_s for one in found])),
        _line("  GPS alone", np.array([one.fast_gps_s for one in found])),
        _line("stop shown after, s: footpod", np.array([one.stop_s for one in found])),
        _line("  GPS alone", np.array([one.stop_gps_s for one in found])),
        f"{'one outlier moves it by, m/s':34}{'p95':>7}{'p99':>7}{'most':>7}{'over 0.1':>10}",
    ]
    for channel in found[0].moved_mps:
        moves = np.array([move for one in found for move in one.moved_mps[channel]])
        p95, p99 = np.quantile(moves, (0.95, 0.99))
        share = float(np.mean(moves > MOVED_MPS))
        lines.append(f"  {channel:32}{p95:>7.3f}{p99:>7.3f}{moves.max():>7.3f}{share:>10.2%}")
    return "\n".join(lines)


def _line(name: str, values: Array) -> str:
    # a value that never came is no number to be averaged or interpolated with
    p50, p90, p95 = np.quantile(values, (0.5, 0.9, 0.95), method="higher")
    return f"{name:34}{values.mean():>7.2f}{p50:>7.2f}{p90:>7.2f}{p95:>7.2f}{values.max():>7.2f}"


def figures(seed: int) -> Figures:
    """Measures one seed."""
    at = AT_S + float(stream(seed, "pace").uniform())
    held = simulate(lambda _: 1.0, seed, HELD_FROM_S + HELD_FOR_S)
    shown = said(held)
    still = held.t > GUN_T + HELD_FROM_S
    step = STEP if seed % 2 else -STEP
    half, ninety = _risen(simulate(partial(_stepped, at=at, by=step), seed, at + STEP_TOLD_S), at, step)
    stop, fast = partial(_stopping, at=at), partial(_set_off, at=at)
    return Figures(
        calm_mps=float(shown[still, 0].std()),
        raw_mps=float(shown[still, 1].std()),
        half_s=half,
        ninety_s=ninety,
        fast_s=_risen(simulate(fast, seed, at + STEP_TOLD_S), at, 1 - JOG, JOG)[0],
        fast_gps_s=_risen(simulate(fast, seed, at + STEP_TOLD_S, footpod=False), at, 1 - JOG, JOG)[0],
        stop_s=_stopped(simulate(stop, seed, at + STOP_TOLD_S)),
        stop_gps_s=_stopped(simulate(stop, seed, at + STOP_TOLD_S, footpod=False)),
        moved_mps=moved(held, at, seed),
    )


def _stepped(elapsed_s: float, at: float, by: float) -> float:
    return 1.0 + by * (elapsed_s >= at)


def _set_off(elapsed_s: float, at: float) -> float:
    return 1.0 if elapsed_s >= at else JOG


def _stopping(elapsed_s: float, at: float) -> float:
    return max(0.0, 1.0 - max(0.0, elapsed_s - at) * STOP_MPS2 / CRUISE_MPS)


def said(run: ScriptedRun) -> Array:
    """Returns what is shown and what is estimated at every tick, m/s, (n, 2); nan is unknown."""
    session = Session(run.setup)
    return np.array([told for item in timeline(run) if (told := _step(session, item)) is not None])


def timeline(run: ScriptedRun, after_t: float = -1.0) -> Iterator[Input]:
    """Yields inputs and ticks; what arrives with a tick comes before it."""
    ticks = [Tick(float(t)) for t in run.t]
    both: list[Input] = sorted([*run.inputs, *ticks], key=lambda item: item.t)  # stable
    return (item for item in both if item.t > after_t)


def _step(session: Session, item: Input) -> tuple[float, float] | None:
    told = None
    for output in session.step(item):
        match output:
            case State():
                both = (output.pace_mps, output.runner.speed_mps)
                told = (math.nan if both[0] is None else both[0], math.nan if both[1] is None else both[1])
            case Notice(code="confirm-start") if isinstance(item, Command):
                session.step(item)
    return told


def _risen(run: ScriptedRun, at: float, step: float, before: float = 1.0) -> tuple[float, float]:
    """Returns when half and 90 % of a step were shown first, between the true speeds, s after it.

    `step` and the speed `before` it are shares of cruise.
    """
    after = run.t >= GUN_T + at
    share = (said(run)[after, 0] / CRUISE_MPS - before) / step
    t = run.t[after] - GUN_T - at
    return _first(t, share >= 0.5), _first(t, share >= 0.9)


def _stopped(run: ScriptedRun) -> float:
    shown = said(run)[:, 0]
    since = run.t[np.flatnonzero(run.v > STOPPED_MPS)[-1]]
    return _first(run.t - since, (run.t > since) & (shown < STOPPED_MPS))


def _first(t: Array, there: Array) -> float:
    return float(t[np.argmax(there)]) if there.any() else NEVER


def moved(run: ScriptedRun, at: float, seed: int) -> dict[str, tuple[float, ...]]:
    """Returns how far each of some single outliers of each channel moved what is shown, m/s."""
    session = Session(run.setup)
    items = list(timeline(run))
    for item in items:
        if item.t <= GUN_T + at:
            _step(session, item)
    rest = [item for item in items if GUN_T + at < item.t <= GUN_T + at + OUTLIER_TOLD_S]
    right = _told(session, rest)
    rng = stream(seed, "outliers")
    found: dict[str, tuple[float, ...]] = {}
    for channel in (*CHANNELS, TAP):
        wrong = (_told(session, spoiled(rest, channel, rng)) for _ in range(1 if channel == TAP else DRAWS))
        found[channel] = tuple(float(np.abs(one - right).max()) for one in wrong)
    return found


def _told(session: Session, items: Sequence[Input]) -> Array:
    session = copy.deepcopy(session)
    return np.array([told[0] for item in items if (told := _step(session, item)) is not None])
