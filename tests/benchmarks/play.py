"""Plays a run to one estimator: inputs as they arrive, ticks ten a second, and what it then believes.

"ours" is `pacer.session.Session`, fed with bytes: what is measured is what users get. Peers get the
measurements that `pacer.gatt` decodes from the same bytes. Whatever an estimator does not say is nan.
"""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pacer import gatt
from pacer.errors import DecodeError
from pacer.gatt.stream import BadFrame, Stream
from pacer.inputs import Command, Input, Notification, Tick
from pacer.measurement import Measurement
from pacer.outputs import State
from pacer.session import Session
from tests.benchmarks.baselines import FACTORIES, Baseline
from tests.benchmarks.runs import SimRun

Array = NDArray[np.float64]
Step = Callable[[Input], tuple[float, ...] | None]

OURS = "ours"
NAN = math.nan


@dataclass(frozen=True, slots=True)
class Belief:
    """Holds what an estimator said at every tick; arrays of one length, nan is unknown."""

    t: Array  # s
    s: Array  # m
    v: Array  # m/s
    s_sd: Array  # m, nan where the estimator has no doubts
    v_sd: Array  # m/s
    ratios: Array  # innovation over gate of every reading it tells of; of any length


@dataclass(frozen=True, slots=True)
class Cost:
    """Holds what an estimator costs."""

    mean_us: float  # microseconds, over all inputs and ticks
    p99_us: float
    peak_kb: float  # kB, most memory held while it ran, less what was held before


def estimators() -> tuple[str, ...]:
    """Lists the estimators that can be played."""
    return (OURS, *FACTORIES)


def play(run: SimRun, name: str) -> Belief:
    """Plays a run to the estimator called `name`; KeyError for an unknown one."""
    player = _player(run, name)
    told = [said for item in timeline(run) if (said := player.step(item)) is not None]
    t, s, v, s_sd, v_sd = np.array(told).T
    return Belief(t, s, v, s_sd, v_sd, np.array(getattr(player, "ratios", [])))


def cost(run: SimRun, name: str) -> Cost:
    """Measures time per input and tick over one run, in this process, and memory over another.

    It is the processor's time of this thread: what other programs do meanwhile does not count.
    """
    player, took = _player(run, name), []
    for item in timeline(run):
        begun = time.thread_time_ns()
        player.step(item)
        took.append(time.thread_time_ns() - begun)
    items = list(timeline(run))
    tracemalloc.start()
    try:
        player = _player(run, name)
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
    ratios: list[float] = field(default_factory=list)
    _seen: dict[str, float] = field(default_factory=dict)

    def step(self, item: Input) -> tuple[float, ...] | None:
        told = None
        for output in self.session.step(item):
            if isinstance(output, State):
                told = self._read(output)
        return told

    def _read(self, state: State) -> tuple[float, ...]:
        for sensor in state.sensors:
            if sensor.ratio is not None and self._seen.get(sensor.name) != sensor.ratio:
                self._seen[sensor.name] = sensor.ratio
                self.ratios.append(sensor.ratio)
        e = state.runner
        known = (e.distance_m, e.speed_mps, e.distance_sd_m, e.speed_sd_mps)
        return (state.t, *(NAN if x is None else x for x in known))


@dataclass(slots=True)
class _Peer:
    """Plays to a peer, which takes measurements."""

    peer: Baseline
    stream: Stream | None

    def step(self, item: Input) -> tuple[float, ...] | None:
        match item:
            case Tick():
                s, v = self.peer.at(item.t)
                return (item.t, NAN if s is None else s, NAN if v is None else v, NAN, NAN)
            case Command(verb="lap"):
                self.peer.tap(item.t if item.at is None else item.at)
            case Notification():
                for m in self._decoded(item):
                    self.peer.observe(m)
        return None

    def _decoded(self, item: Notification) -> list[Measurement]:
        try:
            if self.stream is not None and item.char == gatt.NORDIC_UART_TX:
                found = self.stream.feed(item.data, item.t)
                return [m for m in found if not isinstance(m, BadFrame)]
            return list(gatt.decode(item.char, item.t, item.data))
        except DecodeError:
            return []


def _player(run: SimRun, name: str) -> _Ours | _Peer:
    if name == OURS:
        return _Ours(Session(run.setup))
    uart = any(sensor.kind == "gps_uart" for sensor in run.setup.sensors)
    return _Peer(FACTORIES[name](run.setup, run.truth.gun_t), Stream() if uart else None)
