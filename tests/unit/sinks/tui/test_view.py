from __future__ import annotations

from dataclasses import replace

import pytest

from pacer.outputs import Estimate, Notice, SensorState, Standing, Word
from pacer.sinks.tui import view
from pacer.units import PaceUnit
from tests.support import states


def hero(gap_s: float | None, sd_s: float | None = 0.3, gap_m: float | None = 1.0) -> view.Hero:
    return view.gap_hero(states.state(standing=Standing(gap_s, sd_s, gap_m, 5.7, 281.0, "target pace")))


@pytest.mark.parametrize(
    ("gap_s", "colour", "head", "big"),
    [
        (0.0, "on", "● ON PACE", "0.0"),
        (0.8, "on", "● ON PACE", "+0.8"),
        (-0.8, "on", "● ON PACE", "-0.8"),
        (0.9, "fast", "▲ AHEAD, too fast", "+0.9"),
        (-0.9, "slow", "▼ BEHIND, too slow", "-0.9"),
        (12.34, "fast", "▲ AHEAD, too fast", "+12.3"),
        (-123.4, "slow", "▼ BEHIND, too slow", "-123"),
        (None, "unknown", "? GAP UNKNOWN", "--"),
    ],
)
def test_the_gap_has_a_colour_a_shape_a_word_and_a_sign(
    gap_s: float | None, colour: str, head: str, big: str
) -> None:
    shown = hero(gap_s)
    assert (shown.colour, shown.head, shown.big) == (colour, head, big)


def test_unknown_doubt_is_dashes_beside_a_known_gap() -> None:
    assert hero(1.0, None, None).foot == "seconds ± --   -- m"


@pytest.mark.parametrize(("left", "big"), [(10.0, "10"), (9.9, "10"), (0.1, "1"), (0.0, "0")])
def test_a_countdown_counts_whole_seconds_up_to_the_gun(left: float, big: str) -> None:
    shown = view.gap_hero(states.waiting_state(phase="countdown", countdown_s=left))
    assert (shown.head, shown.big) == ("○ START IN", big)


@pytest.mark.parametrize(
    ("elapsed", "colour", "foot"),
    [(281.0, "on", "on target 4:41"), (281.4, "on", "0.4 s over 4:41"), (279.0, "fast", "2.0 s under 4:41")],
)
def test_the_finish_says_time_and_how_far_off(elapsed: float, colour: str, foot: str) -> None:
    shown = view.gap_hero(states.state(), states.finished(elapsed))
    assert (shown.colour, shown.foot) == (colour, foot)


def test_a_run_stopped_by_hand_is_no_finish() -> None:
    shown = view.gap_hero(states.state(), states.finished(100.0, stopped=True))
    assert (shown.head, shown.big, shown.foot) == ("■ STOPPED", "1:40.0", "after 1609 m")


def test_every_cue_says_whom_what_how_much_and_what_to_hold() -> None:
    def shown(word: Word, change: float) -> view.Hero:
        cue = replace(states.cue(), word=word, change_mps=change, speed_mps=5.73)
        return view.cue_hero(states.state(cue=cue), "s/400")

    ease, press, hold = shown("ease", -0.065), shown("press", 0.065), shown("hold", 0.0)
    # by hand: 400 / 5.73 = 69.81, 400 / 5.795 = 69.02, 400 / 5.665 = 70.61
    assert (ease.big, ease.foot) == ("EASE", "+0.8 s/400   hold 69.8 s/400")
    assert (press.big, press.foot) == ("PRESS", "-0.8 s/400   hold 69.8 s/400")
    assert (hold.big, hold.foot) == ("HOLD", "hold 69.8 s/400")
    assert {h.colour for h in (ease, press, hold)} == {"fast", "slow", "on"}
    assert {h.head for h in (ease, press, hold)} == {
        "▼ CUE to rider: slow down",
        "▲ CUE to rider: speed up",
        "● CUE to rider",
    }


@pytest.mark.parametrize(
    ("unit", "size"), [("s/400", "+0.8 s/400"), ("min/mile", "+3.2 s/mile"), ("min/km", "+2.0 s/km")]
)
def test_the_size_of_a_cue_follows_the_unit(unit: PaceUnit, size: str) -> None:
    assert view.cue_hero(states.state(), unit).foot.startswith(size)


def test_a_cue_to_stand_still_has_no_size() -> None:
    cue = states.cue(speed_mps=0.0, change_mps=-1.0)
    assert view.cue_hero(states.state(cue=cue), "s/400").foot == "--   hold --.- s/400"


@pytest.mark.parametrize(
    ("gap_m", "place"),
    [(None, "place --"), (0.9, "in place"), (-2.0, "2.0 m behind place"), (2.0, "2.0 m ahead of place")],
)
def test_the_rider_is_told_from_his_place(gap_m: float | None, place: str) -> None:
    assert f", {place}   172 bpm" in view.bodies(states.state(rider_gap_m=gap_m), "s/400")


def test_a_run_without_a_rider_has_no_rider_line() -> None:
    assert view.bodies(states.state(rider=None), "s/400") == "heart 172 bpm   cadence 178/min"


def test_every_sensor_state_has_a_word_and_trouble_has_another_shape_than_ok() -> None:
    words: list[SensorState] = ["searching", "ok", "weak", "refused", "no fix", "asleep", "gone"]
    rows = {word: view.sensor_row(replace(states.SENSORS[0], state=word)) for word in words}
    for word, row in rows.items():
        assert word in row
        assert (row[0] == rows["ok"][0]) == (word == "ok")


def test_a_sensor_that_was_never_heard_has_no_age() -> None:
    row = view.sensor_row(
        replace(
            states.SENSORS[1], state="searching", age_s=None, battery_percent=None, detail="impostor refused"
        )
    )
    assert row == "… gps        searching     --    -- open impostor refused"


def test_taps_and_the_finish_stand_in_the_table_but_laps_do_not() -> None:
    tap = replace(states.split(1), kind="tap", index=1, elapsed_s=60.0, leg_s=60.0)
    lap = replace(states.split(1), kind="lap", elapsed_s=71.5, leg_s=71.5)
    last = replace(states.split(4), index=5, elapsed_s=281.4, leg_s=101.6, gap_s=None, final=True)
    lines = view.split_rows([last, lap, states.split(1), tap], 10).splitlines()
    assert [line.split() for line in lines] == [
        ["mark", "time", "leg", "gap"],
        ["tap", "1", "1:00.0", "60.0", "0.0"],
        ["400", "m", "1:09.8", "69.8", "0.0"],
        ["finish", "4:41.4", "1:41.6", "--"],
    ]


def test_a_notice_says_when_on_the_running_time() -> None:
    notice = Notice(1131.0, "error", "disk", "disk full")
    assert view.notice_line(notice, 1000.0) == "  2:11 ✕ disk full"
    assert view.notice_line(notice, None) == "       ✕ disk full"


def test_a_run_that_is_over_stays_where_it_ended() -> None:
    on = states.state(281.4, runner=Estimate(states.T0, 1700.0, 2.0, 1.5, 0.1), remaining_m=0.0)
    assert "1700 ± 2 m" in view.where(on, "s/400")
    assert "1609 m   0 m to go" in view.where(replace(on, phase="finished"), "s/400")


def test_before_the_first_state_all_is_unknown() -> None:
    assert view.gap_hero(None).big == "--"
    assert view.elapsed(None, None) == "--:--"
    assert view.where(None, "s/400") == view.bodies(None, "s/400") == "--"
    assert view.finish(None) == ("finish", "--:--")
    assert view.title(None) == "pacer"
