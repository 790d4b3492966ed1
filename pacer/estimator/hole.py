"""Brings a body through a hole in which nothing of it was heard, to the position that ends it on a course."""

from __future__ import annotations

from pacer.course import Course
from pacer.estimator import kalman, model
from pacer.estimator.body import ASTRAY_MPS, Body
from pacer.estimator.onto import FOUND_SD_M
from pacer.evolve import replace
from pacer.measurement import Fix

# Farther beside the course than another place of it is, by this, and no error of a fix explains it: the body
# is there, however little that agrees with its speed.
ASIDE_M = 25.0  # m
# Who is this near to where he was last heard has stood: watches stop in a rest. Whole laps end there only by
# chance, once in thirteen.
STOOD_M = 15.0  # m


def through(body: Body, fix: Fix) -> Body:
    """Puts a blind body where the fix that ends the hole is, on the pass that its speed would have reached.

    A track has that place on every lap, and a road out and back twice. The speed meanwhile was about the
    mean of those before (from the gun on: the target's) and after the hole, unless the body stood. A fix that
    nobody reaches, as the first one after a hole may be, puts it nowhere.
    """
    before, course, t = body.before, body.course, body.belief.t
    if not body.blind or before is None or course is None:
        return body
    speed = before.speed_mps if fix.speed_mps is None else (before.speed_mps + fix.speed_mps) / 2
    reached = before.s_m + max(speed, 0.0) * body.belief.rate * (t - before.t)
    s_m = _pass(course, fix, before.s_m, reached)
    if abs(s_m - before.s_m) > ASTRAY_MPS * (t - before.t):
        return body
    return replace(body, belief=kalman.reset(body.belief, model.S, s_m, FOUND_SD_M), before=None)


def _pass(course: Course, fix: Fix, last_m: float, reached_m: float) -> float:
    if fix.lat_deg is None or fix.lon_deg is None:
        return reached_m
    stood, found, any_m = (
        course.locate_fix(fix.lat_deg, fix.lon_deg, near) for near in (last_m, reached_m, None)
    )
    if abs(stood.along_m - last_m) < STOOD_M:
        found = stood
    return (found if abs(found.across_m) < abs(any_m.across_m) + ASIDE_M else any_m).along_m
