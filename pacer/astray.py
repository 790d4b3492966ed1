"""Watches whether positions fit the course: it may be another one, or be run against its direction.

fix ─▶ where on the course? ─ on it, and farther along ─▶ all is well, nothing is kept
                            ─ far off, or back along it ─▶ the body before is kept, and what it hears since
                            ─ for too long ─────────────▶ `why` says that it is another course
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.course import Course, Oval, lane_offset_m
from pacer.estimator.body import Body, advance, along_m
from pacer.estimator.hole import through
from pacer.measurement import Fix
from pacer.rewind import Heard

# Who runs back for this far runs the other way; one who walks may yet be called back to the start line, from
# a false start a bend long.
BACK_M, WALKED_BACK_M = 30.0, 100.0  # m
RUNNING_MPS = 2.0  # m/s: people change from walk to run near here
# Nobody runs faster, so a position that falls back by more has jumped: it counts as far as one can run.
MOST_MPS = 12.5  # m/s
# Beside the course: off a track's lanes by more than a phone's slow error and a map's, or off a road by more
# than maps of roads and corners cut in them are; or than three fifths of the radius that is reported.
TRACK_M, ROAD_M, RADII = 5.0, 12.0, 0.6
LAST_LANE_M = lane_offset_m(8)
# Every second there counts as often as the position is farther off than that, and one on the course takes
# one away (Page's cumulative sum, 1954). A burst of multipath, 20 s of 15 m, makes 40, and the worst of 50
# miles with an old watch among reflections 44; a track that is drawn 25 m off its place, half of whose lap
# seems right, 60 in a lap and a quarter. From 65 m off a track 5 s will do, 62 m off a road 14 s.
OFF_S, MOST_TIMES = 60.0, 12.0
# And that far away from where it began, or a quarter of it for who is four times as far off as nobody is
# thrown: a rest on a bench is not.
AWAY_M, FAR_M, MOST_FAR = 60.0, 25.0, 4.0
# After such a hole nobody knows what was run in it; smart recording of watches steps up to 8 s.
HOLE_S = 10.0  # s
# A doubt that has lasted for longer begins anew, so that what is kept for it stays small: two laps.
LONGEST_S = 150.0  # s

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
    aside_m: float = 0.0  # m beside the course
    most_aside_m: float = 0.0  # since it is in doubt
    off_s: float = 0.0  # s that positions have lain beside it, the farther the more often
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
        if self.doubt is None or self.off_s < OFF_S:
            return False
        far = min(max(self.aside_m / FAR_M, 1.0), MOST_FAR)
        return far * math.dist(self.doubt.place, self.place) > AWAY_M


def look(known: Watch, body: Body, course: Course, fix: Fix, place: Point) -> Watch:
    """Returns the watch that has seen where on its course `body` is by a fix, before it takes that in."""
    if known.gun_t != body.gun_t or not 0 < fix.t - known.t < HOLE_S:
        there = through(advance(body, fix.t), fix)
        s_m = course.locate(*place, along_m(there)).along_m
        known = Watch(body.gun_t, fix.t, place, s_m)
    dt = fix.t - known.t
    seen = course.locate(*place, known.s_m + _turned_m(known, course, place))
    aside_m = _aside_m(course, seen.across_m)
    limit_m = max(TRACK_M if isinstance(course, Oval) else ROAD_M, RADII * (fix.h_acc_m or 0.0))
    off_s = min(max(known.off_s + dt * min(aside_m / limit_m - 1, MOST_TIMES), 0.0), OFF_S)
    step_m = math.copysign(min(abs(seen.along_m - known.s_m), MOST_MPS * dt), seen.along_m - known.s_m)
    back_m = max(known.back_m - step_m, 0.0) if aside_m < FAR_M else known.back_m
    if back_m == off_s == 0 and aside_m <= limit_m:
        return Watch(known.gun_t, fix.t, place, seen.along_m, back_m, aside_m)
    old = known.doubt is None or fix.t - known.doubt.t > LONGEST_S
    doubt = Doubt(body, fix.t, place) if old else known.doubt
    most_m = max(known.most_aside_m, aside_m)
    return Watch(known.gun_t, fix.t, place, seen.along_m, back_m, aside_m, most_m, off_s, doubt)


def _aside_m(course: Course, across_m: float) -> float:
    """Returns how far beside the course a position is, m; a track is as wide as its lanes."""
    if not isinstance(course, Oval):
        return abs(across_m)
    out_m = across_m + lane_offset_m(course.lane)  # outside lane 1's line
    return max(-out_m, out_m - LAST_LANE_M, 0.0)


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
        return "it is run against its direction, or lies elsewhere"
    if watch.doubt is None or not watch.elsewhere:
        return None
    first, now = (course.locate(*place) for place in (watch.doubt.place, watch.place))
    if isinstance(course, Oval) or abs(now.across_m) > ROAD_M:
        return f"positions are up to {_far(watch.most_aside_m)} off it"
    return (
        "it is run against its direction" if now.along_m < first.along_m else "positions are elsewhere on it"
    )


def _far(m: float) -> str:
    return f"{m:.0f} m" if m < 1000 else f"{m / 1000:.1f} km"
