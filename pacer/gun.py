"""The start: told now, before, or put right later; body and race are brought in line with it."""

from __future__ import annotations

from pacer.estimator import body as bodies
from pacer.estimator.body import Body
from pacer.race import History, Race

# Farther from the line than this (and than four times the doubt) the runner starts somewhere else, and
# distance counts from there: a phone that is off by more is plainly broken.
LINE_WITHIN_M = 15.0  # m
SURE_SIGMA = 4.0


def fire(
    body: Body, race: Race, history: History, at: float, cruise_mps: float
) -> tuple[Body, Race, float | None]:
    """Sets the start instant to `at` s; returns body, race, and how far from the line it was, m, if too far.

    What was moved since `at` comes from the history, so `at` may lie in the past. The history goes on
    without a step: corrections of the estimator at the gun are kept out of it by `shift_m`.
    """
    before = bodies.along_m(body)
    here = before - race.shift_m
    moved = here - history.s_at(at) if history.t else 0.0
    line, off = _line(body, before - moved)
    body = bodies.gun(body, at, moved, line, cruise_mps)
    after = bodies.along_m(body)
    run = moved if line is None else after - line
    history.rise_from(at)
    return body, Race("running", at, here - run, after - here, tap_ts=race.tap_ts), off


def _line(body: Body, s_m: float) -> tuple[float | None, float | None]:
    """Finds the start line next to `s_m` on the body's course: where it is, or how far away it is."""
    if body.course is None or not bodies.located(body):
        return None, None
    lap = body.course.lap_m
    line = lap * round(s_m / lap) if lap else 0.0
    if abs(s_m - line) <= max(LINE_WITHIN_M, SURE_SIGMA * bodies.along_sd_m(body)):
        return line, None
    return None, s_m - line


def toe(rider: Body, at: float, cruise_mps: float) -> Body:
    """Puts the rider beside the runner at the line: his wheel counts from there."""
    return bodies.gun(rider, at, 0.0, 0.0, cruise_mps)
