"""The shell around the session: inbox, tick, record first, step, hand out; and supervision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pacer.inputs import Input
from pacer.outputs import Output

Post = Callable[[Input], None]


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
