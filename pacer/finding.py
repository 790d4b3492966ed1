"""Finds the track while it is run on: the runner is put on it, and the distance shown follows without a jump.

fix ─▶ Learner ─ found ─▶ the body on the oval, progress 0 at the start ─▶ what is shown is owed the rest
               ─ drawn better ─▶ the body on the better oval; the first two laps are put right too
               ─ left ─▶ the body off it: distance goes on by speed and trail
"""

from __future__ import annotations

import math
from array import array
from statistics import median

from pacer.course import Oval
from pacer.course.onthefly import LEFT_M, Found
from pacer.estimator import body as bodies
from pacer.estimator import onto
from pacer.estimator.body import Body
from pacer.estimator.trail import chords_m
from pacer.evolve import replace
from pacer.measurement import Fix
from pacer.outputs import Notice, Output, TrackLearned
from pacer.race import History, new_marks
from pacer.run import Run, course_of
from pacer.search import Search
from pacer.setup import TrackSpec
from pacer.tally import Tally
from pacer.units import Z_95

# What is owed is paid by a tenth of the way: a distance that grows by a tenth too fast or too slow does not
# jump, and the most that is owed after a lap and a bit, 5 % of it, is paid before the third lap.
PAID_SHARE = 0.1
# More than this is no error of a trail of positions (5 % of the way, and where it began): a lap was missed,
# or the track was reached late, and what was run so far stays as it was shown.
ODD_SHARE, ODD_M = 0.1, 15.0  # m
# The start's place is the mean of these first seconds: some twenty fixes, and a trail still good to a metre.
FIRST_S = 20.0  # s
START_SD_M = 2.0  # m: their common error, the slow bias of a phone at the gun
PUT_RIGHT_LAPS = 2.0  # a lap's length learnt better puts these right; later ones stay as they were shown

LEFT = "the track was left: distance goes on by speed and positions alone"

Step = tuple[Run, list[Output]]
Place = tuple[float, float]  # degrees, latitude and longitude


def hear(run: Run, fix: Fix, lag_s: float) -> Step:
    """Shows a fix of the runner, true `lag_s` ago, to the search; what it finds changes the course."""
    search = run.search
    if search is None or run.race.end_t is not None or fix.lat_deg is None or fix.lon_deg is None:
        return run, []
    if fix.sensor_t is not None and run.runner.fix_t is not None and fix.sensor_t <= run.runner.fix_t:
        return run, []  # late: it would bend the path
    before, learner = search.learner.found, search.learner.add(run.t, fix.lat_deg, fix.lon_deg)
    if learner.found is None and before is not None:
        run = _leave(replace(run, runner=bodies.advance(run.runner, run.t)))
        search = run.search or search
    run = replace(run, search=replace(search, learner=learner))
    if learner.found is None:
        return run, [Notice(run.t, "warning", "track-left", LEFT)] if before else []
    if learner.found is before:
        return run, []
    run = replace(run, runner=bodies.advance(run.runner, run.t))
    if before is None:
        return _take_up(run, learner.found, (fix.lat_deg, fix.lon_deg), lag_s)
    return _refine(run, learner.found, lag_s), []


def on_track(run: Run) -> bool:
    """Tells whether the runner is on a track that was found in this run."""
    return run.search is not None and run.search.learner.found is not None


def settle(run: Run, dt_s: float) -> Run:
    """Pays some of what the distance shown is owed, for `dt_s` s of running."""
    search = run.search
    if search is None or not search.owed_m:
        return run
    most = PAID_SHARE * max(bodies.speed_mps(run.runner) or 0.0, 0.0) * dt_s
    paid = math.copysign(min(abs(search.owed_m), most), search.owed_m)
    race = replace(run.race, shift_m=run.race.shift_m - paid)
    return replace(run, race=race, search=replace(search, owed_m=search.owed_m - paid))


def learnt(run: Run) -> list[Output]:
    """Hands over the track that the run has found, for who wants to keep it."""
    if run.search is None or run.search.learner.found is None:
        return []
    found = run.search.learner.found.learnt
    return [TrackLearned(run.t, found.track, found.quality.laps, found.quality.lap_m, found.quality.lap_sd_m)]


def begun(run: Run, at: float, s_m: float) -> Run:
    """Tells the search that the gun was at `at` s; a track that was found counts from its place `s_m` on."""
    search, line = run.search, run.runner.course
    if search is None:
        return run
    if search.learner.found is None or not isinstance(line, Oval):
        return replace(run, search=replace(search, learner=search.learner.gun(at)))
    past_m = s_m - line.start_offset_m
    learner = search.learner.gun(at, past_m)
    assert learner.found is not None  # noqa: S101 - the gun takes nothing away
    if learner.found is not search.learner.found:  # the other straight is the home straight
        past_m += line.lap_m / 2
    runner = onto.moved(run.runner, learner.found.course(past_m), -s_m)
    return _laid(replace(run, search=Search(learner, START_SD_M, from_start=True)), runner)


def aligned(run: Run, body: Body) -> Body:
    """Returns a body of a while ago on the track as it is drawn now."""
    old, line = body.course, run.runner.course
    if old is line or not isinstance(old, Oval) or not isinstance(line, Oval):
        return body
    return onto.moved(body, line, _drawn_anew(old, line, bodies.along_m(body)))


def recounted(run: Run, at: float) -> Run:
    """Sets the start of a run that found its track later: only what was run between the two is changed."""
    race = run.race
    between_m = run.history.s_at(at) - race.origin_m
    owed_m = run.search.owed_m if run.search else 0.0
    run = begun(run, at, between_m)
    run.history.rise_from(at)
    race = replace(
        race,
        start_t=at,
        origin_m=race.origin_m + between_m,
        shift_m=race.shift_m - between_m,
        split_ts=(),
        lap_ts=(),
    )
    search = replace(run.search, owed_m=owed_m) if run.search else None
    if run.tape:
        run.tape.cut([], at, race.shift_m - owed_m)
    return replace(run, runner=replace(run.runner, gun_t=at, line_m=0.0), race=race, search=search)


def _shown_m(run: Run) -> float:
    """Returns the distance that is shown, m; before the gun, along the history's line."""
    return bodies.along_m(run.runner) - run.race.shift_m - run.race.origin_m


def _take_up(run: Run, found: Found, fix: Place, lag_s: float) -> Step:
    """Puts the runner on a track that was just found; distance stays as it is shown, and is owed the rest."""
    assert run.search is not None  # noqa: S101 - it has found the track
    shown, ahead = _shown_m(run), bodies.ago(run.runner, lag_s).moved_m
    start = _start_m(run, found, lag_s)
    line = found.course(start or 0.0)
    s_m = line.locate_fix(*fix, shown).along_m + ahead
    search = replace(run.search, start_sd_m=START_SD_M, owed_m=s_m - shown, from_start=True)
    if start is None or abs(s_m - shown) > ODD_SHARE * abs(shown) + ODD_M:
        line, s_m = found.course(s_m - line.start_offset_m - shown), shown
        doubt = replace(run.search, owed_m=0.0).doubt_m(bodies.along_sd_m(run.runner), 0.0)
        search = replace(run.search, start_sd_m=doubt, from_start=False, lines_after_m=shown)
    runner = replace(onto.onto(run.runner, line, s_m), line_m=0.0)
    race = replace(run.race, shift_m=s_m - shown - run.race.origin_m)
    run = _laid(replace(run, race=race, search=search), runner)
    run = _stretched(run.with_tally("runner", Tally()), shown)
    run, laps = _laps_so_far(run, shown / s_m if s_m > 0 else 1.0)
    return run, [_notice(run, found), *laps]


def _start_m(run: Run, found: Found, lag_s: float) -> float | None:
    """Finds how far past the finish line the start was, m: the first fixes' places less what was run then."""
    start_t, search = run.race.start_t, run.search
    if not run.running or start_t is None or search is None or search.learner.origin is None:
        return None
    if not search.start_told:
        return None
    line, past = found.course(0.0), list[float]()
    for t, *place in search.learner.points:
        if 0 <= t - lag_s - start_t <= FIRST_S:
            seen = line.locate_fix(*search.learner.origin.to_degrees(*place))
            if abs(seen.across_m) < LEFT_M:
                past.append(seen.along_m - run.history.s_at(t - lag_s) + run.race.origin_m)
    if not past:
        return None
    return past[0] + median(math.remainder(m - past[0], line.lap_m) for m in past)


def _laps_so_far(run: Run, shown_share: float) -> Step:
    """Tells the lap lines that were passed before they were known; shown were `shown_share` of the way."""
    if not run.running or run.setup.course is not None:
        return run, []
    begin = run.race.origin_m
    really = History(run.history.t, array("d", (begin + (s - begin) / shown_share for s in run.history.s)))
    race, laps = new_marks("lap", run.race, really, run.even, run.lap_lines())
    return replace(run, race=race), list(laps)


def _refine(run: Run, found: Found, lag_s: float) -> Run:
    """Puts the runner on the same track, drawn better."""
    search, old, s_m = run.search, run.runner.course, bodies.along_m(run.runner)
    assert search is not None and isinstance(old, Oval)  # noqa: S101, PT018 - it was found before
    early = search.from_start and s_m < PUT_RIGHT_LAPS * old.lap_m
    start = _start_m(run, found, lag_s) if early else None
    line = found.continued(old, s_m) if start is None else found.course(start)
    by_m = 0.0 if start is None else _drawn_anew(old, line, s_m)
    search = search.frozen(run.lap_lines(), len(run.race.lap_ts), line.lap_m)
    race = replace(run.race, shift_m=run.race.shift_m + by_m)
    search = replace(search, owed_m=search.owed_m + by_m)
    run = _laid(replace(run, race=race, search=search), onto.moved(run.runner, line, by_m))
    run = run.with_tally("runner", run.tallies["runner"].moved(by_m))
    return _stretched(run, s_m) if by_m else run


def _stretched(run: Run, was_m: float) -> Run:
    """Tells the tape that `was_m` from the start are counted anew."""
    if run.tape and run.search:
        share = bodies.along_m(run.runner) / was_m if was_m > 0 else 1.0
        run.tape.stretch(run.race.origin_m, share, run.race.shift_m - run.search.owed_m)
    return run


def _drawn_anew(old: Oval, line: Oval, s_m: float) -> float:
    """Returns how much more progress the place at `s_m` on `old` has on `line`, m."""
    if old.origin is None:
        return 0.0
    return line.locate_fix(*old.origin.to_degrees(*old.position(s_m)), s_m).along_m - s_m


def _leave(run: Run) -> Run:
    """Takes the runner off a track that was left; what was run on it stays."""
    search, body = run.search, run.runner
    assert search is not None and body.course is not None  # noqa: S101, PT018 - it was on the track
    search = search.frozen(run.lap_lines(), len(run.race.lap_ts), body.course.lap_m or 0.0)
    search = replace(search, start_sd_m=search.doubt_m(0.0, max(_shown_m(run), 0.0)), from_start=False)
    body = onto.off(body, course_of(run.setup, "runner"), _unseen_m(run) if body.blind else 0.0)
    return _laid(replace(run, search=search), body)


def _laid(run: Run, runner: Body) -> Run:
    """Returns the run with the runner on another course and the rider in his lane of it, its place open."""
    line, track, rider = runner.course, run.setup.course, run.rider
    if rider is not None and isinstance(track, TrackSpec):
        lane = course_of(run.setup, "rider")
        if on_track(run) and isinstance(line, Oval):
            lane = replace(line.beside(track.rider_lane), origin=None)
        rider = replace(rider, course=lane)
    return replace(run, runner=runner, rider=rider)


def _unseen_m(run: Run) -> float:
    """Returns what a body that went blind off the track has run by its positions, m beyond what it knows."""
    seen_t, search = run.runner.used_t, run.search
    if seen_t is None or search is None:
        return 0.0
    way = [place for t, *place in search.learner.points if t >= seen_t]
    known_m = bodies.along_m(run.runner) - run.race.shift_m - run.history.s_at(seen_t)
    return max(chords_m(way) - known_m, 0.0)


def _notice(run: Run, found: Found) -> Notice:
    lap = found.learnt.quality
    length = f"a lap of {found.learnt.track.lap_length_m:g} m, as configured"
    if run.setup.course is None:
        length = (
            f"a lap of {lap.lap_m:.0f} m, give or take {Z_95 * lap.lap_sd_m:.0f}, as the receiver draws it"
        )
    return Notice(run.t, "info", "track-found", f"a track was found: {length}; distance follows it from here")
