"""The oval found while it is run: soon, steadily, and never on a road."""

from __future__ import annotations

import math
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest

from firmware_sim import constants as c
from firmware_sim.geometry import Oval as DrawnOval
from pacer.course.onthefly import MOST_POINTS, Learner
from pacer.course.verdict import Wish
from tests.support import ovals
from tests.support.data import names
from tests.unit.course.test_learn import REAL, ROADS, real

TRACK = DrawnOval(ovals.PLACE)


def history(fixes: ovals.Fixes, wish: Wish | None = None) -> list[Learner]:
    """Returns the learner after each of the fixes."""
    learners = [Learner(wish or Wish())]
    for t, lat, lon in zip(fixes.t.tolist(), fixes.lat_deg.tolist(), fixes.lon_deg.tolist(), strict=True):
        learners.append(learners[-1].add(t, lat, lon))
    return learners[1:]


def first_found(learners: list[Learner]) -> int:
    """Returns the index of the first that has found the track."""
    return next(i for i, learner in enumerate(learners) if learner.found)


@pytest.mark.parametrize("kind", [c.GPS_A, c.GPS_B, c.GPS_C])
def test_the_track_is_found_in_the_second_lap_and_kept(kind: c.GpsClass) -> None:
    for seed in range(8):
        fixes = ovals.run(ovals.laps(TRACK), 1650.0, seed, kind=kind)
        learners = history(fixes)
        at = first_found(learners)
        assert 1.0 < fixes.t[at] * 5.7 / 400.0 < 1.4
        assert all(learner.found for learner in learners[at:])
        found = learners[-1].found
        assert found is not None
        assert found.learnt.track.lap_length_m == pytest.approx(400.0, abs=4 * found.learnt.quality.lap_sd_m)


def test_a_ten_hertz_receiver_is_no_different_and_its_points_are_bounded() -> None:
    slow = ovals.run(ovals.laps(TRACK), 3200.0, 1, kind=c.GPS_A, speed_mps=0.57)
    fixes = ovals.Fixes(slow.t / 10, slow.lat_deg, slow.lon_deg)
    learners = history(fixes)
    assert fixes.t[first_found(learners)] * 5.7 < 1.4 * 400.0
    assert max(len(learner.points) for learner in learners) <= MOST_POINTS


def test_the_course_begins_where_the_run_began() -> None:
    fixes = ovals.run(ovals.laps(TRACK), 1250.0, 4, kind=c.GPS_A)
    found = history(fixes)[-1].found
    assert found is not None
    assert found.start_m == pytest.approx(-9.344, abs=3.0)
    course, near = found.course(), 0.0
    for t, lat, lon in zip(fixes.t, fixes.lat_deg, fixes.lon_deg, strict=True):
        near = course.locate_fix(lat, lon, near).along_m
        assert near == pytest.approx(5.7 * t, abs=6.0)


def test_a_lap_that_is_known_is_held_from_the_first() -> None:
    fixes = ovals.run(ovals.laps(TRACK, wide_m=3.0), 1250.0, 4, kind=c.GPS_A)
    learners = history(fixes, Wish(lane_1=True))
    assert {learner.found.learnt.track.lap_length_m for learner in learners if learner.found} == {400.0}
    found = learners[-1].found
    assert found is not None
    course, near = found.course(), 0.0
    for t, lat, lon in zip(fixes.t, fixes.lat_deg, fixes.lon_deg, strict=True):
        near = course.locate_fix(lat, lon, near).along_m
        assert near == pytest.approx(5.7 * t, abs=6.0)  # not 3 % more, as the receiver drew it


def test_a_refined_track_does_not_move_the_runner() -> None:
    learners = history(ovals.run(ovals.laps(TRACK), 2400.0, 5))
    tracks = [learner.found for learner in learners if learner.found]
    before = tracks[0].course()
    s = 1234.5
    changed = 0
    for one, following in pairwise(tracks):
        if following is one:
            continue
        after = following.continued(before, s)
        origin = before.origin
        assert origin is not None
        place = after.locate_fix(*origin.to_degrees(*before.position(s)), s)
        assert place.along_m == pytest.approx(s, abs=1e-3)
        before, changed = after, changed + 1
    assert changed > 5


@pytest.mark.parametrize("name", ROADS)
def test_a_road_is_never_taken_for_a_track(name: str) -> None:
    for kind in (c.GPS_A, c.GPS_B, c.GPS_C):
        learners = history(ovals.run(ROADS[name], 1800.0, 1, kind=kind, speed_mps=4.0))
        assert not any(learner.found for learner in learners)
        assert learners[-1].why


@pytest.mark.parametrize("name", [*names("road_runs/*"), *names("cycling/mit_igp*")])
def test_real_roads_are_never_taken_for_a_track(name: str) -> None:
    fixes = ovals.Fixes(*real(name))
    assert not any(learner.found for learner in history(fixes))


@pytest.mark.parametrize("name", REAL)
def test_real_tracks_are_found_within_two_laps(name: str) -> None:
    fixes = ovals.Fixes(*real(name))
    learners = history(fixes)
    found = learners[first_found(learners)].found
    assert found is not None
    assert found.learnt.quality.laps < 1.3
    last = learners[-1].found
    assert last is not None
    assert last.learnt.quality.lap_m == pytest.approx(REAL[name], rel=0.005)


def test_a_clockwise_run_is_not_found_and_told() -> None:
    learners = history(ovals.run(ovals.laps(TRACK, clockwise=True), 1600.0, 1))
    assert not any(learner.found for learner in learners)
    assert "clockwise" in learners[-1].why


def test_a_track_that_was_left_is_given_up_and_found_again() -> None:
    laps = ovals.run(ovals.laps(TRACK), 900.0, 2)
    away = ovals.run(ovals.through((0.0, -40.0), (500.0, -300.0), (0.0, -40.0)), 1100.0, 3)
    learners = history(laps.then(away).then(ovals.run(ovals.laps(TRACK), 900.0, 4)))
    there = [learner.found is not None for learner in learners]
    n, m = len(laps.t), len(away.t)
    assert there[n - 1]
    assert not there[n + m - 20]
    assert there[-1]


def test_a_rest_and_strayed_fixes_change_nothing() -> None:
    fixes = ovals.run(ovals.laps(TRACK), 1650.0, 6)
    rng = np.random.default_rng(1)
    astray = rng.random(len(fixes.t)) < 0.1
    fixes.lat_deg[astray] += rng.normal(0.0, 15.0, astray.sum()) / 111_000  # m per degree
    first, second = (
        ovals.Fixes(*(column[part] for column in (fixes.t, fixes.lat_deg, fixes.lon_deg)))
        for part in (slice(0, 200), slice(200, None))
    )
    learners = history(first.then(second, pause_s=120.0))
    assert learners[-1].found
    assert all(learner.found for learner in learners[first_found(learners) :])


def test_late_and_impossible_fixes_change_nothing() -> None:
    fixes = ovals.run(ovals.laps(TRACK), 200.0, 1)
    learner = history(fixes)[-1]
    bad = (
        (3.0, 47.0, 8.0),
        (99.0, math.nan, 8.0),
        (99.0, 95.0, 8.0),
        (math.inf, 47.0, 8.0),
        (99.0, 47.0, 999.0),
    )
    assert reduce(lambda known, fix: known.add(*fix), bad, learner) == learner
    assert Learner().add(0.0, 95.0, 8.0).why == "no fix yet"
