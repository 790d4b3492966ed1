"""Reads what a simulated run is to be: TOML files that come with this package, or a file of one's own."""

from __future__ import annotations

import math
import tomllib
from dataclasses import MISSING, dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

from firmware_sim.faults import KINDS, Fault
from firmware_sim.geometry import MILE_M
from firmware_sim.people import TEMPERS, TemperName

SENSORS = ("footpod", "gps", "heart_rate", "wheel")
_WORDS = {
    "follows": ("plan", "rider"),
    "kind": KINDS,
    "sensor": SENSORS,
    "course": ("track", "road"),
    "temper": tuple(TEMPERS),
}
_YES_NO = {"hears", "leads", "shown", "multipath", "holes"}
_ABOVE_ZERO = {"distance_m", "target_s", "time_s", "leg_m", "quoted_mps"}
_T = TypeVar("_T")


class ScenarioError(ValueError):
    """Reports a scenario that does not exist or says something that is not allowed."""


@dataclass(frozen=True, slots=True)
class RunnerPlan:
    """Says how the runner means to run."""

    follows: Literal["plan", "rider"] = "plan"
    hears: bool = False  # whether he heeds the audio device
    time_s: float | None = None  # s that his plan takes him from the gun, uncued; None: the target
    legs: tuple[float, ...] = (1.0,)  # pace of each leg, in any unit of time per distance
    leg_m: float = 200.0  # m
    fast_start: float = (
        0.015  # share of speed: trained runners begin 1.5 % too fast (an assumption), then settle
    )
    surge_at_m: float = 0.0
    surge_for_m: float = 0.0
    surge_gain: float = 0.0  # share of speed added on top of the plan
    walk_at_m: float = 0.0
    walk_for_m: float = 0.0
    walk_mps: float = 1.45  # m/s, a usual walking speed (preferred speeds are 1.3 to 1.5)
    wide_from_m: float = 0.0  # from here ...
    wide_to_m: float = 0.0  # ... to here he runs ...
    wide_by_m: float = 0.0  # ... this much farther out
    temper: TemperName | None = None  # how he strays from the even speed; None: only as far as his plan says


@dataclass(frozen=True, slots=True)
class FootpodPlan:
    """Says what is wrong with the footpod beyond its class."""

    quoted_mps: float = 5.727  # m/s at which its scale is quoted, 4:41 a mile: slower or faster it differs
    scale_off: float = 0.0  # share by which it reads too much or too little, whichever the seed says


@dataclass(frozen=True, slots=True)
class GpsPlan:
    """Says what stands in the sky's way."""

    multipath: bool = False  # reflections beside the stand on every home straight, and one long burst
    holes: bool = False  # three stretches without a fix


@dataclass(frozen=True, slots=True)
class RiderPlan:
    """Says what the rider does."""

    leads: bool = False  # rides the pace by his speedometer and the display; else rides along with the runner
    shown: bool = False  # rides the speed that his display asks for, beside the one it says he rides


@dataclass(frozen=True, slots=True)
class Scenario:
    """Holds one scenario."""

    name: str
    title: str
    distance_m: float = MILE_M
    target_s: float = 281.0  # s, 4:41
    runner: RunnerPlan = RunnerPlan()
    rider: RiderPlan = RiderPlan()
    footpod: FootpodPlan = FootpodPlan()
    gps: GpsPlan = GpsPlan()
    course: Literal["track", "road"] = "track"
    faults: tuple[Fault, ...] = ()


def names() -> tuple[str, ...]:
    """Returns the names of the scenarios that come with the package."""
    return _inside("")


def studies() -> tuple[str, ...]:
    """Returns the names of the scenarios under which estimators are compared: "study/even" and others."""
    return tuple(f"study/{name}" for name in _inside("study"))


def runners() -> tuple[str, ...]:
    """Returns the names of the scenarios under which cue policies are compared: "trained" and others."""
    return _inside("runners")


def _inside(folder: str) -> tuple[str, ...]:
    found = (files("firmware_sim") / "scenarios" / folder).iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in found if f.name.endswith(".toml")))


def load(name: str) -> Scenario:
    """Returns the scenario of that name, or of that path if it ends in ".toml"; raises ScenarioError."""
    if name.endswith(".toml"):
        try:
            return parse(Path(name).stem, Path(name).read_text("utf-8"))
        except OSError as error:
            raise ScenarioError(f"scenario file {name}: {error.strerror}") from error
        except ValueError as error:  # not UTF-8, or a null byte in the name
            raise ScenarioError(f"scenario file {name}: not text: {error}") from error
    known = names() + studies() + runners()
    if name not in known:
        raise ScenarioError(
            f"scenario {name!r} does not exist; there are {', '.join(known)}, or a .toml file"
        )
    path = f"runners/{name}.toml" if name in runners() else f"{name}.toml"
    return parse(name, (files("firmware_sim") / "scenarios" / path).read_text("utf-8"))


def parse(name: str, text: str) -> Scenario:
    """Returns the scenario that a TOML text describes."""
    try:
        table = tomllib.loads(text)
    except (
        ValueError,
        RecursionError,
    ) as error:  # no TOML, a number of 5000 digits, a thousand lists in lists
        raise ScenarioError(f"scenario {name}: not TOML: {error}") from error
    try:
        runner = _make(RunnerPlan, "runner", _table("runner", table.pop("runner", {})))
        rider = _make(RiderPlan, "rider", _table("rider", table.pop("rider", {})))
        footpod = _make(FootpodPlan, "footpod", _table("footpod", table.pop("footpod", {})))
        gps = _make(GpsPlan, "gps", _table("gps", table.pop("gps", {})))
        faults = tuple(_make(Fault, "fault", _table("fault", entry)) for entry in table.pop("fault", []))
        parts = {"name": name, "runner": runner, "rider": rider, "footpod": footpod, "gps": gps}
        parts["faults"] = faults
        return _make(Scenario, "", {"title": name, **table}, parts)
    except ScenarioError as error:
        raise ScenarioError(f"scenario {name}: {error}") from error


def _table(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where} is {value!r}; allowed: a table")
    return value


def _make(kind: type[_T], where: str, table: dict[str, Any], parts: dict[str, Any] | None = None) -> _T:
    """Builds a dataclass from a table of plain values and from parts that are made already."""
    parts = parts or {}
    known = {f.name: f for f in fields(kind) if f.name not in parts}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise ScenarioError(f"{where} key {key!r} is unknown; allowed: {', '.join(known)}".lstrip())
    lacks = [key for key, f in known.items() if f.default is MISSING and key not in table]
    if lacks:
        raise ScenarioError(f"{where} lacks {', '.join(lacks)}")
    values = {key: _value(f"{where}.{key}".lstrip("."), key, value) for key, value in table.items()}
    return kind(**values, **parts)


def _value(path: str, key: str, value: Any) -> Any:
    """Returns a value if its key may hold it: a list becomes a tuple, whole numbers stay as they are."""
    words = _WORDS.get(key)
    if words is not None:
        fits, allowed = value in words, ", ".join(words)
    elif key in _YES_NO:
        fits, allowed = isinstance(value, bool), "true, false"
    elif key == "title":
        fits, allowed = isinstance(value, str), "a text"
    elif key == "legs":
        fits = isinstance(value, list) and bool(value) and all(_number(v) and v > 0 for v in value)
        allowed = "numbers above 0"
    elif key in _ABOVE_ZERO:
        fits, allowed = _number(value) and value > 0, "a number above 0"
    else:
        fits, allowed = _number(value), "a number"
    if not fits:
        raise ScenarioError(f"{path} is {value!r}; allowed: {allowed}")
    return tuple(value) if isinstance(value, list) else value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
