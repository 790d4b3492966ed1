from __future__ import annotations

import asyncio
import io
import json
import math
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pacer.inputs import Input
from pacer.measurement import Refused
from pacer.outputs import Notice, Output
from pacer.sinks import console
from pacer.sinks.console import ConsoleSink, EverySecond, event_line, state_line
from tests.support import states
from tests.support.states import LINE_KEYS

ROOT = Path(__file__).parents[3]  # of the checkout, where `tests` can be imported


def ignore(item: Input) -> None:
    raise AssertionError(f"a console gives no commands: {item}")


async def printed(outputs: list[Output]) -> list[dict[str, Any]]:
    stream = io.StringIO()
    sink = ConsoleSink(stream)
    task = asyncio.create_task(sink.run(ignore))
    for output in outputs:
        sink.offer(output)
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_state_line_has_the_fixed_names_and_values() -> None:
    assert state_line(states.state()) == dict(
        zip(
            LINE_KEYS,
            [1142.0, 142.0, 820.2, 3.1, 5.79, 0.08, 5.77, 1.2, 0.3, 279.2, 1.4, 3, "ease"],
            strict=True,
        )
    )


def test_unknown_is_null_and_never_zero() -> None:
    line = state_line(states.waiting_state())
    assert list(line) == LINE_KEYS
    assert {key for key, value in line.items() if value is not None} == {"t_s"}


def test_a_number_that_is_none_becomes_null() -> None:
    odd = replace(states.state().runner, speed_mps=math.nan, speed_sd_mps=math.inf)
    line = state_line(states.state(runner=odd))
    assert line["speed_mps"] is None
    assert line["speed_sd_mps"] is None


def test_ten_ticks_a_second_give_one_line_a_second() -> None:
    every = EverySecond()
    ticks = [states.state(tick / 10) for tick in range(101)]
    assert [tick.elapsed_s for tick in ticks if every.picks(tick)] == [float(s) for s in range(11)]


def test_a_silence_gives_one_line_and_not_a_burst() -> None:
    every = EverySecond()
    assert [every.picks(states.state(t)) for t in (0.0, 7.5, 7.9, 8.0)] == [True, True, False, True]


def test_outputs_for_programs_only_have_no_line() -> None:
    assert event_line(Refused(1.0, "gps", "fix not OK")) is None


async def test_events_come_in_order_between_the_states() -> None:
    lines = await printed(
        [
            states.state(69.0, cue=None),
            states.split(1),
            states.cue(),
            Notice(1.0, "warning", "sensor-gone", "wheel is gone", "wheel"),
            states.state(70.0),
            states.finished(),
        ]
    )
    assert [line.get("event") for line in lines] == [None, "split", "cue", "notice", None, "finished"]
    assert lines[1]["leg_s"] == 69.84
    assert lines[2]["to"] == "rider"
    assert lines[2]["word"] == "ease"
    assert lines[2]["t_s"] == 1140.0
    assert lines[3]["code"] == "sensor-gone"
    assert lines[5]["elapsed_s"] == 281.4


async def test_what_was_offered_last_is_still_written_when_the_run_ends() -> None:
    stream = io.StringIO()
    sink = ConsoleSink(stream)
    task = asyncio.create_task(sink.run(ignore))
    await asyncio.sleep(0)
    sink.offer(states.finished())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert json.loads(stream.getvalue())["event"] == "finished"


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


async def test_a_broken_pipe_returns_quietly() -> None:
    sink = ConsoleSink(Broken())
    sink.offer(states.state())
    await asyncio.wait_for(sink.run(ignore), 10)  # a hang would be the failure


class Stalled(io.StringIO):
    """Holds every write until it is let go, as a full pipe does."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def write(self, text: str) -> int:
        self.go.wait(60)
        return super().write(text)


async def test_a_reader_that_stops_reading_stops_neither_the_engine_nor_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "LAST_WORDS_S", 0.05)
    stream = Stalled()
    sink = ConsoleSink(stream)
    task = asyncio.create_task(sink.run(ignore))
    for second in range(5):
        sink.offer(states.state(float(second)))
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=30)
    assert task.cancelled()
    assert stream.getvalue() == ""
    stream.go.set()  # or its thread would outlive the test


PROGRAM = """
import asyncio
from pacer.sinks import console
from pacer.sinks.console import ConsoleSink
from tests.support import states

async def main():
    sink = ConsoleSink()
    task = asyncio.create_task(sink.run(print))
    second = 0
    while not task.done():
        sink.offer(states.state(float(second)))
        second += 1
        await asyncio.sleep(0)
    await task

asyncio.run(main())
"""


def test_head_ends_the_program_without_a_complaint() -> None:
    with subprocess.Popen(  # noqa: S603 - our own program, above
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert json.loads(child.stdout.readline())["t_s"] == 1000.0
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(30) == 0
