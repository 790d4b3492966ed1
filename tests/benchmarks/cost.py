"""What an estimator costs: time per input and tick, and memory.

"ours" is `pacer.estimator` alone, from bytes to the estimate, as with the peers; SESSION is all that a
session does: with standing, cues, splits and the picture.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pacer.estimator import body as bodies
from pacer.estimator.body import Body
from pacer.estimator.observe import observe, tap
from pacer.gatt.stream import Stream
from pacer.inputs import Command, Input, Notification, Tick
from pacer.run import begin
from pacer.setup import Setup
from pacer.target import even_split
from tests.benchmarks.play import NAN, OURS, Array, Player, Told, decoded, player, timeline
from tests.benchmarks.runs import SimRun

SESSION = "whole session"
PLAYS = 5  # of a run, to tell what an input costs from what interrupted it


@dataclass(frozen=True, slots=True)
class Cost:
    """Holds what an estimator costs."""

    mean_us: float  # microseconds, over all inputs and ticks of all plays
    p99_us: float  # over all inputs and ticks, each by its median play
    p99_all_us: float  # ... and each by every play: with what other programs cost it
    peak_kb: float  # kB, most memory held while it ran, less what was held before


def cost(run: SimRun, name: str) -> Cost:
    """Measures time per input and tick over some plays of a run, in this process, and memory over another.

    It is the processor's time of this thread: what other programs do meanwhile does not count, but being
    interrupted does, by 0.1 ms and more (the switch, and caches that are cold afterwards). On a busy machine
    that befalls an input in a hundred, so it would be all that a p99 tells; but it befalls others in each
    play. So does the collection of garbage; the mean has it all.
    """
    items = list(timeline(run))
    us = np.array([_timed(counted(run, name), items) for _ in range(PLAYS)])
    usual = np.median(us, axis=0)
    p99, p99_all = float(np.quantile(usual, 0.99)), float(np.quantile(us, 0.99))
    return Cost(float(us.mean()), p99, p99_all, _peak_kb(run, name, items))


def _timed(playing: Player, items: Sequence[Input]) -> Array:
    """Returns what each item took, in microseconds."""
    took = []
    for item in items:
        begun = time.thread_time_ns()
        playing.step(item)
        took.append(time.thread_time_ns() - begun)
    return np.array(took) / 1e3


def _peak_kb(run: SimRun, name: str, items: Sequence[Input]) -> float:
    tracemalloc.start()
    try:
        playing = counted(run, name)
        for item in items:
            playing.step(item)
        return tracemalloc.get_traced_memory()[1] / 1e3
    finally:
        tracemalloc.stop()


def counted(run: SimRun, name: str) -> Player:
    """Makes the player whose cost is counted under `name`."""
    if name == OURS:
        return _Alone(run.setup, begin(run.setup, 0.0).runner, Stream())
    return player(run, OURS if name == SESSION else name)


@dataclass(slots=True)
class _Alone:
    """Plays to pacer's estimator alone, which peers are compared with for their cost."""

    setup: Setup
    body: Body
    stream: Stream

    def step(self, item: Input) -> Told | None:
        match item:
            case Tick():
                self.body = bodies.advance(self.body, item.t)
                e = bodies.estimate(self.body)
                known = (e.distance_m, e.speed_mps, e.distance_sd_m, e.speed_sd_mps)
                return (e.t, *(NAN if x is None else x for x in known))
            case Command(verb="start"):
                cruise = even_split(self.setup.target).cruise_mps
                self.body = bodies.gun(self.body, item.t if item.at is None else item.at, 0.0, 0.0, cruise)
            case Command(verb="lap") if self.body.course is not None:
                lines = self.body.course.lines(self.setup.target.distance_m)
                self.body, _ = tap(self.body, item.t if item.at is None else item.at, lines)
            case Notification():
                kind = next(spec.kind for spec in self.setup.sensors if spec.name == item.sensor)
                for m in decoded(item, self.stream):
                    self.body, _ = observe(self.body, m, kind, from_file=False)
        return None
