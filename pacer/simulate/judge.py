"""Judges simulated runs by what was true, every policy alike.

gap       to the even split, s, + ahead, ten times a second from the gun to the finish
CV        of the splits of one run, in percent; of 100 m from 100 m on, so that the standing start does not
          count; of 400 m with the 1.3 s that it costs taken off the first
wrong     ease or press that points against the gap that would have stood 15 s later without the cue
able      behind a rider: the runner who does all he can would be within 0.5 s of the target at the finish
missed    the gap was beyond 2 s for 20 s on end, and nothing was said in that time
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from pacer.simulate.mile import PROOF_S, TICK_S, Ran
from pacer.target import START_TAU_S, EvenSplit, even_split

MISSED_GAP_S, MISSED_FOR_S = 2.0, 20.0  # s, as the words above
SHORT_M, LONG_M = 100.0, 400.0  # m
P90 = 0.9
# Who even at his best would be off by a third of the 1.5 s that are asked of a finish cannot hold the pace.
ABLE_S = 0.5  # s


@dataclass(frozen=True, slots=True)
class Verdict:
    """Holds the figures of one run."""

    cv_100: float  # of 1
    cv_400: float
    gap_squares: float  # s², summed over the run's ticks
    ticks: int
    finish_s: float  # s, finish less target: + is late
    laps: float  # of 400 m
    corrections: int  # ease and press
    holds: int
    wrong: int
    missed: int
    able: bool | None = None  # None: he follows nobody


@dataclass(frozen=True, slots=True)
class Row:
    """Holds the figures of many runs of one policy in one scenario."""

    runs: int
    cv_100_percent: float  # mean over runs, as the next
    cv_400_percent: float
    gap_rms_s: float  # over all instants of all runs
    finish_mean_s: float  # + is late
    finish_abs_s: float  # mean of the absolute error
    finish_p90_s: float  # of the absolute error
    cues_per_lap: float  # all words, a lap of 400 m
    holds_per_lap: float  # of these, "hold"
    wrong_percent: float  # of ease and press
    missed_per_run: float
    able_percent: float | None = None  # of the runners behind a rider
    able_gap_rms_s: float | None = None  # of theirs alone, as the next
    able_finish_p90_s: float | None = None


def judge(ran: Ran) -> Verdict:
    """Judges one run."""
    even = even_split(ran.target)
    gaps = [even.gap_s(s, k * TICK_S) for k, s in enumerate(ran.at_m) if k * TICK_S <= ran.finish_s]
    corrections = [said for said in ran.said if said.word != "hold"]
    return Verdict(
        cv_100=_variation(_splits(ran, SHORT_M)[1:]),
        cv_400=_variation(_without_start(_splits(ran, LONG_M))),
        gap_squares=math.fsum(gap * gap for gap in gaps),
        ticks=len(gaps),
        finish_s=ran.finish_s - ran.target.time_s,
        laps=ran.target.distance_m / LONG_M,
        corrections=len(corrections),
        holds=len(ran.said) - len(corrections),
        wrong=sum(_wrong(even, s.elapsed_s, s.change_mps, s.without_m) for s in corrections),
        missed=_missed(gaps, [said.elapsed_s for said in ran.said]),
        able=None if ran.best_s is None else abs(ran.best_s) <= ABLE_S,
    )


def row(verdicts: Sequence[Verdict]) -> Row:
    """Puts the runs of one policy together."""
    laps = math.fsum(v.laps for v in verdicts)
    able = [v for v in verdicts if v.able]
    corrections, holds = sum(v.corrections for v in verdicts), sum(v.holds for v in verdicts)
    return Row(
        runs=len(verdicts),
        cv_100_percent=100 * fmean(v.cv_100 for v in verdicts),
        cv_400_percent=100 * fmean(v.cv_400 for v in verdicts),
        gap_rms_s=_gap_rms_s(verdicts),
        finish_mean_s=fmean(v.finish_s for v in verdicts),
        finish_abs_s=fmean(abs(v.finish_s) for v in verdicts),
        finish_p90_s=_finish_p90_s(verdicts),
        cues_per_lap=(corrections + holds) / laps,
        holds_per_lap=holds / laps,
        wrong_percent=100 * sum(v.wrong for v in verdicts) / max(corrections, 1),
        missed_per_run=fmean(v.missed for v in verdicts),
        able_percent=None if verdicts[0].able is None else 100 * len(able) / len(verdicts),
        able_gap_rms_s=_gap_rms_s(able) if able else None,
        able_finish_p90_s=_finish_p90_s(able) if able else None,
    )


def _gap_rms_s(verdicts: Sequence[Verdict]) -> float:
    return math.sqrt(math.fsum(v.gap_squares for v in verdicts) / sum(v.ticks for v in verdicts))


def _finish_p90_s(verdicts: Sequence[Verdict]) -> float:
    errors = sorted(abs(v.finish_s) for v in verdicts)
    return errors[min(math.ceil(P90 * len(errors)), len(errors)) - 1]


def _splits(ran: Ran, every_m: float) -> list[float]:
    """Lists the seconds of every whole `every_m` metres."""
    marks = [every_m * k for k in range(1, int(ran.target.distance_m / every_m) + 1)]
    times = [_time_at(ran.at_m, mark) for mark in marks]
    return [after - before for before, after in zip([0.0, *times], times, strict=False)]


def _time_at(at_m: Sequence[float], mark_m: float) -> float:
    """Returns when a mark was reached, s; the end of a run that never did."""
    k = bisect_left(at_m, mark_m)
    if k == len(at_m) or k == 0:
        return k * TICK_S
    return (k - 1 + (mark_m - at_m[k - 1]) / (at_m[k] - at_m[k - 1])) * TICK_S


def _without_start(splits: list[float]) -> list[float]:
    return [splits[0] - START_TAU_S, *splits[1:]] if splits else []


def _variation(splits: list[float]) -> float:
    return pstdev(splits) / fmean(splits) if splits else 0.0


def _wrong(even: EvenSplit, elapsed_s: float, change_mps: float, without_m: float) -> bool:
    gap = even.gap_s(without_m, elapsed_s + PROOF_S)
    return (change_mps > 0) == (gap > 0)


def _missed(gaps: Sequence[float], cues: Sequence[float]) -> int:
    """Counts the stretches of a gap too wide in which nobody said anything."""
    spoken = {round(t / TICK_S) for t in cues}
    count, silent = 0, 0
    for k, gap in enumerate(gaps):
        silent = silent + 1 if abs(gap) > MISSED_GAP_S and k not in spoken else 0
        if silent * TICK_S >= MISSED_FOR_S:
            count, silent = count + 1, 0
    return count
