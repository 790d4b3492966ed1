"""Keeps what runs taught in `~/pacer/calibration.toml` ($PACER_HOME), one table a lesson, for people to read.

    [[lesson]]
    utc = 2026-05-01T10:00:00Z       # when the run was recorded
    of = "C0:DE:00:00:00:01"         # the sensor's address, or the name it advertises; of a map, the course
    shoe = "red"                     # where the configuration names one
    quantity = "footpod_scale"       # see `pacer.outputs.Quantity`
    value = 0.9671
    sd = 0.0052                      # one standard deviation, of this run alone
    at_mps = 5.7                     # the mean speed at which it was found

Whoever does not believe a lesson takes its table out. The file is replaced whole, or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomli_w

from pacer.calibration import DAY_S, Weighed, calibrated, implausible, keep, traits
from pacer.course_file import read_toml
from pacer.errors import ConfigError, InputError
from pacer.kept import Kept, sole
from pacer.outputs import Lesson, Quantity
from pacer.recorder import home
from pacer.schema import Problems, decode_all, encode, problem
from pacer.setup import Setup
from pacer.units import Z_95

# What a sure run said of a pod is doubted 2.5 times as much a month later, and drawn towards what is usual:
# whoever wonders at the figure is told why.
OLD_DAYS = 30

HEAD = (
    "# What runs taught pacer of each sensor, one table a lesson (pacer calibrate).\n"
    "# Take out what you do not believe; comments are not kept.\n\n"
)


@dataclass(frozen=True, slots=True)
class _File:
    lesson: tuple[Kept, ...] = ()


def default_path() -> Path:
    """Returns where lessons are kept."""
    return home() / "calibration.toml"


def read(path: Path) -> tuple[Kept, ...]:
    """Reads what is kept; nothing where there is no file.

    Raises:
        ConfigError: the file is damaged or holds what is not allowed.
    """
    if not path.exists():
        return ()
    try:
        data = read_toml(path)
        if isinstance(tables := data.get("lesson"), list):
            data["lesson"] = [_unix(table, f"lesson[{n}]", str(path)) for n, table in enumerate(tables, 1)]
        return decode_all(_File, data, str(path)).lesson
    except Problems as problems:
        raise problems.found[0] from None


def _unix(table: Any, key: str, where: str) -> Any:
    """Turns a table's `utc` into Unix time."""
    if not isinstance(table, dict):
        return table
    rest = {name: value for name, value in table.items() if name != "utc"}
    match table.get("utc"):
        case datetime() as utc if utc.tzinfo is not None:
            return rest | {"utc_s": utc.timestamp()}
        case other:
            raise problem(where, f"{key}.utc", other, "a time with its offset, 2026-05-01T10:00:00Z")


def write(path: Path, kept: Iterable[Kept]) -> None:
    """Writes what is kept, whole or not at all.

    Raises:
        InputError: the file cannot be written; the one that was there stands.
    """
    tables = []
    for one in kept:
        table = {name: value for name, value in encode(one).items() if value is not None}
        utc = datetime.fromtimestamp(table.pop("utc_s"), UTC)
        tables.append({"utc": utc} | {name: _short(value) for name, value in table.items()})
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write((HEAD + tomli_w.dumps({"lesson": tables})).encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"{path}: {error.strerror}") from None


def _short(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def recall(setup: Setup, now_s: float, path: Path | None = None) -> tuple[Setup, list[str]]:
    """Returns the setup with what is known of its sensors now, and in words what that is.

    A file that cannot be read is said, and the run goes on without.
    """
    path = path or default_path()
    try:
        kept = read(path)
    except ConfigError as error:
        return setup, [f"nothing recalled: {error}"]
    setup, found = calibrated(setup, kept, now_s)
    wrong = [
        f"{path}: {one.quantity} of {one.of} left out: {why}"
        for one in kept
        if (why := implausible(traits(setup)[one.quantity], one.value, one.sd))
    ]
    return setup, [*known_words(setup, found, now_s), *wrong]


def remember(setup: Setup, utc_s: float, lessons: Iterable[Lesson], path: Path | None = None) -> list[str]:
    """Keeps what a run taught; returns in words what was refused.

    Raises:
        ConfigError: the file that is there is damaged: it is not written over.
        InputError: it cannot be written.
    """
    path = path or default_path()
    kept, refused = keep(read(path), setup, utc_s, lessons)
    write(path, kept)
    return list(refused)


def lesson_words(lessons: Iterable[Lesson]) -> Iterator[str]:
    """Says what a run taught, a line a quantity."""
    for one in lessons:
        at = "" if one.at_mps is None else f", at {one.at_mps:.1f} m/s"
        yield f"{one.sensor}: {_words(one.quantity, one.value, one.sd)}{at}"


def known_words(setup: Setup, found: dict[Quantity, Weighed], now_s: float) -> Iterator[str]:
    """Says what is known at `now_s` (Unix time) of a setup's sensors, a line a quantity."""
    for quantity, now in found.items():
        spec = sole(setup, quantity)
        shoe = f", shoe {spec.shoe}" if spec and spec.shoe else ""
        who = f"{spec.name}{shoe}: " if spec else ""
        runs = "1 run" if now.runs == 1 else f"{now.runs} runs"
        but = f", {now.disagreed} of them at odds with those before" if now.disagreed else ""
        yield f"{who}{_words(quantity, now.value, now.sd)}, from {runs}{_age(now, now_s)}{but}"


def _age(now: Weighed, now_s: float) -> str:
    """Says how old the newest lesson is, from a day on: the doubt has grown since."""
    days = int((now_s - now.newest_s) / DAY_S)
    if days < 1:
        return ""
    newest = "" if now.runs == 1 else "the newest "
    old = " (old runs weigh less)" if days > OLD_DAYS else ""
    return f", {newest}{days} {'day' if days == 1 else 'days'} old{old}"


def _words(quantity: Quantity, value: float, sd: float) -> str:
    """Says a value; what is given and taken holds 95 % of what may be."""
    most = Z_95 * sd
    match quantity:
        case "footpod_scale":
            return f"the footpod reads {value:.3f} of the way, give or take {most / value:.1%}"
        case "footpod_slope":
            return f"its reading changes by {value:+.2%} per m/s, give or take {most:.2%}"
        case "wheel_circumference_m":
            return f"a turn of the wheel is {value:.3f} m, give or take {most:.3f}"
        case "fix_late_s":
            return f"positions are {value:+.3f} s older than usual, give or take {most:.3f}"
        case "map_east_m":
            return f"the track lies {value:+.1f} m east of its place in the file, give or take {most:.1f}"
        case "map_north_m":
            return f"the track lies {value:+.1f} m north of its place in the file, give or take {most:.1f}"
