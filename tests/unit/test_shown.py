from __future__ import annotations

import math

from pacer import shown
from pacer.measurement import Fix, Stride
from pacer.shown import Shown, hear, show, weigh

SD = 0.15  # m/s, of a reading of speed, about as a footpod's single stride has it


def run(now: Shown, speed: float, for_s: float, read: float | None = None) -> Shown:
    """Lets time pass with an estimate of `speed` m/s and a reading of `read` m/s every half second."""
    start = now.t
    for tick in range(1, round(for_s * 10) + 1):
        if tick % 5 == 0 and read is not None:
            now = weigh(now, read, SD)
        now = show(now, start + tick / 10, speed)
    return now


def settled(speed: float = 5.7) -> Shown:
    return run(show(Shown(), 0.0, speed), speed, 40.0, speed)


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


def test_a_change_that_readings_agree_on_is_followed_at_once() -> None:
    assert abs(said(run(settled(), 6.0, 2.0, read=6.0)) - 6.0) < 0.01


def test_a_change_that_nobody_reads_is_followed_in_the_end() -> None:
    assert abs(said(run(settled(), 6.0, 4.0)) - 6.0) < 0.01


def test_one_reading_however_wrong_changes_nothing() -> None:
    for wrong in (0.0, 4.0, 7.0, 1e6, -1e6):
        now = run(weigh(settled(), wrong, SD), 5.7, 5.0, read=5.7)
        assert said(now) == said(run(settled(), 5.7, 5.0, read=5.7))


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
