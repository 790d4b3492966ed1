"""What `pacer replay` refuses, each in a line that says what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacer.errors import ConfigError, InputError
from pacer.playback import Options, load
from pacer.replay import run_replay
from pacer.setup import TrackSpec

GPX = """<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="47.0" lon="8.0"><time>2026-06-01T10:00:00Z</time></trkpt>
<trkpt lat="47.0001" lon="8.0"><time>2026-06-01T10:00:03Z</time></trkpt>
<trkpt lat="47.0002" lon="8.0"><time>2026-06-01T10:00:06Z</time></trkpt>
</trkseg></trk></gpx>"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.gpx"
    path.write_text(GPX)
    return path


@pytest.fixture
def track(tmp_path: Path) -> str:
    path = tmp_path / "track.toml"
    path.write_text("lap_length_m = 400.0\n")
    return str(path)


@pytest.mark.parametrize("lane", [0, 11, 99])
def test_a_lane_that_no_track_has(file: Path, track: str, lane: int) -> None:
    with pytest.raises(ConfigError, match="1 to 10"):
        load(Options(file, course=track, lane=lane))


def test_a_lane_that_a_track_has(file: Path, track: str) -> None:
    course = load(Options(file, course=track, lane=2)).setup.course
    assert isinstance(course, TrackSpec)
    assert course.lane == 2


@pytest.mark.parametrize("start", ["nan", "inf", "1e12", "soon"])
def test_a_start_that_is_no_time(file: Path, start: str) -> None:
    with pytest.raises(InputError, match="first, moving, and seconds"):
        load(Options(file, start=start))


@pytest.mark.parametrize("distance", ["0.001", "100000km"])
def test_a_distance_that_nobody_runs(file: Path, distance: str) -> None:
    with pytest.raises(InputError, match="from 10 m"):
        load(Options(file, distance=distance))


@pytest.mark.parametrize("change", [{"target": "4:30"}, {"json": True}, {"rate": 2.0}])
def test_verifying_goes_with_no_other_option(file: Path, change: dict[str, object]) -> None:
    with pytest.raises(InputError, match="no other option"):
        run_replay(Options(file, verify=True, **change))  # type: ignore[arg-type]
