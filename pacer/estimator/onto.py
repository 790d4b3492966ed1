"""Puts a body on another course while it is moving: one that was just found, one drawn better, or none."""

from __future__ import annotations

from pacer.course import Course
from pacer.estimator import kalman, model
from pacer.estimator.body import Body, along_m
from pacer.estimator.trail import Trail
from pacer.estimator.weigh import forget
from pacer.evolve import replace

# A track that was just found is as sure as a few fixes: the next ones tell the place upon it.
FOUND_SD_M = 10.0  # m


def onto(body: Body, course: Course, s_m: float) -> Body:
    """Puts a body that knew no place at progress `s_m` of a course; the bias of its fixes is open again."""
    belief = kalman.reset(body.belief, model.S, s_m, FOUND_SD_M)
    for state in (model.E, model.NORTH):
        belief = kalman.reset(belief, state, 0.0, body.model.bias[0])
    for state in (model.CE, model.CN):
        belief = kalman.reset(belief, state, 0.0, body.model.receiver.fast_sd_m)
    belief = model.turn(belief, course.curvature_1pm(s_m))
    return replace(forget(body, "place"), belief=belief, course=course, passed=None, before=None)


def moved(body: Body, course: Course, by_m: float) -> Body:
    """Puts a body on a course that is drawn or counted anew, where its place has `by_m` more progress."""
    s_m = along_m(body) + by_m
    x = body.belief.x.copy()
    x[model.S] = s_m
    belief = model.turn(replace(body.belief, x=x), course.curvature_1pm(s_m))
    before = body.before and replace(body.before, s_m=body.before.s_m + by_m)
    return replace(body, belief=belief, course=course, passed=None, before=before)


def lost(body: Body, course: Course | None) -> Body:
    """Takes a body off a course that was none of its own: what fixes seemed to be off by is unknown again."""
    body, receiver = off(body, course, 0.0), body.model.receiver
    belief = body.belief
    for state, sd_m in ((model.E, receiver.slow_sd_m), (model.CE, receiver.fast_sd_m)):
        belief = kalman.reset(belief, state, 0.0, sd_m)
        belief = kalman.reset(belief, state + 1, 0.0, sd_m)  # north follows east
    return replace(body, belief=belief)


def off(body: Body, course: Course | None, further_m: float) -> Body:
    """Takes a body off the course that it left, `further_m` on; from here positions begin a new trail."""
    if further_m:
        body = replace(body, belief=kalman.reset(body.belief, model.S, along_m(body) + further_m, FOUND_SD_M))
    return replace(forget(body, "place"), course=course, trail=Trail(), passed=None, before=None)
