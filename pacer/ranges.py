"""Says what a setup may hold: of a configuration, and of a recording, which anybody may have written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from pacer.cue import POLICIES
from pacer.errors import ConfigError
from pacer.schema import Problems, problem
from pacer.setup import Kind, Role, SensorSpec, Setup, Target, TrackSpec
from pacer.units import LONGEST_M, SHORTEST_M, STANDING_MPS

FASTEST_MPS = 12.5  # m/s; the fastest 10 m ever run were at 12.4 m/s
MIN_RADIUS_M = 5.0  # m: a bend tighter than this is no running track, but two figures that do not fit
MAX_SENSORS = 32  # two people with all kinds have 10; a radio holds fewer links than this
MAX_T_S = 1e10  # s of a clock, 300 years: a start told for later is none

_ADDRESS = re.compile(
    r"[0-9A-F]{2}(:[0-9A-F]{2}){5}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE
)
_ADDRESS_WORDS = "an address like AA:BB:CC:DD:EE:FF, or a UUID where the system gives those"
_NAME = re.compile(r"[\w.-]{1,32}")  # stands in file names, topics and a narrow column of the screen
_NAME_WORDS = "1 to 32 letters, digits, dots, dashes or underscores"

# (key, lowest, highest, in words). Wide enough for any real case, narrow enough to catch a wrong unit.
RANGES: tuple[tuple[str, float, float, str], ...] = (
    ("lead_m", -100.0, 100.0, "-100 to 100 (m)"),
    ("elastic_s", 0.2, 60.0, "0.2 to 60 (s)"),
    ("split_m", 10.0, 50_000.0, "10 to 50000 (m)"),
    ("seed", 0, 2**63 - 1, "0 or more"),
    ("policy.dead_band_s", 0.05, 60.0, "0.05 to 60 (s)"),
    ("policy.rearm_s", 0.0, 60.0, "0 to 60 (s)"),
    ("policy.look_ahead_s", 0.0, 120.0, "0 to 120 (s)"),
    ("policy.spread_s", 1.0, 600.0, "1 to 600 (s)"),
    ("policy.spacing_s", 1.0, 600.0, "1 to 600 (s)"),
    ("policy.spacing_unarmed_s", 1.0, 600.0, "1 to 600 (s)"),
    ("policy.max_change", 0.001, 0.2, "0.001 to 0.2 (of the speed)"),
    ("calibration.footpod_scale", 0.5, 2.0, "0.5 to 2 (what it reads over what is true)"),
    ("calibration.footpod_scale_sd", 0.0001, 0.5, "0.0001 to 0.5"),
    ("calibration.footpod_mps", 0.5, 12.5, "0.5 to 12.5 (m/s, where the scale was found)"),
    ("calibration.footpod_slope", -0.1, 0.1, "-0.1 to 0.1 (what the scale changes per m/s)"),
    ("calibration.footpod_slope_sd", 1e-6, 0.1, "0.000001 to 0.1"),
    ("calibration.wheel_circumference_m", 0.5, 4.0, "0.5 to 4 (m)"),
    ("calibration.wheel_circumference_sd_m", 0.0001, 0.5, "0.0001 to 0.5 (m)"),
    ("calibration.fix_late_s", -1.0, 1.0, "-1 to 1 (s older than usual)"),
    ("calibration.fix_late_sd_s", 0.001, 1.0, "0.001 to 1 (s)"),
    ("calibration.map_east_m", -10.0, 10.0, "-10 to 10 (m)"),
    ("calibration.map_north_m", -10.0, 10.0, "-10 to 10 (m)"),
    ("calibration.map_sd_m", 0.01, 10.0, "0.01 to 10 (m)"),
)

# (field, lowest, highest, in words)
_TRACK_RANGES = (
    ("lap_length_m", 50.0, 2000.0, "50 to 2000 (m, along lane 1)"),
    ("straight_m", 0.0, 1000.0, "0 to 1000 (m)"),
    ("lane", 1, 10, "1 to 10"),
    ("rider_lane", 1, 10, "1 to 10"),
    ("lat_deg", -90.0, 90.0, "-90 to 90 (degrees)"),
    ("lon_deg", -180.0, 180.0, "-180 to 180 (degrees)"),
    ("heading_deg", -360.0, 360.0, "-360 to 360 (degrees from north)"),
)

Rule = tuple[bool, str, object, str]  # holds, key, value, what is allowed


def check_setup(setup: Setup, where: str, prefix: str) -> None:
    """Raises `Problems` with everything in a setup that cannot be."""
    found: list[ConfigError] = []
    rules = [*setup_rules(setup), *target_rules(setup.target), *_named(setup.sensors)]
    rules.append((abs(setup.start_at or 0.0) <= MAX_T_S, "start_at", setup.start_at, f"within {MAX_T_S:g} s"))
    for ok, key, value, allowed in rules:
        found += [] if ok else problem(where, prefix + key, value, allowed).found
    try:
        if isinstance(setup.course, TrackSpec):
            check_track(setup.course, where, f"{prefix}course.")
    except Problems as problems:
        found += problems.found
    if found:
        raise Problems(found)


def setup_rules(setup: Any) -> Iterator[Rule]:
    """Yields the rules of numbers and of the policy, for a `Setup` or whatever has its fields."""
    for key, low, high, allowed in RANGES:
        value = attrgetter(key)(setup)
        yield value is None or low <= value <= high, key, value, allowed
    policy = setup.policy
    yield policy.name in POLICIES, "policy.name", policy.name, " or ".join(f'"{p}"' for p in POLICIES)
    yield policy.rearm_s <= policy.dead_band_s, "policy.rearm_s", policy.rearm_s, "at most dead_band_s"
    yield len(setup.sensors) <= MAX_SENSORS, "sensors", len(setup.sensors), f"{MAX_SENSORS} at most"


def target_rules(target: Target) -> Iterator[Rule]:
    """Yields the rules of a target: a length that is run, at a speed that is run."""
    distance_m, time_s = target.distance_m, target.time_s
    allowed = f"{SHORTEST_M:g} to {LONGEST_M:g} (m)"
    yield SHORTEST_M <= distance_m <= LONGEST_M, "target.distance_m", distance_m, allowed
    yield speed_rule(target, "target.time_s", time_s)


def speed_rule(target: Target, key: str, value: object) -> Rule:
    """Returns the rule of a target's speed, told of the key and value that name its time."""
    allowed = f"a time that makes {STANDING_MPS} to {FASTEST_MPS} m/s over {target.distance_m:g} m"
    fits = STANDING_MPS * target.time_s < target.distance_m < FASTEST_MPS * target.time_s
    return fits, key, value, allowed


def check_name(name: str) -> Rule:
    """Returns the rule of a name, which stands in file names and on the screen."""
    return bool(_NAME.fullmatch(name)), "name", name, _NAME_WORDS


def _named(sensors: tuple[SensorSpec, ...]) -> Iterator[Rule]:
    names = [one.name for one in sensors]
    for n, name in enumerate(names[:MAX_SENSORS], start=1):
        yield bool(_NAME.fullmatch(name)), f"sensors[{n}].name", name, _NAME_WORDS
        yield name not in names[: n - 1], f"sensors[{n}].name", name, "each name once"


# Each body has one odometer: its scale is the pod's or the wheel's, and two would count each other's metres.
_ODOMETERS: dict[Kind, Role] = {"footpod": "runner", "wheel": "rider"}


def sensor_rules(sensors: tuple[SensorSpec, ...]) -> Iterator[Rule]:
    """Yields the rules of the sensors that a configuration names."""
    yield from _named(sensors)
    for n, sensor in enumerate(sensors[:MAX_SENSORS], start=1):
        yield from _sensor_rules(f"sensors[{n}]", sensor, sensors[: n - 1])


def _sensor_rules(key: str, sensor: SensorSpec, earlier: tuple[SensorSpec, ...]) -> Iterator[Rule]:
    if owner := _ODOMETERS.get(sensor.kind):
        yield sensor.role == owner, f"{key}.role", sensor.role, f'"{owner}", as kind is "{sensor.kind}"'
        first = sensor.kind not in {one.kind for one in earlier}
        yield first, f"{key}.kind", sensor.kind, "each odometer once"
    shod = sensor.shoe is None or (sensor.kind == "footpod" and bool(_NAME.fullmatch(sensor.shoe)))
    yield shod, f"{key}.shoe", sensor.shoe, f"of a footpod alone, {_NAME_WORDS}"
    formed = sensor.address is None or bool(_ADDRESS.fullmatch(sensor.address))
    yield formed, f"{key}.address", sensor.address, _ADDRESS_WORDS
    if sensor.pin == "name":
        told = bool(sensor.advertised)
        yield told, f"{key}.advertised", sensor.advertised, 'the name it advertises, as pin is "name"'
    else:
        told = sensor.address is not None
        yield told, f"{key}.address", sensor.address, f'{_ADDRESS_WORDS}, as pin is "{sensor.pin}"'


def check_track(track: TrackSpec, where: str, prefix: str) -> None:
    """Raises `Problems` with every figure of a track that cannot be."""
    found = []
    for name, low, high, allowed in _TRACK_RANGES:
        value = getattr(track, name)
        if value is not None and not low <= value <= high:
            found += problem(where, prefix + name, value, allowed).found
    longest = (track.lap_length_m - 2 * math.pi * MIN_RADIUS_M) / 2  # m
    if not found and track.straight_m > longest:
        allowed = f"at most {longest:.2f} with a lap of {track.lap_length_m:g} m"
        found += problem(where, prefix + "straight_m", track.straight_m, allowed).found
    if (track.lat_deg is None) != (track.lon_deg is None):
        found += problem(where, prefix + "lat_deg", track.lat_deg, "lat_deg and lon_deg together").found
    if found:
        raise Problems(found)
