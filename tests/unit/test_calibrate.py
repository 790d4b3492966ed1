"""`pacer calibrate` as a person meets it: recordings, cut off or not, and files of other programs."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from pacer.calibrate import taught
from pacer.calibration_file import recall
from pacer.cli import main
from pacer.outputs import Learned
from pacer.recorder import Recorder, anchor_now
from pacer.recording import Header
from pacer.setup import SensorSpec, Setup
from tests.support.direct import kit, paced
from tests.support.fit_file import Sample, fit_file

METRE_DEG = 1 / 111_170  # degrees of latitude at 47 N
POD = "C0:DE:00:00:00:01"
SCALE = 0.965  # of the pod in the FIT file


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PACER_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "calibration.toml"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Writes a mile that was cut off in its third lap."""
    path = tmp_path / "mile.pacer"
    recorder = Recorder(path, Header("mile", kit(), anchor_now(0.0)))
    for item in paced().inputs:
        if item.t < 220.0:
            recorder.append(item)
    recorder.close()
    return path


@pytest.fixture
def fit(tmp_path: Path) -> Path:
    """Writes 20 minutes straight on at 2.8 m/s, beside a pod that reads a little less."""
    samples = [
        Sample(
            1.78e9 + t, 47.0 + 2.8 * t * METRE_DEG, 8.0, 2.8 * t, 2.8, 140, 82, round(SCALE * 2.8 * t), 2.702
        )
        for t in range(1200)
    ]
    path = tmp_path / "run.fit"
    path.write_bytes(fit_file(samples, pod=True))
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(
        'sensors = [{ name = "pod", role = "runner", kind = "footpod", address = "'
        + POD
        + '", shoe = "red" }]\n'
    )
    return path


def calibrate(*words: object) -> int:
    return main(["calibrate", *map(str, words)])


def test_a_run_that_was_cut_off_teaches_the_next(
    recording: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(recording) == 0
    said = capsys.readouterr().out
    assert "the footpod reads 0.9" in said
    assert "from 1 run" in said
    setup, _ = recall(kit(), time.time())
    assert setup.calibration.footpod_scale_sd < 0.015
    assert setup.calibration.map_sd_m is not None
    assert home.exists()


def test_a_dry_run_keeps_nothing(recording: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate("--dry-run", recording) == 0
    assert "would hold" in capsys.readouterr().out
    assert not home.exists()


def test_a_recording_teaches_what_the_run_did(recording: Path) -> None:
    """Live and afterwards the same inputs go through the same session."""
    (live,) = paced().of(Learned)
    whole = recording.with_name("whole.pacer")
    recorder = Recorder(whole, Header("mile", kit(), anchor_now(0.0)))
    for item in paced().inputs:
        recorder.append(item)
    recorder.close()
    assert taught(whole).lessons == live.lessons


def test_a_fit_file_teaches_its_pod(
    fit: Path, config: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(fit, "--config", config) == 0
    assert "the footpod reads 0.96" in capsys.readouterr().out
    assert POD in home.read_text("utf-8")
    mine = Setup((SensorSpec("other name", "runner", "footpod", address=POD, shoe="red"),))
    setup, _ = recall(mine, 1.78e9 + 3600)
    assert setup.calibration.footpod_scale == pytest.approx(SCALE, abs=0.008)
    other, words = recall(Setup((replace(mine.sensors[0], shoe="blue"),)), 1.78e9 + 3600)
    assert words == []
    assert other.calibration.footpod_scale == 1.0


def test_a_fit_file_does_not_say_which_pod_it_was(
    fit: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(fit) == 0
    said = capsys.readouterr().out
    assert "--config" in said
    assert "nothing of these sensors" in said
    assert not home.exists()


def test_each_of_two_pods_is_named(
    fit: Path, config: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(fit, recording, "--config", config) == 0
    held = capsys.readouterr().out.partition("holds:")[2].splitlines()
    pods = [line.partition(": the footpod reads")[0].strip() for line in held if "the footpod reads" in line]
    assert pods == [f"footpod {POD}, shoe red", f"footpod {kit().sensors[0].address}"]


def test_a_file_that_kept_nothing_of_its_pod_but_its_power_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "power.fit"
    samples = [Sample(1.78e9 + t, 47.0 + 2.8 * t * METRE_DEG, 8.0, 2.8 * t, 2.8) for t in range(10)]
    path.write_bytes(
        fit_file(samples, pod=True, fields=((b"Form Power", b"Watts"), (b"Air Power", b"Watts")))
    )
    assert calibrate(path) == 2
    assert "keeps neither speed nor distance of the footpod" in capsys.readouterr().err
    path.write_bytes(fit_file(samples))
    assert calibrate(path) == 2
    assert "has no footpod" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nothing.fit", "nothing.pacer"])
def test_a_file_that_is_not_there_is_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(tmp_path / name) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_bad_file_among_good_ones_costs_only_itself(
    fit: Path, config: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [tmp_path / "one.fit", tmp_path / "two.pacer"]
    assert calibrate(bad[0], fit, bad[1], "--config", config) == 2
    assert POD in home.read_text("utf-8")
    said = capsys.readouterr().err.splitlines()
    assert [str(path) in line for path, line in zip(bad, said, strict=True)] == [True, True]
