"""Runs whose figures are known by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pacer.setup import Target
from pacer.simulate.judge import judge, row
from pacer.simulate.mile import Ran, Said

TARGET = Target(1600.0, 321.3)
CRUISE = 5.0  # 1600 m in 320 s, and 1.3 s for the start


def even_m(t: float) -> float:
    """Returns where the even split is: its own start, then 5 m/s."""
    return CRUISE * (t - 1.3 * (1 - math.exp(-t / 1.3)))


def ran(ahead_s: float = 0.0, said: tuple[Said, ...] = (), until_s: float = 321.3) -> Ran:
    """Returns a run on the even split that is `ahead_s` ahead all the way."""
    return Ran(TARGET, tuple(even_m(k / 10) + CRUISE * ahead_s for k in range(3214)), said, until_s)


def test_the_even_split_has_no_gap_no_variation_and_misses_nothing() -> None:
    verdict = judge(ran())
    assert verdict.gap_squares == pytest.approx(0.0, abs=1e-9)
    assert verdict.cv_100 == pytest.approx(0.0, abs=1e-3)
    assert verdict.cv_400 == pytest.approx(0.0, abs=1e-3)
    assert (verdict.finish_s, verdict.missed, verdict.corrections) == (0.0, 0, 0)


def test_gap_rms_is_the_gap_where_it_stands_still() -> None:
    figures = row([judge(ran(1.5)), judge(ran(-1.5))])
    assert figures.gap_rms_s == pytest.approx(1.5)
    assert figures.runs == 2


def test_variation_of_a_run_that_alternates() -> None:
    """Every other 100 m at 5.2 and 4.8 m/s: the splits are 19.23 and 20.83 s, 400 m are all alike."""
    t, s, at_m = 0.0, 0.0, []
    while s < 1601:
        at_m.append(s)
        s += 0.1 * (5.2 if int(s / 100) % 2 else 4.8)
        t += 0.1
    verdict = judge(Ran(TARGET, tuple(at_m), (), t))
    mean, sd = (100 / 5.2 + 100 / 4.8) / 2, (100 / 4.8 - 100 / 5.2) / 2
    assert verdict.cv_100 == pytest.approx(sd / mean, rel=0.02)
    # the first 400 m, by the clock as long as the others, are judged as if they had a standing start
    assert verdict.cv_400 == pytest.approx(1.3 * math.sqrt(3) / 4 / 80, rel=0.05)


@pytest.mark.parametrize(
    ("word", "change", "without_s", "wrong"),
    [("press", 0.1, -0.5, 0), ("press", 0.1, 0.5, 1), ("ease", -0.1, 0.5, 0), ("ease", -0.1, -0.5, 1)],
)
def test_wrong_is_against_the_gap_that_would_have_stood(
    word: str, change: float, without_s: float, wrong: int
) -> None:
    cue = Said(100.0, word, change, even_m(115.0) + CRUISE * without_s)
    verdict = judge(ran(said=(cue,)))
    assert (verdict.corrections, verdict.wrong) == (1, wrong)


def test_hold_is_a_cue_but_never_wrong() -> None:
    figures = row([judge(ran(said=(Said(100.0, "hold", 0.0, 0.0), Said(150.0, "ease", -0.1, 0.0))))])
    assert figures.cues_per_lap == pytest.approx(2 / 4)
    assert figures.holds_per_lap == pytest.approx(1 / 4)
    assert figures.wrong_percent == 100.0  # of one correction


@pytest.mark.parametrize(("ahead_s", "cues", "missed"), [(1.9, (), 0), (2.1, (), 16), (-2.1, (100.0,), 15)])
def test_missed_is_20_s_of_a_wide_gap_and_silence(
    ahead_s: float, cues: tuple[float, ...], missed: int
) -> None:
    """321 s hold sixteen stretches of 20 s; a cue at 100 s begins a new one."""
    said = tuple(Said(t, "press", 0.1, 0.0) for t in cues)
    assert judge(ran(ahead_s, said)).missed == pytest.approx(missed, abs=1)


def test_finish_is_told_late_and_early() -> None:
    figures = row([judge(ran(until_s=321.3 + e)) for e in (-2.0, 1.0, 4.0)])
    assert figures.finish_mean_s == pytest.approx(1.0)
    assert figures.finish_abs_s == pytest.approx(7 / 3)
    assert figures.finish_p90_s == pytest.approx(4.0)


def test_runners_who_could_not_hold_the_pace_are_told_apart() -> None:
    """Of three behind a rider one would be 2 s late at his best; alone, nobody is asked."""
    runs = [replace(ran(ahead), best_s=best) for ahead, best in ((0.3, 0.0), (-0.3, -0.4), (-4.0, 2.0))]
    figures = row([judge(one) for one in runs])
    assert figures.able_percent == pytest.approx(200 / 3)
    assert figures.able_gap_rms_s == pytest.approx(0.3)
    assert figures.gap_rms_s > 2
    assert row([judge(ran())]).able_percent is None
    assert row([judge(runs[2])]).able_gap_rms_s is None
