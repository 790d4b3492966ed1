"""The commands as a new user gives them, each in its own process: output, one line of error, exit code."""

from __future__ import annotations

import json
import math
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import fitdecode
import gpxpy
import pytest

from tests.support import data
from tests.support.command import BAD_INPUT, NO_HARDWARE, OK, ROOT, pacer
from tests.support.states import LINE_KEYS

REAL_RUNS = [
    "track_runs/mit_track_2km_5laps_lowest_noise.gpx",
    "footpod_runs/mit_stryd_app_gps_6.8km.fit",
]
OWN = 0.03  # share by which the last distance may differ from the file's own


def states(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Reads the state lines, strictly: NaN and Infinity are no JSON."""

    def refuse(constant: str) -> float:
        raise AssertionError(f"{constant} is no JSON")

    return [json.loads(text, parse_constant=refuse) for text in done.stdout.splitlines()]


def assert_one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """Asserts an exit code and one line on stderr that is no traceback; returns the line."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_rate_is_refused_where_another_process_takes_part() -> None:
    broker = pacer("demo", "--headless", "--rate", 2, "--broker", "mqtt://127.0.0.1:1883")
    radio = pacer("demo", "--headless", "--rate", 2, "--radio", "hci:tcp-client:127.0.0.1:1")

    assert "--broker" in assert_one_line(broker, BAD_INPUT)
    assert "--radio" in assert_one_line(radio, BAD_INPUT)


@pytest.mark.parametrize("name", REAL_RUNS)
def test_a_real_run_replays_to_its_own_distance(name: str) -> None:
    path = data.recording(name)

    done = pacer("replay", path, "--course", "none", "--distance", "2km", "--target", "13:00", "--json")

    assert done.returncode == OK, done.stderr
    found = states(done)
    assert all(list(state) == LINE_KEYS for state in found)
    assert all(math.isfinite(v) for s in found for v in s.values() if isinstance(v, float))
    metres = [state["distance_m"] for state in found if state["distance_m"] is not None]
    assert len(metres) > 0.95 * len(found)
    assert all(before <= after for before, after in pairwise(metres))
    assert metres[-1] == pytest.approx(own_distance_m(path), rel=OWN)
    steps = [after["t_s"] - before["t_s"] for before, after in pairwise(found)]
    assert all(step == pytest.approx(1.0, abs=0.11) for step in steps)  # 0.11: of a tick of 0.1 s
    assert found[-1]["t_s"] - found[0]["t_s"] == pytest.approx(duration_s(path), abs=1.1)


def own_distance_m(path: Path) -> float:
    """Returns what the file itself says: a GPX path's length, a FIT summary (pacer reads the records)."""
    if path.suffix == ".gpx":
        return float(gpxpy.parse(path.read_text()).length_2d())
    with fitdecode.FitReader(path) as reader:
        sessions = [f for f in reader if isinstance(f, fitdecode.FitDataMessage) and f.name == "session"]
    return float(sessions[-1].get_value("total_distance"))


def duration_s(path: Path) -> float:
    """Returns the seconds from the first to the last record of a file."""
    if path.suffix == ".gpx":
        points = [point for _, _, _, point in walked(path)]
        return float((points[-1].time - points[0].time).total_seconds())
    with fitdecode.FitReader(path) as reader:
        records = [f for f in reader if isinstance(f, fitdecode.FitDataMessage) and f.name == "record"]
    first, last = (r.get_value("timestamp") for r in (records[0], records[-1]))
    return float((last - first).total_seconds())


def walked(path: Path) -> list[tuple[int, int, int, Any]]:
    track = gpxpy.parse(path.read_text())
    return [(t, s, p, point) for point, t, s, p in track.walk()]


@pytest.mark.parametrize("name", data.names("broken_files/*"))
def test_a_broken_file_gives_a_run_or_one_line(name: str) -> None:
    done = pacer("replay", data.recording(name), "--course", "none", "--json")

    assert "Traceback" not in done.stderr
    if done.returncode == OK:
        assert states(done)
    else:
        assert_one_line(done, BAD_INPUT)


@pytest.mark.parametrize("suffix", ["fit", "gpx", "tcx", "pacer", "txt"])
def test_a_file_of_rubbish_is_refused_in_one_line(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rubbish.{suffix}"
    path.write_bytes(bytes(range(256)) * 8)

    assert str(path) in assert_one_line(pacer("replay", path, "--json"), BAD_INPUT)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for args in (("replay", tmp_path / "no.fit"), ("run", tmp_path / "no.toml")):
        assert str(args[1]) in assert_one_line(pacer(*args), BAD_INPUT)


def test_run_without_an_adapter_says_so_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # an address nobody listens on: no test may touch the machine's own Bluetooth
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    monkeypatch.setenv("PACER_HOME", str(tmp_path / "home"))

    done = pacer("run", ROOT / "configs" / "road-5k.toml", "--headless")

    assert "no Bluetooth adapter" in assert_one_line(done, NO_HARDWARE)
    assert list((tmp_path / "home").rglob("*.pacer")) == []


@pytest.mark.parametrize("name", ["mile.toml", "road-5k.toml"])
def test_check_passes_the_examples(name: str) -> None:
    done = pacer("check", ROOT / "configs" / name)

    assert (done.returncode, done.stderr) == (OK, "")
    assert "ok" in done.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('start = "whenever"', ("start", "whenever", "first_step")),
        ('[target]\ntime = "-4:41"', ("target.time", "-4:41", "4:41")),
        ('[taget]\ntime = "4:41"', ("taget", "target")),
    ],
)
def test_check_names_file_key_value_and_what_is_allowed(
    tmp_path: Path, text: str, told: tuple[str, ...]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f'name = "x"\n{text}\n')

    done = pacer("check", path)

    assert (done.returncode, done.stdout) == (BAD_INPUT, "")
    assert "Traceback" not in done.stderr
    first = done.stderr.splitlines()[0]
    assert all(word in first for word in (str(path), *told)), first
