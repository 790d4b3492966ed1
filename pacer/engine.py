"""The shell around the session: inbox, tick, record first, step, hand out; and supervision.

    sources ─ post ─▶ inbox ─▶ recorder.append ─▶ Session.step ─▶ sinks.offer
    ticker ─── post ─▶   │
    sinks ──── post ─▶ ──┘     (the keys of the screen, commands over MQTT)

A source or sink that fails is started again with back-off, and said; the run goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pacer.clock import Clock
from pacer.errors import HardwareError
from pacer.inputs import Input, Notification, Tick
from pacer.outputs import Finished, Notice, Output
from pacer.recorder import Recorder
from pacer.recording import OutputDigest
from pacer.session import Session

Post = Callable[[Input], None]

TICK_S = 0.1  # s: ten pictures a second, and "gone" is told within 0.1 s of its limit
SYNC_S = 1.0  # s: what a power cut may cost
# How long a failed part waits before it is started again: soon, then seldom enough to do no harm.
BACK_OFF_S = (0.25, 0.5, 1.0, 2.0, 4.0)  # s
# A part that worked this long fails anew, not still: ten times the longest wait, which no crash loop lasts.
WELL_S = 10 * BACK_OFF_S[-1]  # s
SHUTDOWN_S = (
    1.2  # s in which all parts end: a person who quits waits 2 s at most, Python's own end among them
)
LAST_WORDS_S = 0.5  # s of these that sinks have even where a source clings: a goodbye over MQTT takes 0.02
WORDS_MAX = 160  # characters of a bug's own words that are shown

logger = logging.getLogger("pacer.engine")


class Source(Protocol):
    """Feeds inputs; the engine restarts it with back-off when it fails."""

    name: str

    async def run(self, post: Post) -> None:
        """Runs until cancelled, or until there is nothing more to read; `post` never blocks."""
        ...


class Sink(Protocol):
    """Takes outputs; a slow one never delays the others."""

    name: str

    def offer(self, output: Output) -> None:
        """Takes one output without blocking: queue it or keep the newest."""
        ...

    async def run(self, post: Post) -> None:
        """Delivers what was offered, until cancelled; may post commands of its person."""
        ...


@dataclass(slots=True)
class Engine:
    """Runs one session from its sources to its sinks."""

    session: Session
    sources: Sequence[Source]
    sinks: Sequence[Sink]
    clock: Clock
    recorder: Recorder | None = None
    foreground: Sink | None = None  # when this one is done, so is the run: the screen that was quit
    linger_s: float | None = None  # s to go on after the finish; None: until stopped
    ticking: bool = True  # a replay brings its own ticks
    digest: OutputDigest = field(default_factory=OutputDigest)
    _inbox: asyncio.Queue[Input] = field(default_factory=asyncio.Queue)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _failing: str | None = None  # what the core's last failure was, said once
    _deaf: set[str] = field(default_factory=set)  # sinks that failed at taking an output, said once each

    def post(self, item: Input) -> None:
        """Puts an input into the inbox; never blocks."""
        self._inbox.put_nowait(item)

    def stop(self) -> None:
        """Ends the run in good order, from any callback."""
        self._stop.set()

    async def run(self) -> None:
        """Runs until the sources are exhausted, the foreground is quit, the run is over, or `stop`.

        Raises:
            HardwareError: a source found no hardware at its first start.
        """
        sinks = [asyncio.create_task(self._keep(sink.name, sink.run)) for sink in self.sinks]
        sources = [asyncio.create_task(self._keep(source.name, source.run)) for source in self.sources]
        others = [asyncio.create_task(job) for job in (self._consume(), self._sync())]
        if self.ticking:
            others.append(asyncio.create_task(self._tick()))
        try:
            await self._until_over(sources, dict(zip(self.sinks, sinks, strict=True)))
        finally:
            over_t = asyncio.get_running_loop().time() + SHUTDOWN_S
            await _cancel(sources + others, over_t - LAST_WORDS_S)
            self._drain()
            self._close()
            await _cancel(sinks, over_t)

    async def _until_over(
        self, sources: list[asyncio.Task[None]], sinks: dict[Sink, asyncio.Task[None]]
    ) -> None:
        stop = asyncio.create_task(self._stop.wait())
        feeding = asyncio.create_task(asyncio.wait(sources, return_when=asyncio.FIRST_EXCEPTION))
        over: set[asyncio.Future[Any]] = {stop, feeding}
        if self.foreground is not None:
            over.add(sinks[self.foreground])
        try:
            done, _ = await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
            for one in [*(done - {stop, feeding}), *(source for source in sources if source.done())]:
                one.result()  # raises what it died of
        finally:
            stop.cancel()
            feeding.cancel()

    async def _consume(self) -> None:
        while True:
            self._take(await self._inbox.get())

    def _drain(self) -> None:
        while not self._inbox.empty():
            self._take(self._inbox.get_nowait())

    def _take(self, item: Input) -> None:
        """Records first, then steps; a bug in the core costs its outputs, never the recording."""
        if self.recorder is not None:
            self.recorder.append(item)
        try:
            outputs = self.session.step(item)
        except Exception as error:  # noqa: BLE001 - the recording must go on whatever the core does
            _log(item, error)
            self._say_once(item.t, f"the core failed: {error!r:.{WORDS_MAX}}; the recording goes on")
            return
        for output in outputs:
            self.digest.add(output)
            self._offer(output)
            if isinstance(output, Finished) and self.linger_s is not None:
                asyncio.get_running_loop().call_later(self.linger_s, self.stop)

    def _offer(self, output: Output) -> None:
        for sink in self.sinks:
            try:
                sink.offer(output)
            except Exception as error:  # a bug in one sink must not cost the others, nor the recording
                logger.debug("%s failed at %s", sink.name, type(output).__name__, exc_info=True)
                self._say_deaf(sink.name, error)

    def _say(self, code: str, text: str) -> None:
        self._offer(Notice(self.clock.now(), "error", code, text))

    def _say_once(self, t: float, text: str) -> None:
        if self._failing != text:
            self._failing = text
            self._offer(Notice(t, "error", "core-failed", text))

    def _say_deaf(self, name: str, error: Exception) -> None:
        if name not in self._deaf:
            self._deaf.add(name)
            self._say(f"{name}-failed", f"{name}: {error or type(error).__name__}; it misses outputs")

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.post(Tick(self.clock.now()))
            due = max(due + TICK_S, loop.time())  # ticks that were slept through are not made up for
            await asyncio.sleep(due - loop.time())

    async def _sync(self) -> None:
        """Forces the recording to disk once a second, off the loop, and tells of trouble with it."""
        told: str | None = None
        while self.recorder is not None:
            await asyncio.sleep(SYNC_S)
            await asyncio.get_running_loop().run_in_executor(None, self.recorder.sync)
            if self.recorder.error and self.recorder.error != told:
                self._say("recording-failed", self.recorder.error)
            told = self.recorder.error

    def _close(self) -> None:
        if self.recorder is not None:
            self.recorder.end(self.clock.now(), self.digest)
            self.recorder.close()

    async def _keep(self, name: str, run: Callable[[Post], Awaitable[None]]) -> None:
        """Runs a part; one that fails is said and started again, ever more patiently."""
        failures, heard = 0, False

        def post(item: Input) -> None:
            nonlocal heard
            heard = heard or isinstance(item, Notification)
            self.post(item)

        while True:
            began = self.clock.now()
            try:
                # a task of its own: a task group that failed leaves the task it failed in half cancelled
                return await asyncio.create_task(_alone(run(post)))
            except Exception as error:  # whatever a part dies of, the others go on
                if isinstance(error, HardwareError) and not heard:
                    raise
                logger.debug("%s failed", name, exc_info=True)
                self._say(f"{name}-failed", f"{name}: {error or type(error).__name__}; trying again")
            failures = 0 if self.clock.now() - began >= WELL_S else failures
            await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
            failures += 1


async def _alone(run: Awaitable[None]) -> None:
    await run


def _log(item: Input, error: Exception) -> None:
    """Logs where the core failed; its words, which may hold a place or a heart rate, at DEBUG alone."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("the core failed at %s: %s\n%s", type(item).__name__, type(error).__name__, where)
    logger.debug("its words: %s", error)


async def _cancel(tasks: list[asyncio.Task[None]], until_t: float) -> None:
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        timeout_s = until_t - asyncio.get_running_loop().time()
        await asyncio.wait(tasks, timeout=timeout_s) if tasks else None
    for task in tasks:
        if task.done() and not task.cancelled():
            task.exception()  # seen: `run` raised it already, or it came too late to matter
