"""The targets hold for what fuzzing begins with, and notice what they are there for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacer.measurement import Fix
from tests.fuzz import __main__ as fuzz
from tests.fuzz import targets
from tests.fuzz.targets import TARGETS

SEEDS = sorted(fuzz.CORPUS.glob("*/*"))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_fuzzing_begins_with_holds(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_something_to_begin_with() -> None:
    assert {path.parent.name for path in SEEDS} == set(TARGETS)


def leaks(*_: object) -> None:
    raise KeyError("leaked")


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("gatt", "decode"),
        ("stream", "Stream.feed"),
        ("fit", "parse_activity"),
        ("command", "topics.parse_command"),
        ("display", "heard.read"),
        ("config", "config.check"),
        ("track", "read_course"),
        ("recording", "recording.parse"),
    ],
)
def test_an_error_of_another_type_is_noticed(name: str, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"tests.fuzz.targets.{broken}", leaks)
    with pytest.raises(KeyError, match="leaked"):
        TARGETS[name](b"\x00\x00")


def test_a_value_that_cannot_be_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "implausible", lambda *_: None)
    with pytest.raises(AssertionError, match="lat_deg"):
        targets.plausible(Fix(0.0, 91.0, 8.0))


@pytest.mark.parametrize(("needed", "code"), [("mosquitto", 0), ("mosquitto,atheris", 1)])
def test_fuzzing_that_is_skipped_says_so_and_fails_where_it_is_required(
    needed: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "find_spec", lambda _: None)
    monkeypatch.setattr("sys.argv", ["fuzz"])
    monkeypatch.setenv("PACER_REQUIRE", needed)
    assert fuzz.main() == code
    assert "skipped" in capsys.readouterr().err
