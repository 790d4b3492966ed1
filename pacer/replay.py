"""`pacer replay`: a recorded run again, as it was or with another target, course, start or cue policy.

playback: file ─▶ setup, inputs ─▶ Session ─▶ JSON lines, a summary, or the screen
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pacer.app import at_a_terminal, say
from pacer.clock import LoopClock
from pacer.engine import Engine, Sink
from pacer.errors import InputError
from pacer.playback import Options, Playback, Played, load, notes
from pacer.recording import OutputDigest, read
from pacer.session import Session
from pacer.sinks.console import ConsoleSink, state_line
from pacer.sinks.lessons import track_words
from pacer.sources.replay import ReplaySource
from pacer.summary import replay_table
from pacer.units import duration


def run_replay(options: Options) -> None:
    """Replays a file as the options say, to stdout or the screen.

    Raises:
        InputError: the file cannot be used, or `--verify` found a difference.
    """
    if options.verify:
        changes = (
            options.target,
            options.distance,
            options.course,
            options.lane,
            options.start,
            options.policy,
        )
        if any(change is not None for change in (*changes, options.rate)) or options.json:
            raise InputError("--verify compares a run as it was: it goes with no other option")
        verify(options.file)
        return
    played = load(options)
    _tell(options.file, played.notes)
    if options.rate is None:
        _flat_out(played, options)
    else:
        asyncio.run(_paced(played, options))


def _tell(path: Path, notes: Iterable[str]) -> None:
    for note in notes:
        say(f"{path}: {note}")


def verify(path: Path) -> None:
    """Replays a recording and compares the digest of its outputs with the one at its end.

    Raises:
        InputError: the outputs differ, or the recording has no end to compare with.
    """
    recording = read(path)
    _tell(path, notes(recording))
    if recording.end is None:
        raise InputError(f"{path}: cut off before its end: there is no digest to compare with")
    session, digest = Session(recording.header.setup), OutputDigest()
    for item in recording.inputs:
        for output in session.step(item):
            digest.add(output)
    if (digest.count, digest.hexdigest()) != (recording.end.outputs, recording.end.digest):
        made, was = recording.header.anchor.pacer, recording.end.outputs
        raise InputError(f"{path}: outputs differ: {digest.count} now, {was} when recorded with pacer {made}")
    say(f"{path}: {digest.count} outputs, equal to the recorded run's")


def _flat_out(played: Played, options: Options) -> None:
    playback = Playback(played)
    for state in playback.states():
        if options.json:
            sys.stdout.write(json.dumps(state_line(state), allow_nan=False) + "\n")
    if not options.json:
        for line in _told(playback, options.file):
            say(line)
        sys.stdout.write(replay_table(playback.ledger, played.setup, playback.known()) + "\n")


def _told(playback: Playback, file: Path) -> Iterator[str]:
    """Yields what the screen would have told in words, with the race's clock, and how to keep a track."""
    run, ledger = playback.session.run, playback.ledger
    start_t = run.race.start_t if run else None
    for notice in ledger.notices:
        when = "" if start_t is None else f"{duration(notice.t - start_t)} "
        yield f"{when}{notice.level}: {notice.text}"
    if ledger.found:
        yield track_words(ledger.found, file)


async def _paced(played: Played, options: Options) -> None:
    """Replays at a pace, on the screen where there is one."""
    front: Sink = ConsoleSink()
    screen = at_a_terminal() and not options.json
    if screen:
        from pacer.sinks.tui import About, TuiSink  # noqa: PLC0415 - textual is an extra

        notes = (f"replay of {options.file.name}, rate {options.rate:g}",)
        front = TuiSink(LoopClock(), About(notes, on_pace_s=played.setup.policy.dead_band_s))
    engine = Engine(
        session=Session(played.setup),
        sources=(ReplaySource(played.inputs, options.rate or 1.0),),
        sinks=(front,),
        clock=LoopClock(),
        foreground=front if screen else None,
        ticking=False,
    )
    await engine.run()
