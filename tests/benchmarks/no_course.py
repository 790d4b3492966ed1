"""Judges the way that is counted where no course is known: on a simulated road with its truth, and on files.

The simulated road is as its map has it: what a map gets wrong is of no matter to who has none. A kit without
Doppler is a phone that sends positions alone. Files have no truth: `own` is the device's own distance, worth
half a per cent to one where it comes from positions, more from a wheel; and the length of the path of raw
positions, which noise makes long. What was moved during a pause counts in ours and in the path, not in `own`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

from firmware_sim.road import Road
from pacer import gatt
from pacer.activity import Activity, inputs, sensors
from pacer.files import read_activity
from pacer.inputs import Command, Notification
from pacer.outputs import State
from pacer.session import Session
from pacer.setup import Setup, Target
from pacer.sources.replay import with_ticks
from tests.benchmarks.metrics import Row, errors, row
from tests.benchmarks.play import OURS, play
from tests.benchmarks.runs import SimRun, simulate

SCENARIO = "road5k"
# (footpod, Doppler) of each kit
NO_COURSE = {
    "no-course": (True, True),
    "no-course-gps": (False, True),
    "no-course-places": (False, False),
    "no-course-places-pod": (True, False),
}
ESTIMATORS = (OURS, "raw-gps", "opentracks-gps", "kalman-2d", "footpod")
FILES = ("road_runs/*", "hilly_runs/*", "footpod_runs/mit*", "cycling/*")
LONGEST_S = 7200.0  # s of a file that are played
FAR_M = 1e6  # m
_SPEED, _DISTANCE = 1, 2  # flags of Location and Speed, 0x2A67


@dataclass(frozen=True, slots=True)
class FileRow:
    """Holds a file's distance by its device, by its raw path and by pacer, m."""

    file: str
    own_m: float | None
    path_m: float
    ours_m: float
    ours_sd_m: float


def judge_simulated(seeds: Iterable[int], kits: Iterable[str] = tuple(NO_COURSE)) -> list[Row]:
    """Judges every estimator on every kit."""
    runs = [simulated(seed) for seed in seeds]
    return [
        row(kit, name, [errors(run, play(run, name)) for run in (equipped(run, kit) for run in runs)])
        for kit in kits
        for name in ESTIMATORS
        if name != "footpod" or NO_COURSE[kit][0]
    ]


def simulated(seed: int) -> SimRun:
    """Simulates five kilometres of hilly road of which the session knows no course."""
    with patch.object(Road, "of", lambda _: Road.map()):
        run = simulate(SCENARIO, seed)
    return replace(run, setup=replace(run.setup, course=None))


def equipped(run: SimRun, kit: str) -> SimRun:
    """Returns the run as the sensors of a kit tell it."""
    pod, doppler = NO_COURSE[kit]
    spec = tuple(s for s in run.setup.sensors if pod or s.kind != "footpod")
    heard = tuple(
        item if doppler or not isinstance(item, Notification) else _without_speed(item)
        for item in run.inputs
        if pod or getattr(item, "sensor", None) != "footpod"
    )
    return replace(run, scenario=kit, setup=replace(run.setup, sensors=spec), inputs=heard)


def _without_speed(item: Notification) -> Notification:
    """Takes speed and distance out of a Location and Speed record."""
    if item.char != gatt.LOCATION_AND_SPEED:
        return item
    (flags,) = struct.unpack_from("<H", item.data)
    skip = 2 + 2 * bool(flags & _SPEED) + 3 * bool(flags & _DISTANCE)
    return replace(item, data=struct.pack("<H", flags & ~(_SPEED | _DISTANCE)) + item.data[skip:])


def judge_files(folder: Path) -> Iterator[FileRow]:
    """Plays files to a session that knows no course."""
    for path in sorted(path for pattern in FILES for path in folder.glob(pattern)):
        activity = read_activity(path)
        records = tuple(r for r in activity.records if r.t_s <= LONGEST_S)
        activity = replace(activity, records=records)
        bare = replace(activity, records=tuple(replace(r, distance_m=None) for r in records))
        counted = any(r.distance_m is not None for r in records)
        m, sd = _ours(activity)
        own = activity.own_distance_m if counted else None
        yield FileRow(f"{path.parent.name}/{path.stem}", own, bare.own_distance_m, m, sd)


def files_text(rows: Iterable[FileRow]) -> str:
    """Returns the files' distances as lines for people."""
    lines = [
        "files, no course known: the device's own distance, the raw path, ours and its doubt, m",
        f"{'':52}{'own':>9}{'path':>9}{'ours':>9}{'sd':>6}{'to own':>8}{'to path':>8}",
    ]
    for r in rows:
        own, share = ("-", "-") if r.own_m is None else (f"{r.own_m:.0f}", f"{r.ours_m / r.own_m - 1:+.1%}")
        lines.append(
            f"{r.file:52}{own:>9}{r.path_m:>9.0f}{r.ours_m:>9.0f}{r.ours_sd_m:>6.0f}{share:>8}"
            f"{r.ours_m / r.path_m - 1:>+8.1%}"
        )
    return "\n".join(lines)


def _ours(activity: Activity) -> tuple[float, float]:
    """Returns the distance in the end, and its standard deviation, m."""
    # a target that is not reached: the run would be over there; at a speed that a start may have
    target = Target(FAR_M, FAR_M * activity.records[-1].t_s / activity.own_distance_m)
    setup = Setup(sensors=sensors(activity), target=target, start="first_input")
    session, last = Session(setup), (math.nan, math.nan)
    for item in with_ticks([Command(0.0, "start", at=0.0, origin="engine"), *inputs(activity)]):
        for output in session.step(item):
            if isinstance(output, State) and output.runner.distance_m is not None:
                last = (output.runner.distance_m, output.runner.distance_sd_m or math.nan)
    return last
