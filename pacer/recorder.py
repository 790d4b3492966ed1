"""Writes recordings: one write a line, errors kept instead of raised. `pacer.recording` has the format."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pacer.errors import InputError
from pacer.inputs import Input
from pacer.recording import SUFFIX, TAGS, Anchor, End, Header, OutputDigest, header_lines, line
from pacer.schema import encode


class Recorder:
    """Appends inputs to a file; trouble with the disk is kept in `error` and never raised into the run."""

    def __init__(
        self, path: Path, header: Header | None, write: Callable[[int, bytes], int] = os.write
    ) -> None:
        """Prepares to write to `path`, which is opened by the first line and, if need be, again by each next.

        `header` is None for a file that goes on: call `resume` first. `write` is os.write but in tests.
        """
        self.path = path
        self.error: str | None = None  # in words, while the last write failed
        self.lost = 0  # lines
        self._fd: int | None = None
        self._shared = False  # another recorder writes this file
        self._write = write
        self._head = b"" if header is None else header_lines(header)  # until it is safely in the file
        self._torn = header is None  # the file may end within a line

    def claim(self) -> bool:
        """Opens the file before anything is written; tells whether no other recorder has it open."""
        with contextlib.suppress(OSError):  # the first line will find and keep it
            self._opened()
        return not self._shared

    def append(self, item: Input) -> None:
        """Writes one input; it is with the system when this returns, unless `error` says otherwise."""
        self._line(TAGS[type(item)], encode(item))

    def resume(self, anchor: Anchor) -> None:
        """Writes that a run goes on after a stop of the program."""
        self._line("a", encode(anchor))

    def end(self, t: float, digest: OutputDigest) -> None:
        """Writes the end line; inputs may still follow where a run is resumed."""
        self._line("e", encode(End(t, digest.count, digest.hexdigest(), self.lost)))

    def sync(self) -> None:
        """Forces what was written onto the disk (4 to 8 ms): call it once a second, in a thread when live."""
        if self._fd is None:
            return
        try:
            getattr(os, "fdatasync", os.fsync)(self._fd)
        except OSError as error:
            if error.errno != errno.EINVAL:  # EINVAL: a pipe or a device, with no disk under it
                self.error = self._words(error)

    def close(self) -> None:
        """Syncs and closes the file."""
        self.sync()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _line(self, tag: str, body: dict[str, Any]) -> None:
        try:
            self._put(self._head + line(tag, body))
        except (OSError, ValueError) as error:
            self.error = self._words(error)
            self.lost += 1
        else:
            self.error = None

    def _put(self, data: bytes) -> None:
        fd = self._opened()
        if self._torn:
            data = b"\n" + data
        self._torn = True
        written = self._write(fd, data)
        if written != len(data):
            raise OSError(errno.ENOSPC, f"only {written} of {len(data)} bytes were taken")
        self._torn = False
        self._head = b""

    def _opened(self) -> int:
        if self._fd is None:
            self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:  # a crash lets go of it
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._shared = True
            except OSError:  # a file system without locks
                self._shared = False
        return self._fd

    def _words(self, error: Exception) -> str:
        said = error.strerror if isinstance(error, OSError) else str(error)
        return f"recording {self.path}: {said}"


def anchor_now(t: float) -> Anchor:
    """Returns the anchor of this instant, at which the engine's clock reads `t`."""
    try:  # Linux only
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = None
    return Anchor(datetime.now(UTC).isoformat(), t, boot)


def folder(chosen: str | None = None) -> Path:
    """Returns where recordings go: `chosen`, else $PACER_HOME/recordings, else ~/pacer/recordings."""
    if chosen is not None:
        return at_home(chosen)
    return home() / "recordings"


def home() -> Path:
    """Returns the folder of all that pacer keeps: $PACER_HOME, else ~/pacer."""
    return at_home(os.environ.get("PACER_HOME") or "~/pacer")


def at_home(path: str) -> Path:
    """Returns a path with ~ put in full.

    Raises:
        InputError: nobody knows where that is.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InputError(
            f"{path}: nobody of that name has a home here: allowed is a path without ~"
        ) from None


def new_path(where: Path, name: str) -> Path:
    """Reserves a file for a run and returns its path, named by UTC and `name`; folders are created.

    Raises:
        InputError: the folder cannot be made or written.
    """
    stem = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}-{slug(name)}"
    try:
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        for n in range(1, 1000):
            path = where / (f"{stem}{SUFFIX}" if n == 1 else f"{stem}-{n}{SUFFIX}")
            if _reserve(path):
                return path
    except OSError as error:
        said = f"{error.strerror}: it must be a writable folder"
        raise InputError(f"recordings folder {where}: {said}") from None
    raise InputError(f"recordings folder {where}: a thousand runs named {stem} are there already")


def slug(name: str) -> str:
    """Returns what of a run's name stands in its file's."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:60]


def _reserve(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True
