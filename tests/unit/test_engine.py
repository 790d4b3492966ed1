"""The engine in virtual time: record first, tick, end in good order."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from pacer.clock import LoopClock, run_virtual
from pacer.engine import SHUTDOWN_S, TICK_S, Engine, Post
from pacer.inputs import Command, Input, Notification, Tick
from pacer.outputs import Finished, Output
from pacer.recording import OutputDigest, read
from pacer.session import Session
from tests.unit.parts import SETUP, Part, for_ever, now, recorder, run, strap


def test_every_input_is_on_record_before_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.pacer"
    checked = []

    class Reading(Session):
        def step(self, item: Input) -> list[Output]:
            assert read(path).inputs[-1] == item
            checked.append(item)
            return super().step(item)

    run(2.95, [Part(strap)], session=Reading(SETUP), recorder=recorder(path))

    assert len([item for item in checked if isinstance(item, Notification)]) == 3
    assert len([item for item in checked if isinstance(item, Tick)]) == 30
    assert list(read(path).inputs) == checked


def test_the_recording_ends_with_the_digest_of_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "a.pacer"
    listener = Part()

    run(4.95, [Part(strap)], [listener], recorder=recorder(path))

    digest = OutputDigest()
    for _, output in listener.heard:
        digest.add(output)
    end = read(path).end
    assert end is not None
    assert digest.count == 50
    assert (end.outputs, end.digest, end.lost) == (digest.count, digest.hexdigest(), 0)


def test_a_sink_that_does_not_want_to_end_is_left_behind() -> None:
    async def clinging(_post: Post) -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(60.0)

    async def main() -> float:
        engine = Engine(Session(SETUP), [Part()], [Part(clinging)], LoopClock())
        asyncio.get_running_loop().call_later(1.0, engine.stop)
        await engine.run()
        return now()

    assert run_virtual(main()) == pytest.approx(1.0 + SHUTDOWN_S)


def test_a_sink_has_time_for_its_last_words() -> None:
    spoken = []

    async def polite(_post: Post) -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(SHUTDOWN_S / 2)
            spoken.append("goodbye")

    run(1.0, sinks=[Part(polite)])

    assert spoken == ["goodbye"]


def test_ticks_that_were_slept_through_are_not_made_up_for() -> None:
    listener = Part()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        engine = Engine(Session(SETUP), [Part()], [listener], LoopClock())
        loop.call_later(2.05, lambda: setattr(loop, "_now", loop.time() + 600.0))  # the lid was shut
        loop.call_later(603.0, engine.stop)
        await engine.run()

    run_virtual(main())

    times = [t for t, _ in listener.states()]
    assert max(after - before for before, after in pairwise(times)) == pytest.approx(600.0, abs=TICK_S)
    awake_s = 603.0 - 602.05
    assert len([t for t in times if t > 600.0]) <= awake_s / TICK_S + 2  # and not 6000


def test_a_command_of_a_sink_reaches_the_session() -> None:
    async def person(post: Post) -> None:
        await asyncio.sleep(1.0)
        post(Command(now(), "start"))
        await for_ever()

    listener = Part()
    run(2.95, sinks=[Part(person), listener])

    assert listener.states()[-1][1].phase == "running"
    assert listener.states()[-1][1].elapsed_s == pytest.approx(1.9)


def test_the_run_is_over_when_its_screen_is_quit() -> None:
    async def quit_soon(_post: Post) -> None:
        await asyncio.sleep(2.0)

    screen = Part(quit_soon)
    run(60.0, sinks=[screen], foreground=screen)

    assert screen.states()[-1][0] == pytest.approx(2.0, abs=TICK_S)


def test_the_run_is_over_when_all_sources_are_read_to_their_end() -> None:
    async def three(post: Post) -> None:
        for n in range(3):
            post(Tick(float(n)))

    listener = Part()
    run(60.0, [Part(three)], [listener], ticking=False)

    assert [state.t for _, state in listener.states()] == [0.0, 1.0, 2.0]


def test_a_headless_run_ends_a_while_after_it_was_stopped() -> None:
    async def person(post: Post) -> None:
        post(Command(now(), "start"))
        await asyncio.sleep(5.0)
        post(Command(now(), "stop"))
        await for_ever()

    listener = Part()
    run(60.0, sinks=[Part(person), listener], linger_s=3.0)

    [stopped] = [(t, one) for t, one in listener.heard if isinstance(one, Finished)]
    assert stopped[1].stopped
    assert listener.heard[-1][0] == pytest.approx(stopped[0] + 3.0, abs=TICK_S)
