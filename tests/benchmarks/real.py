"""Plays real recordings on a track to the estimators, and judges them by the laps of a fitted truth.

The truth beside a recording is a stadium fitted to all of it; it is good at whole laps, in the run line's
own frame, so what counts is the increment between successive 400 m marks, from 60 s on, and the way from the
first mark to the last. Another line has another lap, up to 5 % longer in an outer lane: all is judged as it
is, and once more scaled by the truth's lap over the estimator's own (where that has none, by the whole way).
Marks at 400, 800, ... m are one choice of twenty, and the worst of 23 decide their p95: "any" is that
of every stretch of 400 m, scaled, from a mark each 20 m.

A course that is learnt must be learnt elsewhere: "ours, learnt" is given the oval of the recording before it
in the list. "ours" is given nothing, "ours, 400 m" the length of a lap; both find the track on the fly and
are judged from the third lap on.
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
from pacer.course import Oval
from pacer.course.learn import learn_track
from pacer.files import read_activity
from pacer.inputs import Command, Input, Measured, Tick
from pacer.outputs import Estimate, State, TrackLearned
from pacer.session import Session
from pacer.setup import Setup, Target, TrackSpec
from tests.benchmarks.baselines import FACTORIES
from tests.benchmarks.play import OURS
from tests.benchmarks.runs import TICK_S

Array = NDArray[np.float64]

MARK_M = 400.0  # m
STEPS = 20  # marks between two of these
SETTLED_S = 60.0  # s
FOUND_M = 800.0  # m, two laps: where an oval that nobody gave may have been found
OURS_LEARNT, OURS_400 = "ours, learnt", "ours, 400 m"
PEERS = ("raw-gps", "opentracks-gps", "kalman-2d")  # those that need no course
ALL = "all"  # the increments of all recordings together


@dataclass(frozen=True, slots=True)
class RealRow:
    """Holds the figures of one estimator on one recording."""

    file: str
    estimator: str
    marks: int  # increments judged
    p95_m: float  # of the increment's error
    scaled_p95_m: float  # of the same, scaled by the laps
    any_p95_m: float  # of that, whichever the stretch of 400 m
    mean_m: float
    total_error: float  # share, of the way from the first mark to the last
    total_m: float  # the same in metres, scaled by the laps; nan where the estimator knows of no lap


@dataclass(frozen=True, slots=True)
class Said:
    """Holds what an estimator said: times in s, distances in m, and the lap that it counted by."""

    t: Array
    s: Array
    lap_m: float | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """Holds where an estimator was at marks STEPS times as close, m, as it is and scaled by the laps."""

    marks: Array
    at: Array
    scaled: Array
    lap_known: bool


def judge(folder: Path) -> Iterator[RealRow]:
    """Judges every recording of `folder`/track_runs that has a truth beside it, and all of them together."""
    runs = folder / "track_runs"
    files = sorted(p for p in runs.glob("*.gpx") if _truth_path(p).exists())
    found: dict[str, list[Marked]] = {}
    for i, path in enumerate(files):
        for name, marked in judge_one(path, files[i - 1]):
            found.setdefault(name, []).append(marked)
            yield _row(path.stem, name, [marked])
    yield from (_row(ALL, name, all_of_it) for name, all_of_it in found.items())


def judge_one(path: Path, teacher: Path, peers: Sequence[str] = PEERS) -> Iterator[tuple[str, Marked]]:
    """Plays one recording to ours and to peers; the oval of "ours, learnt" comes from `teacher`."""
    t, s = _truth(path)
    settled = float(np.interp(SETTLED_S, t, s))
    lap_m = _truth_lap_m(path, t, s)
    compared = [(OURS, ours(path, None), max(settled, FOUND_M))]
    compared.append((OURS_400, ours(path, TrackSpec()), max(settled, FOUND_M)))
    compared.append((OURS_LEARNT, ours(path, learn_track(*_places(teacher)).track), settled))
    compared += [(name, _peer(path, name), settled) for name in peers]
    for name, said, from_m in compared:
        first, last = math.ceil(from_m / MARK_M), math.floor(s[-1] / MARK_M)
        marks = np.arange(first * STEPS, last * STEPS + 1) * (MARK_M / STEPS)
        at = np.interp(np.interp(marks, s, t), said.t, said.s)
        scale = (marks[-1] - marks[0]) / (at[-1] - at[0]) if said.lap_m is None else lap_m / said.lap_m
        yield name, Marked(marks, at, at * scale, said.lap_m is not None)


def _truth_lap_m(path: Path, truth_t: Array, truth_m: Array) -> float:
    """Returns how many of the truth's metres a lap of the run takes; its fixes on an oval count the laps."""
    t, lat, lon = _places(path)
    line = Oval.of(learn_track(t, lat, lon).track)
    s = [0.0]
    for place in zip(lat.tolist(), lon.tolist(), strict=True):
        s.append(line.locate_fix(*place, s[-1]).along_m)
    late = t > SETTLED_S
    laps = np.array(s[1:])[late] / line.lap_m
    return float(np.polyfit(laps, np.interp(t[late], truth_t, truth_m), 1)[0])


def _places(path: Path) -> tuple[Array, Array, Array]:
    places = [(r.t_s, r.lat_deg, r.lon_deg) for r in read_activity(path).records if r.lat_deg is not None]
    t, lat, lon = np.array(places, dtype=np.float64).T
    return t, lat, lon


def _row(file: str, name: str, found: Sequence[Marked]) -> RealRow:
    """Compares the way from mark to mark."""
    off = np.concatenate([np.diff(one.at[::STEPS]) - MARK_M for one in found])
    scaled = np.concatenate([np.diff(one.scaled[::STEPS]) - MARK_M for one in found])
    anywhere = np.concatenate([one.scaled[STEPS:] - one.scaled[:-STEPS] - MARK_M for one in found])
    if off.size == 0 or np.isnan(off).any():
        return RealRow(file, name, 0, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan)
    way = sum(float(one.marks[-1] - one.marks[0]) for one in found)
    totals = [abs(float(one.scaled[-1] - one.scaled[0] - one.marks[-1] + one.marks[0])) for one in found]
    return RealRow(
        file=file,
        estimator=name,
        marks=off.size,
        p95_m=float(np.quantile(np.abs(off), 0.95)),
        scaled_p95_m=float(np.quantile(np.abs(scaled), 0.95)),
        any_p95_m=float(np.quantile(np.abs(anywhere), 0.95)),
        mean_m=float(off.mean()),
        total_error=float(off.sum()) / way,
        total_m=max(totals) if all(one.lap_known for one in found) else math.nan,
    )


def ours(path: Path, course: TrackSpec | None) -> Said:
    """Plays a recording to a session that is given a course, a track without place, or nothing."""
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
    lap_m = course.lap_length_m if course and course.lat_deg is not None else None
    begin, *heard = [Command(0.0, "start", at=0.0, origin="engine"), *inputs(activity)]
    end = Command(heard[-1].t, "stop", origin="engine")
    for item in _ticked([begin, *heard, end]):
        for output in session.step(item):
            match output:
                case State(t=now, runner=Estimate(distance_m=float(distance_m))):
                    told.append((now, distance_m))
                case TrackLearned(track=track):
                    lap_m = track.lap_length_m
    t, s = np.array(told).T
    return Said(t, s, lap_m)


def _peer(path: Path, name: str) -> Said:
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
    return Said(t, s)


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
