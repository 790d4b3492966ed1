"""What must hold of everything that takes bytes from outside: a value that is sound, or one typed error.

Each target takes any bytes and raises where that does not hold. Hypothesis and damaged files go through them
in tests/promises/test_inputs.py, atheris in `python -m tests.fuzz`.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pacer import config, heard, recording, topics
from pacer.activity import Activity, inputs
from pacer.course_file import read_course
from pacer.display import feed
from pacer.errors import ConfigError, DecodeError, InputError
from pacer.files import parse_activity
from pacer.gatt import DECODABLE, decode, nmea, ubx
from pacer.gatt.plausibility import implausible
from pacer.gatt.stream import BadFrame, Frame, Reassembler, Stream
from pacer.heard import Said
from pacer.measurement import Measurement
from pacer.schema import encode
from pacer.setup import Role, RouteSpec, TrackSpec
from tests.support import states

T = 12.5  # s
UTC = 1.8e9  # s
LINE_MAX = 700  # characters: a person reads it, and a screen shows it in a few lines
# From the promise and not from the code: what no runner and no rider exceeds, and by field (lowest, highest).
FASTEST_MPS: dict[Role, float] = {"runner": 12.5, "rider": 25.0}
POSSIBLE: dict[str, tuple[float, float]] = {
    "lat_deg": (-90.0, 90.0),
    "lon_deg": (-180.0, 180.0),
    "bpm": (25, 250),
    "percent": (0, 100),
}


def gatt(data: bytes) -> None:
    """Decodes one notification; the first byte chooses its characteristic."""
    char = DECODABLE[(data[0] if data else 0) % len(DECODABLE)]
    try:
        found = decode(char, T, data[1:])
    except DecodeError as error:
        says(error)
        return
    for measurement in found:
        assert measurement.t == T
        plausible(measurement)


def plausible(measurement: Measurement) -> None:
    """Checks that what passes as plausible is finite, and possible for that person."""
    for role, top in FASTEST_MPS.items():
        if implausible(measurement, role) is None:
            possible(measurement, POSSIBLE | {"speed_mps": (0.0, top)})


def possible(value: object, limits: dict[str, tuple[float, float]]) -> None:
    """Checks all numbers in a value by the names of their fields."""
    for name, number in numbers(value):
        low, high = limits.get(name, (-math.inf, math.inf))
        assert math.isfinite(number), (name, number)
        assert low <= number <= high, (name, number)


def stream(data: bytes) -> None:
    """Reads a receiver's stream, cut into pieces of 20 bytes (a link's fewest) and as the first byte says."""
    size, body = (data[0] if data else 0) + 20, data[1:]
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    assert frames(pieces) == frames([body])
    receiver = Stream()
    for piece in pieces:
        for found in receiver.feed(piece, T):
            if isinstance(found, BadFrame):
                one_line(found.reason)
            else:
                plausible(found)


def frames(pieces: list[bytes]) -> list[Frame | BadFrame]:
    """Puts pieces together, and holds little back meanwhile."""
    whole = Reassembler()
    found: list[Frame | BadFrame] = []
    for piece in pieces:
        found += whole.feed(piece)
        assert len(whole._held) <= max(ubx.LONGEST_PAYLOAD + ubx.AROUND, nmea.LONGEST)
    return found + whole.end()


def activity(data: bytes) -> bool:
    """Reads a FIT, GPX or TCX file, and tells whether it gave a run."""
    try:
        run = parse_activity(data, "file")
    except InputError as error:
        says(error, "file: ")
        return False
    sound(run)
    return True


def sound(run: Activity) -> None:
    """Checks that times only rise, and that numbers are finite and possible."""
    times = [record.t_s for record in run.records]
    assert times == sorted(set(times))
    assert math.isfinite(run.own_distance_m)
    for record in run.records:
        possible(record, POSSIBLE)  # its speed may be a car's
    for item in inputs(run):
        assert math.isfinite(item.t)
    for note in run.notes:
        one_line(note)


def command(data: bytes) -> None:
    """Reads a command that came by MQTT."""
    try:
        found = topics.parse_command(data, T, UTC)
    except InputError as error:
        says(error, "command: ")
        return
    assert len(data) <= topics.COMMAND_MAX_BYTES
    assert found.origin == "mqtt"
    assert all(math.isfinite(value) for _, value in numbers(found))


def display(data: bytes) -> None:
    """Hears a payload on each topic, and draws what the rider's page would show."""
    for level in ("state", "cue/rider", "split", "status", "weather"):
        levels = tuple(level.split("/"))
        try:
            heard.read(levels, data)
        except InputError as error:
            says(error)
        after = feed.hear(watching(), Said(levels, data, retain=False, now=T))
        json.dumps(encode(feed.frame(after, "connected", T + 0.1)), allow_nan=False)


@cache
def watching() -> feed.Feed:
    """Returns a page that has followed a run for two seconds."""
    tree, begun = topics.Tree("run", "r"), feed.Feed()
    for now in (T - 2.0, T - 1.0):
        said = topics.message(replace(states.state(), t=now), tree, 1)
        assert said
        begun = feed.hear(begun, Said(("state",), said.payload, retain=False, now=now))
    assert feed.frame(begun, "connected", T).standing == "live"
    return begun


def configuration(data: bytes) -> None:
    """Checks a configuration."""
    with kept(data, ".toml") as path:
        for problem in config.check(path):
            says(problem)


def route(data: bytes) -> None:
    """Reads a course of GPX."""
    _course(data, ".gpx")


def track(data: bytes) -> None:
    """Reads a track of TOML."""
    _course(data, ".toml")


def _course(data: bytes, suffix: str) -> None:
    with kept(data, suffix) as path:
        try:
            course = read_course(path)
        except ConfigError as error:
            says(error, str(path))
            return
    assert isinstance(course, RouteSpec | TrackSpec)
    assert all(math.isfinite(value) for _, value in numbers(course))


def run_on_record(data: bytes) -> None:
    """Reads a recording past its damage."""
    try:
        found = recording.parse(data, "file")
    except InputError as error:
        says(error, "file: ")
        return
    for damage in found.damage:
        one_line(damage.reason)


@contextmanager
def kept(data: bytes, suffix: str) -> Iterator[Path]:
    """Puts bytes in a file for a while."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"file{suffix}")
        path.write_bytes(data)
        yield path


def numbers(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Lists the numbers in a value, with the names of their fields."""
    if is_dataclass(value):
        for field in fields(value):
            yield from numbers(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for one in value:
            yield from numbers(one, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, value


def says(error: Exception, begins: str = "") -> None:
    """Checks that an error is a line that a person can read, and says where."""
    one_line(str(error))
    assert str(error).startswith(begins), error


def one_line(text: str) -> None:
    """Checks that a text is one short line, without anything that a terminal would obey."""
    assert text
    assert text.isprintable(), ascii(text)
    assert len(text) <= LINE_MAX, text


TARGETS: dict[str, Callable[[bytes], object]] = {
    "gatt": gatt,
    "stream": stream,
    "fit": activity,
    "xml": activity,
    "command": command,
    "display": display,
    "config": configuration,
    "route": route,
    "track": track,
    "recording": run_on_record,
}
