"""Many runs at once: the same figures whoever works them out, a bad file told, the rest written."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pacer import batch
from pacer.batch import Batch, find, names, run_batch
from pacer.cli import main
from pacer.errors import HardwareError, InputError
from pacer.estimate import Result, estimate
from pacer.inputs import Input
from pacer.playback import Options
from pacer.recording import TAGS, Anchor, Header, header_lines, line
from pacer.schema import encode
from tests.support.direct import GUN_T, kit, paced

M_PER_DEG = 111_195.0  # m of latitude on a sphere of 6371 km


def gpx(path: Path, speed_mps: float = 4.0, seconds: int = 60) -> Path:
    """Writes a run straight north at a steady speed."""
    points = "".join(
        f'<trkpt lat="{47 + speed_mps * i / M_PER_DEG:.8f}" lon="8.0">'
        f"<time>2026-06-01T10:{i // 60:02d}:{i % 60:02d}Z</time></trkpt>"
        for i in range(seconds + 1)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{points}'
        "</trkseg></trk></gpx>"
    )
    return path


def recorded(path: Path, seconds: float) -> Path:
    """Writes the first of a simulated mile as a recording."""
    inputs: list[Input] = [item for item in paced().inputs if item.t <= GUN_T + seconds]
    body = b"".join(line(TAGS[type(item)], encode(item)) for item in inputs)
    path.write_bytes(header_lines(Header("mile", kit(), Anchor("2026-06-01T10:00:00Z", 0.0, None))) + body)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    tmp_path = tmp_path_factory.mktemp("runs")
    (tmp_path / "junk.fit").write_bytes(b"no file of any kind")
    slow, fast = gpx(tmp_path / "slow.gpx", 3.0), gpx(tmp_path / "fast.gpx", 5.0)
    return [recorded(tmp_path / "mile.pacer", 25.0), slow, tmp_path / "junk.fit", fast, tmp_path / "gone.tcx"]


@cache
def alone(path: Path) -> Result:
    """Works one run out in this process."""
    return estimate(Options(path, distance="100m"))


def asked(runs: list[Path], out: Path, **more: Any) -> Batch:
    return Batch(tuple(map(str, runs)), out, Options(Path(), distance="100m"), **{"jobs": 2, **more})


def summary(out: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in (out / batch.SUMMARY).read_text().splitlines()]


def assert_written(out: Path, runs: list[Path]) -> None:
    """Asserts that all is there, in order, as one process alone works it out."""
    lines = summary(out)
    assert [found["file"] for found in lines] == [str(path) for path in runs]
    for path, found in zip(runs, lines, strict=True):
        table = found.pop("table", None)
        assert found == json.loads(json.dumps(alone(path).line))
        assert (None if table is None else (out / table).read_text()) == alone(path).table
    assert [found.get("error") is None for found in lines] == [True, True, False, True, False]


def test_processes_work_out_what_one_does_and_a_bad_file_costs_only_itself(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="2 of 5 runs could not be used"):
        run_batch(asked(runs, tmp_path / "out"))

    assert_written(tmp_path / "out", runs)
    told = capsys.readouterr().err.splitlines()
    assert [str(path) in text for path, text in zip((runs[2], runs[4]), told, strict=True)] == [True, True]


def test_a_cluster_works_out_the_same(runs: list[Path], tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    here = {"processes": False, "protocol": "tcp", "host": "127.0.0.1", "dashboard_address": None}
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, **here) as cluster,
        pytest.raises(InputError, match="2 of 5"),
    ):
        run_batch(asked(runs, tmp_path / "out", scheduler=cluster.scheduler_address))

    assert_written(tmp_path / "out", runs)


def test_a_scheduler_that_is_not_there(
    runs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    monkeypatch.setattr(batch, "CONNECT_S", 0.2)
    with pytest.raises(HardwareError, match=r"tcp://127\.0\.0\.1:1"):
        run_batch(asked(runs, tmp_path / "out", scheduler="tcp://127.0.0.1:1"))


def test_a_table_is_the_replay_with_hindsight_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = recorded(tmp_path / "mile.pacer", 75.0)
    assert main(["replay", str(file), "--json"]) == 0
    told = [json.loads(text) for text in capsys.readouterr().out.splitlines()]

    found = estimate(Options(file))
    rows = list(csv.DictReader((found.table or "").splitlines()))
    assert [{key: row[key] for key in told[0]} for row in rows] == [
        {key: "" if value is None else str(value) for key, value in state.items()} for state in told
    ]
    world = paced().world
    for row in rows[25:]:
        truth = world.runner_at(float(row["t_s"])).distance_m
        assert float(row["smoothed_distance_m"]) == pytest.approx(truth, abs=3.0)
        assert 0 < float(row["smoothed_distance_sd_m"]) < 1.5
    assert {row["smoothed_distance_m"] for row in rows[:18]} == {""}  # on the line: not started
    assert [split["distance_m"] for split in found.line["splits"]] == [400.0]
    true_s = world.time_at(400.0)
    assert found.line["splits"][0]["smoothed_elapsed_s"] == pytest.approx(true_s, abs=0.4)


def test_a_file_s_distance_and_speed(tmp_path: Path) -> None:
    found = estimate(Options(gpx(tmp_path / "a.gpx", 4.0, 120), distance="400m"))
    rows = list(csv.DictReader((found.table or "").splitlines()))

    assert found.line["last_distance_m"] == pytest.approx(480.0, rel=0.02)
    assert float(rows[60]["smoothed_speed_mps"]) == pytest.approx(4.0, abs=0.1)
    assert found.line["splits"][-1]["smoothed_elapsed_s"] == pytest.approx(100.0, abs=2.0)


def test_directories_are_searched_and_patterns_filled_in(tmp_path: Path) -> None:
    a, b = gpx(tmp_path / "a" / "run.gpx"), gpx(tmp_path / "b" / "deep" / "RUN.GPX")
    (tmp_path / "a" / "notes.txt").write_text("no run")

    assert find([str(tmp_path)]) == [a, b]
    assert find([str(b), str(tmp_path)]) == [b, a]
    assert find([str(tmp_path / "*" / "*.gpx"), str(a)]) == [a]
    assert find(["no-such.fit"]) == [Path("no-such.fit")]  # told with the runs that cannot be used
    (tmp_path / "empty").mkdir()
    for nothing in (str(tmp_path / "*.tcx"), str(tmp_path / "empty")):
        with pytest.raises(InputError, match="no run there"):
            find([nothing])


def test_files_of_one_name_have_tables_of_their_own() -> None:
    files = [Path("a/run.fit"), Path("b/run.fit"), Path("run.gpx")]
    assert names(files) == ["run.fit.csv", "run.fit-2.csv", "run.gpx.csv"]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--distance", "1m"], "from 10 m"),
        (["--course", "no.toml"], "no.toml"),
        (["--start", "soon"], "first, moving"),
        (["--lane", "99"], "--lane"),
        (["--course", "none", "--lane", "2"], "lanes are on a track"),
    ],
)
def test_a_wrong_option_is_told_once(
    runs: list[Path], tmp_path: Path, argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["estimate", *map(str, runs), "--out", str(tmp_path / "out"), *argv]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


def test_a_place_that_cannot_be_written(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", str(runs[1]), "--out", "/dev/null/out"]) == 2
    assert "--out /dev/null/out" in capsys.readouterr().err


def test_a_table_that_cannot_be_written_costs_only_its_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, out = [gpx(tmp_path / f"{name}.gpx", seconds=20) for name in "abc"], tmp_path / "out"
    (out / "a.gpx.csv").mkdir(parents=True)
    (out / "b.gpx.csv").symlink_to("/dev/full")
    assert main(["estimate", *map(str, files), "--out", str(out), "--jobs", "1"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith(f"{out / 'a.gpx.csv'}: ")
    assert told[0] == summary(out)[0]["error"]
    assert told[1] == f"{out / 'b.gpx.csv'}: No space left on device"
    assert told[2].startswith("pacer: 2 of 3 runs")
    assert len(told) == 3
    assert [found.get("table") for found in summary(out)] == [None, None, "c.gpx.csv"]
    assert (out / "c.gpx.csv").read_text()


def test_a_summary_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = gpx(tmp_path / "a.gpx", seconds=20), tmp_path / "out"
    out.mkdir()
    (out / batch.SUMMARY).symlink_to("/dev/full")
    assert main(["estimate", str(file), "--out", str(out), "--jobs", "1"]) == 2
    assert capsys.readouterr().err == f"pacer: {out / batch.SUMMARY}: No space left on device\n"


def test_a_run_that_fails_now_leaves_no_table_of_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = gpx(tmp_path / "a.gpx", seconds=20), tmp_path / "out"
    command = ["estimate", str(file), "--out", str(out), "--jobs", "1"]
    assert main(command) == 0
    assert capsys.readouterr().out == f"1 run: {out / batch.SUMMARY}\n"
    assert (out / "a.gpx.csv").exists()
    file.write_text("no run any more")
    assert main(command) == 2
    assert "1 of 1 run could not" in capsys.readouterr().err
    assert sorted(path.name for path in out.iterdir()) == [batch.SUMMARY]


@pytest.mark.parametrize(
    ("send", "number"),
    [(os.killpg, signal.SIGINT), (os.kill, signal.SIGINT), (os.kill, signal.SIGTERM)],
    ids=["Ctrl-C", "SIGINT to it alone", "SIGTERM"],
)
def test_a_signal_ends_it_and_its_workers_without_a_word(
    tmp_path: Path, send: Callable[[int, int], None], number: signal.Signals
) -> None:
    files = [gpx(tmp_path / f"{i}.gpx", seconds=600) for i in range(6)]
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pacer", "estimate", *map(str, files), "--out", str(out), "--jobs", "1"]
    started = subprocess.Popen(  # noqa: S603 - our own program
        command, stderr=subprocess.PIPE, start_new_session=True, cwd=Path(__file__).parents[2]
    )
    while not any(out.glob("*.csv")):
        assert started.poll() is None
        time.sleep(0.02)
    send(started.pid, number)

    _, err = started.communicate(timeout=60)  # until no worker holds the pipe any more
    assert (started.returncode, err) == (128 + number, b"")
    assert 0 < len(summary(out)) < len(files)
    assert all(math.isfinite(found["last_distance_m"]) for found in summary(out))


def test_what_nobody_foresaw_costs_only_its_run(runs: list[Path]) -> None:
    class Here(Executor):
        def submit(self, fn: Any, /, *args: Any, **_: Any) -> Future[Any]:
            future: Future[Any] = Future()
            if args[0].file == runs[0]:
                future.set_exception(MemoryError("all gone"))
            else:
                future.set_result(fn(*args))
            return future

    results = list(batch._results(Here(), [Options(path, distance="100m") for path in runs[:2]]))
    assert "MemoryError: all gone" in results[0].line["error"]
    assert results[1].table is not None
