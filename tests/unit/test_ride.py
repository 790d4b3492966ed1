from __future__ import annotations

from dataclasses import replace

import pytest

from pacer.course import Oval
from pacer.ride import MOST_BESIDE, PaceLine, abreast, asked_mps, wait
from pacer.setup import Target, TrackSpec
from pacer.target import even_split

EVEN = even_split(Target(1609.344, 281.0))
LANE_1 = Oval.of(TrackSpec(), 1609.344)
LANE_2 = LANE_1.beside(2)
BOUND_S = 1.0


def follow(speed_mps: float, until_s: int) -> tuple[PaceLine, float, float]:
    """Lets a runner who was on the even split until 30 s go on so; returns line, widest gap and place, m."""
    line, here, worst = PaceLine(), EVEN.distance_at(30.0), 0.0
    for tick in range(301, until_s * 10 + 1):
        here += speed_mps / 10
        line = wait(line, EVEN, tick / 10, (here, speed_mps), BOUND_S)
        worst = max(worst, line.at(EVEN, tick / 10) - here)
    return line, worst, here


def test_the_gap_to_a_runner_who_falls_back_never_opens_beyond_the_bound() -> None:
    line, worst, _ = follow(EVEN.cruise_mps * 0.95, 200)
    assert worst <= BOUND_S * EVEN.cruise_mps + 1e-9
    assert line.speed_at(EVEN, 200.0) == pytest.approx(EVEN.cruise_mps * 0.95)  # the rider eased with him


def test_the_line_waits_before_the_bound_for_a_runner_who_slows_down_much() -> None:
    """At 1.3 m/s less he is at the bound in three seconds: so long it takes to see it and to act."""
    here = EVEN.distance_at(100.0) - 3.0
    assert wait(PaceLine(), EVEN, 100.0, (here, EVEN.cruise_mps - 1.3), BOUND_S).waits_mps is not None
    assert wait(PaceLine(), EVEN, 100.0, (here, EVEN.cruise_mps - 0.5), BOUND_S).waits_mps is None


def test_who_is_beside_the_runner_goes_on_though_the_line_waits() -> None:
    """Two who wait for each other would stand."""
    line = PaceLine(100.0, 560.0, 5.9, waits_mps=4.4)
    assert line.speed_at(EVEN, 101.0) == line.speed_at(EVEN, 101.0, ahead_m=3.0) == 4.4
    assert line.speed_at(EVEN, 101.0, ahead_m=-2.5) == pytest.approx((4.4 + 5.9) / 2)
    assert line.speed_at(EVEN, 101.0, ahead_m=-9.0) == 5.9
    assert replace(line, waits_mps=6.5).speed_at(EVEN, 101.0) == 5.9  # who is faster is not waited for
    assert line.cruise_mps(EVEN) == 5.9


def test_what_was_lost_is_made_good_evenly_over_what_remains() -> None:
    slow, _, here = follow(EVEN.cruise_mps * 0.97, 120)
    line = wait(slow, EVEN, 120.1, (here + 20.0, EVEN.cruise_mps), BOUND_S)  # he is back
    assert line.speed_at(EVEN, 121.0) > EVEN.cruise_mps
    assert line.at(EVEN, EVEN.time_s) == pytest.approx(EVEN.distance_m, abs=0.5)


def test_a_rider_does_not_wait_for_a_runner_whom_nobody_sees_nor_for_one_who_is_close() -> None:
    line = PaceLine()
    assert wait(line, EVEN, 100.0, None, BOUND_S) == line
    assert wait(line, EVEN, 100.0, (EVEN.distance_at(100.0) - 3.0, 5.0), BOUND_S) == line


def test_in_lane_2_the_speed_to_ride_is_that_of_the_lane_bend_by_bend() -> None:
    """Truth from the rule book: lane 2 is 7.04 m longer, all of it in 231.22 m of bends."""
    bend = LANE_1.abreast(9.344 + 50.0, LANE_2)
    straight = LANE_1.abreast(9.344 + 150.0, LANE_2)
    for s_m, more in ((bend, 7.04 / 231.22), (straight, 0.0)):
        rate = 1 / abreast(s_m, LANE_2, LANE_1)[1]
        assert asked_mps(EVEN.cruise_mps, rate, 0.0) == pytest.approx(EVEN.cruise_mps * (1 + more), rel=1e-3)


def test_a_rider_off_his_place_is_brought_back_gently() -> None:
    assert asked_mps(5.75, 1.0, 0.0) == 5.75
    assert asked_mps(5.75, 1.0, 50.0) == pytest.approx(5.75 * (1 - MOST_BESIDE))
    assert asked_mps(5.75, 1.0, -50.0) == pytest.approx(5.75 * (1 + MOST_BESIDE))
    behind = asked_mps(5.75, 1.0, -1.0)
    assert behind is not None
    assert 5.75 < behind < 5.85


def test_a_rider_who_waits_drops_back_soon() -> None:
    assert asked_mps(4.4, 1.0, 5.0, waits=True) == pytest.approx(3.4)
    assert asked_mps(4.4, 1.0, -5.0, waits=True) == asked_mps(4.4, 1.0, -5.0)


def test_nothing_is_asked_of_a_rider_whose_place_is_not_known() -> None:
    assert asked_mps(5.75, 1.0, None) is None
