"""Reads a configuration: TOML -> `Config`, every value checked, all problems told at once.

    name = "mile"                      # names the recording
    start = "command"                  # or "first_step", "first_input"
    course = "track.toml"              # or a route.gpx beside this file, or a table [course]
    sensors = [{ name = "footpod", role = "runner", kind = "footpod", address = "C0:…" }]

    [target]                           # distance = "mile", time = "4:41"
    [policy]  [calibration]            # as in `pacer.setup`
    [mqtt]                             # where the broker is, as in `pacer.reach`

Everything has a default; `configs/` has whole examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pacer.course_file import read_course_all, read_toml
from pacer.errors import ConfigError, InputError
from pacer.ranges import Rule, check_name, check_track, sensor_rules, setup_rules, speed_rule
from pacer.reach import Mqtt, mqtt_rules
from pacer.schema import Problems, decode_all, problem
from pacer.setup import (
    Calibration,
    Mode,
    PolicySpec,
    RouteSpec,
    SensorSpec,
    Setup,
    StartMode,
    Target,
    TrackSpec,
)
from pacer.units import parse_distance, parse_duration

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Config:
    """Holds a whole configuration."""

    name: str = "run"
    setup: Setup = field(default_factory=Setup)
    mqtt: Mqtt = field(default_factory=Mqtt)
    recordings: str | None = None  # folder; None: $PACER_HOME/recordings


@dataclass(frozen=True, slots=True)
class _Target:
    """Holds the target as people write it."""

    distance: str | float = "mile"
    time: str | float = "4:41"


@dataclass(frozen=True, slots=True)
class _File:
    """Holds what may stand in the file."""

    name: str = "run"
    sensors: tuple[SensorSpec, ...] = ()
    course: str | TrackSpec | None = None
    target: _Target = field(default_factory=_Target)
    policy: PolicySpec = field(default_factory=PolicySpec)
    calibration: Calibration = field(default_factory=Calibration)
    start: StartMode = "command"
    lead_m: float = 0.0
    mode: Mode = "strict"
    elastic_s: float = 1.0
    split_m: float = 400.0
    seed: int = 0
    mqtt: Mqtt = field(default_factory=Mqtt)
    recordings: str | None = None


def load(path: Path) -> Config:
    """Reads a configuration.

    Raises:
        ConfigError: the first thing wrong, and how many more there are; `check` tells them all.
    """
    try:
        return _read(path)
    except Problems as problems:
        first, *more = problems.found
        raise ConfigError(f"{first} (and {len(more)} more)" if more else str(first)) from None


def check(path: Path) -> list[ConfigError]:
    """Returns everything that is wrong with a configuration; an empty list is a good one."""
    try:
        config = _read(path)
    except Problems as problems:
        return problems.found
    return [] if paces(config) else [ConfigError(f"{path}: sensors: allowed is at least one of role runner")]


def paces(config: Config) -> bool:
    """Tells whether there is a sensor that watches the runner; defaults alone pace nobody."""
    return any(sensor.role == "runner" for sensor in config.setup.sensors)


def _read(path: Path) -> Config:
    where = str(path)
    file, found = _typed(read_toml(path), where)
    course = _try(found, lambda: _course(file.course, path))
    target = _try(found, lambda: _target(file.target, where))
    for ok, key, value, allowed in _rules(file):
        if not ok:
            found += problem(where, key, value, allowed).found
    if found or target is None:
        raise Problems(found)
    setup = Setup(
        sensors=file.sensors,
        course=course,
        target=target,
        policy=file.policy,
        calibration=file.calibration,
        start=file.start,
        lead_m=file.lead_m,
        mode=file.mode,
        elastic_s=file.elastic_s,
        split_m=file.split_m,
        seed=file.seed,
    )
    mqtt = replace(
        file.mqtt,
        password_file=_beside(path, file.mqtt.password_file),
        ca_file=_beside(path, file.mqtt.ca_file),
    )
    return Config(file.name, setup, mqtt, _beside(path, file.recordings))


def _typed(table: dict[str, Any], where: str) -> tuple[_File, list[ConfigError]]:
    """Reads what has the right type, with defaults for the rest; ranges are told beside wrong types."""
    found: list[ConfigError] = []
    files = {key: _try(found, partial(decode_all, _File, {key: table[key]}, where)) for key in table}
    good = {key: getattr(file, key) for key, file in files.items() if file is not None}
    return _File(**good), found


def _try(found: list[ConfigError], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Problems as problems:
        found += problems.found
        return None


def _beside(path: Path, named: str | None) -> str | None:
    return None if named is None else str(_at(path, named))


def _at(path: Path, named: str) -> Path:
    """Returns where a file or folder lies that the configuration at `path` names."""
    try:
        return path.parent / Path(named).expanduser()
    except RuntimeError:
        raise problem(
            str(path), "", named, "a path without ~, for nobody of that name has a home here"
        ) from None


def _course(course: str | TrackSpec | None, path: Path) -> TrackSpec | RouteSpec | None:
    match course:
        case "none":
            return None
        case str():
            return read_course_all(_at(path, course))
        case TrackSpec():
            check_track(course, str(path), "course.")
    return course


def _target(target: _Target, where: str) -> Target:
    found: list[ConfigError] = []
    distance_m = _try(found, lambda: _parsed(parse_distance, "distance", target.distance, where))
    time_s = _try(found, lambda: _parsed(parse_duration, "time", target.time, where))
    if distance_m is None or time_s is None:
        raise Problems(found)
    wanted = Target(distance_m, time_s)
    fits, key, value, allowed = speed_rule(wanted, "target.time", target.time)
    if not fits:
        raise problem(where, key, value, allowed)
    return wanted


def _parsed(parse: Callable[[str], float], key: str, value: str | float, where: str) -> float:
    try:
        # a plain number is metres or seconds; 15 digits, for repr would write 1e+16
        return parse(value if isinstance(value, str) else f"{value:.15g}")
    except InputError as error:
        raise Problems([ConfigError(f"{where}: target.{key}: {error}")]) from None


def _rules(file: _File) -> Iterator[Rule]:
    yield check_name(file.name)
    yield from setup_rules(file)
    yield from sensor_rules(file.sensors)
    yield from mqtt_rules(file.mqtt)
