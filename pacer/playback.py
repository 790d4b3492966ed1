"""A run played through a session, flat out, as it was or changed: one way for `replay` and `estimate`.

a recording of pacer's own ─ header, inputs ─┐
FIT, TCX, GPX ─ Activity ─ inputs + ticks ───┴─▶ Session ─▶ a state a second, a ledger, hindsight
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pacer.activity import inputs as activity_inputs
from pacer.activity import sensors as activity_sensors
from pacer.course_file import read_course
from pacer.errors import InputError
from pacer.estimator.smooth import Tape
from pacer.files import read_activity
from pacer.hindsight import Hindsight, hindsight
from pacer.inputs import Command, Input
from pacer.ledger import Ledger
from pacer.outputs import State
from pacer.ranges import check_track
from pacer.recording import Recording, is_recording, read
from pacer.schema import Problems
from pacer.session import Session
from pacer.setup import RouteSpec, Setup, Target, TrackSpec
from pacer.sinks.console import EverySecond
from pacer.sources.replay import with_ticks
from pacer.summary import replay_table
from pacer.units import parse_distance, parse_duration

# A start farther from the first input than this is a slip: nobody runs for two days.
LONGEST_S = 48 * 3600.0  # s
# A run up to this long is played again while people wait: a mile takes 0.7 s, this at most half a minute on a
# small machine.
AT_ONCE_S = 3600.0  # s
TOLD = 5  # damaged lines that are told one by one: where the damage lies is seen from these


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
    """Holds what is to be played: where it starts from, its inputs, and what was mended in reading them."""

    setup: Setup
    inputs: Iterable[Input]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Playback:
    """Plays a run: live, as the session tells it, and then as it is known afterwards."""

    played: Played
    ledger: Ledger = field(default_factory=Ledger)
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = Session(self.played.setup, Tape())

    def states(self) -> Iterator[State]:
        """Plays to the end, and yields one state a second."""
        every = EverySecond()
        for item in self.played.inputs:
            for output in self.session.step(item):
                self.ledger.offer(output)
                if isinstance(output, State) and every.picks(output):
                    yield output

    def known(self) -> Hindsight:
        """Returns what is known of it now; after the end that is all there is."""
        return hindsight(self.session.run) if self.session.run else Hindsight(())


def load(options: Options) -> Played:
    """Reads the file and changes what the options ask for."""
    if not is_recording(options.file):
        activity = read_activity(options.file)
        setup = Setup(sensors=activity_sensors(activity), start="first_input")
        return Played(changed(setup, options, 0.0), with_ticks(activity_inputs(activity)), activity.notes)
    recording = read(options.file)
    first = recording.inputs[0].t if recording.inputs else 0.0
    setup = changed(recording.header.setup, options, first)
    inputs = _without_starts(recording.inputs) if options.start else recording.inputs
    return Played(setup, inputs, notes(recording))


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


def notes(recording: Recording) -> tuple[str, ...]:
    """Says what could not be read of a recording."""
    told = [f"line {damage.line} skipped: {damage.reason}" for damage in recording.damage[:TOLD]]
    if more := len(recording.damage) - len(told):
        told.append(f"and {more} more")
    return tuple(told)


def afterwards(path: Path) -> Playback:
    """Plays a recording as it was, to its end.

    Raises:
        InputError: the recording cannot be read.
    """
    playback = Playback(load(Options(path)))
    for _ in playback.states():
        pass
    return playback


def splits_told(session: Session, path: Path) -> str | None:
    """Tells the splits of a run that is over, as they were told and as its recording makes them known now.

    None where the run was not started or not ended, or its recording cannot be read.
    """
    run = session.run
    elapsed = run.race.elapsed(run.t) if run else None
    if run is None or run.race.end_t is None or elapsed is None:
        return None
    if elapsed > AT_ONCE_S:
        return f"splits: pacer replay {shlex.quote(str(path))}"
    try:
        playback = afterwards(path)
    except InputError:
        return None
    return replay_table(playback.ledger, playback.played.setup, playback.known())
