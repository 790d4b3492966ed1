"""The engine keeps every part going, and says what failed: sources, sinks, the core, the disk."""

from __future__ import annotations

import asyncio
import errno
import os
from itertools import pairwise
from pathlib import Path

import pytest

from pacer.engine import BACK_OFF_S, WELL_S, Post
from pacer.errors import HardwareError
from pacer.inputs import Input
from pacer.outputs import Output
from pacer.recording import read
from pacer.session import Session
from tests.unit.parts import SETUP, Part, beat, failing, now, recorder, run, strap


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
