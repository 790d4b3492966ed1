"""What happens ten times a second: silence noticed, marks passed, a cue decided, the picture drawn."""

from __future__ import annotations

import math

from pacer import commands, cue, finding, witness
from pacer.cue import Decision, Situation
from pacer.escort import Escort, behind_line_s, escort, situation
from pacer.estimator import body as bodies
from pacer.evolve import replace
from pacer.health import Health
from pacer.lesson import learned
from pacer.outputs import Cue, Estimate, Finished, Output, Standing, State
from pacer.race import new_marks
from pacer.run import Result, Run
from pacer.setup import Role
from pacer.shown import show
from pacer.standing import AT_SPEED_S, UNKNOWN, learn, stand

# The picture shows a heart rate or a cadence for as long as its sensor is not silent; below this many
# strides a minute a pod counts strides (one foot), above it steps: nobody takes 240 steps a minute.
STRIDES_BELOW = 120.0  # 1/min

Step = tuple[Run, list[Output]]


def tick(run: Run) -> Step:
    """Lets the run go on to `run.t` and draws it."""
    run, out = _silences(run)
    run, shot = _advance(run)
    out += shot
    run, marks = _marks(run)
    estimate = _runner(run)
    run = _show(run, estimate.speed_mps)
    elapsed = run.race.elapsed(run.t)
    run, compared = _compare(run, estimate, elapsed)
    run, riding = escort(run, estimate, elapsed)
    run, cues = _cues(run, _situation(run, estimate, compared[0], elapsed), situation(run, riding, elapsed))
    return run, [*out, *marks, *cues, _state(run, estimate, compared, elapsed, riding)]


def _silences(run: Run) -> Step:
    out: list[Output] = []
    for health in run.health.values():
        known, notice = (health.rest(run.t) if _rests(run, health) else health).silence(run.t)
        run = run.with_health(known)
        if notice:
            out.append(notice)
    return run, out


def _rests(run: Run, health: Health) -> bool:
    """Tells whether a sensor's body stands: before the gun, by fresh readings, or by its own last word."""
    body = run.body(health.spec.role)
    if not run.running or body is None or not bodies.fresh(body, run.t):
        return not run.running or health.said.still
    speed = bodies.speed_mps(body)
    return speed is not None and speed < bodies.STANDING_MPS


def _advance(run: Run) -> Step:
    """Moves the bodies to now, writes the history, and fires the gun when a countdown is over."""
    if run.search and run.history.t:
        run = finding.settle(run, run.t - run.history.t[-1])
    race = run.race
    runner = bodies.advance(run.runner, run.t)
    rider = bodies.advance(run.rider, run.t) if run.rider else None
    if not runner.blind:
        rising = race.phase in ("running", "finished", "stopped") and not bodies.false_start(runner, run.t)
        run.history.append(run.t, bodies.along_m(runner) - race.shift_m, rising=rising)
    run = replace(run, runner=runner, rider=rider)
    if race.phase == "countdown" and race.start_t is not None and run.t >= race.start_t:
        return commands.fire(run, race.start_t, "start")
    return run, []


def _runner(run: Run) -> Estimate:
    """Draws the runner's estimate with the distance that counts: from the start, never falling."""
    estimate = bodies.estimate(run.runner)
    if estimate.distance_m is None or run.race.start_t is None:
        return replace(estimate, distance_m=None, distance_sd_m=None)
    if run.t < run.race.start_t:
        return replace(estimate, distance_m=0.0)
    distance = max(run.history.s[-1] - run.race.origin_m, 0.0)
    if run.search and estimate.distance_sd_m is not None:
        estimate = replace(estimate, distance_sd_m=run.search.doubt_m(estimate.distance_sd_m, distance))
    elif run.watch.off_m and estimate.distance_sd_m is not None:
        estimate = replace(estimate, distance_sd_m=math.hypot(estimate.distance_sd_m, run.watch.off_m))
    return replace(estimate, distance_m=distance)


def _show(run: Run, speed_mps: float | None) -> Run:
    """Works out the speed that people are shown, and how evenly the runner keeps to the target's."""
    shown = show(run.shown, run.t, speed_mps)
    uneven, elapsed = run.unevenness, run.race.elapsed(run.t)
    if run.running and elapsed is not None and elapsed > AT_SPEED_S:
        uneven = learn(uneven, shown.speed_mps, run.even.cruise_mps, run.t - run.shown.t)
    return replace(run, shown=shown, unevenness=uneven)


def _compare(run: Run, estimate: Estimate, elapsed: float | None) -> tuple[Run, Result]:
    """Compares the estimate with the target: the standing, and what remains, m; once over, both stay."""
    if run.result is not None:
        return run, run.result
    if elapsed is None:
        return run, (UNKNOWN, _left_m(run, estimate))
    estimate = _at_the_end(run, estimate)
    standing = stand(estimate, run.even, elapsed, run.shown.speed_mps, run.unevenness)
    found = standing, _left_m(run, estimate)
    if run.race.end_t is None or standing.gap_s is None:
        return run, found
    # over: what the runner does now, and which sensor is silent, changes no result
    return replace(run, result=found), found


def _left_m(run: Run, estimate: Estimate) -> float | None:
    s = estimate.distance_m
    return None if s is None else max(run.setup.target.distance_m - s, 0.0)


def _at_the_end(run: Run, estimate: Estimate) -> Estimate:
    """Returns the estimate that the gap is reckoned from: once the run is over, where it ended."""
    if run.race.phase == "finished":
        return replace(estimate, distance_m=run.setup.target.distance_m)
    if run.race.phase == "stopped" and run.race.end_t is not None:
        return replace(estimate, distance_m=max(run.history.s_at(run.race.end_t) - run.race.origin_m, 0.0))
    return estimate


def _marks(run: Run) -> Step:
    """Finds splits and laps that were passed since the tick before, and the finish."""
    if not run.running:
        return run, []
    race, splits = new_marks("split", run.race, run.history, run.even, run.split_marks())
    race, laps = new_marks("lap", race, run.history, run.even, run.lap_lines())
    if not splits and not laps:
        return run, []
    out: list[Output] = sorted([*splits, *laps], key=lambda split: split.t)
    run = replace(run, race=race)
    if not splits or not splits[-1].final:
        return run, out
    run = replace(run, race=replace(race, phase="finished", end_t=splits[-1].t))
    done = Finished(run.t, splits[-1].elapsed_s, run.setup.target.distance_m, stopped=False)
    return run, [*out, done, learned(run), *finding.learnt(run)]


def _cues(run: Run, runner: Situation | None, rider: Situation | None) -> Step:
    """Asks the policy for each body; a cue goes to whom it is about."""
    run, to_rider = _ask(run, "rider", rider)
    run, to_runner = _ask(run, "runner", runner)
    return run, [*to_rider, *to_runner]


def _ask(run: Run, role: Role, now: Situation | None) -> Step:
    before = run.memory if role == "runner" else run.rider_memory
    memory, decision = cue.decide(run.setup.policy, before, now)
    if memory is not before:
        run = replace(run, memory=memory) if role == "runner" else replace(run, rider_memory=memory)
    if decision is None or now is None:
        return run, []
    said = _cue(run.seq + 1, role, decision, now)
    return replace(run, seq=said.seq, cue=said if role == "runner" else run.cue), [said]


def _situation(run: Run, e: Estimate, standing: Standing, elapsed: float | None) -> Situation | None:
    """Gathers what the policy may look at; None unless the run is on, all is known, fresh and believed."""
    if not run.running or elapsed is None or not (bodies.fresh(run.runner, run.t) and run.trusts("runner")):
        return None
    if any(witness.doubtful(health, run.runner, run.t) for health in run.health.values()):
        return None
    match e, standing:
        case Estimate(speed_mps=float(speed), speed_sd_mps=float(speed_sd), distance_m=float(s)), Standing(
            gap_s=float(g), gap_sd_s=float(sd)
        ):
            if run.setup.mode == "elastic" and run.rider is not None:
                g = behind_line_s(run, s, elapsed)  # the line that may have waited
            remaining, cruise = run.setup.target.distance_m - s, run.line.cruise_mps(run.even)
            return Situation(run.t, elapsed, g, sd, speed, speed_sd, cruise, s, remaining)
        case _:
            return None


def _cue(seq: int, to: Role, decision: Decision, now: Situation) -> Cue:
    return Cue(
        t=now.t,
        seq=seq,
        to=to,
        word=decision.word,
        change_mps=decision.change_mps,
        speed_mps=now.speed_mps + decision.change_mps,
        gap_s=now.gap_s,
        gap_sd_s=now.gap_sd_s,
    )


def _state(
    run: Run, estimate: Estimate, compared: Result, elapsed: float | None, riding: Escort | None
) -> State:
    race, target, (standing, left_m) = run.race, run.setup.target, compared
    waiting = race.phase == "countdown" and race.start_t is not None
    return State(
        t=run.t,
        phase=race.phase,
        elapsed_s=elapsed,
        countdown_s=race.start_t - run.t if waiting and race.start_t is not None else None,
        runner=estimate,
        pace_mps=run.shown.speed_mps,
        standing=standing,
        mode=run.setup.mode if run.rider else "audio",
        rider=riding.rider if riding else None,
        rider_gap_m=riding.ahead_m if riding else None,
        rider_asked_mps=riding.asked_mps if riding else None,
        lap=_lap(run) if elapsed is not None else None,
        laps=len(run.lap_lines()) or None,
        remaining_m=left_m,
        target_time_s=target.time_s,
        target_distance_m=target.distance_m,
        heart_rate_bpm=run.heart.bpm if run.heart and _alive(run, "heart_rate") else None,
        cadence_spm=_steps(run),
        cue=_in_force(run),
        sensors=tuple(h.status(run.t) for h in run.health.values()),
    )


def _in_force(run: Run) -> Cue | None:
    """Returns the cue that the runner may still act on: none is left when the run is over."""
    cue = run.cue
    return cue if cue and run.running and run.t - cue.t <= cue.ttl_s else None


def _lap(run: Run) -> int | None:
    """Counts laps from 1; the last one stays the last after the finish."""
    count = len(run.lap_lines())
    return min(len(run.race.lap_ts) + 1, count) if count else None


def _alive(run: Run, kind: str) -> bool:
    return any(
        h.spec.kind == kind and h.spec.role == "runner" and h.lives(run.t) for h in run.health.values()
    )


def _steps(run: Run) -> float | None:
    """Gives steps a minute, whatever the pod counts."""
    if run.stride is None or run.stride.cadence_spm is None or not _alive(run, "footpod"):
        return None
    spm = run.stride.cadence_spm
    return spm * 2 if spm < STRIDES_BELOW else spm
