"""Keeps what a run taught for the next one, as soon as it is over."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pacer.calibration_file import lesson_words, remember
from pacer.engine import Post
from pacer.errors import PacerError
from pacer.outputs import Learned, Output, TrackLearned
from pacer.recording import Header
from pacer.units import Z_95


@dataclass(slots=True, eq=False)
class LessonSink:
    """Writes lessons to the calibration file; `words` tells a person, after the run, what was learnt."""

    header: Header  # of the run's recording: calibrated from it later, the run does not count twice
    recording: Path
    path: Path | None = None  # None: the usual one
    name: str = "lessons"
    words: list[str] = field(default_factory=list)
    track: TrackLearned | None = None  # that was found during the run
    done: asyncio.Event = field(default_factory=asyncio.Event)  # what was offered is dealt with
    _waiting: asyncio.Queue[Learned] = field(default_factory=asyncio.Queue)

    def offer(self, output: Output) -> None:
        """Takes what was learnt."""
        match output:
            case Learned():
                self._waiting.put_nowait(output)
            case TrackLearned():
                self.track = output

    async def run(self, post: Post) -> None:
        """Writes what was offered, until cancelled."""
        del post
        while True:
            learned = await self._waiting.get()
            self.words = await asyncio.to_thread(self._keep, learned)
            self.done.set()

    def settle(self) -> list[str]:
        """Writes what is still waiting when the program ends, and tells what was learnt, or how to."""
        if not self._waiting.empty():
            self.words = self._keep(self._waiting.get_nowait())
        elif not self.done.is_set():
            return ["neither finished nor stopped: pacer calibrate learns from the recording all the same"]
        return [*self.words, *([track_words(self.track, self.recording)] if self.track else [])]

    def _keep(self, learned: Learned) -> list[str]:
        if not learned.lessons:
            return []
        utc_s = datetime.fromisoformat(self.header.anchor.utc).timestamp()
        words = [f"learnt: {line}" for line in lesson_words(learned.lessons)]
        try:
            return words + remember(self.header.setup, utc_s, learned.lessons, self.path)
        except PacerError as error:
            return [f"not kept: {error}"]


def track_words(learned: TrackLearned, file: Path) -> str:
    """Tells of a track that is no course yet, and how to keep it; a person says what its lap measures."""
    lap = f"{learned.drawn_lap_m:.1f} m, give or take {Z_95 * learned.drawn_lap_sd_m:.1f}"
    keep = f"pacer course learn {shlex.quote(str(file))}"
    return f"a track was found, {learned.laps:.1f} laps of {lap}: {keep} keeps it"
