"""The console: one JSON object a line, for people without a screen and for programs.

A state line comes once a second and has no `event` key; its names are fixed. A cue, a split, a notice
and the finish each have a line of their own, told apart by `event`. SI units, unknown is null.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import time
from collections import deque
from dataclasses import asdict
from typing import Any, TextIO

from pacer.engine import Post
from pacer.outputs import Cue, Finished, Notice, Output, Split, State

Line = dict[str, Any]

DECIMALS = 3  # 1 mm, 1 ms: finer than anything a sensor here can tell
KEEP_LINES = 10_000  # lines held for a reader that has stopped reading: over an hour of states, about 3 MB
LAST_WORDS_S = 1.0  # s that a stalled reader may hold up the end of a run
LOOK_S = 0.01  # s between looks at the last write


def state_line(state: State) -> Line:
    """Builds the line of one state; SI units, null is unknown, the names are fixed."""
    runner, standing = state.runner, state.standing
    return plain(
        {
            "t_s": state.t,
            "elapsed_s": state.elapsed_s,
            "distance_m": runner.distance_m,
            "distance_sd_m": runner.distance_sd_m,
            "speed_mps": runner.speed_mps,
            "speed_sd_mps": runner.speed_sd_mps,
            "pace_mps": state.pace_mps,
            "gap_s": standing.gap_s,
            "gap_sd_s": standing.gap_sd_s,
            "finish_s": standing.finish_s,
            "finish_sd_s": standing.finish_sd_s,
            "lap": state.lap,
            "cue": state.cue.word if state.cue else None,
        }
    )


def event_line(output: Output) -> Line | None:
    """Builds the line of a cue, split, notice or finish; None for outputs that have none."""
    match output:
        case Cue():
            name = "cue"
        case Split():
            name = "split"
        case Notice():
            name = "notice"
        case Finished():
            name = "finished"
        case _:
            return None
    return plain({"event": name} | {_NAMES.get(key, key): value for key, value in asdict(output).items()})


class EverySecond:
    """Picks one state a second: the first in each second since the first state."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._next = 0

    def picks(self, state: State) -> bool:
        """Tells whether this state is the one of its second."""
        if self._first is None:
            self._first = state.t
        # half a millisecond: ten ticks of 0.1 s add up to 0.9999999 s as often as to 1 s
        second = math.floor(state.t - self._first + 0.0005)
        if second < self._next:
            return False
        self._next = second + 1
        return True


class ConsoleSink:
    """Writes JSON lines to a text stream; a reader that goes away ends it quietly."""

    name = "console"

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._every = EverySecond()
        self._lines: deque[str] = deque(maxlen=KEEP_LINES)  # a full one drops its oldest
        self._wake = asyncio.Event()
        self._job: asyncio.Future[None]  # the newest write

    def offer(self, output: Output) -> None:
        """Queues the output's line, if it has one now; never blocks."""
        match output:
            case State():
                line = state_line(output) if self._every.picks(output) else None
            case _:
                line = event_line(output)
        if line is not None:
            self._lines.append(json.dumps(line, allow_nan=False))
            self._wake.set()

    async def run(self, post: Post) -> None:
        """Writes until cancelled; returns when the reader is gone."""
        del post  # a stream gives no commands
        self._job = asyncio.get_running_loop().create_future()
        self._job.set_result(None)
        try:
            try:
                while True:
                    await self._wake.wait()
                    self._wake.clear()
                    await asyncio.shield(self._write())
            finally:
                await self._last_words()
        except BrokenPipeError:
            self._forget_stream()

    async def _last_words(self) -> None:
        """Waits for the write under way and writes the rest; a reader that has stopped reading is left."""
        # real seconds: the loop's may run many times as fast, and a disk does not
        deadline = time.monotonic() + LAST_WORDS_S
        while not self._job.done() or self._lines:
            if self._job.done():
                self._job.result()
                self._write()
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(LOOK_S)
        self._job.result()

    def _write(self) -> asyncio.Future[None]:
        text = "".join(f"{line}\n" for line in self._lines)
        self._lines.clear()
        # In a thread: a pipe nobody reads, or a terminal held by Ctrl-S, would stop the whole engine.
        self._job = asyncio.ensure_future(asyncio.to_thread(self._put, text))
        return self._job

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _forget_stream(self) -> None:
        # Python flushes stdout once more at exit and would complain there; nobody listens any more.
        if self._stream is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# `t` of an output, with its unit, as in the state line.
_NAMES = {"t": "t_s"}


def plain(line: Line) -> Line:
    """Rounds what is finer than anything measured; what is not finite is null."""
    return {key: _number(value) for key, value in line.items()}


def _number(value: object) -> object:
    if not isinstance(value, float):
        return value
    return round(value, DECIMALS) if math.isfinite(value) else None
