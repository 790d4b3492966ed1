"""A track learnt from runs: against the simulator's drawing, against real recordings, and against roads."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from firmware_sim import constants as c
from firmware_sim.geometry import Oval as DrawnOval
from pacer.activity import Activity
from pacer.course import Oval
from pacer.course.enu import Origin
from pacer.course.learn import Learnt, learn_track
from pacer.course.several import joined
from pacer.course.stadium import Array, Stadium
from pacer.course.verdict import Wish
from pacer.errors import InputError
from pacer.files import read_activity
from tests.support import ovals
from tests.support.data import names, recording

SEEDS = range(24)
TRACK = DrawnOval(ovals.PLACE)
REAL = {  # lap of the line that was run, m, as fitted by others to the same fixes: the data's README
    "track_runs/mit_track_2km_5laps_innerlane_a.gpx": 400.4,
    "track_runs/mit_track_5km_12laps_even_pace.gpx": 419.0,
    "track_runs/mit_track_10km_24laps.gpx": 420.0,
}
LEAST_NOISE = "track_runs/mit_track_2km_5laps_lowest_noise.gpx"


def learn(fixes: ovals.Fixes, wish: Wish | None = None) -> Learnt:
    return learn_track(fixes.t, fixes.lat_deg, fixes.lon_deg, wish)


def many(laps: float, line: ovals.Line, kind: c.GpsClass = c.GPS_B, wish: Wish | None = None) -> list[Learnt]:
    return [learn(ovals.run(line, laps * TRACK.lap_m, seed, kind=kind), wish) for seed in SEEDS]


def centre_errors(found: list[Learnt]) -> Array:
    at = Origin(ovals.PLACE.lat_deg, ovals.PLACE.lon_deg)
    places = [at.to_enu(one.track.lat_deg or 0.0, one.track.lon_deg or 0.0) for one in found]
    return np.array([math.hypot(*place) for place in places])


def heading_errors(found: list[Learnt]) -> Array:
    return np.array(
        [abs(math.remainder(one.track.heading_deg - ovals.PLACE.heading_deg, 180)) for one in found]
    )


def lap_errors(found: list[Learnt], lap_m: float = 400.0) -> Array:
    return np.array([one.quality.lap_m - lap_m for one in found])


def real(name: str) -> tuple[Array, Array, Array]:
    activity: Activity = read_activity(recording(name))
    rows = [(r.t_s, r.lat_deg, r.lon_deg) for r in activity.records if r.lat_deg is not None]
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def test_the_stadium_is_the_one_that_the_simulator_draws() -> None:
    heading = math.radians(ovals.PLACE.heading_deg)
    stadium = Stadium(0.0, 0.0, heading, TRACK.straight_m, TRACK.radius_m)
    run = np.arange(0.0, 400.0, 3.0)
    poses = [TRACK.pose(s, 2.5) for s in run]
    points = np.array([(pose.east_m, pose.north_m) for pose in poses])
    assert stadium.across(points) == pytest.approx(np.full(len(run), 2.5))
    # the drawing counts from the start line, 9.344 m before the finish line
    past_finish = (run - TRACK.start_m) % TRACK.lap_m
    assert stadium.along(points) == pytest.approx(past_finish, abs=1e-6)


def test_the_slopes_of_the_distance_are_its_differences() -> None:
    points = np.random.default_rng(1).normal(0.0, 60.0, (200, 2))
    stadium = Stadium(3.0, -4.0, 1.1, 80.0, 37.0)
    step = 1e-6
    moved = (
        replace(stadium, east_m=3.0 + step),
        replace(stadium, north_m=-4.0 + step),
        replace(stadium, heading_rad=1.1 + step),
        replace(stadium, straight_m=80.0 + 2 * step),  # its slope is by half of it
        replace(stadium, radius_m=37.0 + step),
    )
    differences = np.stack([(one.across(points) - stadium.across(points)) / step for one in moved], axis=1)
    assert stadium.jacobian(points) == pytest.approx(differences, abs=1e-3)


def test_without_noise_the_track_is_found_exactly() -> None:
    exact = ovals.run(ovals.laps(TRACK), 900.0, 0, worse=0.0)
    found = learn(exact)
    assert centre_errors([found])[0] < 0.02
    assert heading_errors([found])[0] < 0.01
    assert found.track.lap_length_m == pytest.approx(400.0, abs=0.05)
    assert found.track.straight_m == pytest.approx(84.39, abs=0.05)
    assert found.track.heading_deg == pytest.approx(ovals.PLACE.heading_deg, abs=0.01)
    assert found.quality.start_m == pytest.approx(-9.344, abs=0.1)  # where a mile begins


def test_two_laps_of_a_phone_give_the_lap_within_half_a_per_cent() -> None:
    found = many(2.05, ovals.laps(TRACK))
    assert np.median(np.abs(lap_errors(found))) < 0.006 * 400.0
    # The mean of the receiver's slow error over 140 s is 1.4 m per axis, which no fit can see: 1.7 m is
    # the median of its length. Ten laps, or a better receiver, bring the centre within a metre.
    assert np.median(centre_errors(found)) < 2.2
    assert np.median(heading_errors(found)) < 0.5


def test_more_laps_and_a_better_receiver_give_a_better_track() -> None:
    ten = many(10.0, ovals.laps(TRACK))
    good = many(2.05, ovals.laps(TRACK), c.GPS_A)
    for found in (ten, good):
        assert np.median(centre_errors(found)) < 1.0
        assert np.median(heading_errors(found)) < 0.3
        assert np.median(np.abs(lap_errors(found))) < 0.005 * 400.0


@pytest.mark.parametrize("laps", [2.05, 5.0])
def test_the_doubt_of_the_lap_is_honest(laps: float) -> None:
    found = many(laps, ovals.laps(TRACK))
    z = lap_errors(found) / np.array([one.quality.lap_sd_m for one in found])
    assert 0.4 < math.sqrt(np.mean(z**2)) < 1.2
    assert np.mean(np.abs(z) < 1.96) > 0.9


def test_bends_drawn_too_wide_lengthen_the_lap_unless_it_is_held() -> None:
    line = ovals.laps(TRACK, wide_m=3.0)
    assert np.median(lap_errors(many(4.0, line))) > 8.0  # 3 % and more, as watches do
    held = many(4.0, line, wish=Wish(lane_1=True))
    assert all(one.track.lap_length_m == pytest.approx(400.0) for one in held)
    assert np.median(centre_errors(held)) < 2.0
    assert np.median(heading_errors(held)) < 0.5


def test_the_lane_is_told_where_the_lap_is_known() -> None:
    lane_4 = many(5.0, ovals.laps(TRACK, lateral_m=3.56), wish=Wish(400.0))
    assert all(one.track.lap_length_m == pytest.approx(400.0) for one in lane_4)
    assert np.median([one.quality.lane for one in lane_4]) == 4
    assert np.median([one.quality.outside_m for one in lane_4]) == pytest.approx(3.56, abs=0.3)


def test_the_way_to_the_track_and_strayed_fixes_do_no_harm() -> None:
    clean, hard = [], []
    for seed in SEEDS:
        fixes = ovals.run(ovals.laps(TRACK), 1620.0, seed)
        clean.append(learn(fixes))
        rng = np.random.default_rng(seed)
        astray = rng.random(len(fixes.t)) < 0.15
        fixes.lat_deg[astray] += rng.normal(0.0, 20.0, astray.sum()) / 111_000  # m per degree
        way = ovals.run(ovals.through((-2500.0, 300.0), (-600.0, 200.0), (-60.0, -40.0)), 2500.0, seed + 100)
        hard.append(learn(way.then(fixes)))
    assert np.median(centre_errors(hard)) < np.median(centre_errors(clean)) + 0.3
    assert np.median(np.abs(lap_errors(hard))) < np.median(np.abs(lap_errors(clean))) + 1.0


def test_a_clockwise_run_gives_the_same_track_and_says_so() -> None:
    fixes = ovals.run(ovals.laps(TRACK, clockwise=True), 2000.0, 3)
    found = learn(fixes)
    assert found.quality.clockwise
    assert found.quality.laps == pytest.approx(5.0, abs=0.1)
    assert found.track.lap_length_m == pytest.approx(400.0, abs=6.0)
    assert not learn(ovals.run(ovals.laps(TRACK), 2000.0, 3)).quality.clockwise


def test_indoor_tracks_are_tracks() -> None:
    indoor = DrawnOval(ovals.PLACE, lap_m=200.0, radius_m=17.2)
    found = learn(ovals.run(ovals.laps(indoor), 1500.0, 1, kind=c.GPS_A))
    assert found.track.lap_length_m == pytest.approx(200.0, abs=3.0)


ROADS = {
    "out and back": ovals.through((0, 0), (400, 30), (0, 0)),
    "long block": ovals.through((0, 0), (160, 0), (160, 50), (0, 50), (0, 0)),
    "block": ovals.through((0, 0), (130, 0), (130, 70), (0, 70), (0, 0)),
    "square": ovals.through((0, 0), (110, 0), (110, 90), (0, 90), (0, 0)),
    "triangle": ovals.through((0, 0), (150, 0), (70, 110), (0, 0)),
    "figure of eight": ovals.through(
        (0, 0), (80, 80), (160, 0), (80, -80), (0, 0), (-80, 80), (-160, 0), (0, 0)
    ),
    "one way": ovals.through((0, 0), (500, 300), (900, 200), (3000, 2000)),
    "large loop": ovals.through((0, 0), (600, 0), (600, 400), (0, 400), (0, 0)),
}


@pytest.mark.parametrize("name", ROADS)
@pytest.mark.parametrize("kind", [c.GPS_A, c.GPS_B, c.GPS_C])
def test_a_road_is_no_track(name: str, kind: c.GpsClass) -> None:
    for seed in range(4):
        with pytest.raises(InputError, match="no track"):
            learn(ovals.run(ROADS[name], 2500.0, seed, kind=kind, speed_mps=4.0))


def test_too_little_is_refused_in_words() -> None:
    nothing = np.empty(0)
    with pytest.raises(InputError, match="a lap of them is needed"):
        learn_track(nothing, nothing, nothing)
    with pytest.raises(InputError, match="never comes back"):
        learn(ovals.run(ovals.laps(TRACK), 300.0, 1))
    still = ovals.run(lambda _: (0.0, 0.0), 2000.0, 1)
    with pytest.raises(InputError, match="no track"):
        learn(still)
    with pytest.raises(InputError, match="no lap of 300 m: the line that was run measures"):
        learn(ovals.run(ovals.laps(TRACK), 900.0, 1), Wish(300.0, lane_1=True))


def test_fixes_that_are_nowhere_are_left_out() -> None:
    fixes = ovals.run(ovals.laps(TRACK), 1200.0, 2)
    expected = learn(fixes).track.lap_length_m
    fixes.lat_deg[[5, 50]] = math.nan, 9999.0
    fixes.lon_deg[70] = math.inf
    assert learn(fixes).track.lap_length_m == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize("name", REAL)
def test_real_laps_measure_what_others_fitted(name: str) -> None:
    found = learn_track(*real(name)).quality
    assert found.lap_m == pytest.approx(REAL[name], rel=0.005)
    assert found.rms_across_m < 1.6
    assert not found.clockwise


@pytest.mark.parametrize("name", REAL)
def test_a_real_track_learnt_from_one_run_serves_another(name: str) -> None:
    course = Oval.of(learn_track(*real(LEAST_NOISE), Wish(400.0)).track)
    own = learn_track(*real(name), Wish(400.0)).quality
    near, across = None, []
    for lat, lon in zip(*real(name)[1:], strict=True):
        place = course.locate_fix(lat, lon, near)
        near = place.along_m
        across.append(place.across_m)
    # Every day's fixes are shifted by a metre or two, which cancels around the lap.
    assert np.median(across) == pytest.approx(own.outside_m, abs=1.0)
    assert np.std(across) < 3.0


def test_several_runs_agree_on_one_track() -> None:
    each = [learn_track(*real(name)) for name in (*REAL, LEAST_NOISE)]
    track = joined(each, list("abcd"))
    assert track.lap_length_m == pytest.approx(400.4, rel=0.01)  # the innermost line's
    assert track.straight_m == pytest.approx(80.0, abs=1.0)  # of the usual track with bends of 37.898 m
    elsewhere = replace(each[0], track=replace(each[0].track, lat_deg=31.5))
    with pytest.raises(InputError, match=r"b: on another track than a: \d+ m away"):
        joined([each[0], elsewhere], ["a", "b"])


@pytest.mark.parametrize("name", [*names("road_runs/*")])
def test_real_road_runs_are_no_track(name: str) -> None:
    fixes = real(name)
    with pytest.raises(InputError, match="no track"):
        learn_track(*fixes)
