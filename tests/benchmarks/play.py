"""Plays a run to one estimator: inputs as they arrive, ticks ten a second, and what it then believes.

"ours" is `pacer.session.Session`, fed with bytes: what is measured is what users get. Peers get the
measurements that `pacer.gatt` decodes from the same bytes. Whatever an estimator does not say is nan. The
bounds are no estimators: errors are drawn with the least standard deviations that are possible, independent
from tick to tick, so that they go through the same figures. Nor is the oracle, which is told what nobody can
know. A start that the session asks to have confirmed is confirmed at once, as a person at the line would.
"""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from firmware_sim.gauss_markov import stream
from pacer import gatt
from pacer.errors import DecodeError
from pacer.estimator import body as bodies
from pacer.estimator import kalman, model
from pacer.estimator.body import Body
from pacer.estimator.observe import observe, tap
from pacer.gatt.stream import BadFrame, Stream
from pacer.inputs import Command, Input, Notification, Tick
from pacer.measurement import Measurement
from pacer.outputs import Notice, State
from pacer.run import begin
from pacer.session import Session
from pacer.setup import Setup
from pacer.target import even_split
from tests.benchmarks.baselines import FACTORIES, Baseline
from tests.benchmarks.bound import Bound, bound
from tests.benchmarks.oracle import oracle
from tests.benchmarks.runs import SimRun

Array = NDArray[np.float64]
Updated = tuple[model.Belief, kalman.Verdict]

OURS = "ours"
SESSION = "whole session"  # for the cost: with standing, cues, splits and the picture
NAN = math.nan
ORACLE = "oracle"
CHI2_MEDIANS = (0.4549, 1.3863)  # medians of chi-square with one and with two degrees of freedom
BOUNDS: dict[str, Callable[[SimRun], Bound]] = {"bound": bound, "bound-known": partial(bound, known=True)}


@dataclass(frozen=True, slots=True)
class Belief:
    """Holds what an estimator said at every tick; arrays of one length, nan is unknown."""

    t: Array  # s
    s: Array  # m
    v: Array  # m/s
    s_sd: Array  # m, nan where the estimator has no doubts
    v_sd: Array  # m/s
    nis: Array  # of every reading, over its expected median; of any length, empty where it is not known


@dataclass(frozen=True, slots=True)
class Cost:
    """Holds what an estimator costs."""

    mean_us: float  # microseconds, over all inputs and ticks
    p99_us: float
    peak_kb: float  # kB, most memory held while it ran, less what was held before


def estimators() -> tuple[str, ...]:
    """Lists the estimators that can be played."""
    return (OURS, *FACTORIES, ORACLE, *BOUNDS)


def play(run: SimRun, name: str) -> Belief:
    """Plays a run to the estimator called `name`; KeyError for an unknown one."""
    if name in BOUNDS:
        return _drawn(run, BOUNDS[name](run))
    if name == ORACLE:
        told = oracle(run)
        return Belief(told.t, told.s, told.v, told.s_sd, told.v_sd, np.array([]))
    player = _player(run, name)
    with _watched() as surprises:
        said = [one for item in timeline(run) if (one := player.step(item)) is not None]
    t, s, v, s_sd, v_sd = np.array(said).T
    return Belief(t, s, v, s_sd, v_sd, np.array(surprises))


@contextmanager
def _watched() -> Iterator[list[float]]:
    """Gathers the NIS of all that pacer's filter weighs, each over the median that it should have."""
    surprises: list[float] = []
    update = kalman.update

    def watching(belief: model.Belief, reading: kalman.Reading | kalman.Pair) -> Updated:
        after, verdict = update(belief, reading)
        surprises.append(verdict.nis / CHI2_MEDIANS[1 if isinstance(reading, kalman.Pair) else 0])
        return after, verdict

    with patch.object(kalman, "update", watching):
        yield surprises


def _drawn(run: SimRun, least: Bound) -> Belief:
    """Draws errors as large as the bound allows."""
    rng = stream(run.seed, "bound")
    s = run.truth.s + least.s_sd * rng.standard_normal(least.t.shape)
    v = run.truth.v + least.v_sd * rng.standard_normal(least.t.shape)
    return Belief(least.t, s, v, least.s_sd, least.v_sd, np.array([]))


def cost(run: SimRun, name: str) -> Cost:
    """Measures time per input and tick over one run, in this process, and memory over another.

    It is the processor's time of this thread: what other programs do meanwhile does not count. "ours" is from
    bytes to the estimate, as with the peers; SESSION is all that a session does.
    """
    player, took = counted(run, name), []
    for item in timeline(run):
        begun = time.thread_time_ns()
        player.step(item)
        took.append(time.thread_time_ns() - begun)
    items = list(timeline(run))
    tracemalloc.start()
    try:
        player = counted(run, name)
        for item in items:
            player.step(item)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    us = np.array(took) / 1e3
    return Cost(float(us.mean()), float(np.quantile(us, 0.99)), peak / 1e3)


def timeline(run: SimRun) -> Iterator[Input]:
    """Yields a run's inputs with ticks among them; what arrives with a tick comes before it."""
    waiting = iter(run.inputs)
    item = next(waiting, None)
    for t in run.truth.t.tolist():
        while item is not None and item.t <= t:
            yield item
            item = next(waiting, None)
        yield Tick(t)


@dataclass(slots=True)
class _Ours:
    """Plays to a session, and reads the picture that it draws at a tick."""

    session: Session

    def step(self, item: Input) -> tuple[float, ...] | None:
        told = None
        for output in self.session.step(item):
            match output:
                case State():
                    told = self._read(output)
                case Notice(code="confirm-start") if isinstance(item, Command):
                    self.session.step(item)
        return told

    def _read(self, state: State) -> tuple[float, ...]:
        e = state.runner
        known = (e.distance_m, e.speed_mps, e.distance_sd_m, e.speed_sd_mps)
        return (state.t, *(NAN if x is None else x for x in known))


@dataclass(slots=True)
class _Alone:
    """Plays to pacer's estimator alone, which peers are compared with for their cost."""

    setup: Setup
    body: Body
    stream: Stream

    def step(self, item: Input) -> tuple[float, ...] | None:
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
                for m in _decoded(item, self.stream):
                    self.body, _ = observe(self.body, m, kind, from_file=False)
        return None


@dataclass(slots=True)
class _Peer:
    """Plays to a peer, which takes measurements."""

    peer: Baseline
    stream: Stream

    def step(self, item: Input) -> tuple[float, ...] | None:
        match item:
            case Tick():
                s, v = self.peer.at(item.t)
                return (item.t, NAN if s is None else s, NAN if v is None else v, NAN, NAN)
            case Command(verb="lap"):
                self.peer.tap(item.t if item.at is None else item.at)
            case Notification():
                for m in _decoded(item, self.stream):
                    self.peer.observe(m)
        return None


def _decoded(item: Notification, stream: Stream) -> list[Measurement]:
    try:
        if item.char == gatt.NORDIC_UART_TX:
            return [m for m in stream.feed(item.data, item.t) if not isinstance(m, BadFrame)]
        return list(gatt.decode(item.char, item.t, item.data))
    except DecodeError:
        return []


def counted(run: SimRun, name: str) -> _Ours | _Alone | _Peer:
    """Makes the player whose cost is counted under `name`."""
    if name == OURS:
        return _Alone(run.setup, begin(run.setup, 0.0).runner, Stream())
    return _player(run, OURS if name == SESSION else name)


def _player(run: SimRun, name: str) -> _Ours | _Peer:
    if name == OURS:
        return _Ours(Session(run.setup))
    return _Peer(FACTORIES[name](run.setup, run.truth.gun_t), Stream())
