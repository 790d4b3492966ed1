"""The golden recordings: short simulated runs that pin behaviour, and what came of them.

python -m tests.promises.goldens      makes the recordings anew; they are kept as they are, for old
                                      recordings must stay readable, and the simulator may change
PACER_ACCEPT=1 pytest tests/promises -k R6     writes what comes of them now: look at the difference
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pacer.inputs import Command, Input, Notification
from pacer.outputs import Output, State
from pacer.recorder import Recorder
from pacer.recording import Anchor, Header, read
from pacer.schema import encode
from pacer.session import Session
from pacer.setup import Setup, Target
from pacer.sinks.console import EverySecond
from tests.support import direct
from tests.support.wrong import north

FOLDER = Path(__file__).parents[1] / "golden" / "recordings"
UTC = "2026-05-01T10:00:00+00:00"
TOLD_T, GUN_T, END_T = 6.0, 10.0, 70.0  # s: a minute of running
TARGET = Target(300.0, 50.0)  # m, s: all but the shortened one finish
GUN = Command(TOLD_T, "start", at=GUN_T)
CLOSE = 1e-6  # relative, and absolute near zero: another machine's arithmetic, and no more

Change = Callable[[Input], Input | None]


def paths() -> list[Path]:
    """Lists the golden recordings."""
    return sorted(FOLDER.glob("*.pacer"))


def expected(path: Path) -> Path:
    """Returns where what came of a recording is kept."""
    return path.with_suffix(".expected.jsonl")


@cache
def outputs(path: Path) -> tuple[Output, ...]:
    """Plays a recording, and returns all that comes of it."""
    recording = read(path)
    session = Session(recording.header.setup)
    return tuple(output for item in recording.inputs for output in session.step(item))


def lines(said: Iterable[Output]) -> Iterator[dict[str, Any]]:
    """Lists what is pinned: a state a second, and everything else."""
    every = EverySecond()
    for output in said:
        if isinstance(output, State):
            if every.picks(output):
                yield _plain(_short(output))
        else:
            yield _plain({"is": type(output).__name__} | encode(output))


def _short(state: State) -> dict[str, Any]:
    """Picks what a person acts on."""
    runner, rider, standing = state.runner, state.rider, state.standing
    return {
        "t": state.t,
        "phase": state.phase,
        "elapsed_s": state.elapsed_s,
        "runner": [runner.distance_m, runner.distance_sd_m, runner.speed_mps, runner.speed_sd_mps],
        "gap_s": [standing.gap_s, standing.gap_sd_s, standing.finish_s],
        "rider": [rider.distance_m, rider.speed_mps, state.rider_gap_m, state.rider_asked_mps]
        if rider
        else None,
        "lap": [state.lap, state.laps],
        "seen": [state.heart_rate_bpm, state.cadence_spm, state.cue.seq if state.cue else None],
        "sensors": [f"{sensor.name} {sensor.state} {sensor.refused}" for sensor in state.sensors],
    }


def _plain(value: Any) -> Any:
    """Returns what JSON makes of a value, its numbers to nine digits: finer than what is compared."""
    text = json.dumps(value)
    return json.loads(text, parse_float=lambda digits: float(f"{float(digits):.9g}"))


def differences(was: object, now: object, where: str = "") -> Iterator[str]:
    """Says where two values differ: numbers by more than `CLOSE`, anything else at all."""
    match was, now:
        case dict(), dict() if was.keys() == now.keys():
            for key in was:
                yield from differences(was[key], now[key], f"{where}.{key}")
        case list(), list() if len(was) == len(now):
            for i, (one, other) in enumerate(zip(was, now, strict=True)):
                yield from differences(one, other, f"{where}[{i}]")
        case float(), float() | int() if math.isclose(was, now, rel_tol=CLOSE, abs_tol=CLOSE):
            pass
        case _ if was != now:
            yield f"{where}: {was!r} is now {now!r}"


def write_expected(path: Path) -> None:
    """Accepts what comes of a recording now."""
    text = "".join(f"{json.dumps(line, sort_keys=True)}\n" for line in lines(outputs(path)))
    expected(path).write_text(text, encoding="ascii")


def _quiet(sensor: str, from_t: float, to_t: float) -> Change:
    """Makes a sensor silent for a while."""
    return lambda item: (
        None if isinstance(item, Notification) and item.sensor == sensor and from_t < item.t < to_t else item
    )


def _north(item: Input) -> Input:
    """Throws one position in twenty 50 m to the north."""
    if isinstance(item, Notification) and int(item.t) % 20 == 0:
        return north(50.0)(item) or item
    return item


def _same(item: Input) -> Input:
    return item


def _make(  # noqa: PLR0917 - a table of runs reads best in rows
    name: str,
    scenario: str = "study/even",
    setup: Setup | None = None,
    commands: Sequence[Command] = (GUN,),
    change: Change = _same,
    end_t: float = END_T,
) -> Path:
    setup = replace(setup or direct.kit(direct.FOOTPOD, direct.GPS), target=TARGET, split_m=100.0)
    gps = "ubx" if any(spec.kind == "gps_uart" for spec in setup.sensors) else "ln"
    run = direct.drive(scenario, 11, setup, commands, gps=gps, gun_t=GUN_T, limit_s=end_t)  # type: ignore[arg-type]  # one of two words
    path = FOLDER / f"{name}.pacer"
    path.unlink(missing_ok=True)
    recorder = Recorder(path, Header(name, setup, Anchor(UTC, 0.0, None, "0.1.0")))
    for item in run.inputs:
        changed = change(item)
        if changed is not None:
            recorder.append(changed)
    recorder.close()
    return path


def _cut_and_resumed() -> None:
    """Makes a run that was killed within a line, and taken up again 12 s later."""
    whole = _make("crash-tail")
    kept = whole.read_bytes()
    cut = kept.index(b'{"k":"t","t":40.0}') + 5
    late = [item for item in read(whole).inputs if item.t > 52.0]
    whole.write_bytes(kept[:cut])
    recorder = Recorder(whole, None)
    recorder.resume(Anchor("2026-05-01T10:00:52+00:00", 52.0, None, "0.1.0"))
    for item in late:
        recorder.append(item)
    recorder.close()


def main() -> None:
    """Makes them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    taps = [GUN, Command(30.0, "lap"), Command(31.0, "undo"), Command(55.0, "lap")]
    put_right = [Command(45.0, "correct_start", at=GUN_T + 0.5), Command(50.0, "target", value=54.0)]
    _make("steady", setup=direct.kit())
    _make("paced", "paced")
    _make("intervals", "study/erratic", commands=[*taps, *put_right])
    _make("tunnel", change=_quiet("gps", 30.0, 50.0))
    _make("pod-only", setup=direct.kit(direct.FOOTPOD, start="first_step"), commands=[])
    _make("gps-only", setup=direct.kit(direct.GPS_UART), end_t=35.0)
    _make("no-course", setup=direct.kit(direct.GPS, course=None))
    _make("glitches", "study/multipath", change=_north)
    _make("radio", "study/ooo")
    _make("pause", change=lambda item: None if 35.0 < item.t < 48.0 else item)  # asleep: no tick either
    _cut_and_resumed()
    for path in paths():
        write_expected(path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size}, {expected(path).stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
