"""A recorded run as a source: its inputs come in again where the sensors were, at any pace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pacer.engine import TICK_S, Post
from pacer.inputs import Input, Tick


def with_ticks(inputs: Iterable[Input]) -> Iterator[Input]:
    """Adds the ticks that a foreign file lacks: ten a second from its first input to its last, in order."""
    first: float | None = None
    count = 0
    last: Input | None = None
    for item in inputs:
        first = item.t if first is None else first
        while (t := first + count * TICK_S) < item.t:
            yield Tick(t)
            count += 1
        yield item
        last = item
    if last is not None:
        yield Tick(last.t)


@dataclass(slots=True)
class ReplaySource:
    """Posts inputs `rate` times as fast as they were recorded."""

    inputs: Iterable[Input]
    rate: float
    name: str = "replay"

    async def run(self, post: Post) -> None:
        """Posts all inputs, each at its time, and returns."""
        loop = asyncio.get_running_loop()
        zero: float | None = None
        for item in self.inputs:
            due = item.t / self.rate
            zero = loop.time() - due if zero is None else zero
            await asyncio.sleep(max(zero + due - loop.time(), 0.0))
            post(item)
