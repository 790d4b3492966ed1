"""Takes the runner off a course that positions do not fit: from there on its place is not known.

What was heard since they did not fit is weighed in again without the course, so that neither distance nor
what is known of the sensors keeps anything of it. The distance shown does not jump: it is owed the rest.
"""

from __future__ import annotations

import math

from pacer import astray
from pacer.astray import ROAD_M, Doubt, Watch
from pacer.estimator import body as bodies
from pacer.estimator import kalman, model, onto
from pacer.estimator.body import Body
from pacer.evolve import replace
from pacer.gun import LINE_WITHIN_M, SURE_SIGMA, off_line
from pacer.measurement import Fix, Measurement
from pacer.outputs import Notice, Output
from pacer.rewind import Heard, replay
from pacer.run import Run, course_of
from pacer.search import Search, search
from pacer.setup import Kind, Role, RouteSpec, SensorSpec, Setup, TrackSpec
from pacer.tally import Tally

RECEIVERS: tuple[Kind, ...] = ("gps", "gps_uart")

Step = tuple[Run, list[Output]]


def hear(run: Run, fix: Fix, role: Role) -> Step:
    """Looks whether a fix fits the course; a course that does not is given up, once, for runner and rider."""
    body = run.body(role)
    course = body.course if body else None
    if body is None or course is None or course.origin is None or fix.lat_deg is None or fix.lon_deg is None:
        return run, []
    if run.search is not None or not run.running or role != _watched(run):
        return run, []
    if fix.sensor_t is not None and body.fix_t is not None and fix.sensor_t <= body.fix_t:
        return run, []  # late
    place = course.origin.to_enu(fix.lat_deg, fix.lon_deg)
    known, watch = run.watch, astray.look(run.watch, body, course, fix, place)
    run = replace(run, watch=watch)
    if known.gun_t != watch.gun_t and run.setup.start == "first_input" and role == "runner":
        return _found(run, watch)
    wrong = astray.why(watch, course)
    if wrong is None or watch.doubt is None:
        return run, []
    name = "track" if isinstance(run.setup.course, TrackSpec) else "route"
    text = f"the {name} is given up: {wrong}; distance goes on by speed and positions alone"
    return _give_up(run, watch.doubt, role), [Notice(run.t, "warning", "off-course", text)]


def _found(run: Run, watch: Watch) -> Step:
    """Puts the start where the first position after it is: a file may begin anywhere on its course.

    The gun put it on the line, for nobody knew better; the distance shown stays as it is.
    """
    body = run.runner
    off_m = watch.s_m - bodies.along_m(body)
    since = bodies.since_gun(body)
    run_m = SURE_SIGMA * bodies.along_sd_m(body)  # that may have been run since the gun
    if abs(off_m) < max(LINE_WITHIN_M, run_m) or watch.aside_m > ROAD_M:
        return run, []
    if since is None or since > bodies.START_S:
        return run, []
    sd_m = math.hypot(bodies.along_sd_m(body), body.model.bias[0])
    belief = kalman.reset(body.belief, model.S, watch.s_m, sd_m)
    body = replace(body, belief=belief, line_m=body.line_m + off_m)
    race = replace(run.race, shift_m=run.race.shift_m + off_m)
    if run.tape and body.gun_t is not None:
        run.tape.cut([body], body.gun_t, race.shift_m)
    return replace(run, runner=body, race=race), [off_line(run.t, off_m)]


def keep(run: Run, m: Measurement, spec: SensorSpec, *, from_file: bool) -> Run:
    """Keeps a measurement of the body that is watched for as long as the course is in doubt."""
    doubt = run.watch.doubt
    if doubt is None or spec.role != _watched(run):
        return run
    doubt = replace(doubt, heard=(*doubt.heard, Heard(None, m, spec.kind, from_file)))
    return replace(run, watch=replace(run.watch, doubt=doubt))


def _watched(run: Run) -> Role:
    """Tells whose positions are looked at: the runner's, or the rider's where he alone has a receiver."""
    own = any(spec.role == "runner" and spec.kind in RECEIVERS for spec in run.setup.sensors)
    return "runner" if own else "rider"


def _give_up(run: Run, doubt: Doubt, role: Role) -> Run:
    """Goes on without the course's place, as if it had never been told; a track is searched for."""
    setup = replace(run.setup, course=_placeless(run.setup.course))
    begin = onto.lost(doubt.before, course_of(setup, role))
    again = replay(begin, doubt.heard, begin.belief.t, lambda body: body, ())
    body = bodies.advance(again.body, run.t)
    runner = body if role == "runner" else onto.off(run.runner, course_of(setup, "runner"), 0.0)
    rider = body if role == "rider" else _beside(run.rider, setup)
    owed_m = _owed_m(run, bodies.along_m(runner) - run.race.shift_m)
    for reel in run.reels.values():  # bodies of before were on it
        reel.heard.clear()
    if run.tape and role == "runner":
        run.tape.revise(again.chain)
    return replace(
        run.with_tally("runner", Tally()),
        setup=setup,
        runner=runner,
        rider=rider,
        race=replace(run.race, shift_m=run.race.shift_m + owed_m),
        search=_searching(setup, run.race.start_t, owed_m),
        watch=Watch(),
    )


def _owed_m(run: Run, here_m: float) -> float:
    """Returns what the distance shown is owed by who is at `here_m`, m; where none is shown, it may jump."""
    shown_m = max(run.history.s[-1], run.race.origin_m) if run.history.s else here_m
    return min(here_m - shown_m, 0.0) if run.runner.blind else here_m - shown_m


def _searching(setup: Setup, start_t: float | None, owed_m: float) -> Search:
    """Begins the search for a track; distances shown on another do not tell where the start was."""
    begun = search(setup.course)
    assert begun is not None  # noqa: S101 - its place is not known any more
    learner = begun.learner if start_t is None else begun.learner.gun(start_t)
    return replace(begun, learner=learner, owed_m=owed_m, start_told=False)


def _placeless(spec: TrackSpec | RouteSpec | None) -> TrackSpec | None:
    """Returns what is left of a course without its place: the laps of a track, of a route nothing."""
    return replace(spec, lat_deg=None, lon_deg=None) if isinstance(spec, TrackSpec) else None


def _beside(rider: Body | None, setup: Setup) -> Body | None:
    """Takes the rider off it, too."""
    return None if rider is None else onto.off(rider, course_of(setup, "rider"), 0.0)
