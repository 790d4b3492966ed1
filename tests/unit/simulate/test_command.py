"""`pacer simulate` end to end: what it prints, what it refuses, that jobs change nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from firmware_sim.people import Gains
from pacer.cli import main
from pacer.setup import PolicySpec
from pacer.simulate import Options
from pacer.simulate.command import cases, verdicts
from pacer.simulate.judge import judge, row
from pacer.simulate.mile import Job, Riding, run_mile


def out(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["simulate", *argv, "--jobs", "1"]) == 0
    return capsys.readouterr().out


def test_table_has_a_line_for_each_policy(capsys: pytest.CaptureFixture[str]) -> None:
    lines = out(capsys, "trained,erratic", "--policy", "none", "--runs", "2").splitlines()
    assert lines[0] == "2 runs of each, seeds from 1"
    assert [line.split()[0] for line in lines[3:]] == ["trained", "none", "erratic", "none"]


def test_json_holds_every_figure_and_half_and_double_of_the_gains(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(out(capsys, "trained-behind", "--policy", "none", "--runs", "1", "--gains", "--json"))
    assert (found["runs"], found["first_seed"]) == (1, 1)
    odd = [{k: v for k, v in row["gains"].items() if v != 1} for row in found["rows"]]
    assert odd == [{}] + [{k: x} for k in ("following", "draft", "rider") for x in (0.5, 2.0)]
    assert len({row["gap_rms_s"] for row in found["rows"]}) >= 5  # each gain matters
    assert all(row["gap_rms_s"] < 2 for row in found["rows"])


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["fly"], "scenario 'fly' does not exist; there are"),
        (["trained", "--policy", "none,shout"], "'shout': allowed are steady, predicted-gap"),
    ],
)
def test_what_is_not_there_is_refused_on_one_line(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *argv]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("max_change=2", "0.001 to 0.2"),
        ("max_change=x", "0.001 to 0.2"),
        ("max_change=0.02,2", "0.001 to 0.2"),
        ("elastic_s=0", "0.2 to 60"),
        ("volume=1", "allowed are lead_m, elastic_s, dead_band_s"),
    ],
)
def test_a_setting_is_one_of_the_policies_numbers(
    setting: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", "trained", "--set", setting])
    assert words in capsys.readouterr().err


def test_a_setting_reaches_the_policy(capsys: pytest.CaptureFixture[str]) -> None:
    """Words an hour apart are one word a run."""
    argv = ("erratic", "--policy", "steady", "--runs", "1", "--first-seed", "9", "--json")
    apart = ("--set", "spacing_s=600", "--set", "spacing_unarmed_s=600")
    found = json.loads(out(capsys, *argv, *apart))
    assert found["rows"][0]["settings"] == {"spacing_s": 600.0, "spacing_unarmed_s": 600.0}
    assert found["rows"][0]["cues_per_lap"] == pytest.approx(400 / 1609.344, abs=1e-4)


def test_values_with_commas_are_rows_of_a_trade_off() -> None:
    """The rider's numbers are for runs that have a rider."""
    settings = (("elastic_s", (0.5, 2.0)), ("spacing_s", (7.0,)))
    asked = Options(
        ("erratic", "erratic-behind"), ("steady",), modes=("strict", "elastic"), settings=settings
    )
    found = list(cases(asked))
    assert [case.name for case in found] == [
        "steady spacing_s 7",
        "steady elastic_s 0.5 spacing_s 7",
        "steady elastic_s 2 spacing_s 7",
        "steady elastic elastic_s 0.5 spacing_s 7",
        "steady elastic elastic_s 2 spacing_s 7",
    ]
    policy = PolicySpec("steady", spacing_s=7.0)
    assert found[0].job(3) == Job("erratic", policy, 3)
    assert found[-1].job(3) == Job("erratic-behind", policy, 3, riding=Riding("elastic", elastic_s=2.0))


def test_a_mode_is_one_of_the_riders(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", "erratic-behind", "--mode", "strict,audio"])
    assert "allowed are strict, elastic" in capsys.readouterr().err


def test_a_wheel_that_is_known_keeps_the_rider_in_his_place() -> None:
    """This runner falls back at once and stays there: a wheel that nobody knows is thought wrong for it."""
    known = Riding(wheel_circumference_sd_m=0.006)
    jobs = [Job("erratic-behind", PolicySpec("none"), 548, riding=riding) for riding in (Riding(), known)]
    guessed, right = (judge(run_mile(job)) for job in jobs)
    assert abs(right.finish_s) < 0.5
    assert right.gap_squares < guessed.gap_squares / 2


def test_who_works_it_out_does_not_matter() -> None:
    jobs = [Job("erratic", PolicySpec("none"), seed) for seed in (1, 2, 3)]
    assert list(verdicts(jobs, 2)) == list(verdicts(jobs, 1))


def test_the_truth_is_the_same_whether_a_session_listens_or_not() -> None:
    """With nobody obeying, the run that a silent session knows is the one that it does not."""
    deaf = Gains(audio=0.0)
    quiet = run_mile(Job("erratic", PolicySpec("none"), 5))
    heard = run_mile(Job("erratic", PolicySpec("steady"), 5, deaf))
    assert heard.at_m == quiet.at_m
    assert heard.said
    assert quiet.said == ()


def test_cues_make_an_erratic_runner_keep_his_split() -> None:
    alone, cued = (judge(run_mile(Job("erratic", PolicySpec(name), 9))) for name in ("none", "steady"))
    assert cued.gap_squares < alone.gap_squares / 4
    assert cued.wrong <= 1


def test_what_would_have_come_is_what_comes_to_who_does_not_hear() -> None:
    """A deaf runner's future is the one foreseen at every cue, to the last digit."""
    ran = run_mile(Job("trained", PolicySpec("steady"), 6, replace(Gains(), audio=0.0)))
    checked = 0
    for said in ran.said:
        k = round((said.elapsed_s + 15.0) * 10)
        if k < len(ran.at_m):
            assert said.without_m == pytest.approx(ran.at_m[k], abs=1e-9)
            checked += 1
    assert checked >= 3


def test_a_rider_with_a_display_makes_100_m_splits_twice_as_even() -> None:
    alone, behind = (
        row([judge(run_mile(Job(name, PolicySpec("none"), seed))) for seed in range(20, 26)])
        for name in ("recreational", "recreational-behind")
    )
    assert behind.cv_100_percent < alone.cv_100_percent / 2
    assert behind.gap_rms_s < 1.0
