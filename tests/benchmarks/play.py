"""Plays a run to one estimator: inputs as they arrive, ticks ten a second, and what it then believes.

"ours" is `pacer.session.Session`, fed with bytes: what is measured is what users get. Peers get the
measurements that `pacer.gatt` decodes from the same bytes. Whatever an estimator does not say is nan. The
bounds are no estimators: errors are drawn with the least standard deviations that are possible, independent
from tick to tick, so that they go through the same figures. Nor is the oracle, which is told what nobody can
know. A start that the session asks to have confirmed is confirmed at once, as a person at the line would.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from firmware_sim.gauss_markov import stream
from pacer import gatt
from pacer.errors import DecodeError
from pacer.estimator import kalman, model
from pacer.gatt.stream import BadFrame, Stream
from pacer.inputs import Command, Input, Notification, Tick
from pacer.measurement import Measurement
from pacer.outputs import Notice, State
from pacer.session import Session
from tests.benchmarks.baselines import FACTORIES, Baseline
from tests.benchmarks.bound import Bound, bound
from tests.benchmarks.oracle import oracle
from tests.benchmarks.runs import SimRun

Array = NDArray[np.float64]
Told = tuple[float, ...]  # t s, distance m, speed m/s, and the sd of each; nan is unknown
Updated = tuple[model.Belief, kalman.Verdict]

OURS = "ours"
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
    playing = player(run, name)
    with _watched() as surprises:
        said = [one for item in timeline(run) if (one := playing.step(item)) is not None]
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


def timeline(run: SimRun) -> Iterator[Input]:
    """Yields a run's inputs with ticks among them; what arrives with a tick comes before it."""
    waiting = iter(run.inputs)
    item = next(waiting, None)
    for t in run.truth.t.tolist():
        while item is not None and item.t <= t:
            yield item
            item = next(waiting, None)
        yield Tick(t)


class Player(Protocol):
    """Plays inputs to an estimator."""

    def step(self, item: Input) -> Told | None:
        """Takes one input; at a tick says what is believed."""


@dataclass(slots=True)
class _Ours:
    """Plays to a session, and reads the picture that it draws at a tick."""

    session: Session

    def step(self, item: Input) -> Told | None:
        told = None
        for output in self.session.step(item):
            match output:
                case State():
                    told = self._read(output)
                case Notice(code="confirm-start") if isinstance(item, Command):
                    self.session.step(item)
        return told

    def _read(self, state: State) -> Told:
        e = state.runner
        known = (e.distance_m, e.speed_mps, e.distance_sd_m, e.speed_sd_mps)
        return (state.t, *(NAN if x is None else x for x in known))


@dataclass(slots=True)
class _Peer:
    """Plays to a peer, which takes measurements."""

    peer: Baseline
    stream: Stream

    def step(self, item: Input) -> Told | None:
        match item:
            case Tick():
                s, v = self.peer.at(item.t)
                return (item.t, NAN if s is None else s, NAN if v is None else v, NAN, NAN)
            case Command(verb="lap"):
                self.peer.tap(item.t if item.at is None else item.at)
            case Notification():
                for m in decoded(item, self.stream):
                    self.peer.observe(m)
        return None


def decoded(item: Notification, stream: Stream) -> list[Measurement]:
    """Decodes a notification; what cannot be decoded is nothing."""
    try:
        if item.char == gatt.NORDIC_UART_TX:
            return [m for m in stream.feed(item.data, item.t) if not isinstance(m, BadFrame)]
        return list(gatt.decode(item.char, item.t, item.data))
    except DecodeError:
        return []


def player(run: SimRun, name: str) -> Player:
    """Makes the player of pacer, or of a peer; KeyError for an unknown one."""
    if name == OURS:
        return _Ours(Session(run.setup))
    return _Peer(FACTORIES[name](run.setup, run.truth.gun_t), Stream())
