"""Clocks and loops: the real one, one that runs N times as fast, one that jumps to the next timer.

Everything stamps with `Clock.now()`, and every timer is the loop's, so a run cannot tell them apart.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Ready = list[tuple[selectors.SelectorKey, int]]
Select = Callable[[float | None], Ready]


class Clock(Protocol):
    """Tells seconds that neither step nor stop."""

    def now(self) -> float:
        """Returns seconds since some fixed instant, rounded to microseconds."""
        ...


class BootClock:
    """Reads CLOCK_BOOTTIME, which counts sleep too; the monotonic clock where there is none."""

    _clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def now(self) -> float:
        """Returns seconds since boot."""
        return round(time.clock_gettime(self._clock), 6)


class ShiftedClock:
    """Reads another clock, shifted: a run that goes on after a reboot keeps the clock it began with."""

    def __init__(self, clock: Clock, by_s: float) -> None:
        self._clock = clock
        self._by_s = by_s

    def now(self) -> float:
        """Returns the other clock's seconds and the shift."""
        return round(self._clock.now() + self._by_s, 6)


class LoopClock:
    """Reads the running loop's clock, so that it runs as fast as the loop does."""

    def now(self) -> float:
        """Returns the loop's seconds."""
        return round(asyncio.get_running_loop().time(), 6)


class RateLoop(asyncio.SelectorEventLoop):
    """Runs `rate` times as fast as life: its `time()` and all its timers."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._zero = time.monotonic()
        super().__init__(_Selector(self._select))

    def time(self) -> float:
        """Returns scaled seconds since the loop was made."""
        return (time.monotonic() - self._zero) * self._rate

    def _select(self, select: Select, timeout: float | None) -> Ready:
        return select(None if timeout is None else timeout / self._rate)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer whenever nothing is ready: an hour passes in seconds, the same each time.

    Sockets work as long as both ends live in this loop. Executor jobs run at once and in the loop,
    because time must not jump while a thread is still busy.
    """

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Selector(self._select))

    def time(self) -> float:
        """Returns virtual seconds since the loop was made."""
        return self._now

    def _select(self, select: Select, timeout: float | None) -> Ready:
        ready = select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:  # no timer is pending: only a socket can wake us, so really wait for it
            return select(None)
        self._now += timeout
        return ready

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]  # one signature for all
        """Runs `func` at once and returns a finished future."""
        del executor
        future: asyncio.Future[Any] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - the future carries it to whoever awaits
            future.set_exception(error)
        return future


class _Selector(selectors.DefaultSelector):
    """Hands `select` to the loop, which decides how long a second is."""

    def __init__(self, hook: Callable[[Select, float | None], Ready]) -> None:
        super().__init__()
        self._hook = hook

    def select(self, timeout: float | None = None) -> Ready:
        return self._hook(super().select, timeout)


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end in virtual time and returns its result."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def heed_cancellation() -> None:
    """Raises CancelledError where a cancellation of this task was swallowed on its way.

    `asyncio.wait_for` of Python 3.11 drops it when its result is ready in the same turn of the loop, and
    the stacks below bleak and aiomqtt wait by it; the task would live on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
