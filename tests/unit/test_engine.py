"""The engine in virtual time: record first, keep every part going, end in good order."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pacer.clock import LoopClock, run_virtual
from pacer.engine import BACK_OFF_S, SHUTDOWN_S, TICK_S, WELL_S, Engine, Post, Sink, Source
from pacer.errors import HardwareError
from pacer.inputs import Command, Input, Notification, Tick
from pacer.outputs import Finished, Notice, Output, State
from pacer.recorder import Recorder, anchor_now
from pacer.recording import Header, OutputDigest, read
from pacer.session import Session
from pacer.setup import SensorSpec, Setup

STRAP = SensorSpec("strap", "runner", "heart_rate", address="C0:00:00:00:00:02")
SETUP = Setup(sensors=(STRAP,))
BPM_60 = b"\x00\x3c"  # Heart Rate Measurement: flags 0, 60 bpm as u8


async def for_ever() -> None:
    await asyncio.Event().wait()


def now() -> float:
    return LoopClock().now()


@dataclass(eq=False)
class Part:
    """A source and a sink in one: does what it is told, and keeps what it was offered and when."""

    act: Callable[[Post], Awaitable[None]] = lambda _post: for_ever()
    name: str = "part"
    began: list[float] = field(default_factory=list)
    heard: list[tuple[float, Output]] = field(default_factory=list)

    def offer(self, output: Output) -> None:
        self.heard.append((now(), output))

    async def run(self, post: Post) -> None:
        self.began.append(now())
        await self.act(post)

    def notices(self, code: str) -> list[Notice]:
        return [one for _, one in self.heard if isinstance(one, Notice) and one.code == code]

    def states(self) -> list[tuple[float, State]]:
        return [(t, one) for t, one in self.heard if isinstance(one, State)]


class BrokenSession(Session):
    """A core with a bug: fails at some of its steps."""

    def __init__(self, broken: range) -> None:
        super().__init__(SETUP)
        self._broken, self._steps = broken, 0

    def step(self, item: Input) -> list[Output]:
        self._steps += 1
        if self._steps - 1 in self._broken:
            raise ZeroDivisionError("a bug")
        return super().step(item)


def beat(post: Post) -> None:
    post(Notification(now(), "strap", "2a37", BPM_60))


async def strap(post: Post) -> None:
    while True:
        beat(post)
        await asyncio.sleep(1.0)


async def failing(_post: Post) -> None:
    raise RuntimeError("out of order")


def run(
    seconds: float,
    sources: Sequence[Source] = (),
    sinks: Sequence[Sink] = (),
    session: Session | None = None,
    **more: Any,
) -> Engine:
    """Runs an engine for some virtual seconds, if it does not end by itself."""
    made: list[Engine] = []

    async def main() -> None:
        engine = Engine(session or Session(SETUP), sources or (Part(),), sinks, LoopClock(), **more)
        made.append(engine)
        asyncio.get_running_loop().call_later(seconds, engine.stop)
        await engine.run()

    run_virtual(main())
    return made[0]


def recorder(path: Path, write: Callable[[int, bytes], int] = os.write) -> Recorder:
    return Recorder(path, Header("test", SETUP, anchor_now(0.0)), write)


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


def test_a_source_that_fails_is_said_and_started_again_ever_more_patiently() -> None:
    bad, good, listener = Part(failing, "bad"), Part(strap, "good"), Part()

    run(30.0, [bad, good], [listener])

    waits = [after - before for before, after in pairwise(bad.began)]
    assert waits[:7] == pytest.approx([*BACK_OFF_S, BACK_OFF_S[-1], BACK_OFF_S[-1]])
    said = listener.notices("bad-failed")
    assert len(said) == len(bad.began)
    assert "out of order" in said[0].text
    assert all(state.sensors[0].state == "ok" for _, state in listener.states()[1:])
    assert good.began == [0.0]


def test_a_source_that_failed_after_a_long_good_spell_is_started_again_at_once() -> None:
    lived = [0.0] * 6 + [WELL_S - 1.0, WELL_S, 0.0]  # s
    lives = iter(lived)

    async def failing_after_a_while(_post: Post) -> None:
        await asyncio.sleep(next(lives, 1e6))
        raise RuntimeError("out of order")

    part = Part(failing_after_a_while)
    run(200.0, [part], [Part()])

    waits = [after - before - life for (before, after), life in zip(pairwise(part.began), lived, strict=True)]
    assert waits[5:] == pytest.approx([BACK_OFF_S[-1], BACK_OFF_S[-1], BACK_OFF_S[0], BACK_OFF_S[1]])


@pytest.mark.parametrize("nth", range(5))
def test_a_source_that_fails_at_any_call_goes_on_where_it_can(nth: int) -> None:
    calls = iter(range(1000))

    async def stumbling(post: Post) -> None:
        while True:
            if next(calls) == nth:
                raise OSError("stumbled")
            beat(post)
            await asyncio.sleep(1.0)

    part, listener = Part(stumbling), Part()
    run(9.95, [part], [listener])

    assert len(part.began) == 2
    assert len(listener.notices("part-failed")) == 1
    assert listener.states()[-1][1].sensors[0].state == "ok"


def test_a_sink_that_fails_is_said_to_the_others_and_started_again() -> None:
    bad, listener = Part(failing, "bad"), Part()

    run(9.95, [Part(strap)], [bad, listener])

    assert [after - before for before, after in pairwise(bad.began)][:5] == pytest.approx(BACK_OFF_S)
    assert listener.notices("bad-failed")
    assert len(listener.states()) == 100


@pytest.mark.parametrize("nth", [0, 1, 7])
def test_a_sink_that_raises_when_offered_costs_nobody_else_anything(tmp_path: Path, nth: int) -> None:
    class Prickly(Part):
        def offer(self, output: Output) -> None:
            super().offer(output)
            if len(self.heard) > nth:
                raise KeyError("prickly")

    path = tmp_path / "a.pacer"
    listener = Part()
    run(4.95, [Part(strap)], [Prickly(name="prickly"), listener], recorder=recorder(path))

    assert len(listener.states()) == 50
    assert len(read(path).inputs) == 55
    assert len(listener.notices("prickly-failed")) == 1


def test_a_bug_in_the_core_keeps_the_recording_and_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "a.pacer"
    listener = Part()

    run(4.95, [Part(strap)], [listener], BrokenSession(range(10, 30)), recorder=recorder(path))

    assert len(read(path).inputs) == 55
    [said] = listener.notices("core-failed")
    assert "a bug" in said.text
    assert listener.states()[-1][0] == pytest.approx(4.9)  # the core's next steps are used again


def test_no_hardware_at_the_first_start_ends_the_run() -> None:
    async def missing(_post: Post) -> None:
        raise HardwareError("no adapter")

    with pytest.raises(HardwareError, match="no adapter"):
        run(9.95, [Part(missing)], [Part()])


def test_hardware_lost_after_it_was_heard_is_waited_for() -> None:
    async def pulled_out(post: Post) -> None:
        beat(post)
        await asyncio.sleep(1.0)
        raise HardwareError("the adapter is gone")

    part, listener = Part(pulled_out), Part()
    run(9.95, [part], [listener])

    assert len(part.began) > 2
    assert "the adapter is gone" in listener.notices("part-failed")[0].text
    assert len(listener.states()) == 100


def test_a_sink_that_hangs_delays_nobody() -> None:
    async def hanging(_post: Post) -> None:
        await asyncio.sleep(1e6)

    listener = Part()
    run(19.95, [Part(strap)], [Part(hanging, "hanging"), listener])

    assert all(heard == state.t for heard, state in listener.states())
    assert len(listener.states()) == 200


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


def test_trouble_with_the_disk_is_told_within_a_second_and_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.pacer"
    full_from, free_from = 2.5, 6.5  # s
    listener = Part()

    def write(fd: int, data: bytes) -> int:
        if full_from < now() < free_from:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data)

    run(9.95, [Part(strap)], [listener], recorder=recorder(path, write))

    [told] = listener.notices("recording-failed")
    assert full_from < told.t <= full_from + 1.0
    assert str(path) in told.text
    assert len(listener.states()) == 100
    kept = [item.t for item in read(path).inputs]
    assert kept
    assert not any(full_from < t < free_from for t in kept)
    assert any(t > free_from for t in kept)


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


def test_a_source_whose_task_group_died_starts_again_in_a_clean_task() -> None:
    """Python 3.11 leaves the task in which a group failed half cancelled, and sources look at that."""
    cancelling: list[int] = []

    async def group_dies(post: Post) -> None:
        task = asyncio.current_task()
        assert task is not None
        cancelling.append(task.cancelling())
        beat(post)

        async def lost() -> None:
            await asyncio.sleep(0.5)
            raise HardwareError("the adapter is gone")

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(lost())
        except* HardwareError as errors:
            raise errors.exceptions[0] from None

    run(9.95, [Part(group_dies)], [Part()])

    assert len(cancelling) > 2
    assert set(cancelling) == {0}
