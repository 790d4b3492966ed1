"""The whole start state of a session: what stands in a recording's header and makes a replay equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pacer.units import MILE_M

Role = Literal["runner", "rider"]
Kind = Literal["footpod", "gps", "gps_uart", "heart_rate", "wheel"]
Pin = Literal["address", "bond", "name"]


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """Names one sensor: whose it is, what it is, and by what it is known again."""

    name: str
    role: Role
    kind: Kind
    pin: Pin = "address"
    address: str | None = None  # for pin "address" and "bond"
    advertised: str | None = None  # the advertised name, for pin "name"
    shoe: str | None = None  # that a footpod sits on: what is learnt of it holds for this one


@dataclass(frozen=True, slots=True)
class TrackSpec:
    """Describes an oval: two straights and two half circles, run anticlockwise.

    The defaults are the standard 400 m track of World Athletics: bends of 36.50 m to the kerb, lane 1
    measured 0.30 m from it, straights of 84.39 m.
    """

    lap_length_m: float = 400.0  # m, along the measured line of lane 1
    straight_m: float = 84.39  # m
    lane: int = 1  # the runner's
    rider_lane: int = 2
    lat_deg: float | None = None  # centre; None: the place is not known
    lon_deg: float | None = None
    heading_deg: float = 0.0  # degrees from north, of the home straight in running direction


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """Describes a road course as a line of points: (latitude deg, longitude deg, altitude m or None)."""

    points: tuple[tuple[float, float, float | None], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Holds what is wanted: a distance in a time, evenly split."""

    distance_m: float = MILE_M  # m
    time_s: float = 281.0  # s, 4:41


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """Holds a cue policy by name with its settings; the figures are explained in `pacer.cue`."""

    name: str = "steady"
    spacing_s: float = 6.0  # s between cues when armed
    spacing_unarmed_s: float = 12.0  # s between cues when not
    max_change: float = 0.06  # relative speed change a cue may ask for: a correction, not a sprint
    # of "predicted-gap" alone, the best values of the study that it comes from
    dead_band_s: float = 0.8  # s of predicted gap that are let go
    rearm_s: float = 0.4  # s of predicted gap below which the policy is armed again
    look_ahead_s: float = 15.0  # s
    spread_s: float = 15.0  # s over which a correction is spread


@dataclass(frozen=True, slots=True)
class Calibration:
    """Holds what earlier runs taught, each with its doubt (one standard deviation)."""

    footpod_scale: float = 1.0  # what the pod reads over what is true
    footpod_scale_sd: float = 0.03  # day-to-day drift of an uncalibrated pod is about 3 %
    footpod_mps: float | None = None  # m/s, the speed at which that holds; None: at any
    footpod_slope: float = 0.0  # s/m, what the scale changes per m/s
    footpod_slope_sd: float = 0.01  # s/m: pods are 1 % off per m/s away from their usual speed
    wheel_circumference_m: float = 2.096  # m, 700 x 25C by its rolling tables
    wheel_circumference_sd_m: float = 0.021  # m, 1 %: tyre pressure and load
    fix_late_s: float = 0.0  # s, how much older than usual in its class the receiver's positions are
    fix_late_sd_s: float | None = None  # s; None: as its class
    map_east_m: float = 0.0  # m, how far the track lies from its place in the course file
    map_north_m: float = 0.0  # m
    map_sd_m: float | None = None  # m, on each axis; None: as any map


StartMode = Literal["command", "first_step", "first_input"]
Mode = Literal["strict", "elastic", "audio"]
MODES: tuple[Mode, ...] = ("strict", "elastic", "audio")


@dataclass(frozen=True, slots=True)
class Setup:
    """Holds everything that `Session` starts from."""

    sensors: tuple[SensorSpec, ...] = ()
    course: TrackSpec | RouteSpec | None = None
    target: Target = field(default_factory=Target)
    policy: PolicySpec = field(default_factory=PolicySpec)
    calibration: Calibration = field(default_factory=Calibration)
    start: StartMode = "command"
    start_at: float | None = None  # s on the inputs' clock, where a replayed file's start is told
    lead_m: float = 0.0  # m the rider is to hold in front of the runner
    mode: Mode = "strict"  # what the rider does; "audio": nobody rides
    elastic_s: float = 1.0  # s behind the line before it waits: farther back there is no draft, 6 m at 4:41
    split_m: float = 400.0  # m between automatic splits
    seed: int = 0
