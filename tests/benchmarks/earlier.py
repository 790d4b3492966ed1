"""Calibrates a kit as its owner would: by the runs before, each of which knew what those before it taught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge

from pacer.calibration import DAY_S, calibrated, keep
from pacer.inputs import Command, Input, Tick
from pacer.kept import Kept
from pacer.outputs import Learned, Lesson, Notice
from pacer.session import Session
from pacer.setup import Setup


def calibrate(setup: Setup, days: Iterable[tuple[Setup, tuple[Input, ...], Iterable[float]]]) -> Setup:
    """Returns the setup after runs on as many days before it: setup, inputs and ticks (s) of each."""
    kept: tuple[Kept, ...] = ()
    now_s = 0.0
    for earlier, inputs, ticks in days:
        known, _ = calibrated(earlier, kept, now_s)
        kept, _ = keep(kept, known, now_s, lessons(known, inputs, ticks))
        now_s += DAY_S
    return calibrated(setup, kept, now_s)[0]


def lessons(setup: Setup, inputs: Iterable[Input], ticks: Iterable[float]) -> tuple[Lesson, ...]:
    """Plays a run to its end and returns what it taught."""
    session = Session(setup)
    found: tuple[Lesson, ...] = ()
    for item in _timeline(inputs, ticks):
        for output in session.step(item):
            match output:
                case Learned():
                    found = output.lessons
                case Notice(code="confirm-start") if isinstance(item, Command):
                    session.step(item)
    return found


def _timeline(inputs: Iterable[Input], ticks: Iterable[float]) -> Iterator[Input]:
    return merge(inputs, (Tick(t) for t in ticks), key=lambda item: item.t)
