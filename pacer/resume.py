"""A run taken up again after a crash or a reboot: its recording played into a new session, on one clock.

    newest recording ─▶ refuse what is over, too old or still written ─▶ Session ─▶ engine, appending

The race clock goes on as if nothing had happened: within one boot by the machine's own clock, across a
reboot by UTC. What was run meanwhile nobody heard, and the sensors read as silent until they are back.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pacer.clock import BootClock, Clock, ShiftedClock
from pacer.config import Config, load
from pacer.errors import InputError
from pacer.inputs import Input
from pacer.outputs import Notice, Output, Split
from pacer.recorder import Recorder, anchor_now, folder, slug
from pacer.recording import SUFFIX, Anchor, Header, OutputDigest, Recording, is_recording, read
from pacer.session import Session
from pacer.units import duration

# A reboot takes a minute, an empty battery a quarter of an hour at a socket: who comes back later than this
# takes up another run, and a race clock that went on for hours would only mislead.
OLD_S = 3600.0  # s


@dataclass(frozen=True, slots=True)
class Resumed:
    """Holds a run that can go on where its recording ends."""

    path: Path
    header: Header
    anchor: Anchor  # of this instant, on the recording's clock
    clock: Clock  # goes on from the recording's
    session: Session  # as it was after the last input
    digest: OutputDigest  # of all outputs so far
    said: tuple[Output, ...]  # splits and notices so far, for whoever shows them
    silent_s: float  # s without pacer

    def recorder(self) -> Recorder:
        """Returns a recorder that goes on in the same file: what is there is never touched.

        Raises:
            InputError: another one was quicker.
        """
        recorder = Recorder(self.path, None)
        if not recorder.claim():
            recorder.close()
            raise InputError(f"{self.path}: another pacer is recording it")
        recorder.resume(self.anchor)
        return recorder

    def notice(self) -> Notice:
        """Says that the run goes on, and what is missing."""
        text = f"resumed: nothing was heard for {self.silent_s:.0f} s"
        return Notice(self.anchor.t, "warning", "resumed", text)


def find(file: Path | None) -> tuple[Config, Path]:
    """Finds what `pacer run --resume` is to go on with: a configuration and the newest recording of it.

    `file` is a configuration, a recording, or None for the newest recording in the usual folder.

    Raises:
        InputError: there is none, or it does not tell its configuration.
        ConfigError: the configuration cannot be used.
    """
    if file is not None and not is_recording(file):
        config = load(file)
        return config, _newest(folder(config.recordings), config.name)
    path = file or _newest(folder(), None)
    source = read(path).header.config
    if source is None:
        raise InputError(f"{path}: does not tell its configuration: pacer run CONFIG --resume")
    return load(Path(source)), path


def take_up(path: Path, clock: Clock | None = None) -> Resumed:
    """Plays a recording into a session, and puts the clock where the recording's would be now.

    Raises:
        InputError: it cannot be read, is still being written, is over, is too old, or the clock is wrong.
    """
    if _is_written(path):
        raise InputError(f"{path}: another pacer is recording it")
    clock = clock or BootClock()
    recording = read(path)
    if not recording.inputs:
        raise InputError(f"{path}: nothing was recorded: start a new run")
    _silence(path, recording, anchor_now(clock.now()))
    session, digest = Session(recording.header.setup), OutputDigest()
    said = _play(session, digest, recording.inputs)
    _require_unfinished(path, session)
    now = anchor_now(clock.now())
    silent_s = _silence(path, recording, now)
    t = round(reading(recording, now), 6)
    anchor = replace(now, t=t, clock_t=now.t)
    clock = ShiftedClock(clock, t - now.t)
    return Resumed(path, recording.header, anchor, clock, session, digest, said, silent_s)


def reading(recording: Recording, now: Anchor) -> float:
    """Returns what the recording's clock reads at `now`, s: by the same boot's clock, else by UTC."""
    last = recording.anchors[-1][1] if recording.anchors else recording.header.anchor
    if now.boot is not None and now.boot == last.boot:
        return last.t + now.t - (last.t if last.clock_t is None else last.clock_t)
    return last.t + (_utc(now) - _utc(last)).total_seconds()


def _utc(anchor: Anchor) -> datetime:
    try:
        utc = datetime.fromisoformat(anchor.utc)
    except ValueError:
        utc = datetime.min  # noqa: DTZ901 - refused by the next line
    if utc.tzinfo is None:
        raise InputError(f"utc {anchor.utc!r} in the recording: allowed is ISO 8601 with offset")
    return utc


def _later(utc: datetime, seconds: float) -> str:
    try:
        return (utc + timedelta(seconds=seconds)).isoformat()
    except OverflowError:  # of a damaged recording, or a clock that was never set
        return "a year beyond 9999"


def _silence(path: Path, recording: Recording, now: Anchor) -> float:
    """Returns the seconds since the last input, where they are such that the run can go on."""
    silent_s = reading(recording, now) - recording.inputs[-1].t
    if silent_s < 0:
        last = _later(_utc(now), -silent_s)
        raise InputError(
            f"{path}: its last input is of {last}, this machine's clock says {now.utc}: "
            "set the clock, else the race clock would be wrong"
        )
    if silent_s > OLD_S:
        raise InputError(
            f"{path}: ends {duration(silent_s)} ago: allowed are {duration(OLD_S)}; start a new run"
        )
    return silent_s


def _play(session: Session, digest: OutputDigest, inputs: Sequence[Input]) -> tuple[Output, ...]:
    said: list[Output] = []
    for item in inputs:
        with contextlib.suppress(Exception):  # as in the engine: what the core failed at, it fails at again
            for output in session.step(item):
                digest.add(output)
                said += [output] if isinstance(output, (Split, Notice)) else []
    return tuple(said)


def _require_unfinished(path: Path, session: Session) -> None:
    race = session.run.race if session.run else None
    if race is None or race.phase in ("finished", "stopped"):
        elapsed = race.elapsed(0.0) if race else None
        after = "" if elapsed is None else f" after {duration(elapsed)}"
        raise InputError(
            f"{path}: that run is over{after}: only one that was cut off can go on; start a new run"
        )


def _newest(where: Path, name: str | None) -> Path:
    """Returns the recording that was written to last, of all runs or of those of this name."""
    wanted = re.compile(r".*" if name is None else rf"[\dT-]+Z-{re.escape(slug(name))}(-\d+)?")
    found = [path for path in where.glob(f"*{SUFFIX}") if wanted.fullmatch(path.stem)]
    found = [path for path in found if path.stat().st_size]  # a run that wrote nothing is none
    if not found:
        raise InputError(f"{where}: no recording{'' if name is None else f' of {name!r}'} to go on with")
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def _is_written(path: Path) -> bool:
    """Tells whether a recorder has the file open, here or in another process."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # not there: `read` says so; or a file system without locks
        return False
    return False
