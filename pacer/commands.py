"""What a person can ask for during a run: start, put the start right, lap, undo, stop, another target."""

from __future__ import annotations

import math

from pacer import finding, gun
from pacer.estimator import body as bodies
from pacer.estimator.observe import tap
from pacer.evolve import replace
from pacer.inputs import Command
from pacer.lesson import learned
from pacer.outputs import Finished, Notice, Output, Split
from pacer.race import Race
from pacer.ride import PaceLine
from pacer.run import Run
from pacer.setup import Mode
from pacer.units import duration

# A start without GPS is asked for twice; the second time within this.
CONFIRM_S = 10.0  # s
# How sure a footpod that was never calibrated is of its distance; said to the person who starts without GPS.
POD_DOUBT_PERCENT = 3

# A command is about a time near its own, else it was reckoned on another clock: a day's run before, or a
# file's beginning ahead.
PAST_S, FUTURE_S = 86400.0, 86400.0  # s

Step = tuple[Run, list[Output]]


def obey(run: Run, command: Command) -> Step:  # noqa: PLR0911 - a row per command reads best
    """Obeys a command; one that makes no sense now is answered with a Notice that says why."""
    at = command.t if command.at is None else command.at
    if not math.isfinite(at):
        return run, [_no(command, f"the time {at} is not a time")]
    if not command.t - PAST_S <= at <= command.t + FUTURE_S:
        return run, [_no(command, f"{at - command.t:+.0f} s from now: another clock's time?")]
    match command.verb, run.race.phase:
        case "start", "waiting" | "armed" | "countdown":
            return _start(run, command, at)
        case "correct_start", "countdown" | "running":
            return _correct(run, at)
        case "lap" | "undo" as verb, "running":
            return _tap(run, command, at) if verb == "lap" else _undo(run, command)
        case "arm" | "stop", "waiting" | "countdown" | "armed":
            return _arm(run, command)
        case "stop", "running":
            return _stop(run, command.t)
        case "target", "waiting" | "armed" | "countdown" | "running":
            return _target(run, command)
        case "strict" | "elastic" | "audio" as mode, _:
            return _mode(run, command, mode)
    return run, [_no(command, f"{command.verb} means nothing while {run.race.phase}")]


def _arm(run: Run, command: Command) -> Step:
    if command.verb == "arm":
        return replace(run, race=Race("armed")), [_yes(command, "armed: starts with the first step")]
    return replace(run, race=Race("waiting")), [_yes(command, "start called off")]


def _start(run: Run, command: Command, at: float) -> Step:
    asked = run.race.confirm_t
    confirmed = asked is not None and command.t - asked <= CONFIRM_S
    if command.origin != "engine" and not confirmed and (why := _unsure(run)):
        race = replace(run.race, confirm_t=command.t)
        return replace(run, race=race), [Notice(run.t, "warning", "confirm-start", why)]
    return fire(run, at, "start")


def _unsure(run: Run) -> str | None:
    """Says what a start now would have to do without."""
    for health in run.health.values():
        if health.spec.role == "runner" and health.spec.kind in ("gps", "gps_uart"):
            state = health.state(run.t)
            if state in ("searching", "no fix", "gone"):
                return (
                    f"{health.spec.name} has no fix ({state}): without it the distance is the footpod's, "
                    f"good to {POD_DOUBT_PERCENT} %; start again within {CONFIRM_S:.0f} s to run so"
                )
    return None


def _correct(run: Run, at: float) -> Step:
    return fire(run, at, "start-corrected")


def fire(run: Run, at: float, code: str) -> Step:
    """Fires the gun at `at` for both bodies, or counts down; splits are found again at the next tick."""
    if at > run.t:
        race = Race("countdown", start_t=at)
        return replace(run, race=race), [Notice(run.t, "info", code, f"start in {at - run.t:.1f} s")]
    run, off_m = gun.fire(run, at)
    ago = run.t - at
    out: list[Output] = [Notice(run.t, "info", code, f"started {ago:.2f} s ago")]
    if off_m is not None:
        out.append(gun.off_line(run.t, off_m))
    return run, out


def _tap(run: Run, command: Command, at: float) -> Step:
    """Notes a lap tap: the time is the person's, the distance the estimate's at that time."""
    start = run.race.start_t
    assert start is not None  # noqa: S101 - the phase is "running"
    before = run.race.tap_ts[-1] if run.race.tap_ts else start
    if not before < at <= run.t:
        return run, [_no(command, f"a lap at {at:.1f} s: allowed is after the one before it, and until now")]
    race = replace(run.race, tap_ts=(*run.race.tap_ts, at))
    here = run.history.s_at(at) - race.origin_m
    there = run.history.s_at(before) - race.origin_m if run.race.tap_ts else 0.0
    split = Split(
        t=at,
        kind="tap",
        index=len(race.tap_ts),
        distance_m=here,
        elapsed_s=at - start,
        leg_m=here - there,
        leg_s=at - before,
        gap_s=run.even.gap_s(here, at - start),
    )
    # where the place of the lap lines is known, a tap also says where the runner was
    runner, _ = tap(bodies.advance(run.runner, run.t), at, run.tap_lines())
    if run.tape:
        run.tape.keep(runner)
    return replace(run, race=race, runner=runner), [split]


def _undo(run: Run, command: Command) -> Step:
    if not run.race.tap_ts:
        return run, [_no(command, "there is no lap tap to take back")]
    race = replace(run.race, tap_ts=run.race.tap_ts[:-1])
    return replace(run, race=race), [_yes(command, f"lap tap {len(run.race.tap_ts)} taken back")]


def _stop(run: Run, t: float) -> Step:
    race = replace(run.race, phase="stopped", end_t=t)
    run = replace(run, race=race)
    elapsed = race.elapsed(t) or 0.0
    done = Finished(t, elapsed, max(run.history.s_at(t) - race.origin_m, 0.0), stopped=True)
    return run, [done, learned(run), *finding.learnt(run)]


def _target(run: Run, command: Command) -> Step:
    value = command.value
    # faster than 12.5 m/s is no runner, slower than a mile in 2 hours no run
    low, high = run.setup.target.distance_m / 12.5, run.setup.target.distance_m / 0.2
    if value is None or not low <= value <= high:
        return run, [_no(command, f"target {value} s: allowed are {low:.0f} to {high:.0f} s")]
    target = replace(run.setup.target, time_s=value)
    run = replace(run, setup=replace(run.setup, target=target))
    return run, [_yes(command, f"target {duration(value)}")]


def _mode(run: Run, command: Command, mode: Mode) -> Step:
    """Changes what the rider does; the line goes on from the even split."""
    if run.rider is None:
        return run, [_no(command, "there is no rider")]
    return replace(run, setup=replace(run.setup, mode=mode), line=PaceLine()), [_yes(command, _MODES[mode])]


_MODES: dict[Mode, str] = {
    "strict": "strict: the rider holds the even split, whatever the runner does",
    "elastic": "elastic: the rider waits for a runner who falls back",
    "audio": "audio: nobody rides, the runner hears",
}


def _yes(command: Command, text: str) -> Notice:
    return Notice(command.t, "info", command.verb, text)


def _no(command: Command, text: str) -> Notice:
    return Notice(command.t, "warning", f"{command.verb}-refused", text)
