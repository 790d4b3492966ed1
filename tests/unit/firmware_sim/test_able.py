"""Who could hold the even speed behind the best of riders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_sim import able
from firmware_sim.people import FATIGUE_RANGE, TEMPERS, Following, Gains, Temper
from firmware_sim.scenario import load

BEHIND = load("erratic-behind")
SEEDS = range(5)


def steadily(monkeypatch: pytest.MonkeyPatch, off: float) -> None:
    """Makes every erratic runner one who would run `off` from the even speed all the way."""
    monkeypatch.setitem(TEMPERS, "erratic", Temper(0.0, off, 0.0, 0.0, 35.0))
    monkeypatch.setattr("firmware_sim.straying._BODY", replace(able._BODY, fast_start_s=1e9))
    assert FATIGUE_RANGE[0] == 0.0


@pytest.mark.parametrize("off", [0.0, -0.08, 0.04])
def test_a_runner_within_his_limits_comes_in_on_time(monkeypatch: pytest.MonkeyPatch, off: float) -> None:
    steadily(monkeypatch, off)
    assert [able.best_s(BEHIND, seed) for seed in SEEDS] == pytest.approx([0.0] * 5, abs=1e-9)


@pytest.mark.parametrize("off", [-0.12, 0.12])
def test_a_runner_beyond_them_is_late_or_early_by_what_he_lacks(
    monkeypatch: pytest.MonkeyPatch, off: float
) -> None:
    steadily(monkeypatch, off)
    follows = Following()
    bound = (1 + off) * (1 + follows.draft) * (1 + (follows.limit if off < 0 else -follows.limit))
    late = able.best_s(BEHIND, 1)
    assert late == pytest.approx((1 - bound) * (281.0 - follows.after_s), rel=0.01)
    assert abs(able.best_s(BEHIND, 1, Gains(draft=0.0)) or 0) != pytest.approx(abs(late or 0), abs=1.0)


def test_who_follows_nobody_is_not_asked() -> None:
    assert able.best_s(load("erratic"), 1) is None
    assert able.best_s(load("paced"), 1) is None
