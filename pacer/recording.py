r"""Describes the append-only text file that holds every input of a run, and reads it back past any damage.

The format (number 1), so that another program can write one:

    line      crc32 SPACE json LF
    crc32     of the bytes of `json`: the zlib and PNG polynomial, 8 lower-case hexadecimal digits
    json      one JSON object (RFC 8259) in ASCII without LF, numbers finite; its key "k" tells the kind

    k         other keys
    h         format (1), pacer (version), name (of the run), utc, t, boot, setup, config   the header
    a         pacer, utc, t, boot, clock_t                                 an anchor: recording resumed
    n         t, sensor, char ("2a53" or a full UUID, lower case), data (hexadecimal)   a notification
    m         t, sensor, measurement {type: Stride | Fix | ..., its fields}        a measurement of a file
    l         t, sensor, state, detail                                              a radio link's state
    t         t                                                                     a tick of the clock
    c         t, verb, at, value, origin                                            a command
    e         t, outputs, digest, lost                                              the end

The names and units of the fields are those of the classes in `pacer.inputs`, `pacer.measurement` and
`pacer.setup` (SI; `t` in seconds on a clock that neither steps nor stops, written so that it reads back
exactly). A field with a default may be left out. `utc` is ISO 8601 with offset, `t` the clock's reading
at that instant, `boot` identifies the boot that the machine's clock counts from, or is null. `t` goes on
across an anchor, a reboot included: there `clock_t` is what the machine's own clock read, where that is
not `t`. `config` is the path of the configuration, or is left out. `outputs` and `digest` are the count
and the SHA-256 of every output of the session in order: for each its class's name, a space, its canonical
JSON (keys sorted, no blanks, ASCII) and LF. `lost` counts the lines that could not be written.

The header comes first and twice, with an empty line between: no single damaged byte loses it. Every
other line stands alone: a reader skips what it cannot use, and empty lines mean nothing. Lines are
written whole, by one write each, on a file opened for appending; after a failed write the next begins
with LF, so that a torn line costs only itself (`pacer.recorder` does it). Files are named
`<utc>-<name>.pacer` and readable by their owner alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pacer import __version__
from pacer.errors import ConfigError, InputError
from pacer.inputs import Command, Input, Link, Measured, Notification, Tick
from pacer.outputs import Output
from pacer.ranges import check_setup
from pacer.schema import Problems, decode, encode
from pacer.setup import Setup

FORMAT = 1
SUFFIX = ".pacer"
MAX_BYTES = 1 << 29  # 512 MB, some hundred hours: more is some other file, and must not fill the memory
MAX_LINE = 1 << 24  # bytes; the header of a route of 200,000 points has half of it
MAX_UNUSABLE = 200_000  # lines: half of a day's recording may be noise, whose lines are 256 bytes long


@dataclass(frozen=True, slots=True)
class Anchor:
    """Ties the clock of the inputs to the world's: at `utc` it read `t`."""

    utc: str  # ISO 8601
    t: float  # s
    boot: str | None  # identity of the boot; None where the system does not tell
    pacer: str = __version__
    clock_t: float | None = None  # s, what the machine's own clock read, where that is not `t`


@dataclass(frozen=True, slots=True)
class Header:
    """Holds what a session started from, and when."""

    name: str
    setup: Setup
    anchor: Anchor
    config: str | None = None  # path of the configuration, for a resume


@dataclass(frozen=True, slots=True)
class End:
    """Closes a recording that was not cut off."""

    t: float  # s
    outputs: int
    digest: str  # of the outputs, see `OutputDigest`
    lost: int = 0  # lines that could not be written


@dataclass(frozen=True, slots=True)
class Damage:
    """Says which line of a recording was skipped, and why."""

    line: int  # from 1
    reason: str


@dataclass(frozen=True, slots=True)
class Recording:
    """Holds a recording as far as it can be read."""

    header: Header
    inputs: tuple[Input, ...]
    anchors: tuple[tuple[int, Anchor], ...]  # resumed before inputs[n]
    damage: tuple[Damage, ...]
    end: End | None  # None: cut off, or still running


class OutputDigest:
    """Sums up outputs in order, so that a replay can be compared with its run."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0

    def add(self, output: Output) -> None:
        """Adds one output."""
        text = json.dumps(encode(output), sort_keys=True, separators=(",", ":"))
        self._hash.update(f"{type(output).__name__} {text}\n".encode("ascii"))
        self.count += 1

    def hexdigest(self) -> str:
        """Returns the SHA-256 of all outputs so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()


KINDS: dict[str, type[Input]] = {"n": Notification, "m": Measured, "l": Link, "t": Tick, "c": Command}
TAGS = {kind: tag for tag, kind in KINDS.items()}


def is_recording(path: Path) -> bool:
    """Tells a recording from other files by its name or its first bytes; a file that is not there is none."""
    if path.suffix == SUFFIX:
        return True
    try:
        with path.open("rb") as file:
            return re.match(rb'[0-9a-f]{8} \{"k":"[a-z]"', file.read(17)) is not None
    except OSError:
        return False


def line(tag: str, body: dict[str, Any]) -> bytes:
    """Returns one line of a recording; raises ValueError for a number that is not finite."""
    text = json.dumps({"k": tag} | body, separators=(",", ":"), allow_nan=False).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def header_lines(header: Header) -> bytes:
    """Returns the header, twice, with an empty line between."""
    body = {"format": FORMAT, "name": header.name, **encode(header.anchor), "setup": encode(header.setup)}
    body |= {} if header.config is None else {"config": header.config}
    return b"\n".join([line("h", body)] * 2)


def read(path: Path) -> Recording:
    """Reads a recording past any damage.

    Raises:
        InputError: no such file, no readable header in it, or a format newer than this program.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES} bytes: no recording of a run")
        with path.open("rb") as file:
            return _parsed(file, str(path))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def parse(data: bytes, where: str) -> Recording:
    """Reads a recording from bytes, see `read`."""
    return _parsed(io.BytesIO(data), where)


def _parsed(file: IO[bytes], where: str) -> Recording:
    """Reads line by line, so that memory holds inputs alone, whatever else is in the file."""
    read = _Read(where)
    unusable = 0
    for n, raw in enumerate(_lines(file), start=1):
        if raw and read.take(n, raw):
            continue
        unusable += 1
        if unusable > MAX_UNUSABLE:
            raise InputError(f"{where}: more than {MAX_UNUSABLE} unusable lines: no recording of a run")
        if read.other:
            break
    return read.recording()


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yields lines without what ends them, the first `MAX_LINE` bytes of each; some programs write CR LF."""
    while raw := file.readline(MAX_LINE):
        rest = raw
        while len(rest) == MAX_LINE and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE)
        yield raw.rstrip(b"\r\n")


@dataclass(slots=True)
class _Read:
    """Gathers what is read of a recording."""

    where: str
    header: Header | None = None
    end: End | None = None
    inputs: list[Input] = field(default_factory=list)
    anchors: list[tuple[int, Anchor]] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    other: bool = False  # another run's recording begins here

    def take(self, n: int, raw: bytes) -> bool:
        """Takes one line; tells whether it could be used."""
        try:
            match _item(raw, self.where):
                case Header() as item:
                    self._head(item)
                case Anchor() as item:
                    self.anchors.append((len(self.inputs), item))
                case End() as item:
                    self.end = item
                case item:
                    self.inputs.append(item)
                    self.end = None  # resumed after an end
        except ConfigError as error:
            self.damage.append(Damage(n, str(error)))
            return False
        return True

    def _head(self, header: Header) -> None:
        self.header = self.header or header
        if header != self.header:
            self.other = True
            raise ConfigError(f"another run begins here, {header.name!r:.60}: that and the rest is left out")

    def recording(self) -> Recording:
        """Returns all of it."""
        if self.header is None:
            why = f"line {self.damage[0].line}: {self.damage[0].reason}" if self.damage else "it is empty"
            raise InputError(
                f"{self.where}: no readable header: not a recording, or cut off in its header ({why})"
            )
        inputs, anchors, damage = tuple(self.inputs), tuple(self.anchors), tuple(self.damage)
        return Recording(self.header, inputs, anchors, damage, self.end)


def _item(raw: bytes, where: str) -> Header | Anchor | End | Input:
    if raw[:9] != b"%08x " % zlib.crc32(memoryview(raw)[9:]):
        raise ConfigError("torn or changed: its checksum does not fit")
    try:
        body = json.loads(raw[9:])
    except (ValueError, RecursionError):
        raise ConfigError("not JSON, though its checksum fits") from None
    tag = body.pop("k", None) if isinstance(body, dict) else None
    match tag:
        case "h":
            return _header(body, where)
        case "a":
            return decode(Anchor, body, "anchor")
        case "e":
            return decode(End, body, "end")
        case str() if tag in KINDS:
            return decode(KINDS[tag], body, KINDS[tag].__name__)
        case _:
            raise ConfigError(f"unknown kind {tag!r:.60}")


def _header(body: dict[str, Any], where: str) -> Header:
    if body.get("format") != FORMAT:
        told, by = (f"{body.get(key)!r:.60}" for key in ("format", "pacer"))
        raise InputError(
            f"{where}: recording format {told}, written by pacer {by}: "
            f"this is pacer {__version__} and reads format {FORMAT}"
        )
    anchor = {key: body[key] for key in ("utc", "t", "boot", "pacer") if key in body}
    setup = decode(Setup, body.get("setup"), "setup")
    try:
        check_setup(setup, "setup", "")
    except Problems as problems:
        raise problems.found[0] from None
    config = body.get("config")
    where_from = config if isinstance(config, str) else None
    return Header(str(body.get("name", "")), setup, decode(Anchor, anchor, "header"), where_from)
