"""`pacer course learn`: a track file from recordings of runs on it.

FIT, GPX, TCX ─ Activity ─┐
a recording ─ decoders ───┴─ fixes ─▶ learn_track, one by one ─▶ joined ─▶ track.toml
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from pacer import gatt
from pacer.activity import inputs as activity_inputs
from pacer.course.learn import MOST_HELD, STANDARD_LAP_M, Learnt, learn_track
from pacer.course.several import joined
from pacer.course.verdict import Wish
from pacer.errors import DecodeError, InputError
from pacer.files import read_activity
from pacer.gatt.stream import Stream
from pacer.inputs import Input, Measured, Notification
from pacer.measurement import Fix
from pacer.recording import is_recording, read
from pacer.setup import SensorSpec, TrackSpec
from pacer.units import Z_95

# Digits after the point: centimetres for lengths and places, a millimetre at the end of a straight for turns.
DIGITS = {"lap_length_m": 2, "straight_m": 2, "lat_deg": 7, "lon_deg": 7, "heading_deg": 3}


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what the command line says."""

    files: tuple[Path, ...]
    out: Path
    wish: Wish
    force: bool = False  # write over a file that is there


def run_learn(options: Options) -> None:
    """Learns the track of all files, says how well on stdout, and writes it to `options.out`.

    Raises:
        InputError: a file cannot be used or is of no track, or the track's file is there already.
    """
    if options.out.suffix.lower() != ".toml":
        raise InputError(f"--out {options.out}: allowed is a file ending in .toml")
    if options.out.exists() and not options.force:
        raise InputError(f"{options.out}: is there already; --force writes over it")
    learnt = []
    for path in options.files:
        learnt.append(_learnt(path, options.wish))
        sys.stdout.write("".join(f"{line}\n" for line in told(path.name, learnt[-1], options.wish)))
    track = joined(learnt, [str(path) for path in options.files])
    _write(options.out, toml(track, [path.name for path in options.files]), force=options.force)
    sys.stdout.write(f"{options.out}: lap {track.lap_length_m:.2f} m, straights {track.straight_m:.2f} m\n")
    sys.stdout.write(
        "The finish line is put at the end of the straight where the first run began;"
        " if it is across the field, add 180 to heading_deg.\n"
    )


def told(name: str, learnt: Learnt, wish: Wish) -> Iterator[str]:
    """Yields in words how well a track was learnt from one file."""
    q = learnt.quality
    yield f"{name}: {q.laps:.1f} laps; points {q.rms_across_m:.1f} m rms off the line, {q.inliers:.0%} on it"
    yield f"  a lap of the line that was run measures {q.lap_m:.1f} m, give or take {Z_95 * q.lap_sd_m:.1f}"
    if wish.lane_1:
        yield f"  held at {learnt.track.lap_length_m:g} m: the receiver drew it {_longer(q.lap_m, learnt)}"
    elif wish.lap_length_m is not None:
        yield f"  it lies {q.outside_m:+.1f} m outside lane 1, nearest to lane {q.lane}"
    elif 0.01 < q.lap_m / STANDARD_LAP_M - 1 < MOST_HELD:
        yield (
            f"  on a track of {STANDARD_LAP_M:g} m: --lane1 if it was run in lane 1 (receivers draw bends"
            f" too wide), --lap-length {STANDARD_LAP_M:g} if in an outer lane"
        )
    if q.clockwise:
        yield (
            "  it was run clockwise: the track is written as it is raced, anticlockwise;"
            " in a clockwise run it is given up"
        )


def _longer(lap_m: float, learnt: Learnt) -> str:
    return f"{lap_m / learnt.track.lap_length_m - 1:+.1%} longer"


def toml(track: TrackSpec, names: Iterable[str]) -> str:
    """Returns a course file that `pacer check` and `pacer replay --course` take."""
    lines = [f"# learnt by pacer course learn from {', '.join(map(_printable, names))}"]
    for field in fields(track):
        value = getattr(track, field.name)
        digits = DIGITS.get(field.name)
        lines.append(f"{field.name} = {value if digits is None else format(value, f'.{digits}f')}")
    return "\n".join(lines) + "\n"


def _printable(name: str) -> str:
    """Replaces what would end a comment: a file may have any name."""
    return "".join(c if c.isprintable() else "?" for c in name)


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _learnt(path: Path, wish: Wish) -> Learnt:
    found = [(m.t, m.lat_deg, m.lon_deg) for m in fixes(path) if m.lat_deg is not None]
    table = np.array(found, dtype=np.float64).reshape(-1, 3)
    try:
        return learn_track(table[:, 0], table[:, 1], table[:, 2], wish)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def fixes(path: Path) -> Iterator[Fix]:
    """Yields the runner's fixes of a recording, or of a FIT, TCX or GPX file.

    Raises:
        InputError: the file cannot be read.
    """
    if not is_recording(path):
        yield from _fixes(activity_inputs(read_activity(path)), {})
        return
    recording = read(path)
    sensors = {spec.name: spec for spec in recording.header.setup.sensors if spec.role == "runner"}
    yield from _fixes(recording.inputs, sensors)


def _fixes(inputs: Iterable[Input], sensors: dict[str, SensorSpec]) -> Iterator[Fix]:
    streams = {name: Stream() for name, spec in sensors.items() if spec.kind == "gps_uart"}
    for item in inputs:
        match item:
            case Measured(measurement=Fix() as fix):
                yield fix
            case Notification(sensor=sensor) if sensor in sensors:
                yield from (found for found in _decoded(item, streams) if isinstance(found, Fix))
            case _:
                pass


def _decoded(item: Notification, streams: dict[str, Stream]) -> Iterable[object]:
    try:
        if item.char == gatt.NORDIC_UART_TX and item.sensor in streams:
            return streams[item.sensor].feed(item.data, item.t)
        return gatt.decode(item.char, item.t, item.data)
    except DecodeError:  # a bad frame is no fix, and the session has told it
        return ()
