"""What a run is summed up from: splits, cues, the end, and the estimate beside the truth."""

from __future__ import annotations

import math

import pytest

from pacer.ledger import Ledger
from pacer.outputs import Estimate, Output
from pacer.units import MILE_M
from tests.support import states
from tests.support.states import EVEN_MPS, T0


def ledger(*outputs: Output) -> Ledger:
    kept = Ledger()
    for output in outputs:
        kept.offer(output)
    return kept


def at(elapsed_s: float, distance_m: float | None) -> Output:
    return states.state(elapsed_s, runner=Estimate(T0 + elapsed_s, distance_m, 1.0, 5.7, 0.1))


def truth(t: float) -> float:
    return EVEN_MPS * (t - T0)


def test_it_keeps_what_a_summary_needs() -> None:
    kept = ledger(*states.run_outputs(), states.cue(), states.finished())

    assert [split.index for split in kept.marks("split")] == [1, 2]
    assert kept.marks("lap") == []
    assert [cue.seq for cue in kept.cues] == [7]
    assert kept.finished == states.finished()


def test_a_corrected_start_puts_each_split_in_place_of_the_old_one() -> None:
    kept = ledger(states.split(2, 69.0), states.split(1, 70.0), states.split(1, 68.5))

    assert [(split.index, split.leg_s) for split in kept.marks("split")] == [(1, 68.5), (2, 69.0)]


def test_the_error_is_the_worst_and_the_rms_against_the_truth() -> None:
    off = (-2.0, 1.0, 0.0, 1.0)  # m
    kept = ledger(*(at(70.0 + n, truth(T0 + 70.0 + n) + e) for n, e in enumerate(off)))

    error = kept.error(truth)

    assert error is not None
    assert error.max_m == pytest.approx(2.0)
    assert error.rms_m == pytest.approx(math.sqrt(6 / 4))


def test_only_the_settled_known_estimate_of_a_running_run_is_judged() -> None:
    far = 1000.0  # m off
    kept = ledger(
        at(59.9, truth(T0 + 59.9) + far),
        at(80.0, None),
        states.waiting_state(),
        states.state(300.0, phase="finished", runner=Estimate(T0 + 300, MILE_M + far, 1.0, 2.0, 0.1)),
    )

    assert kept.error(truth) is None
