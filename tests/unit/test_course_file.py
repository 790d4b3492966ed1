from __future__ import annotations

from pathlib import Path

import pytest

from pacer.course_file import MAX_POINTS, read_course
from pacer.errors import ConfigError
from pacer.setup import RouteSpec, TrackSpec
from tests.support.data import recording

HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'


def gpx(tmp_path: Path, body: str, head: str = HEAD) -> Path:
    path = tmp_path / "route.gpx"
    path.write_text(f"{head}{body}</gpx>")
    return path


def test_a_track_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "track.toml"
    path.write_text("lap_length_m = 333.33\nstraight_m = 70")
    assert read_course(path) == TrackSpec(333.33, 70.0)


def test_track_points_win_over_route_points_and_altitude_may_be_missing(tmp_path: Path) -> None:
    route = '<rte><rtept lat="1" lon="2"/><rtept lat="1" lon="3"/></rte>'
    track = '<trkpt lat="47.5" lon="8"><ele>400.5</ele></trkpt><trkpt lat="47.6" lon="-8"/>'
    assert read_course(gpx(tmp_path, route)) == RouteSpec(((1.0, 2.0, None), (1.0, 3.0, None)))
    assert read_course(gpx(tmp_path, route + track)) == RouteSpec(((47.5, 8.0, 400.5), (47.6, -8.0, None)))


def test_points_outside_a_track_give_it_no_altitude(tmp_path: Path) -> None:
    body = '<wpt lat="1" lon="1"><ele>9</ele></wpt><trkpt lat="1" lon="2"/><trkpt lat="1" lon="3"/>'
    assert read_course(gpx(tmp_path, body)) == RouteSpec(((1.0, 2.0, None), (1.0, 3.0, None)))


def test_a_real_recording_serves_as_a_course() -> None:
    course = read_course(recording("road_runs/mit_garmincn_run_39min.gpx"))
    assert isinstance(course, RouteSpec)
    assert len(course.points) == 2356  # as many <trkpt as the file has


POINT = '<trkpt lat="1" lon="2"/>'
BOMB = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "two points"),
        (POINT, "two points"),
        ('<trkpt lat="91" lon="2"/>' + POINT, "point 1 at 91.0, 2.0: allowed are -90 to 90"),
        (POINT + '<trkpt lat="nan" lon="2"/>', "point 2 at nan"),
        (POINT + '<trkpt lat="1" lon="2"><ele>inf</ele></trkpt>', "point 2"),
        (POINT + '<trkpt lat="1"/>', "point 2: lat, lon and ele must be numbers"),
        (
            POINT + '<trkpt lat="1" lon="2"><ele>high</ele></trkpt>',
            "point 2: lat, lon and ele must be numbers",
        ),
        (POINT + "<trkpt", "not GPX: not well-formed"),
        (POINT * (MAX_POINTS + 1), f"{MAX_POINTS + 1} points or more: allowed are {MAX_POINTS}"),
    ],
    ids=range(9),
)
def test_a_route_that_cannot_be_is_refused(tmp_path: Path, body: str, said: str) -> None:
    path = gpx(tmp_path, body)
    with pytest.raises(ConfigError) as caught:
        read_course(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("code", ["foo", "hex"])
def test_an_unknown_encoding_is_one_line(tmp_path: Path, code: str) -> None:
    head = HEAD.replace('"1.0"?', f'"1.0" encoding="{code}"?')
    with pytest.raises(ConfigError, match=code):
        read_course(gpx(tmp_path, POINT * 2, head))


def test_an_entity_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = gpx(tmp_path, "<name>&b;</name>" + POINT * 2, HEAD.replace("\n", f"\n{BOMB}\n"))
    with pytest.raises(ConfigError, match=r"declares an entity \(a\)"):
        read_course(path)
