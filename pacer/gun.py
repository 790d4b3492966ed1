"""The start: told now, before, or put right later; bodies and race are brought in line with it.

`at` may lie in the past: what was heard since is weighed in again, so that it does not matter when a start
is told. Corrections of the estimator at the gun are kept out of the history by `Race.shift_m`.
"""

from __future__ import annotations

from pacer import finding
from pacer.estimator import body as bodies
from pacer.estimator import onto
from pacer.estimator.body import Body
from pacer.evolve import replace
from pacer.outputs import Notice
from pacer.race import Race
from pacer.rewind import replay
from pacer.run import Run

# Farther from the line than this (and than four times the doubt) the runner starts somewhere else, and
# distance counts from there: a phone that is off by more is plainly broken.
LINE_WITHIN_M = 15.0  # m
SURE_SIGMA = 4.0

# The run, and how far from the line the start was, m, where that is too far.
Shot = tuple[Run, float | None]


def fire(run: Run, at: float) -> Shot:
    """Sets the start instant of both bodies to `at` s, now or before."""
    run = replace(run, rider=_toe(run, at))
    found = run.reels["runner"].back(at)
    track = finding.on_track(run)
    if found is None or (run.search and track != bodies.located(found[0])):
        return _long_after(run, at)
    start, heard = finding.aligned(run, found[0]), found[1]
    there = replay(start, [entry for entry in heard if entry.m.t <= at], at, lambda body: body, ()).body
    s_m = bodies.along_m(there)
    run = finding.begun(run, at, s_m)
    if track and run.runner.course:
        start, there = (onto.moved(body, run.runner.course, -s_m) for body in (start, there))
        run.history.move(bodies.along_m(start) - run.history.s_at(start.belief.t))
    line, off = _line(there, bodies.along_m(there))
    times, cruise = run.history.since(start.belief.t), run.even.cruise_mps

    def shot(body: Body) -> Body:
        body = bodies.gun(body, at, 0.0, line, cruise)
        return bodies.in_flight(body) if run.setup.start == "first_input" else body

    again = replay(start, heard, at, shot, times)
    run.history.rewrite(again.along_m)
    run.history.rise_from(at)
    past_m = 0.0 if line is None else again.after_m - line
    shift = again.after_m - again.before_m
    race = Race("running", at, again.before_m - past_m, shift, tap_ts=run.race.tap_ts)
    if run.tape:
        run.tape.cut(again.chain, at, shift)
    return replace(run, runner=bodies.advance(again.body, run.runner.belief.t), race=race), off


def off_line(t: float, off_m: float) -> Notice:
    """Says that the start was not at the start line, but `off_m` m from it."""
    text = f"the start is {off_m:+.0f} m from the start line: distance counts from where the runner stood"
    return Notice(t, "warning", "start-off-line", text)


def _long_after(run: Run, at: float) -> Shot:
    """Sets the start instant where its measurements are forgotten: what was run since is in the history."""
    if finding.on_track(run) and run.runner.gun_t is not None:
        return finding.recounted(run, at), None
    race, before = run.race, bodies.along_m(run.runner)
    here = before - race.shift_m
    moved = here - run.history.s_at(at) if run.history.t else 0.0
    run = finding.begun(run, at, before - moved)
    body = run.runner
    line, off = _line(body, bodies.along_m(body) - moved)
    body = bodies.gun(body, at, moved, line, run.even.cruise_mps)
    after = bodies.along_m(body)
    past_m = moved if line is None else after - line
    run.history.rise_from(at)
    race = Race("running", at, here - past_m, after - here, tap_ts=race.tap_ts)
    if run.tape:
        run.tape.cut([body], at, race.shift_m)
    return replace(run, runner=body, race=race), off


def _line(body: Body, s_m: float) -> tuple[float | None, float | None]:
    """Finds the start line next to `s_m` on the body's course: where it is, or how far away it is."""
    if body.course is None or not bodies.located(body):
        return None, None
    lap = body.course.lap_m
    line = lap * round(s_m / lap) if lap else 0.0
    if abs(s_m - line) <= max(LINE_WITHIN_M, SURE_SIGMA * bodies.along_sd_m(body)):
        return line, None
    return None, s_m - line


def _toe(run: Run, at: float) -> Body | None:
    """Puts the rider at the line, as far in front of the runner as he is to ride."""
    rider, cruise = run.rider, run.even.cruise_mps
    found = run.reels["rider"].back(at)
    if rider is None or found is None:
        return rider
    again = replay(*found, at, lambda body: bodies.gun(body, at, 0.0, run.setup.lead_m, cruise), ())
    return bodies.advance(again.body, rider.belief.t)
