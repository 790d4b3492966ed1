"""C7 and C8: the coach's screen is current and calm, and says nothing by colour alone."""

from __future__ import annotations

import asyncio
import time

import pytest

from pacer.outputs import Standing, State
from pacer.sinks.tui import view
from pacer.sinks.tui.widgets import Line
from tests.promises.promised import Measured, Promise
from tests.support import states
from tests.support.mqtt import until
from tests.support.screen import LARGE, SMALL, coach, grounds

C7 = Promise("C7", "the coach's screen is current and calm", "the newest of 1000 states a second in 0.3 s")
C8 = Promise("C8", "the screen needs no colours and little room", "each has shape and word; 80x24 will do")

POSTS, OVER_S = 1000, 1.0  # states, s
SHOWN_S = 0.3  # s


@C7
async def test_c7_the_newest_of_a_thousand_states_is_on_the_screen(measured: Measured) -> None:
    """Lets the screen look by its own timers; a busy machine may hold it up, though not each time."""
    took: list[float] = []
    async with coach(states.state()) as seat:
        while not in_time(took):
            seat.clock.t += 10.0
            # each time another one is the newest, or it would be on the screen already
            gaps = [float((post + len(took)) % 90) for post in range(POSTS)]
            for post, gap_s in enumerate(gaps):
                seat.feed.take(ahead(seat.clock.t, gap_s), seat.clock.t)
                if post % 100 == 0:
                    await asyncio.sleep(OVER_S / 10)
            newest = view.gap_hero(ahead(seat.clock.t, gaps[-1]))
            posted = time.monotonic()
            await until(lambda shown=newest: seat.app._parts.gap.hero == shown)  # type: ignore[misc]  # bound now
            took.append(time.monotonic() - posted)
    measured(C7, "after {:.2f} s", min(took))
    assert min(took) <= SHOWN_S


def ahead(t: float, gap_s: float) -> State:
    return states.state(t=t, standing=Standing(gap_s, 0.3, 1.0, 5.7, 281.0, "target pace"))


def in_time(took: list[float]) -> bool:
    return bool(took) and (min(took) <= SHOWN_S or len(took) == 3)


@C7
async def test_c7_of_two_thousand_states_the_newest_is_drawn_and_one_a_second_kept() -> None:
    async with coach() as seat:
        for tick in range(2000):
            seat.feed.take(states.state(tick / 10, lap=tick), seat.clock.t)
        await seat.looks()
        assert "lap 1999" in seat.text()
        assert [t for t, _ in seat.feed.history] == [float(second) for second in range(200)]


@C7
async def test_c7_the_slow_parts_wait_for_their_turn_and_nothing_is_painted_twice(
    monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    async with coach(states.state()) as seat:
        painted: list[str] = []
        update = Line.update

        def count(line: Line, *args: object, **kwargs: object) -> None:
            painted.append(line.id or next(iter(line.classes)))
            update(line, *args, **kwargs)  # type: ignore[arg-type]  # handed through

        monkeypatch.setattr(Line, "update", count)
        new = states.state(142.1, lap=4, standing=Standing(1.6, 0.3, 9.0, 5.6, 279.0, "current speed"))
        seat.feed.take(new, seat.clock.t)
        for _ in range(10):
            seat.app.look_fast()
        assert sorted(painted) == ["big", "foot"]
        painted.clear()
        for _ in range(10):
            seat.app.look_slow()
        assert painted == ["where"]
    measured(C7, "gap and clock 10 times a second, the rest twice, and only what has changed")


def gap_hero(gap_s: float | None) -> view.Hero:
    return view.gap_hero(states.state(standing=Standing(gap_s, 0.3, 1.0, 5.7, 281.0, "target pace")))


@C8
def test_c8_no_two_colours_share_a_shape_or_a_word() -> None:
    heroes = [gap_hero(gap) for gap in (0.0, 5.0, -5.0, None)]
    assert (
        len({h.colour for h in heroes})
        == len({h.head[0] for h in heroes})
        == len({h.head for h in heroes})
        == 4
    )


@C8
@pytest.mark.parametrize("size", [(40, 12), (79, 24), (80, 23), (22, 1)])
async def test_c8_a_small_terminal_says_what_it_needs_and_nothing_else(size: tuple[int, int]) -> None:
    async with coach(states.state(), size=size) as seat:
        assert "".join(seat.text().split()) == "toosmall:needs80x24"


@C8
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_c8_without_colours_all_is_said_all_the_same(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with coach(*states.run_outputs(), size=size) as seat:
        coloured, text = grounds(seat.svg()), seat.text()
    monkeypatch.setenv("NO_COLOR", "1")
    async with coach(*states.run_outputs(), size=size) as seat:
        assert seat.text() == text
        assert hues(grounds(seat.svg())) <= {True}, "grey alone"
    assert False in hues(coloured)
    measured(C8, "{:.0f} columns: the same text without colours", size[0])


def hues(found: set[tuple[str, ...]]) -> set[bool]:
    """Tells which of the grounds are grey."""
    return {len({colour[1:3], colour[3:5], colour[5:7]}) == 1 for colour, *_ in found}
