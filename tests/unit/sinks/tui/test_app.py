from __future__ import annotations

import pytest

from pacer.inputs import Command
from pacer.outputs import Notice
from tests.support import states
from tests.support.screen import LARGE, coach

NOW = states.T0 + 142.0

# key, the commands it posts while running at NOW
RUNNING_KEYS = [
    ("l", Command(NOW, "lap")),
    ("u", Command(NOW, "undo")),
    ("<", Command(NOW, "correct_start", at=999.5)),
    (",", Command(NOW, "correct_start", at=999.5)),
    (">", Command(NOW, "correct_start", at=1000.5)),
    (".", Command(NOW, "correct_start", at=1000.5)),
    ("+", Command(NOW, "target", value=282.0)),
    ("=", Command(NOW, "target", value=282.0)),
    ("-", Command(NOW, "target", value=280.0)),
]
WAITING_KEYS = [
    ("space", Command(1000.0, "start", at=1010.0)),
    ("a", Command(1000.0, "arm")),
    ("+", Command(1000.0, "target", value=282.0)),
]


@pytest.mark.parametrize(("key", "command"), RUNNING_KEYS)
async def test_each_key_posts_its_command_in_a_run(key: str, command: Command) -> None:
    async with coach(states.state()) as seat:
        await seat.presses(key)
        assert seat.posted == [command]


@pytest.mark.parametrize(("key", "command"), WAITING_KEYS)
async def test_each_key_posts_its_command_before_a_run(key: str, command: Command) -> None:
    async with coach(states.waiting_state()) as seat:
        await seat.presses(key)
        assert seat.posted == [command]


async def test_no_key_starts_a_run_that_is_on() -> None:
    async with coach(states.state()) as seat:
        for key in ("space", "a"):
            await seat.presses(key)
            assert "the run is running" in seat.text()
        assert seat.posted == []


async def test_no_key_of_a_run_does_anything_before_it() -> None:
    async with coach(states.waiting_state()) as seat:
        for key in ("l", "u", "<", ">", "s"):
            await seat.presses("escape", key)
            assert "the run is waiting" in seat.text()
        assert seat.posted == []


async def test_keys_before_the_first_state_say_that_there_is_none() -> None:
    async with coach() as seat:
        for key in ("space", "a", "l", "u", "<", "+", "s"):
            await seat.presses("escape", key)
            assert "no data yet" in seat.text()
        assert seat.posted == []


async def test_two_quick_presses_are_two_steps() -> None:
    async with coach(states.state()) as seat:
        await seat.presses("<", "<", "+", "+")
        assert [(c.verb, c.at, c.value) for c in seat.commands()] == [
            ("correct_start", 999.5, None),
            ("correct_start", 999.0, None),
            ("target", None, 282.0),
            ("target", None, 283.0),
        ]


async def test_the_second_space_confirms_a_start_without_position() -> None:
    async with coach(states.waiting_state()) as seat:
        await seat.presses("space")
        await seat.hears(Notice(1000.1, "warning", "confirm-start", "gps has no fix"))
        assert "Space again: start without it" in seat.text()
        await seat.presses("space")
        assert [c.verb for c in seat.commands()] == ["start", "start"]


async def test_stop_asks_once_more() -> None:
    async with coach(states.state()) as seat:
        await seat.presses("s")
        assert seat.posted == []
        assert "S again" in seat.text()
        await seat.presses("s")
        assert seat.posted == [Command(NOW, "stop")]
        assert "S again" not in seat.text()


@pytest.mark.parametrize("key", ["escape", "l"])
async def test_another_key_takes_the_question_back(key: str) -> None:
    async with coach(states.state()) as seat:
        await seat.presses("s", key, "s")
        assert "stop" not in [c.verb for c in seat.commands()]
        assert "S again" in seat.text()


async def test_a_question_is_forgotten_after_a_while() -> None:
    async with coach(states.state()) as seat:
        await seat.presses("s")
        await seat.hears(states.state(148.0))
        await seat.presses("s")
        assert seat.posted == []


async def test_stop_and_quit_do_not_answer_each_other() -> None:
    async with coach(states.state()) as seat:
        await seat.presses("s", "q")
        assert seat.posted == []
        assert seat.app.is_running


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_quit_asks_while_a_run_is_on(key: str) -> None:
    async with coach(states.state()) as seat:
        await seat.presses(key)
        assert seat.app.is_running
        assert "Q again" in seat.text()
        await seat.presses(key)
        assert seat.app.return_code == 0
        assert not seat.app.is_running


async def test_quit_does_not_ask_when_nothing_is_lost() -> None:
    async with coach(states.state(), states.finished()) as seat:
        await seat.presses("q")
        assert not seat.app.is_running


async def test_pace_goes_round_its_units() -> None:
    async with coach(states.state()) as seat:
        seen = []
        for _ in range(4):
            seen.append("needs" in seat.text() and seat.text().split("needs ")[1].splitlines()[0].strip())
            await seat.presses("p")
        # 5.678 m/s by hand: 400 / 5.678, 1609.344 / 5.678, 1000 / 5.678
        assert seen == ["70.4 s/400", "4:43 /mi", "2:56 /km", "70.4 s/400"]


async def test_help_shows_every_key_and_the_run_goes_on_below() -> None:
    async with coach(states.state()) as seat:
        assert "take it back" not in seat.text()
        await seat.presses("question_mark")
        for key in ("Space", "A ", "L ", "U ", "< >", "+ -", "S S", "P ", "Q ", "?"):
            assert key in seat.text()
        await seat.presses("l")
        assert [c.verb for c in seat.commands()] == ["lap"]
        await seat.presses("escape")
        assert "take it back" not in seat.text()


@pytest.mark.parametrize("size", [(40, 12), (79, 24), (80, 23), (22, 1)])
async def test_a_small_terminal_says_what_it_needs_and_nothing_else(size: tuple[int, int]) -> None:
    async with coach(states.state(), size=size) as seat:
        assert "".join(seat.text().split()) == "toosmall:needs80x24"


async def test_a_terminal_that_grows_shows_the_run() -> None:
    async with coach(states.state(), size=(40, 12)) as seat:
        await seat.pilot.resize_terminal(*LARGE)
        await seat.looks()
        assert "AHEAD" in seat.text()
        assert "too small" not in seat.text()


@pytest.mark.parametrize("size", [(80, 24), LARGE])
async def test_all_the_coach_needs_is_on_the_screen(size: tuple[int, int]) -> None:
    async with coach(
        *states.run_outputs(), size=size, info=("broker 127.0.0.1:1", lambda: "recording ok")
    ) as seat:
        text = seat.text()
    for part in (
        "▲ AHEAD, too fast",
        "seconds ± 0.3   +6.9 m",
        "▼ CUE to rider: slow down",
        "+0.8 s/400   hold 69.8 s/400",
        "finish at current speed",
        "lap 3   820 ± 3 m   789 m to go   needs 70.4 s/400",
        "rider 68.8 s/400, 2.4 m ahead of place   heart 172 bpm   cadence 178/min",
        "800 m     2:18.6    69.3   +1.1",
        "● footpod    ok",
        "◐ gps        weak       0.9 s  64 % open",
        "✕ wheel      gone      12.3 s    --",
        "2:11 ! wheel is gone: silent for 3 s",
        "broker 127.0.0.1:1   recording ok",
        "target 1 mile in 4:41",
    ):
        assert part in text


async def test_a_mile_shows_all_its_splits_on_the_smallest_screen() -> None:
    marks = [states.split(i) for i in range(1, 5)]
    last = states.split(5, 56.3)
    async with coach(states.state(), *marks, last) as seat:
        for mark in ("400 m", "800 m", "1200 m", "1600 m", "2000 m"):
            assert mark in seat.text()


async def test_of_many_splits_the_newest_stay() -> None:
    async with coach(states.state(), *[states.split(i) for i in range(1, 13)]) as seat:
        assert "4800 m" in seat.text()
        assert "  400 m" not in seat.text()


async def test_nothing_stale_stays_when_the_engine_falls_silent() -> None:
    async with coach(*states.run_outputs()) as seat:
        seat.clock.t += 3.5
        await seat.looks()
        text = seat.text()
    assert "? GAP UNKNOWN" in text
    assert "no news from the engine" in text
    assert "no cue in force" in text
    assert "lap --   -- ± -- m   -- m to go   needs --.- s/400" in text
    assert "rider --.- s/400, place --   heart -- bpm   cadence --/min" in text
    for stale in ("AHEAD", "EASE", "820", "172", "178", "ok", "12.3"):
        assert stale not in text
    assert "69.3" in text  # what was measured stays: a split does not go stale


async def test_unknown_is_dashes() -> None:
    async with coach(states.unknown_state()) as seat:
        assert "? GAP UNKNOWN" in seat.text()
        assert "-- m to go" in seat.text()


async def test_a_cue_goes_when_its_time_is_over() -> None:
    async with coach(states.state()) as seat:  # the cue is 1 s old, its time to live is 3 s
        seat.clock.t += 1.9
        await seat.looks()
        assert "CUE" in seat.text()
        seat.clock.t += 0.2
        await seat.looks()
        assert "CUE" not in seat.text()


async def test_the_finish_stays_on_the_screen() -> None:
    over = states.state(281.4, t=1300.0, phase="finished")
    async with coach(*states.run_outputs(), states.finished(), over) as seat:
        assert "place --   heart 172" in seat.text()
        seat.clock.t += 3600.0
        await seat.looks()
        text = seat.text()
    assert "■ FINISHED" in text
    assert "0.4 s over 4:41" in text
    assert "2:11 ! wheel is gone" in text
    assert "CUE" not in text
    assert "no news" not in text


async def test_the_countdown_is_big_and_rings_at_3_2_1_and_the_gun(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[float] = []
    async with coach(states.waiting_state()) as seat:
        monkeypatch.setattr(seat.app, "bell", lambda: rung.append(seat.clock.t))
        for tick in range(-100, 20):
            left = -tick / 10
            if left > 0:
                state = states.waiting_state(t=1010 + tick / 10, phase="countdown", countdown_s=left)
            else:
                state = states.state(tick / 10, t=1010 + tick / 10)
            seat.clock.t = state.t
            seat.feed.take(state, state.t)
            seat.app.look_fast()
            if tick == -95:
                await seat.pilot.pause()
                assert "START IN" in seat.text()
    assert rung == [1007.0, 1008.0, 1009.0, 1010.0]


async def test_a_text_with_brackets_is_shown_as_it_is() -> None:
    async with coach(states.state(), Notice(1100.0, "error", "x", "bad [red]value[/] [7]")) as seat:
        assert "✕ bad [red]value[/] [7]" in seat.text()


async def test_of_two_thousand_states_the_newest_is_drawn_and_one_a_second_kept() -> None:
    async with coach() as seat:
        for tick in range(2000):
            seat.feed.take(states.state(tick / 10, lap=tick), seat.clock.t)
        await seat.looks()
        assert "lap 1999" in seat.text()
        assert [t for t, _ in seat.feed.history] == [float(second) for second in range(200)]
