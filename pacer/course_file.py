"""Reads a course from a file: a track from TOML, a road route from GPX (with what Python brings along)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from pacer.errors import ConfigError
from pacer.ranges import check_track
from pacer.schema import Problems, decode_all, problem
from pacer.setup import RouteSpec, TrackSpec

MAX_BYTES = 32_000_000  # a route of 200,000 points; more is some other file, and must not fill the memory
MAX_POINTS = 200_000  # a point each metre for 200 km
MAX_DEPTH = 100  # elements inside each other; a GPX file has 5
MAX_BETWEEN = 100_000  # elements in a row that are no points: a bomb of them would take seconds
MAX_NUMBER = 40  # characters of an altitude


def read_course(path: Path) -> TrackSpec | RouteSpec:
    """Reads a course; the file's name tells the kind: .toml is a track, .gpx a route.

    Raises:
        ConfigError: the first thing wrong with it.
    """
    try:
        return read_course_all(path)
    except Problems as problems:
        raise problems.found[0] from None


def read_course_all(path: Path) -> TrackSpec | RouteSpec:
    """Reads a course like `read_course`, or raises `Problems` with everything that is wrong."""
    match path.suffix.lower():
        case ".toml":
            track = decode_all(TrackSpec, read_toml(path), str(path))
            check_track(track, str(path), "")
            return track
        case ".gpx":
            return RouteSpec(_route_points(path))
        case other:
            raise problem(str(path), "", other, "a file ending in .toml (a track) or .gpx (a route)")


def read_toml(path: Path) -> dict[str, Any]:
    """Reads a TOML file, or raises `Problems` with the line that is no TOML."""
    try:
        return tomllib.loads(read_bytes(path).decode("utf-8-sig"))  # some editors begin with a mark
    except UnicodeDecodeError as error:
        raise Problems([ConfigError(f"{path}: byte {error.start} is not UTF-8 text")]) from None
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise Problems([ConfigError(f"{path}: not TOML: {error}")]) from None


def read_bytes(path: Path) -> bytes:
    """Reads a file of sensible size, or raises `Problems`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        said = getattr(error, "strerror", None) or error
        raise Problems([ConfigError(f"{path}: {said}")]) from None
    if len(data) > MAX_BYTES:
        raise Problems([ConfigError(f"{path}: larger than {MAX_BYTES} bytes, which is allowed")])
    return data


Point = tuple[float, float, float | None]


def _route_points(path: Path) -> tuple[Point, ...]:
    reader = _Gpx()
    try:
        reader.parser.Parse(read_bytes(path), True)  # noqa: FBT003 - the parser takes no keyword
        points = tuple(_points(reader.tracks or reader.routes))
    except expat.ExpatError as error:
        raise Problems([ConfigError(f"{path}: not GPX: {error}")]) from None
    except (ValueError, LookupError) as error:  # LookupError: an encoding that Python does not know
        raise Problems([ConfigError(f"{path}: {error}")]) from None
    if len(points) < 2:
        raise Problems([ConfigError(f"{path}: a course needs two points (trkpt or rtept) or more")])
    return points


def _points(raw: list[dict[str, str]]) -> Iterator[Point]:
    for n, point in enumerate(raw, start=1):
        try:
            lat, lon = float(point["lat"]), float(point["lon"])
            altitude = float(point["ele"]) if point.get("ele", "").strip() else None
        except (KeyError, ValueError):
            raise ValueError(f"point {n}: lat, lon and ele must be numbers") from None
        if not (abs(lat) <= 90 and abs(lon) <= 180 and math.isfinite(altitude or 0)):
            raise ValueError(f"point {n} at {lat}, {lon}: allowed are -90 to 90 and -180 to 180 degrees")
        yield lat, lon, altitude


class _Gpx:
    """Gathers the points of a GPX file as text; refuses entities, which no GPX needs."""

    def __init__(self) -> None:
        self.tracks: list[dict[str, str]] = []
        self.routes: list[dict[str, str]] = []
        self._point: dict[str, str] | None = None
        self._in_ele = False
        self._depth = self._between = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._depth += 1
        self._between += 1
        if self._depth > MAX_DEPTH or self._between > MAX_BETWEEN:
            raise ValueError("more elements inside each other, or without a point, than a course has")
        if local in ("trkpt", "rtept"):
            self._point, self._between = dict(attributes), 0
            points = self.tracks if local == "trkpt" else self.routes
            points.append(self._point)
            if len(points) > MAX_POINTS:
                raise ValueError(f"{len(points)} points or more: allowed are {MAX_POINTS}")
        self._in_ele = local == "ele"

    def _end(self, name: str) -> None:
        self._in_ele = False
        self._depth -= 1
        if name.rpartition(":")[2] in ("trkpt", "rtept"):
            self._point = None

    def _text(self, text: str) -> None:
        if self._in_ele and self._point is not None:
            self._point["ele"] = (self._point.get("ele", "") + text.strip())[:MAX_NUMBER]

    def _entity(self, name: str, *_: object) -> None:
        raise ValueError(f"it declares an entity ({name:.60}): not allowed in a course")
