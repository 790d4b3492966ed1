"""`pacer replay`: a recorded run again, as it was or with another target, course, start or cue policy.

a recording of pacer's own ─ header, inputs ─┐
FIT, TCX, GPX ─ Activity ─ inputs + ticks ───┴─▶ Session ─▶ JSON lines, a summary, or the screen
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pacer.activity import inputs as activity_inputs
from pacer.activity import sensors as activity_sensors
from pacer.app import at_a_terminal, say
from pacer.clock import LoopClock
from pacer.course_file import check_track, read_course
from pacer.engine import Engine, Sink
from pacer.errors import InputError
from pacer.files import read_activity
from pacer.inputs import Command, Input
from pacer.ledger import Ledger
from pacer.outputs import State
from pacer.recording import OutputDigest, Recording, is_recording, read
from pacer.schema import Problems
from pacer.session import Session
from pacer.setup import RouteSpec, Setup, Target, TrackSpec
from pacer.sinks.console import ConsoleSink, EverySecond, state_line
from pacer.sources.replay import ReplaySource, with_ticks
from pacer.summary import replay_table
from pacer.units import parse_distance, parse_duration

# A start farther from the first input than this is a slip: nobody runs for two days.
LONGEST_S = 48 * 3600.0  # s


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what the command line says; None leaves a thing as it was."""

    file: Path
    target: str | None = None
    distance: str | None = None
    course: str | None = None  # a file, or "none"
    lane: int | None = None
    start: str | None = None  # "first", "moving" or seconds from the first input
    policy: str | None = None
    rate: float | None = None  # None: as fast as it goes
    json: bool = False
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """Holds what is to be replayed: where it starts from, and its inputs."""

    setup: Setup
    inputs: Iterable[Input]


def run_replay(options: Options) -> None:
    """Replays a file as the options say, to stdout or the screen.

    Raises:
        InputError: the file cannot be used, or `--verify` found a difference.
    """
    if options.verify:
        changes = (
            options.target,
            options.distance,
            options.course,
            options.lane,
            options.start,
            options.policy,
        )
        if any(change is not None for change in (*changes, options.rate)) or options.json:
            raise InputError("--verify compares a run as it was: it goes with no other option")
        verify(options.file)
        return
    played = load(options)
    if options.rate is None:
        _flat_out(played, as_json=options.json)
    else:
        asyncio.run(_paced(played, options))


def load(options: Options) -> Played:
    """Reads the file and changes what the options ask for."""
    if not is_recording(options.file):
        activity = read_activity(options.file)
        _tell(options.file, activity.notes)
        setup = Setup(sensors=activity_sensors(activity), start="first_input")
        return Played(changed(setup, options, 0.0), with_ticks(activity_inputs(activity)))
    recording = _recording(options.file)
    first = recording.inputs[0].t if recording.inputs else 0.0
    setup = changed(recording.header.setup, options, first)
    return Played(setup, _without_starts(recording.inputs) if options.start else recording.inputs)


def changed(setup: Setup, options: Options, first_t: float) -> Setup:
    """Returns the setup with the options' target, course, lane, start and policy."""
    target = Target(
        parse_distance(options.distance) if options.distance else setup.target.distance_m,
        parse_duration(options.target) if options.target else setup.target.time_s,
    )
    setup = replace(setup, target=target, course=_course(setup, options))
    if options.policy:
        setup = replace(setup, policy=replace(setup.policy, name=options.policy))
    match options.start:
        case None:
            return setup
        case "first":
            return replace(setup, start="first_input", start_at=None)
        case "moving":
            return replace(setup, start="first_step", start_at=None)
        case seconds:
            return replace(setup, start="first_input", start_at=first_t + _seconds(seconds))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not abs(seconds) <= LONGEST_S:
        allowed = "first, moving, and seconds from the first input"
        raise InputError(f"--start {text!r}: allowed are {allowed}")
    return seconds


def _course(setup: Setup, options: Options) -> TrackSpec | RouteSpec | None:
    match options.course:
        case None:
            course = setup.course
        case "none":
            course = None
        case path:
            course = read_course(Path(path))
    if options.lane is None:
        return course
    if not isinstance(course, TrackSpec):
        raise InputError("--lane: lanes are on a track: give one with --course track.toml")
    track = replace(course, lane=options.lane)
    try:
        check_track(track, "--lane", "")
    except Problems as problems:
        raise problems.found[0] from None
    return track


def _without_starts(inputs: Iterable[Input]) -> Iterator[Input]:
    """Leaves the recorded starts out, for a replay that starts elsewhere."""
    return (i for i in inputs if not (isinstance(i, Command) and i.verb in ("start", "correct_start", "arm")))


def _recording(path: Path) -> Recording:
    recording = read(path)
    _tell(path, [f"line {damage.line} skipped: {damage.reason}" for damage in recording.damage])
    return recording


def _tell(path: Path, notes: Iterable[str]) -> None:
    for note in notes:
        say(f"{path}: {note}")


def verify(path: Path) -> None:
    """Replays a recording and compares the digest of its outputs with the one at its end.

    Raises:
        InputError: the outputs differ, or the recording has no end to compare with.
    """
    recording = _recording(path)
    if recording.end is None:
        raise InputError(f"{path}: cut off before its end: there is no digest to compare with")
    session, digest = Session(recording.header.setup), OutputDigest()
    for item in recording.inputs:
        for output in session.step(item):
            digest.add(output)
    if (digest.count, digest.hexdigest()) != (recording.end.outputs, recording.end.digest):
        made, was = recording.header.anchor.pacer, recording.end.outputs
        raise InputError(f"{path}: outputs differ: {digest.count} now, {was} when recorded with pacer {made}")
    say(f"{path}: {digest.count} outputs, equal to the recorded run's")


def _flat_out(played: Played, *, as_json: bool) -> None:
    session, ledger, every = Session(played.setup), Ledger(), EverySecond()
    for item in played.inputs:
        for output in session.step(item):
            ledger.offer(output)
            if as_json and isinstance(output, State) and every.picks(output):
                sys.stdout.write(json.dumps(state_line(output), allow_nan=False) + "\n")
    if not as_json:
        sys.stdout.write(replay_table(ledger, played.setup) + "\n")


async def _paced(played: Played, options: Options) -> None:
    """Replays at a pace, on the screen where there is one."""
    front: Sink = ConsoleSink()
    screen = at_a_terminal() and not options.json
    if screen:
        from pacer.sinks.tui import About, TuiSink  # noqa: PLC0415 - textual is an extra

        notes = (f"replay of {options.file.name}, rate {options.rate:g}",)
        front = TuiSink(LoopClock(), About(notes, on_pace_s=played.setup.policy.dead_band_s))
    engine = Engine(
        session=Session(played.setup),
        sources=(ReplaySource(played.inputs, options.rate or 1.0),),
        sinks=(front,),
        clock=LoopClock(),
        foreground=front if screen else None,
        ticking=False,
    )
    await engine.run()
