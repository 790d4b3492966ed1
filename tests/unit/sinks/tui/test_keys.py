from __future__ import annotations

from dataclasses import replace

import pytest

from pacer.inputs import Command
from pacer.outputs import Notice
from pacer.setup import Mode
from tests.support import states
from tests.support.screen import coach

NOW = states.T0 + 142.0

# key, the commands it posts while running at NOW
RUNNING_KEYS = [
    ("l", Command(NOW, "lap")),
    ("L", Command(NOW, "lap")),
    ("u", Command(NOW, "undo")),
    ("<", Command(NOW, "correct_start", at=999.5)),
    (",", Command(NOW, "correct_start", at=999.5)),
    (">", Command(NOW, "correct_start", at=1000.5)),
    (".", Command(NOW, "correct_start", at=1000.5)),
    ("+", Command(NOW, "target", value=282.0)),
    ("=", Command(NOW, "target", value=282.0)),
    ("-", Command(NOW, "target", value=280.0)),
]
# what the rider does, and what M lets him do next
MODES = [("strict", "elastic"), ("elastic", "audio"), ("audio", "strict")]
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


@pytest.mark.parametrize("key", ["m", "M"])
@pytest.mark.parametrize(("mode", "after"), MODES)
async def test_m_lets_the_rider_do_the_next_thing(key: str, mode: Mode, after: Mode) -> None:
    async with coach(replace(states.state(), mode=mode)) as seat:
        await seat.presses(key)
        assert seat.posted == [Command(NOW, after)]
        assert f"mode {after}" in seat.text()


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
