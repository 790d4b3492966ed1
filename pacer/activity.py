"""A finished run as a file tells it: `Activity`, its laps and records in SI units, and as session inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pacer.inputs import Input, Measured
from pacer.measurement import Fix, HeartRate, Stride
from pacer.setup import SensorSpec

Format = Literal["fit", "gpx", "tcx"]

EARTH_M = 6371008.8  # m, mean radius (IUGG)
# A distance channel that grows faster than this did not measure, it jumped (a pod read 0, then 247 m).
JUMP_MPS = 40.0  # m/s, faster than any rider downhill


@dataclass(frozen=True, slots=True)
class Record:
    """Holds one instant; None is what the file does not tell."""

    t_s: float  # s since the activity's start, never falling
    lat_deg: float | None = None  # WGS-84; always both or none
    lon_deg: float | None = None
    altitude_m: float | None = None
    distance_m: float | None = None  # m, the file's own counter: may start anywhere and fall back
    speed_mps: float | None = None  # m/s, the file's own
    course_deg: float | None = None  # degrees from true north
    h_acc_m: float | None = None  # m
    heart_rate_bpm: int | None = None
    cadence_spm: float | None = None  # strides (one foot) a minute
    pod_distance_m: float | None = None  # m, a footpod's own counter, where the file keeps one apart
    pod_speed_mps: float | None = None  # m/s


@dataclass(frozen=True, slots=True)
class Lap:
    """Holds a lap as the file tells it."""

    start_s: float  # s since the activity's start
    elapsed_s: float  # s
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class Activity:
    """Holds a finished run, ride or anything else."""

    source: Format
    sport: str | None  # in the file's words
    start_utc_s: float | None  # Unix time at t_s = 0; None where the file's clock counts from nowhere
    records: tuple[Record, ...]
    laps: tuple[Lap, ...] = ()
    notes: tuple[str, ...] = ()  # what was mended or left out, in words
    pod_worn: bool = False  # a footpod spoke, be it that its speed and distance were not kept

    @property
    def has_positions(self) -> bool:
        """Tells whether any record has a position."""
        return any(r.lat_deg is not None for r in self.records)

    @property
    def has_footpod(self) -> bool:
        """Tells whether a footpod spoke: in fields of its own, or because nothing else could have."""
        if self.has_positions:
            return any(r.pod_distance_m is not None or r.pod_speed_mps is not None for r in self.records)
        return any(stride(self, r) is not None for r in self.records)

    @property
    def own_distance_m(self) -> float:
        """Returns the file's own distance in m: of its counter, else the length of its path."""
        counted = [(r.t_s, r.distance_m) for r in self.records if r.distance_m is not None]
        return _counted(counted) if len(counted) > 1 else _path(self.records)


def sensors(activity: Activity) -> tuple[SensorSpec, ...]:
    """Returns the sensors whose measurements `inputs` gives, for a session's setup."""
    gps = SensorSpec("gps", "runner", "gps", "name", advertised=activity.source)
    pod = SensorSpec("footpod", "runner", "footpod", "name", advertised=activity.source)
    strap = SensorSpec("heart_rate", "runner", "heart_rate", "name", advertised=activity.source)
    heart = any(r.heart_rate_bpm is not None for r in activity.records)
    found = ((activity.has_positions, gps), (activity.has_footpod, pod), (heart, strap))
    return tuple(spec for there, spec in found if there)


def inputs(activity: Activity) -> Iterator[Input]:
    """Yields what the sensors said, in time order, `t` in s since the activity's start; no ticks.

    Where the file has positions, its speed is the receiver's. Where it has none, speed and distance come
    from a footpod (or a treadmill). A pause is a gap in time.
    """
    positions, pod = activity.has_positions, activity.has_footpod
    for record in activity.records:
        said = (
            fix(activity, record) if positions else None,
            stride(activity, record, positions=positions) if pod else None,
            _heart(record),
        )
        for sensor, measurement in zip(("gps", "footpod", "heart_rate"), said, strict=True):
            if measurement is not None:
                yield Measured(record.t_s, sensor, measurement)


def fix(activity: Activity, record: Record) -> Fix | None:
    """Returns what the receiver said in a record, None for nothing."""
    if record.lat_deg is None and record.speed_mps is None:
        return None
    return Fix(
        record.t_s,
        record.lat_deg,
        record.lon_deg,
        speed_mps=record.speed_mps,
        course_deg=record.course_deg,
        altitude_m=record.altitude_m,
        h_acc_m=record.h_acc_m,
        sensor_t=_utc(activity, record),
    )


def stride(activity: Activity, record: Record, *, positions: bool = False) -> Stride | None:
    """Returns what the footpod said in a record, None for nothing.

    Without positions the file's own channels are the pod's, and finer than its extra fields (1 cm, not 1 m).
    """
    distance_m, speed_mps = record.pod_distance_m, record.pod_speed_mps
    if not positions:
        distance_m = record.distance_m if record.distance_m is not None else distance_m
        speed_mps = record.speed_mps if record.speed_mps is not None else speed_mps
    if distance_m is None and speed_mps is None:
        return None
    utc = _utc(activity, record)
    return Stride(record.t_s, speed_mps, record.cadence_spm, None, distance_m, None, utc)


def _heart(record: Record) -> HeartRate | None:
    bpm = record.heart_rate_bpm
    return None if bpm is None else HeartRate(record.t_s, bpm, contact=None)


def _utc(activity: Activity, record: Record) -> float | None:
    return None if activity.start_utc_s is None else activity.start_utc_s + record.t_s


def _counted(counted: list[tuple[float, float]]) -> float:
    """Sums what a counter counted, over its resets and jumps."""
    steps = ((d1 - d0, t1 - t0) for (t0, d0), (t1, d1) in pairwise(counted))
    return sum(d for d, dt in steps if 0 < d <= JUMP_MPS * max(dt, 1.0))


def _path(records: tuple[Record, ...]) -> float:
    places = [(r.lat_deg, r.lon_deg) for r in records if r.lat_deg is not None and r.lon_deg is not None]
    return sum(_arc(*a, *b) for a, b in pairwise(places))


def _arc(lat0: float, lon0: float, lat1: float, lon1: float) -> float:
    """Returns the great-circle distance in m (haversine)."""
    a, b = math.radians(lat0), math.radians(lat1)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon1 - lon0) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(h)))
