from __future__ import annotations

import itertools
import math

import pytest

from pacer import shown
from pacer.measurement import Fix, Stride
from pacer.shown import Shown, hear, show


def run(now: Shown, speed: float, for_s: float) -> Shown:
    """Lets time pass with an estimate of `speed` m/s."""
    start = now.t
    for tick in range(1, round(for_s * 10) + 1):
        now = show(now, start + tick / 10, speed)
    return now


def settled(speed: float = 5.7) -> Shown:
    return run(show(Shown(), 0.0, speed), speed, 40.0)


def fix(t: float, speed: float) -> Fix:
    return Fix(t, 47.0, 8.0, speed_mps=speed)


def still(t: float) -> Stride:
    return Stride(t, 0.0, 0.0, None, 1000.0, running=False)


def said(now: Shown) -> float:
    assert now.speed_mps is not None
    return now.speed_mps


def test_what_is_not_known_is_not_shown() -> None:
    assert show(settled(), 41.0, None).speed_mps is None
    assert show(show(settled(), 41.0, None), 41.1, 5.0).speed_mps == 5.0


def test_noise_of_the_estimate_is_averaged() -> None:
    now, seen = settled(), []
    for tick in range(600):
        noisy = 5.7 + 0.07 * math.sin(tick / 10)  # as fast as the estimate's own noise
        now = show(now, 40.1 + tick / 10, noisy)
        seen.append(said(now))
    assert max(seen) - min(seen) < 0.03


def test_a_change_is_shown_at_once_and_is_the_level_once_it_lasts() -> None:
    changed = run(settled(), 6.0, 0.1)
    assert said(changed) == 6.0
    assert changed.level_mps == pytest.approx(5.7)
    assert run(changed, 6.0, 6.0).level_mps == pytest.approx(6.0)


def test_what_comes_back_soon_was_no_change() -> None:
    back = run(run(settled(), 6.0, 2.0), 5.75, 0.1)
    assert said(back) == pytest.approx(5.7, abs=0.01)


def test_what_lasts_is_the_next_level_though_noise_falls_back_now_and_then() -> None:
    now, t = settled(), 40.0
    for tick in range(1, 101):
        now = show(now, t + tick / 10, 5.75 if tick % 10 == 0 else 5.9)
    assert now.level_mps == pytest.approx(5.9, abs=0.03)


def test_a_silence_before_the_next_tick_makes_no_speed_of_its_own() -> None:
    assert said(show(settled(), 100.0, 5.75)) == pytest.approx(5.75)


@pytest.mark.parametrize("off", [0.06, 0.1, 0.13, 0.15, 0.2])
def test_a_change_is_shown_more_and_more_and_never_taken_back(off: float) -> None:
    now, t = settled(), 40.0
    seen = []
    for tick in range(1, 300):
        now = show(now, t + tick / 10, 5.7 + off)
        seen.append(said(now))
    assert all(after >= before - 1e-9 for before, after in itertools.pairwise(seen))
    assert 5.7 < seen[-1] <= 5.7 + off + 1e-9


def test_a_small_change_is_shown_in_the_end() -> None:
    assert said(run(settled(), 5.8, 1.0)) == pytest.approx(5.7, abs=0.02)
    assert said(run(settled(), 5.8, 60.0)) == pytest.approx(5.8, abs=0.01)


def test_a_little_more_never_makes_it_jump() -> None:
    """No reading tips anything over: what is shown moves by no more than so many times the estimate."""
    now, t = settled(), 40.1
    seen = [said(show(now, t, 5.7 + off / 1000)) for off in range(400)]
    steps = [after - before for before, after in itertools.pairwise(seen)]
    assert min(steps) >= 0
    assert max(steps) < 0.005


def test_a_stop_needs_two_witnesses_of_any_kind() -> None:
    for words in ((fix(40.5, 0.1), still(40.8)), (fix(40.2, 0.1), fix(41.2, 0.2))):
        one = hear(settled(), words[0])
        assert said(show(one, words[0].t, 5.7)) > 5
        both = hear(one, words[1])
        assert said(show(both, words[1].t, 5.7)) < shown.STANDING_MPS


def test_a_pod_without_gps_is_believed_at_its_second_word() -> None:
    once = hear(settled(), still(41.0))
    assert said(show(once, 41.0, 5.7)) > 5
    assert said(show(hear(once, still(42.0)), 42.0, 5.7)) == 0.0


def test_a_pod_that_fell_off_stops_nobody_whom_the_sky_sees_running() -> None:
    now = settled()
    for second in range(41, 60):
        now = show(hear(hear(now, still(second)), fix(second + 0.5, 5.7)), second + 0.5, 5.7)
        assert said(now) > 5


def test_an_odometer_that_stands_still_is_a_word_of_standing_but_not_a_packet_twice() -> None:
    running = Stride(41.0, 5.7, 90.0, None, 1000.0, running=True)
    again = Stride(41.2, 5.7, 90.0, None, 1000.0, running=True)
    later = Stride(42.0, 5.7, 90.0, None, 1000.0, running=True)
    now = hear(hear(settled(), running), fix(41.1, 0.1))
    assert said(show(hear(now, again), 41.2, 5.7)) > 5
    assert said(show(hear(now, later), 42.0, 5.7)) < shown.STANDING_MPS


def test_who_sets_off_again_is_shown_so_at_the_first_word() -> None:
    now = show(hear(hear(settled(), fix(41.0, 0.0)), fix(42.0, 0.0)), 42.0, 0.5)
    assert said(now) < 0.1
    assert said(show(hear(now, fix(43.0, 2.5)), 43.1, 2.4)) == 2.4


def test_old_words_of_standing_stop_nobody() -> None:
    now = hear(hear(settled(), fix(41.0, 0.0)), fix(42.0, 0.0))
    assert said(show(now, 42.0, 5.7)) == 0.0
    assert said(show(now, 45.0, 5.7)) == 5.7
