from __future__ import annotations

import numpy as np
import pytest

from firmware_sim.gauss_markov import stream
from firmware_sim.obedience import Listener
from firmware_sim.people import RIDER_DISPLAY, RUNNER_AUDIO, Obedience

DT = 0.05


def answers(
    kind: Obedience, cues: list[tuple[float, str, float | None]], seed: int, until_s: float
) -> list[float]:
    """Returns the share of speed added at every step."""
    listener = Listener(kind, stream(seed, "test"))
    out = []
    for k in range(round(until_s / DT)):
        for t, word, share in cues:
            if abs(t - k * DT) < DT / 2:
                listener.hear(t, word, share)
        out.append(listener.step((k + 1) * DT, DT))
    return out


@pytest.mark.parametrize(("word", "sign"), [("press", 1), ("ease", -1)])
def test_rider_does_what_he_is_told_after_0_7_to_some_seconds(word: str, sign: int) -> None:
    ends = []
    for seed in range(200):
        answer = answers(RIDER_DISPLAY, [(1.0, word, 0.02)], seed, 6.0)
        assert all(a == 0 for a in answer[: round(1.65 / DT)])
        ends.append(sign * answer[-1])
    obeyed = [end for end in ends if end]
    assert len(obeyed) / len(ends) == pytest.approx(0.98, abs=0.03)
    assert np.mean(obeyed) == pytest.approx(0.9 * 0.02, rel=0.1)  # gain 0.7 to 1.1


def test_hold_changes_nothing() -> None:
    assert set(answers(RIDER_DISPLAY, [(0.0, "hold", 0.02)], 1, 5.0)) == {0.0}


def test_cues_fade() -> None:
    answer = answers(RIDER_DISPLAY, [(0.0, "press", 0.02)], 1, 125.0)
    assert answer[-1] == pytest.approx(max(answer) * np.exp(-(125 - np.argmax(answer) * DT) / 120), rel=0.01)


def test_nobody_leaves_his_limit() -> None:
    cues: list[tuple[float, str, float | None]] = [(10.0 * k, "press", 0.05) for k in range(20)]
    assert max(answers(RIDER_DISPLAY, cues, 1, 200.0)) == RIDER_DISPLAY.limit


def test_runner_who_is_nagged_stops_listening() -> None:
    """The share obeyed is 0.9 (1 - exp(-interval / 8 s))."""
    listener = Listener(RUNNER_AUDIO, stream(1, "nag"))
    obeyed = 0
    for k in range(1000):
        listener.hear(2.0 * k, "press", 0.02)
        obeyed += len(listener._changes)
        listener._changes.clear()
    # the first cue of all comes after a long silence and does not matter among a thousand
    assert obeyed / 1000 == pytest.approx(0.9 * (1 - np.exp(-2 / 8)), abs=0.03)


def test_cue_without_a_size_is_a_small_step() -> None:
    ends = [answers(RUNNER_AUDIO, [(0.0, "ease", None)], seed, 9.0)[-1] for seed in range(200)]
    obeyed = [-end for end in ends if end]
    # 2 % times the gain's mean 0.85 times the lognormal's mean exp(0.35**2 / 2), a little faded
    assert np.mean(obeyed) == pytest.approx(0.02 * 0.85 * np.exp(0.35**2 / 2), rel=0.15)
