"""What the command line takes, refuses and hands over; the commands themselves have tests of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from firmware_sim import scenario
from pacer import app, cli, demo, scanning
from pacer.cli import main
from pacer.errors import HardwareError, InputError
from pacer.setup import RouteSpec, Target, TrackSpec

if TYPE_CHECKING:
    from pathlib import Path


def refused(*argv: str) -> int:
    """Runs what argparse itself refuses; returns its exit code."""
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice"),
        (["demo", "--seed", "-1"], "whole number from 0"),
        (["demo", "--seed", "1.5"], "whole number from 0"),
        (["demo", "--rate", "x"], "above 0"),
        (["demo", "--rate", "0"], "above 0"),
        (["demo", "--rate", "nan"], "above 0"),
        (["demo", "--broker", "localhost"], "mqtt://HOST:PORT"),
        (["demo", "--broker", "mqtt://host:99999"], "mqtt://HOST:PORT"),
        (["scan", "--seconds", "soon"], "above 0"),
        (["replay", "x.fit", "--rate", "fast"], "above 0"),
        (["replay", "x.fit", "--policy", "fly"], "predicted-gap"),
        (["estimate", "x.fit"], "--out"),
        (["estimate", "x.fit", "--out", "d", "--jobs", "0"], "from 1 to 1024"),
    ],
)
def test_a_bad_argument_is_refused_with_what_is_allowed(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(*argv) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("command", ["demo", "run", "replay", "estimate", "scan", "check"])
def test_every_command_says_what_it_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused("--help") == 0
    assert command in capsys.readouterr().out
    assert refused(command, "--help") == 0
    told = capsys.readouterr().out.splitlines()
    assert any(line.endswith(".") for line in told)  # the sentence between usage and options


def test_an_unknown_scenario_is_one_line_with_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--scenario", "fly", "--headless"]) == 2
    err = capsys.readouterr().err
    assert "pod-dropout" in err
    assert "study/even" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", [*scenario.names(), *scenario.studies()])
def test_every_scenario_is_a_demo_over_its_own_distance_and_course(name: str) -> None:
    told, setup = scenario.load(name), demo.demo_setup(demo.Options(name))
    assert setup.target == Target(told.distance_m, told.target_s)
    assert isinstance(setup.course, RouteSpec if told.course == "road" else TrackSpec)


def test_the_scenarios_that_are_offered_are_those_that_exist() -> None:
    assert set(cli.SCENARIOS) == set(scenario.names())


@pytest.mark.parametrize("other", [["--radio", "hci:usb:0"], ["--broker", "mqtt://127.0.0.1:1"]])
def test_no_faster_than_life_where_another_process_takes_part(
    other: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--rate", "2", *other]) == 2
    err = capsys.readouterr().err
    assert other[0] in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("error", "code"), [(InputError("bad file"), 2), (HardwareError("no adapter"), 3)])
def test_an_error_is_one_line_and_its_exit_code(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def failing(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(scanning, "run_scan", failing)
    assert main(["scan"]) == code
    assert capsys.readouterr().err == f"pacer: {error}\n"


def test_scan_hands_over_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def noted(seconds: float, *, connect: bool, radio: str | None) -> None:
        asked.extend((seconds, connect, radio))

    monkeypatch.setattr(scanning, "run_scan", noted)
    assert main(["scan", "--seconds", "2.5", "--connect", "--radio", "hci:usb:0"]) == 0
    assert asked == [2.5, True, "hci:usb:0"]


def test_a_run_wants_a_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == 2
    assert "CONFIG is missing" in capsys.readouterr().err


def test_ctrl_c_ends_as_shells_count_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def interrupted(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "run.toml"
    path.write_text("")
    monkeypatch.setattr(app, "run_config", interrupted)
    assert main(["run", str(path)]) == 130


def test_check_tells_every_problem_on_a_line_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.toml"
    path.write_text('name = "a b"\nlead_m = 1000\n[target]\ntime = "soon"\n')
    assert main(["check", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    for key in ("name", "lead_m", "target.time"):
        assert any(line.startswith(f"{path}: {key}") and "allowed" in line for line in lines)
    assert lines[-1] == f"pacer: {path}: 3 to mend"
