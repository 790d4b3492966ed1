"""Judges what is learnt of real footpods by the GPS distance field that stands beside them in their files.

Two questions: is the scale found within 2 km, so that by it alone the pod's count then agrees with the
field; and is a pod that drifts followed? No recording here drifts by much, so the counts of one are made to:
the same run, its pod growing by 4 % (pods of that make were seen to go from 0.97 to 1.01 of GPS).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pacer.activity import Activity, inputs
from pacer.calibrate import lessons, setup_of
from pacer.calibration import traits, weigh
from pacer.estimator.body import scale
from pacer.files import read_activity
from pacer.inputs import Input, Tick
from pacer.kept import Kept
from pacer.outputs import Estimate, State
from pacer.session import Session

Array = NDArray[np.float64]

FOUND_M = 2000.0  # m, within which a scale must be found
STEP_M = 1000.0  # m, over which a drifting pod is compared
DRIFT = 0.04  # from the first count to the last
JUMP_M = 30.0  # m: a count that moves farther in a second has jumped


@dataclass(frozen=True, slots=True)
class PodRow:
    """Holds the figures of one pod."""

    file: str
    drift: float  # that was put into it
    true_scale: float  # its count over the file's own distance, from 2 km on
    scale: float  # learnt in the first 2 km, as the next run would take it up
    scale_sd: float
    counted_error: float  # share, of its count over that scale against the file's distance, from 2 km on
    live_error: float  # share, of the live estimate against the same
    followed: float  # share, largest difference of the live scale, km by km, from the pod's own


def judge_pods(folder: Path) -> Iterator[PodRow]:
    """Judges every recording of `folder`/footpod_runs with a pod beside positions, as it is and drifting."""
    for path in sorted((folder / "footpod_runs").glob("*.fit")):
        activity = read_activity(path)
        if activity.has_positions and activity.has_footpod:
            yield judge_pod(path.stem, activity, 0.0)
            yield judge_pod(path.stem, activity, DRIFT)


def judge_pod(file: str, activity: Activity, drift: float) -> PodRow:
    """Judges one recording, whose pod is made to drift by the share `drift`."""
    t, own, count = _columns(activity)
    factor = 1 + drift * t / t[-1]
    count = np.concatenate([[0.0], np.cumsum(np.diff(count) * factor[1:])])
    activity = _with_counts(activity, t, count, factor)
    items = list(inputs(activity))
    begin = int(np.searchsorted(own - own[0], FOUND_M))
    learnt, sd = _learnt(activity, [item for item in items if item.t <= t[begin]])
    after = own[-1] - own[begin]
    live_t, live_s, live_k = _live(activity, items)
    marks = np.interp(np.arange(own[0] + STEP_M, own[-1], STEP_M), own, t)
    true = np.diff(np.interp(marks, t, count)) / STEP_M
    shown = [float(live_k[(a < live_t) & (live_t <= b)].mean()) for a, b in pairwise(marks)]
    return PodRow(
        file=file,
        drift=drift,
        true_scale=float((count[-1] - count[begin]) / after),
        scale=learnt,
        scale_sd=sd,
        counted_error=float((count[-1] - count[begin]) / learnt / after - 1),
        live_error=float(np.diff(np.interp([t[begin], t[-1]], live_t, live_s))[0] / after - 1),
        followed=float(np.abs(np.array(shown) / true - 1).max()),
    )


def _columns(activity: Activity) -> tuple[Array, Array, Array]:
    """Returns time (s), the file's own distance (m) and the pod's count (m) without its jumps."""
    rows = [
        (r.t_s, r.distance_m, r.pod_distance_m)
        for r in activity.records
        if r.distance_m is not None and r.pod_distance_m is not None
    ]
    t, own, count = np.array(rows, dtype=np.float64).T
    steps = np.diff(count, prepend=count[0])
    return t, own, np.cumsum(np.where((steps >= 0) & (steps < JUMP_M), steps, 0.0))


def _with_counts(activity: Activity, t: Array, count: Array, factor: Array) -> Activity:
    records = tuple(
        replace(
            r,
            pod_distance_m=None if r.pod_distance_m is None else float(np.interp(r.t_s, t, count)),
            pod_speed_mps=None
            if r.pod_speed_mps is None
            else r.pod_speed_mps * float(np.interp(r.t_s, t, factor)),
        )
        for r in activity.records
    )
    return replace(activity, records=records)


def _learnt(activity: Activity, items: Sequence[Input]) -> tuple[float, float]:
    """Returns the scale that a run taught, weighed with what is known of any pod, an hour later."""
    setup = setup_of(activity)
    found = [
        Kept(0.0, "pod", one.quantity, one.value, one.sd)
        for one in lessons(setup, items)
        if one.quantity == "footpod_scale"
    ]
    now = weigh(traits(setup)["footpod_scale"], found, 3600.0)
    return now.value, now.sd


def _live(activity: Activity, items: Sequence[Input]) -> tuple[Array, Array, Array]:
    """Plays a run and returns time (s), distance (m) and the pod's scale as they were believed."""
    session = Session(setup_of(activity))
    told: list[tuple[float, float, float]] = []
    for item in items:
        for output in (*session.step(item), *session.step(Tick(item.t))):
            match output:
                case State(runner=Estimate(distance_m=float(s))):
                    told.append((output.t, s, _scale(session)))
    t, along, k = np.array(told).T
    return t, along, k


def _scale(session: Session) -> float:
    """Returns the live scale, which no output tells."""
    return scale(session._run.runner)[0] if session._run else math.nan
