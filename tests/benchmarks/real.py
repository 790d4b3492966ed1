"""Plays real recordings on a track to the estimators, and judges them by the laps of a fitted truth.

The truth beside a recording is a stadium fitted to all of it; it is good at whole laps, in the run line's own
frame, so what counts is the increment between successive 400 m marks, from 60 s on; once as it is, and once
with the whole way scaled to the truth's, for another line has another length. A course that is learnt must be
learnt elsewhere: "ours, learnt" is given the oval of the recording before it in the list, "ours" is given
none and judged from its third lap on, when it may have found one.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pacer.activity import inputs, sensors
from pacer.course.learn import learn_track
from pacer.files import read_activity
from pacer.inputs import Command, Input, Measured, Tick
from pacer.outputs import State
from pacer.session import Session
from pacer.setup import Setup, Target, TrackSpec
from tests.benchmarks.baselines import FACTORIES
from tests.benchmarks.play import OURS
from tests.benchmarks.runs import TICK_S

Array = NDArray[np.float64]

MARK_M = 400.0  # m
SETTLED_S = 60.0  # s
FOUND_M = 800.0  # m, two laps: where an oval that nobody gave may have been found
OURS_LEARNT = "ours, learnt"
PEERS = ("raw-gps", "opentracks-gps", "kalman-2d")  # those that need no course


@dataclass(frozen=True, slots=True)
class RealRow:
    """Holds the figures of one estimator on one recording."""

    file: str
    estimator: str
    marks: int  # increments judged
    p95_m: float  # of the increment's error
    scaled_p95_m: float  # of the same, the whole way being scaled to the truth's
    mean_m: float
    total_error: float  # share, of the way from the first mark to the last


def judge(folder: Path) -> Iterator[RealRow]:
    """Judges every recording of `folder`/track_runs that has a truth beside it."""
    runs = folder / "track_runs"
    files = sorted(p for p in runs.glob("*.gpx") if _truth_path(p).exists())
    for i, path in enumerate(files):
        t, s = _truth(path)
        settled = float(np.interp(SETTLED_S, t, s))
        compared = [(OURS, _ours(path, None), max(settled, FOUND_M))]
        compared.append((OURS_LEARNT, _ours(path, _learnt(files[i - 1])), settled))
        compared += [(name, _peer(path, name), settled) for name in PEERS]
        for name, said, from_m in compared:
            marks = np.arange(math.ceil(from_m / MARK_M), math.floor(s[-1] / MARK_M) + 1) * MARK_M
            yield _row(path.stem, name, marks, np.interp(np.interp(marks, s, t), *said))


def _learnt(path: Path) -> TrackSpec:
    """Learns the oval of another recording."""
    places = [(r.t_s, r.lat_deg, r.lon_deg) for r in read_activity(path).records if r.lat_deg is not None]
    t, lat, lon = np.array(places, dtype=np.float64).T
    return learn_track(t, lat, lon).track


def _row(file: str, name: str, marks: Array, at: Array) -> RealRow:
    """Compares the way from mark to mark; `at` is where the estimator was at each, m."""
    off = np.diff(at) - MARK_M
    scaled = np.diff(at) * (marks[-1] - marks[0]) / (at[-1] - at[0]) - MARK_M
    if off.size == 0 or np.isnan(off).any():
        return RealRow(file, name, 0, math.nan, math.nan, math.nan, math.nan)
    return RealRow(
        file=file,
        estimator=name,
        marks=off.size,
        p95_m=float(np.quantile(np.abs(off), 0.95)),
        scaled_p95_m=float(np.quantile(np.abs(scaled), 0.95)),
        mean_m=float(off.mean()),
        total_error=float((at[-1] - at[0]) / (marks[-1] - marks[0]) - 1),
    )


def _ours(path: Path, course: TrackSpec | None) -> tuple[Array, Array]:
    activity = read_activity(path)
    distance = activity.own_distance_m
    setup = Setup(
        sensors=sensors(activity),
        course=course,
        target=Target(distance, activity.records[-1].t_s),
        start="first_input",
    )
    session = Session(setup)
    told: list[tuple[float, float]] = []
    begin = Command(0.0, "start", at=0.0, origin="engine")
    for item in _ticked([begin, *inputs(activity)]):
        told += [
            (output.t, output.runner.distance_m)
            for output in session.step(item)
            if isinstance(output, State) and output.runner.distance_m is not None
        ]
    t, s = np.array(told).T
    return t, s


def _peer(path: Path, name: str) -> tuple[Array, Array]:
    activity = read_activity(path)
    setup = Setup(sensors=sensors(activity), course=None)
    peer = FACTORIES[name](setup, 0.0)
    told: list[tuple[float, float]] = []
    for item in _ticked(list(inputs(activity))):
        match item:
            case Measured():
                peer.observe(item.measurement)
            case Tick():
                distance = peer.at(item.t)[0]
                if distance is not None:
                    told.append((item.t, distance))
    t, s = np.array(told).T
    return t, s


def _ticked(items: Sequence[Input]) -> Iterator[Input]:
    """Puts ten ticks a second among the inputs."""
    count = 0
    for item in items:
        while count * TICK_S < item.t:
            yield Tick(count * TICK_S)
            count += 1
        yield item


def _truth_path(path: Path) -> Path:
    return path.parent / "truth" / f"{path.stem}.truth.csv"


def _truth(path: Path) -> tuple[Array, Array]:
    """Reads the truth's time, s, and distance, m; distance made never falling, to be inverted."""
    with _truth_path(path).open(newline="") as file:
        found = [(float(line["t_s"]), float(line["truth_m"])) for line in csv.DictReader(file)]
    t, s = np.array(found).T
    return t, np.maximum.accumulate(s)
