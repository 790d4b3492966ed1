"""`pacer course learn` as a person meets it: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firmware_sim import encode
from firmware_sim.geometry import Oval as DrawnOval
from pacer.cli import main
from pacer.course_file import read_course
from pacer.course_learn import fixes
from pacer.inputs import Input, Notification, Tick
from pacer.recorder import Recorder, anchor_now
from pacer.recording import Header
from pacer.setup import SensorSpec, Setup, TrackSpec
from tests.support import ovals
from tests.support.data import recording

TRACK = DrawnOval(ovals.PLACE)
START = datetime(2026, 5, 1, 10, tzinfo=UTC)
RUN = ovals.run(ovals.laps(TRACK), 2020.0, 1)


@pytest.fixture
def gpx(tmp_path: Path) -> Path:
    """Writes five laps as a GPX file."""
    points = "".join(
        f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}">'
        f"<time>{(START + timedelta(seconds=t)).isoformat()}</time></trkpt>"
        for t, lat, lon in zip(RUN.t.tolist(), RUN.lat_deg, RUN.lon_deg, strict=True)
    )
    path = tmp_path / "laps.gpx"
    space = 'xmlns="http://www.topografix.com/GPX/1/1"'
    path.write_text(f'<gpx version="1.1" creator="x" {space}><trk><trkseg>{points}</trkseg></trk></gpx>')
    return path


def learn(*words: object) -> int:
    return main(["course", "learn", *map(str, words)])


def test_the_file_that_is_written_is_a_course(
    gpx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "track.toml"
    assert learn(gpx, "--out", out) == 0
    course = read_course(out)
    assert isinstance(course, TrackSpec)
    assert course.lap_length_m == pytest.approx(400.0, abs=6.0)
    said = capsys.readouterr().out
    assert "laps.gpx: 5.0 laps" in said
    assert "m rms off the line" in said
    assert "add 180 to heading_deg" in said


def test_a_configuration_with_it_passes_the_check(gpx: Path, tmp_path: Path) -> None:
    assert learn(gpx, "--out", tmp_path / "track.toml", "--lane1") == 0
    config = tmp_path / "run.toml"
    sensor = '{ name = "pod", role = "runner", kind = "footpod", address = "C4:00:00:00:00:01" }'
    config.write_text(f'course = "track.toml"\nsensors = [{sensor}]\n')
    assert main(["check", str(config)]) == 0
    assert tomllib.loads((tmp_path / "track.toml").read_text())["lap_length_m"] == 400.0


def test_a_file_that_is_there_is_kept_unless_forced(
    gpx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "track.toml"
    out.write_text("mine")
    assert learn(gpx, "--out", out) == 2
    assert "--force writes over it" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert learn(gpx, "--out", out, "--force") == 0
    assert isinstance(read_course(out), TrackSpec)


def test_what_is_no_track_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "track.toml"
    assert learn(tmp_path / "none.gpx", "--out", out) == 2
    assert learn(tmp_path / "none.gpx", "--out", tmp_path / "track.yaml") == 2
    assert learn(recording("road_runs/mit_garmincn_run_39min.gpx"), "--out", out) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "none.gpx: No such file" in lines[0]
    assert "allowed is a file ending in .toml" in lines[1]
    assert "garmincn_run_39min.gpx: no track: the run never comes back" in lines[2]
    assert not out.exists()


def test_a_lap_length_that_no_track_has_is_refused(gpx: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        learn(gpx, "--lap-length", "4000")
    assert refused.value.code == 2


def test_the_runners_fixes_are_taken_from_a_recording(tmp_path: Path) -> None:
    sensors = (
        SensorSpec("gps", "runner", "gps", address="C4:00:00:00:00:01"),
        SensorSpec("other", "rider", "gps", address="C4:00:00:00:00:02"),
    )
    path = tmp_path / "run.pacer"
    recorder = Recorder(path, Header("run", Setup(sensors=sensors), anchor_now(0.0)))
    for item in heard():
        recorder.append(item)
    recorder.close()
    found = list(fixes(path))
    assert [fix.t for fix in found] == RUN.t.tolist()
    assert [fix.lat_deg for fix in found] == pytest.approx(RUN.lat_deg.tolist(), abs=1e-7)
    out = tmp_path / "track.toml"
    assert learn(path, "--lap-length", "400", "--out", out) == 0
    course = read_course(out)
    assert isinstance(course, TrackSpec)
    assert course.lap_length_m == 400.0


def heard() -> list[Input]:
    """Returns what a recording of the run holds: the runner's fixes, the rider's, a bad frame, and ticks."""
    items: list[Input] = []
    for t, lat, lon in zip(RUN.t.tolist(), RUN.lat_deg.tolist(), RUN.lon_deg.tolist(), strict=True):
        ok = encode.PositionStatus.OK
        data = encode.location_and_speed(encode.LocationAndSpeed(ok, location=(lat, lon)))
        elsewhere = encode.location_and_speed(encode.LocationAndSpeed(ok, location=(lat + 1, lon)))
        items += [
            Notification(t, "gps", "2a67", data),
            Notification(t, "gps", "2a67", data[:1]),
            Notification(t, "other", "2a67", elsewhere),
            Tick(t),
        ]
    return items
