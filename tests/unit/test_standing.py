from __future__ import annotations

import pytest

from pacer import standing
from pacer.outputs import Estimate, Standing
from pacer.standing import UNKNOWN, Unevenness, learn
from pacer.target import EvenSplit

MILE = EvenSplit(1609.344, 281.0)
CRUISE = 1609.344 / 279.7  # m/s


def at(distance_m: float | None, speed_mps: float | None = 5.7, sd_m: float | None = 1.0) -> Estimate:
    return Estimate(0.0, distance_m, sd_m, speed_mps, 0.1)


def stand(estimate: Estimate, split: EvenSplit, elapsed_s: float) -> Standing:
    """Stands with a pace that is shown as it is estimated, and a runner of whom nothing is known."""
    return standing.stand(estimate, split, elapsed_s, estimate.speed_mps, Unevenness())


def test_on_target_after_800_m() -> None:
    t = 800 / CRUISE + 1.3
    found = stand(at(800.0), MILE, t)
    assert found.gap_s == pytest.approx(0, abs=1e-6)
    assert found.gap_m == pytest.approx(0, abs=1e-6)
    assert found.needed_mps == pytest.approx(CRUISE)
    assert found.finish_s == pytest.approx(281.0)
    assert found.finish_basis == "target pace"
    assert found.gap_sd_s == pytest.approx(1 / CRUISE)


def test_ten_seconds_behind_asks_for_more_and_ends_ten_seconds_late() -> None:
    found = stand(at(800.0), MILE, 800 / CRUISE + 11.3)
    assert found.gap_s == pytest.approx(-10)
    assert found.gap_m == pytest.approx(-10 * CRUISE)
    assert found.needed_mps == pytest.approx(809.344 / (809.344 / CRUISE - 10))
    assert found.finish_s == pytest.approx(291.0)


def test_the_last_lap_is_projected_by_the_speed_of_now() -> None:
    found = stand(at(1409.344, 5.0), MILE, 245.0)
    assert found.finish_s == pytest.approx(285.0)
    assert found.finish_basis == "current speed"


def test_at_the_line_the_finish_is_now_whatever_the_speed() -> None:
    assert stand(at(1609.344, 6.0), MILE, 279.5).finish_s == pytest.approx(279.5)
    assert stand(at(1609.344, 6.0), MILE, 279.5).needed_mps is None


def test_at_the_line_the_finish_is_known_without_a_speed() -> None:
    found = stand(at(1609.344, None), MILE, 282.0)
    assert found.finish_s == 282.0
    assert found.gap_s == pytest.approx(-1.0)


def test_nobody_standing_still_in_the_last_lap_gets_a_projection() -> None:
    found = stand(at(1500.0, 0.1), MILE, 260.0)
    assert (found.finish_s, found.finish_basis) == (None, None)


def test_out_of_time_there_is_no_needed_speed() -> None:
    assert stand(at(1500.0), MILE, 290.0).needed_mps is None


@pytest.mark.parametrize("estimate", [at(None), at(100.0, sd_m=None)])
def test_unknown_stays_unknown(estimate: Estimate) -> None:
    assert stand(estimate, MILE, 100.0) == UNKNOWN


def test_the_finish_is_told_with_a_range_that_closes_as_it_comes_near() -> None:
    doubts = [stand(at(s), MILE, s / CRUISE + 1.3).finish_sd_s or 0.0 for s in (400.0, 800.0, 1200.0, 1600.0)]
    assert doubts == sorted(doubts, reverse=True)
    # at the line the doubt is of the place alone
    assert stand(at(1609.344), MILE, 281.0).finish_sd_s == pytest.approx(1 / CRUISE, rel=0.01)


def test_a_runner_who_strays_widens_the_range_and_an_even_one_narrows_it() -> None:
    strays = evenly = Unevenness()
    for second in range(120):
        strays = learn(strays, CRUISE * (1.06 if second % 60 < 30 else 0.94), CRUISE, 1.0)
        evenly = learn(evenly, CRUISE * 1.005, CRUISE, 1.0)
    now = at(800.0), MILE, 140.0, 5.7
    wide, usual, narrow = (
        standing.stand(*now, uneven).finish_sd_s or 0.0 for uneven in (strays, Unevenness(), evenly)
    )
    assert wide > 1.5 * usual > 2 * narrow


def test_who_is_not_seen_neither_strays_nor_keeps_even() -> None:
    assert learn(Unevenness(), None, CRUISE, 100.0) == Unevenness()


def test_no_finish_has_no_range() -> None:
    assert stand(at(1500.0, 0.1), MILE, 260.0).finish_sd_s is None
