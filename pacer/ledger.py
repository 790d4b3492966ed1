"""A sink that keeps what a summary needs, and lays the estimate beside a truth where one is known."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from pacer.engine import Post
from pacer.outputs import Cue, Finished, Notice, Output, Split, State, TrackLearned

# The estimate is judged from here on: before it, the pod's scale is not known yet.
SETTLED_S = 60.0  # s after the start


@dataclass(frozen=True, slots=True)
class Error:
    """Holds how far the estimate was from the truth, m, from `SETTLED_S` to the end."""

    max_m: float
    rms_m: float


@dataclass(slots=True, eq=False)
class Ledger:
    """Keeps splits, cues, notices, the end, a track that was found, and one estimate a tick."""

    name: str = "ledger"
    splits: dict[tuple[str, int], Split] = field(default_factory=dict)  # a corrected start gives them anew
    cues: list[Cue] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    found: TrackLearned | None = None
    finished: Finished | None = None
    track: list[tuple[float, float]] = field(default_factory=list)  # (t s, distance m) while running

    def offer(self, output: Output) -> None:
        """Keeps one output."""
        match output:
            case Split():
                self.splits[output.kind, output.index] = output
            case Cue():
                self.cues.append(output)
            case Notice():
                self.notices.append(output)
            case TrackLearned():
                self.found = output
            case Finished():
                self.finished = output
            case State(phase="running", elapsed_s=float(elapsed)) if elapsed > SETTLED_S:
                if output.runner.distance_m is not None:
                    self.track.append((output.t, output.runner.distance_m))

    async def run(self, post: Post) -> None:
        """Waits for the end: there is nothing to deliver."""
        del post
        await asyncio.Event().wait()

    def marks(self, kind: str) -> list[Split]:
        """Lists the splits of one kind, in order."""
        return [split for (found, _), split in sorted(self.splits.items()) if found == kind]

    def error(self, truth: Callable[[float], float]) -> Error | None:
        """Compares with `truth(t)`, m at time t s; None where there was no settled estimate."""
        errors = [distance - truth(t) for t, distance in self.track]
        if not errors:
            return None
        return Error(max(map(abs, errors)), math.sqrt(math.fsum(e * e for e in errors) / len(errors)))
