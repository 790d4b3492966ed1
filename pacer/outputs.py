"""Everything that can leave a session: derived from the inputs, so never recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pacer.measurement import Refused
from pacer.setup import Kind, Mode, Role, TrackSpec

Phase = Literal["waiting", "armed", "countdown", "running", "finished", "stopped"]
SensorState = Literal["searching", "ok", "weak", "refused", "no fix", "frozen", "asleep", "gone"]
Word = Literal["ease", "hold", "press"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Holds where one body is and how fast, each with one standard deviation; None is unknown."""

    t: float  # s, the instant it is true for
    distance_m: float | None  # m along the measured line since the start
    distance_sd_m: float | None
    speed_mps: float | None  # m/s along the measured line
    speed_sd_mps: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Compares an estimate with the target. Gap: + is ahead."""

    gap_s: float | None  # s
    gap_sd_s: float | None
    gap_m: float | None  # m
    needed_mps: float | None  # m/s, even speed over what remains to finish on target
    finish_s: float | None  # s, projected elapsed time at the finish
    finish_basis: Literal["target pace", "current speed"] | None
    finish_sd_s: float | None = None  # s, most of it for what the runner does next


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """Tells which inputs are believed."""

    name: str
    role: Role
    kind: Kind
    state: SensorState
    age_s: float | None  # s since it was last heard; None: never
    ratio: float | None  # innovation over gate: under 0.5 normal, over 1 refused
    refused: int  # readings not used so far
    battery_percent: int | None
    open: bool  # known by its name only: anyone could claim it
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """Asks one person for one thing; never sent when the inputs are stale."""

    t: float  # s, when it was decided
    seq: int  # counts up, per session
    to: Role
    word: Word
    change_mps: float  # m/s, the speed change asked for; 0 for hold
    speed_mps: float  # m/s, the speed to hold afterwards
    gap_s: float  # s, the gap it answers
    gap_sd_s: float
    ttl_s: float = 3.0  # s, after which nobody may show or play it


@dataclass(frozen=True, slots=True)
class Split:
    """Tells when a mark was passed: a split at each `split_m`, a lap at each lap line or by button."""

    t: float  # s
    kind: Literal["split", "lap", "tap"]
    index: int  # 1, 2, … per kind
    distance_m: float  # m from the start
    elapsed_s: float  # s from the start
    leg_m: float  # m since the mark before it
    leg_s: float  # s since the mark before it
    gap_s: float | None
    final: bool = False  # the last one: the finish


@dataclass(frozen=True, slots=True)
class State:
    """Draws the whole picture once a tick; every number in it is live or None."""

    t: float  # s
    phase: Phase
    elapsed_s: float | None  # s since the start instant; None before it
    countdown_s: float | None  # s to the gun
    runner: Estimate
    pace_mps: (
        float | None
    )  # m/s, the runner's speed as people are shown it: calm, yet quick to follow a change
    standing: Standing  # from the finish, or the stop, on it stays as it was then
    mode: Mode
    rider: Estimate | None  # None where the setup has no rider
    rider_gap_m: float | None  # m the rider is in front of where he should be
    rider_asked_mps: float | None  # m/s, the speed to ride now, in the rider's own lane
    lap: int | None  # 1 in the first lap; None off a track
    laps: int | None  # of the whole run; the last one is the bell lap
    remaining_m: float | None  # likewise
    target_time_s: float
    target_distance_m: float
    heart_rate_bpm: int | None
    cadence_spm: float | None
    cue: Cue | None  # the cue in force, while the run is on and within its ttl
    sensors: tuple[SensorStatus, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Tells a person that something happened, once."""

    t: float  # s
    level: Literal["info", "warning", "error"]
    code: str  # stable, for programs: "sensor-gone", "sensor-back", "confirm-start" …
    text: str  # one line, for people
    sensor: str | None = None


Quantity = Literal[
    "footpod_scale",  # what the pod reads over what is true
    "footpod_slope",  # s/m, what that changes per m/s
    "wheel_circumference_m",
    "fix_late_s",  # how much older than usual in its class a receiver's positions are
    "map_east_m",  # how far the track lies from its place in the course file
    "map_north_m",
]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Holds what one run alone says of one quantity: what was believed before it is not in it."""

    sensor: str  # its name in the configuration
    quantity: Quantity
    value: float
    sd: float  # one standard deviation
    at_mps: float | None = None  # m/s, the mean speed at which a footpod's scale was found


@dataclass(frozen=True, slots=True)
class Learned:
    """Hands over what the run taught, perhaps nothing; the app may save it, the session never does."""

    t: float  # s
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class TrackLearned:
    """Hands over the track that was found during the run; it may be kept as a course file."""

    t: float  # s
    track: TrackSpec
    laps: float  # run on it
    drawn_lap_m: float  # m, of the line that was run, as the receiver drew it
    drawn_lap_sd_m: float  # m


@dataclass(frozen=True, slots=True)
class Finished:
    """Closes the run."""

    t: float  # s
    elapsed_s: float  # s at the finish, or when stopped
    distance_m: float
    stopped: bool  # by a person, before the distance was done


Output = State | Cue | Split | Notice | Refused | Learned | TrackLearned | Finished
