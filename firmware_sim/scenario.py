"""Reads what a simulated run is to be: TOML files that come with this package, or a file of one's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from firmware_sim.faults import KINDS, Fault
from firmware_sim.geometry import MILE_M

SENSORS = ("footpod", "gps", "heart_rate", "wheel")


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


@dataclass(frozen=True, slots=True)
class RiderPlan:
    """Says what the rider does."""

    leads: bool = False  # rides the pace by his speedometer and the display; else rides along with the runner


@dataclass(frozen=True, slots=True)
class Scenario:
    """Holds one scenario."""

    name: str
    title: str
    distance_m: float = MILE_M
    target_s: float = 281.0  # s, 4:41
    runner: RunnerPlan = RunnerPlan()
    rider: RiderPlan = RiderPlan()
    faults: tuple[Fault, ...] = ()


def names() -> tuple[str, ...]:
    """Returns the names of the scenarios that come with the package."""
    found = (files("firmware_sim") / "scenarios").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in found if f.name.endswith(".toml")))


def load(name: str) -> Scenario:
    """Returns the scenario of that name, or of that path if it ends in ".toml"; raises ScenarioError."""
    if name.endswith(".toml"):
        try:
            return parse(Path(name).stem, Path(name).read_text("utf-8"))
        except OSError as error:
            raise ScenarioError(f"scenario file {name}: {error.strerror}") from error
    if name not in names():
        raise ScenarioError(
            f"scenario {name!r} does not exist; there are {', '.join(names())}, or a .toml file"
        )
    return parse(name, (files("firmware_sim") / "scenarios" / f"{name}.toml").read_text("utf-8"))


def parse(name: str, text: str) -> Scenario:
    """Returns the scenario that a TOML text describes."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"scenario {name}: not TOML: {error}") from error
    faults = tuple(_fault(name, entry) for entry in table.pop("fault", []))
    parts = {"runner": _make(name, RunnerPlan, table.pop("runner", {}))}
    parts["rider"] = _make(name, RiderPlan, table.pop("rider", {}))
    made: Scenario = _make(name, Scenario, {"title": name, **table, "name": name}, **parts, faults=faults)
    return made


def _make(name: str, kind: Any, table: dict[str, Any], **more: Any) -> Any:
    """Builds a dataclass from a table, refusing keys and types that it does not have."""
    allowed = {f.name: f.default for f in fields(kind)}
    for key, value in table.items():
        if key not in allowed:
            raise ScenarioError(f"scenario {name}: key {key!r} is unknown; allowed: {', '.join(allowed)}")
        if isinstance(value, list):
            table[key] = tuple(float(item) for item in value)
    return kind(**table, **more)


def _fault(name: str, table: dict[str, Any]) -> Fault:
    fault: Fault = _make(name, Fault, table)
    if fault.kind not in KINDS:
        raise ScenarioError(
            f"scenario {name}: fault kind {fault.kind!r} is unknown; allowed: {', '.join(KINDS)}"
        )
    if fault.sensor not in SENSORS:
        raise ScenarioError(
            f"scenario {name}: sensor {fault.sensor!r} is unknown; allowed: {', '.join(SENSORS)}"
        )
    return fault
