from __future__ import annotations

import pytest

from pacer.outputs import Notice, Standing
from tests.support import states
from tests.support.screen import LARGE, coach


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
        "rider 68.8 of 69.6 s/400, 2.4 m ahead of place   172 bpm   178/min",
        "800 m     2:18.6    69.3   +1.1",
        "● footpod    ok",
        "◐ gps        weak       0.9 s  64 % open",
        "✕ wheel      gone      12.3 s    --",
        "2:11 ! wheel is gone: silent for 3 s",
        "broker 127.0.0.1:1   recording ok",
        "target 1 mile in 4:41",
    ):
        assert part in text


async def test_on_pace_is_what_the_runs_own_policy_lets_go() -> None:
    ahead = states.state(standing=Standing(1.4, 0.3, 8.0, 5.7, 281.0, "target pace"))
    async with coach(ahead, on_pace_s=1.5) as seat:
        assert "● ON PACE" in seat.text()
    async with coach(ahead, on_pace_s=1.3) as seat:
        assert "▲ AHEAD, too fast" in seat.text()


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
    assert "rider --.- of --.- s/400, place --   -- bpm   --/min" in text
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
        assert "place --   172" in seat.text()
        assert "Q closes the screen" in seat.text()
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


async def test_info_that_does_not_fit_is_shown_in_turns() -> None:
    long = [f"{word} {'x' * 60}" for word in ("scenario", "broker", "recording")]
    async with coach(states.state(), info=[*long[:2], lambda: long[2]]) as seat:
        seen = set()
        for second in range(12):
            await seat.hears(states.state(143.0 + second))
            shown = [line for line in long if line in seat.text()]
            assert len(shown) == 1
            seen.update(shown)
    assert seen == set(long)
