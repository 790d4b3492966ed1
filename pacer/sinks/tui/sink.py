"""The coach's screen as a sink of the engine."""

from __future__ import annotations

import asyncio

from pacer.clock import Clock
from pacer.engine import Post
from pacer.outputs import Output
from pacer.sinks.tui.app import About, CoachApp
from pacer.sinks.tui.feed import Feed


class TuiSink:
    """Keeps the newest outputs and draws them; `run` returns when the coach quits."""

    name = "tui"

    def __init__(
        self,
        clock: Clock,
        about: About | None = None,
        *,
        headless: bool = False,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Makes the screen of a run."""
        self._clock = clock
        self._about = about
        self._headless = headless
        self._size = size
        self._feed = Feed()  # outlives the app: a screen that is started again knows the run

    def offer(self, output: Output) -> None:
        """Remembers one output; it is drawn at the screen's own pace."""
        self._feed.take(output, self._clock.now())

    async def run(self, post: Post) -> None:
        """Draws until the coach quits or the engine cancels; puts the terminal back in both cases.

        Raises:
            RuntimeError: the screen broke; the run goes on and the engine may start it again.
        """
        app = CoachApp(self._feed, post, self._clock, self._about)
        task = asyncio.create_task(app.run_async(headless=self._headless, size=self._size))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            app.exit()
            await task
            raise
        if app.return_code:
            raise RuntimeError(f"the screen ended with code {app.return_code}")
