"""`pacer calibrate`: what recorded runs teach of their sensors, kept for the next run.

a recording ─ its setup, inputs ───────────┐
FIT, TCX, GPX ─ Activity, CONFIG's sensors ┴─▶ Session ─ Learned ─▶ calibration.toml
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pacer.activity import Activity
from pacer.activity import inputs as activity_inputs
from pacer.activity import sensors as activity_sensors
from pacer.calibration import calibrated, keep
from pacer.calibration_file import default_path, known_words, lesson_words, read, write
from pacer.config import load
from pacer.errors import InputError
from pacer.files import read_activity
from pacer.inputs import Command, Input
from pacer.kept import Kept
from pacer.outputs import Learned, Lesson
from pacer.recording import is_recording
from pacer.recording import read as read_recording
from pacer.session import Session
from pacer.setup import Kind, SensorSpec, Setup, Target

# A file's run is no race: its target is never reached, so that all of it teaches.
BEYOND = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what the command line says."""

    files: tuple[Path, ...]
    config: Path | None = None  # whose sensors made the foreign files
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Taught:
    """Holds what one recorded run teaches; `utc_s` is None where its file does not tell when it was."""

    setup: Setup
    utc_s: float | None  # Unix time
    lessons: tuple[Lesson, ...]


def run_calibrate(options: Options) -> None:
    """Learns from every file, says what and how well on stdout, and keeps it.

    Raises:
        InputError: a file cannot be used, after all the others; or what was learnt cannot be written.
        ConfigError: the configuration, or the file of what is kept, is damaged.
    """
    mine = load(options.config).setup.sensors if options.config else ()
    path = default_path()
    before = kept = read(path)
    setups: list[Setup] = []
    unusable: list[InputError] = []
    for file in options.files:
        try:
            found = taught(file, mine)
        except InputError as error:
            unusable.append(error)
            continue
        kept, lines = _kept(kept, found)
        _say([f"{file}:", *(f"  {line}" for line in lines)])
        setups.append(found.setup)
    if kept != before and not options.dry_run:
        write(path, kept)
    if setups:
        _say([f"{path} {'would hold' if options.dry_run else 'holds'}:", *_known(kept, setups)])
    if unusable:
        raise InputError("\npacer: ".join(map(str, unusable)))


def _kept(kept: tuple[Kept, ...], found: Taught) -> tuple[tuple[Kept, ...], list[str]]:
    """Adds what a file teaches; returns what to say of it."""
    if not found.lessons:
        return kept, ["taught nothing: too short, or nothing in it measured the way independently"]
    words = list(lesson_words(found.lessons))
    if found.utc_s is None:
        return kept, [*words, "not kept: the file does not tell when it was recorded"]
    kept, refused = keep(kept, found.setup, found.utc_s, found.lessons)
    return kept, [*words, *refused]


def _known(kept: Iterable[Kept], setups: Iterable[Setup]) -> Iterable[str]:
    """Says what is now known of the sensors that took part."""
    now_s, lines = time.time(), dict[str, None]()
    for setup in setups:
        found, known = calibrated(_plain(setup), kept, now_s)
        lines |= dict.fromkeys(known_words(found, known, now_s))
    return [f"  {line}" for line in lines] or ["  nothing of these sensors"]


def _plain(setup: Setup) -> Setup:
    """Returns the setup as it was before any run taught anything; names tell its sensors from other pods."""
    named = (replace(one, name=" ".join(filter(None, (one.name, one.address)))) for one in setup.sensors)
    return replace(setup, sensors=tuple(named), calibration=type(setup.calibration)())


def _say(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def taught(path: Path, mine: tuple[SensorSpec, ...] = ()) -> Taught:
    """Replays a run and returns what it teaches; `mine` are the sensors that made a foreign file.

    Raises:
        InputError: the file cannot be used.
    """
    if not is_recording(path):
        return _from_activity(path, read_activity(path), mine)
    recording = read_recording(path)
    try:
        utc_s = datetime.fromisoformat(recording.header.anchor.utc).timestamp()
    except ValueError:
        utc_s = None
    setup = recording.header.setup
    return Taught(setup, utc_s, lessons(setup, recording.inputs))


def lessons(setup: Setup, inputs: Iterable[Input]) -> tuple[Lesson, ...]:
    """Replays inputs; a run that was cut off is stopped where it ends, for it teaches all the same."""
    session, found, t = Session(setup), None, 0.0
    for item in inputs:
        t = item.t
        for output in session.step(item):
            found = output if isinstance(output, Learned) else found
    if found is None:
        for output in session.step(Command(t, "stop", origin="engine")):
            found = output if isinstance(output, Learned) else found
    return found.lessons if found else ()


def _from_activity(path: Path, activity: Activity, mine: tuple[SensorSpec, ...]) -> Taught:
    if not activity.has_footpod:
        worn = "keeps neither speed nor distance of the footpod" if activity.pod_worn else "has no footpod"
        raise InputError(f"{path}: it {worn}, and nothing else that a file could teach")
    if not (activity.own_distance_m > 0 and activity.records[-1].t_s > 0):
        raise InputError(f"{path}: nobody moved in it")
    setup = setup_of(activity, mine)
    return Taught(
        setup, activity.start_utc_s, lessons(setup, activity_inputs(activity))
    )  # no screen: no ticks


def setup_of(activity: Activity, mine: tuple[SensorSpec, ...] = ()) -> Setup:
    """Returns the setup of a foreign file's run: no race, and its sensors those of `mine` that made it."""
    sensors = tuple(_named(spec, mine) for spec in activity_sensors(activity))
    target = Target(BEYOND * activity.own_distance_m, BEYOND * activity.records[-1].t_s)
    return Setup(sensors, target=target, start="first_input")


def _named(spec: SensorSpec, mine: tuple[SensorSpec, ...]) -> SensorSpec:
    """Returns the configured sensor that a file's sensor was; its name stays the file's."""
    kinds: tuple[Kind, ...] = ("gps", "gps_uart") if spec.kind == "gps" else (spec.kind,)
    known = [one for one in mine if one.role == "runner" and one.kind in kinds]
    return replace(known[0] if len(known) == 1 else _unknown(spec), name=spec.name, kind=spec.kind)


def _unknown(spec: SensorSpec) -> SensorSpec:
    """Returns a sensor that nothing tells from others of its kind: a file does not say which it was."""
    return replace(spec, advertised=None)
