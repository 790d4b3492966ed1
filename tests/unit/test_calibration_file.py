"""The file of what runs taught: it reads back, is replaced whole or not at all, and damage spoils no run."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from pacer.calibration_file import default_path, read, recall, remember, write
from pacer.errors import ConfigError, InputError
from pacer.kept import Kept
from pacer.outputs import Lesson
from pacer.setup import SensorSpec, Setup

POD = SensorSpec("footpod", "runner", "footpod", address="AA:BB:CC:DD:EE:FF", shoe="red")
SETUP = Setup((POD,))
NOW_S = 1_777_629_600.0
LESSON = Lesson("footpod", "footpod_scale", 0.967, 0.004, 5.5)


def test_what_is_kept_is_recalled(tmp_path: Path) -> None:
    path = tmp_path / "new" / "calibration.toml"
    assert remember(SETUP, NOW_S - 3600, [LESSON], path) == []
    setup, words = recall(SETUP, NOW_S, path)
    assert setup.calibration.footpod_scale == pytest.approx(0.967, abs=0.002)
    assert setup.calibration.footpod_mps == 5.5
    assert len(words) == 1
    assert "reads 0.968 of the way" in words[0]
    assert words[0].startswith("footpod, shoe red: ")
    assert words[0].endswith("from 1 run")
    most = float(words[0].partition("give or take ")[2].partition("%")[0]) / 100
    known = setup.calibration
    assert most == pytest.approx(1.96 * known.footpod_scale_sd / known.footpod_scale, abs=0.0005), "95 %"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((0.5,), "from 1 run"),
        ((1.2,), "from 1 run, 1 day old"),
        ((8, 400), "from 2 runs, the newest 8 days old"),
        ((400,), "from 1 run, 400 days old (old runs weigh less)"),
    ],
)
def test_how_old_it_is_is_said(days: tuple[float, ...], said: str, tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    for age in days:
        remember(SETUP, NOW_S - age * 86400, [LESSON], path)
    (words,) = recall(SETUP, NOW_S, path)[1]
    assert words.endswith(said)


def test_the_file_is_for_people(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    remember(SETUP, NOW_S, [LESSON], path)
    (table,) = tomllib.loads(path.read_text("utf-8"))["lesson"]
    assert table["utc"].isoformat() == "2026-05-01T10:00:00+00:00"
    assert (table["of"], table["shoe"], table["quantity"]) == (POD.address, "red", "footpod_scale")
    assert (table["value"], table["sd"], table["at_mps"]) == (0.967, 0.004, 5.5)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read(path) == (Kept(NOW_S, str(POD.address), "footpod_scale", 0.967, 0.004, 5.5, "red"),)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "calibration.toml"
    remember(SETUP, NOW_S, [LESSON], path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(descriptor))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        remember(SETUP, NOW_S + 1, [LESSON], path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[lesson]\n", "not TOML"),
        ("lesson = 3\n", "lesson = 3"),
        ('[[lesson]]\nutc = "today"\n', "utc = 'today'"),
        ("[[lesson]]\nutc = 2026-05-01T10:00:00Z\n", "lesson[1].of is missing"),
    ],
)
def test_damage_is_said_and_kept_for_a_person_to_mend(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text(text, "utf-8")
    setup, words = recall(SETUP, NOW_S, path)
    assert setup == SETUP
    assert said in words[0]
    with pytest.raises(ConfigError):
        remember(SETUP, NOW_S, [LESSON], path)
    assert path.read_text("utf-8") == text


def test_an_implausible_table_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    write(path, [Kept(NOW_S, str(POD.address), "footpod_scale", 96.7, 0.4, shoe="red")])
    setup, words = recall(SETUP, NOW_S, path)
    assert setup == SETUP
    assert "implausible" in words[0]


def test_it_lies_in_the_home_of_pacer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACER_HOME", str(tmp_path))
    assert default_path() == tmp_path / "calibration.toml"
    assert recall(SETUP, NOW_S) == (SETUP, [])
