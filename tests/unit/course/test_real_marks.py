"""A learnt oval as a ruler: real runs measured on it, between the 400 m marks that others' fit gives.

The truth counts metres along the line that was run, whose lap is another than the oval's where the lane
differs: all metres are scaled by the ratio of the laps before they are compared.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pacer.course import Oval
from pacer.course.learn import learn_track
from pacer.course.onthefly import Found, Learner
from pacer.course.stadium import Array
from tests.support.data import recording
from tests.unit.course.test_learn import LEAST_NOISE, REAL, real

SMOOTH_S = 3.0  # s, of a trailing mean: half of it late, the same at every mark of a steady run
GOAL_M = 3.0  # m, p95 of the error between successive marks: what the whole program is to reach


def truth(name: str) -> tuple[Array, Array]:
    path = recording("track_runs/truth") / f"{Path(name).stem}.truth.csv"
    with path.open(newline="") as file:
        rows = [(float(row["t_s"]), float(row["truth_m"])) for row in csv.DictReader(file)]
    return np.array([t for t, _ in rows]), np.array([m for _, m in rows])


def measured(course: Oval, name: str) -> tuple[Array, Array]:
    """Returns times and progress of every fix, located on a course that was known before."""
    t, lat, lon = real(name)
    s: list[float] = []
    for place in zip(lat.tolist(), lon.tolist(), strict=True):
        s.append(course.locate_fix(*place, s[-1] if s else None).along_m)
    return t, np.array(s)


def measured_on_the_fly(name: str) -> tuple[Array, Array]:
    """Returns times and progress of every fix from the finding on, each on the course known by then."""
    rows = list(_live(name))
    return np.array([t for t, _ in rows]), np.array([s for _, s in rows])


def _live(name: str) -> Iterator[tuple[float, float]]:
    learner, found, course, s = Learner(), None, None, 0.0
    for t, lat, lon in zip(*(column.tolist() for column in real(name)), strict=True):
        learner = learner.add(t, lat, lon)
        if learner.found is not None and learner.found is not found:
            found = learner.found
            course, s = _taken_up(found, course, s)
        if course is not None:
            s = course.locate_fix(lat, lon, s).along_m
            yield t, s


def _taken_up(found: Found, before: Oval | None, s_m: float) -> tuple[Oval, float]:
    lap_m = found.learnt.quality.lap_m
    if before is None:
        return found.course(), found.learnt.quality.laps * lap_m
    # the first laps are put right; later ones are left as they were shown
    return (found.course() if s_m < 2 * lap_m else found.continued(before, s_m)), s_m


def between_marks(name: str, t: Array, s: Array, lap_m: float) -> Array:
    """Returns the errors of the metres between successive marks, from 60 s on, scaled to the truth's lap."""
    truth_t, truth_m = truth(name)
    trailing = np.array([s[(t > now - SMOOTH_S) & (t <= now)].mean() for now in t])
    begin = np.interp(max(60.0, float(t[0])), truth_t, truth_m)
    marks = np.arange(400.0 * np.ceil(begin / 400.0), truth_m[-1], 400.0)
    at = np.interp(marks, truth_m, truth_t)
    own_lap = learn_track(*real(name)).quality.lap_m  # of the line that was run
    return np.asarray(np.diff(np.interp(at, t, trailing)) * own_lap / lap_m - 400.0)


@pytest.mark.parametrize("teacher", [LEAST_NOISE, *REAL])
@pytest.mark.parametrize("name", [LEAST_NOISE, *REAL])
def test_on_the_oval_of_another_run_every_400_m_is_right(name: str, teacher: str) -> None:
    course = Oval.of(learn_track(*real(teacher)).track)
    errors = between_marks(name, *measured(course, name), course.lap_m)
    assert len(errors) >= 3
    assert np.quantile(np.abs(errors), 0.95) < GOAL_M


@pytest.mark.parametrize("name", [LEAST_NOISE, *REAL])
def test_on_the_oval_found_on_the_fly_every_400_m_is_right(name: str) -> None:
    own_lap = learn_track(*real(name)).quality.lap_m
    errors = between_marks(name, *measured_on_the_fly(name), own_lap)[1:]  # from the third lap on
    assert len(errors) >= 2
    assert np.quantile(np.abs(errors), 0.95) < GOAL_M
