"""Watches whether positions fit the course: it may be another one, or be run against its direction.

fix ─▶ where on the course? ─ on it, and farther along ─▶ all is well, nothing is kept
                            ─ far off, or back along it ─▶ the body before is kept, and what it hears since
                            ─ for too long ─────────────▶ `why` says that it is another course
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.course import Course
from pacer.estimator.body import Body, along_m
from pacer.evolve import replace
from pacer.measurement import Fix
from pacer.rewind import Heard

# Who runs back for this far runs the other way; one who walks may yet be called back to the start line, from
# a false start a bend long.
BACK_M, WALKED_BACK_M = 30.0, 100.0  # m
RUNNING_MPS = 2.0  # m/s: people change from walk to run near here
# Nobody runs faster, so a position that falls back by more has jumped: it counts as far as one can run.
MOST_MPS = 12.5  # m/s
# Off the course: beyond lane 8 (9 m), a bad burst of multipath (15 m) and a road map's error, or three radii
# of 68 % as the receiver reports them; for as long as such a burst lasts; and away from where it began: a
# rest on a bench is not. Four times as far off, where no burst throws anybody, a quarter of both will do.
FAR_M, FAR_RADII, FAR_S, AWAY_M, MOST_WEIGHT = 25.0, 3.0, 20.0, 60.0, 4.0
# After such a hole nobody knows what was run in it; smart recording of watches steps up to 8 s.
HOLE_S = 10.0  # s

Point = tuple[float, float]  # m east and north of the course's origin


@dataclass(frozen=True, slots=True)
class Doubt:
    """Holds what it takes to do without the course: the body as it was, and what it has heard since."""

    before: Body
    t: float  # s, the first position that did not fit ...
    place: Point  # ... and where it was
    heard: tuple[Heard, ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """Holds how positions have fitted the course since the gun."""

    gun_t: float | None = None  # s
    t: float = -math.inf  # s, the newest position ...
    place: Point = (0.0, 0.0)
    s_m: float = 0.0  # ... and its progress, m
    back_m: float = 0.0  # m that progress has fallen by
    weight: float = 0.0  # how far off the position lies: 1 at the limit, 0 within it
    off_s: float = 0.0  # s that positions have lain off, each as often as its weight
    doubt: Doubt | None = None

    @property
    def backward(self) -> bool:
        """Tells whether the course is run against its direction."""
        if self.doubt is None or self.back_m < BACK_M:
            return False
        return self.back_m > min(WALKED_BACK_M, RUNNING_MPS * (self.t - self.doubt.t))

    @property
    def off_m(self) -> float:
        """Returns by how much distance is off if the course is run backwards, m; 0 where that is no question.

        What is run back is missing, and was taken off besides.
        """
        return 2 * self.back_m if self.back_m > BACK_M / 2 else 0.0

    @property
    def elsewhere(self) -> bool:
        """Tells whether the run is off the course for good."""
        if self.doubt is None or self.off_s < FAR_S:
            return False
        return self.weight * math.dist(self.doubt.place, self.place) > AWAY_M


def look(known: Watch, body: Body, course: Course, fix: Fix, place: Point) -> Watch:
    """Returns the watch that has seen where on its course `body` is by a fix, before it takes that in."""
    if known.gun_t != body.gun_t or not 0 < fix.t - known.t < HOLE_S:
        s_m = course.locate(*place, along_m(body)).along_m
        known = Watch(body.gun_t, fix.t, place, s_m)
    dt = fix.t - known.t
    seen = course.locate(*place, known.s_m + _turned_m(known, course, place))
    limit_m = max(FAR_M, FAR_RADII * (fix.h_acc_m or 0.0))
    weight = min(abs(seen.across_m) / limit_m, MOST_WEIGHT)
    step_m = math.copysign(min(abs(seen.along_m - known.s_m), MOST_MPS * dt), seen.along_m - known.s_m)
    now = replace(known, t=fix.t, place=place, s_m=seen.along_m, weight=0.0, off_s=0.0)
    if weight > 1:
        now = replace(now, weight=weight, off_s=known.off_s + weight * dt)
    else:
        now = replace(now, back_m=max(known.back_m - step_m, 0.0))
    if weight <= 1 and now.back_m == 0:
        return replace(now, doubt=None)
    return now if now.doubt else replace(now, doubt=Doubt(body, fix.t, place))


def _turned_m(known: Watch, course: Course, place: Point) -> float:
    """Returns how far along a road the runner would be who turned where progress began to fall, m.

    Out and back on the same road, he is as far behind the turn as he seems to fall back before it.
    """
    if course.lap_m is not None or known.back_m == 0:
        return 0.0
    return 2 * known.back_m + math.dist(known.place, place)


def why(watch: Watch, course: Course) -> str | None:
    """Says what is wrong with the course, in words; None where nothing is, or it is not sure."""
    if watch.backward:
        return "it is run against its direction"
    if watch.doubt is None or not watch.elsewhere:
        return None
    first, now = (course.locate(*place) for place in (watch.doubt.place, watch.place))
    if abs(now.across_m) > FAR_M:
        return f"positions are {_far(abs(now.across_m))} off it"
    fell = course.lap_m is None and now.along_m < first.along_m
    return "it is run against its direction" if fell else "positions are on another part of it"


def _far(m: float) -> str:
    return f"{m:.0f} m" if m < 1000 else f"{m / 1000:.1f} km"
