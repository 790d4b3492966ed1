"""Finds the oval while it is run: fixes go in one by one, and after a lap and a bit a track comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from pacer.course.enu import Origin
from pacer.course.laps import CLOSED_M, SPACING_M, Path
from pacer.course.learn import REFIT_M, REFIT_ROUNDS, Learnt, described, find, near, oriented
from pacer.course.oval import Oval
from pacer.course.stadium import Array, Stadium, fit, free, lap_held
from pacer.course.verdict import ON_TRACK_M, Wish
from pacer.errors import InputError
from pacer.evolve import replace

Point = tuple[float, float, float]  # t in s; metres east and north of the first fix

# s between attempts to find a track: 23 m at race pace; the next wait is longer by it, since a block that is
# run again and again would cost a fit each time
TRY_S = 4.0
# Between refinements: a quarter of a lap at race pace has news, less has little; later a tenth of the time
# since the track was found, for another tenth of the evidence moves little.
REFINE_S, REFINE_SHARE = 20.0, 0.1
GUESSES = 2  # laps tried at each attempt: the first and the last that close
# Fixes kept: four laps at the 2 m spacing of a fast receiver, eleven of a 1 Hz one at race pace; of a longer
# run every other, then every fourth. A fit to them takes a few milliseconds.
MOST_POINTS = 800
THINNEST_M = 16.0  # m between them, the most: 25 points a lap still draw its bends; 800 are 32 laps
# The line is met again for this much of a lap before it is believed: 40 m of the same way.
LEAST_LAPS = 1.1
# From then on, and once it is as sure as a lap is to be measured, a lap's length is held: every later lap
# counts the same, and what the receiver's slow bias makes of the fit no longer moves it.
HELD_LAPS, HELD_SD_M = 3.0, 3.0  # m
# The track was left: off it beyond lane 8 and a bad burst of multipath, for longer than one lasts, and away
# from where that began: a rest on a bench is not.
LEFT_M, LEFT_S, LEFT_AWAY_M = 20.0, 30.0, 60.0
RECENT_S = 15.0  # s of fixes that must lie on a loop that was just closed
RECENT = 25  # points: 50 m or more of path, which is not near itself yet
EARTH_DEG = (89.0, 180.0)  # what `Origin` allows


@dataclass(frozen=True, slots=True)
class Found:
    """Holds a track found during a run."""

    t: float  # s, the fix that it was last fitted at
    learnt: Learnt
    since: float  # s, the fix that it was first found at
    start_m: float | None  # m past the finish line, of the first fix; None: that was not at the track

    def course(self, start_m: float | None = None) -> Oval:
        """Makes the course whose progress is 0 `start_m` past the finish line; None: at the first fix."""
        oval = self._line()
        past_m = (self.start_m or 0.0) if start_m is None else start_m
        return replace(oval, start_offset_m=-past_m % oval.lap_m)

    def _line(self) -> Oval:
        """Draws the line that was run; where a lap has another length than that, fixes lie outside it."""
        oval = Oval.of(self.learnt.track)
        return replace(oval, drawn_m=(self.learnt.quality.lap_m - oval.lap_m) / math.tau)

    def turned(self) -> Found:
        """Returns the same track with the other straight as its home straight."""
        track = self.learnt.track
        turned = replace(track, heading_deg=(track.heading_deg + 180) % 360)
        start = None if self.start_m is None else self.start_m + Oval.of(track).lap_m / 2
        return replace(self, learnt=replace(self.learnt, track=turned), start_m=start)

    def continued(self, before: Oval, s_m: float) -> Oval:
        """Makes the course on which the place that has progress `s_m` on `before` has the same progress.

        For a refinement late in a run: `course` would put right all laps that were run (a lap 0.5 m longer
        makes 5 m of ten), and the estimate would jump; this changes only what is to come.
        """
        oval = self._line()
        if before.origin is None:
            return oval
        place = oval.locate_fix(*before.origin.to_degrees(*before.position(s_m)))
        return replace(oval, start_offset_m=(s_m - place.along_m) % oval.lap_m)


@dataclass(frozen=True, slots=True)
class Learner:
    """Gathers the fixes of a run, bounded; `found` is the track as soon as it is known, else None.

    A run that goes clockwise is never found: tracks and their lap lines are described anticlockwise.
    """

    wish: Wish = field(default_factory=Wish)
    lane: int = 1  # that the runner is said to run in; of no meaning where the lap is not known
    found: Found | None = None
    why: str = "no fix yet"  # why there is none found, in words
    origin: Origin | None = None  # the first fix
    points: tuple[Point, ...] = ()
    next_t: float = -math.inf  # s, when a fit is due
    spacing_m: float = SPACING_M  # between points; wider on a long run
    refused: int = 0  # fits that gave no track
    stadium: Stadium | None = None  # behind `found`
    gun_t: float | None = None  # s; once found, only what was run since then refines

    @property
    def held(self) -> bool:
        """Tells whether the length of a lap stays as it is."""
        quality = self.found.learnt.quality if self.found else None
        return quality is not None and quality.laps > HELD_LAPS and quality.lap_sd_m < HELD_SD_M

    def add(self, t: float, lat_deg: float, lon_deg: float) -> Learner:
        """Returns the learner that knows one more fix; a late one, or one not on Earth, changes nothing."""
        if not (abs(lat_deg) <= EARTH_DEG[0] and abs(lon_deg) <= EARTH_DEG[1] and math.isfinite(t)):
            return self
        if self.origin is None:
            return replace(self, origin=Origin(lat_deg, lon_deg), points=((t, 0.0, 0.0),), why="no lap yet")
        east, north = self.origin.to_enu(lat_deg, lon_deg)
        last_t, last_east, last_north = self.points[-1]
        if t <= last_t or math.hypot(east - last_east, north - last_north) < self.spacing_m:
            return self
        more = replace(self, points=(*self.points, (t, east, north)))
        return more._bounded()._looked(self.origin)  # noqa: SLF001 - its own class

    def _looked(self, origin: Origin) -> Learner:
        """Looks whether the track was left, and for one when it is time."""
        t = self.points[-1][0]
        if self.stadium is not None and _left(self.points, self.stadium):
            why = "the track was left"
            return Learner(self.wish, self.lane, None, why, origin, self.points[-1:], gun_t=self.gun_t)
        if t < self.next_t:
            return self
        if not self.found and not _again(self.points):
            return replace(self, next_t=t + TRY_S)
        return self._fitted(t, origin)

    def gun(self, t: float, start_m: float | None = None) -> Learner:
        """Tells that the run began at `t` s, `start_m` past the finish line of a track that is known by then.

        From now on only the run refines the track: the laps of a warm-up may be in another lane. And a start
        that lies nearer to the end of the other straight makes that the home straight.
        """
        begun = replace(self, gun_t=t)
        if self.found is None or self.stadium is None or start_m is None:
            return begun
        if abs(math.remainder(start_m, self.stadium.lap_m)) < self.stadium.lap_m / 4:
            return begun
        return replace(begun, stadium=self.stadium.turned(), found=self.found.turned())

    def _bounded(self) -> Learner:
        """Returns the learner with fewer points where they are too many: the newer half, or every other."""
        if len(self.points) < MOST_POINTS:
            return self
        if self.found is None or self.spacing_m > THINNEST_M / 2:
            return replace(self, points=self.points[MOST_POINTS // 2 :])
        return replace(self, points=self.points[::2], spacing_m=2 * self.spacing_m)

    def _fitted(self, t: float, origin: Origin) -> Learner:
        table = np.array(self.points)
        if self.found and self.gun_t is not None:
            table = table[table[:, 0] >= self.gun_t]
        path = Path(table[:, 0], table[:, 1:])
        try:
            return self._learnt(path, origin, t)
        except InputError as error:
            if self.found:  # what was found stays, where a refinement says nothing better
                return replace(self, next_t=t + REFINE_S)
            refused = self.refused + 1
            return replace(self, why=str(error), refused=refused, next_t=t + min(TRY_S * refused, REFINE_S))

    def _learnt(self, path: Path, origin: Origin, t: float) -> Learner:
        if self.stadium is None:
            stadium = oriented(find(path, GUESSES), self._run(path))
        else:
            ways = lap_held() if self.held else free()
            stadium = fit(near(path.points, self.stadium), self.stadium, ways, REFIT_M, REFIT_ROUNDS)
        learnt = described(stadium, path, origin, self.wish)
        _believable(learnt, stadium, path, t)
        quality = learnt.quality
        if self.held and self.found:  # no surer than when it was held
            quality = replace(quality, lap_sd_m=self.found.learnt.quality.lap_sd_m)
        learnt = Learnt(replace(learnt.track, lane=self.lane), quality)
        since = self.found.since if self.found else t
        found = Found(t, learnt, since, _start(learnt, origin))
        next_t = t + max(REFINE_S, REFINE_SHARE * (t - since))
        return replace(self, found=found, why="", stadium=stadium, next_t=next_t)

    def _run(self, path: Path) -> Path:
        """Returns what was run since the gun; all where that was not told, or nothing was."""
        since = path.t >= (-math.inf if self.gun_t is None else self.gun_t)
        return Path(path.t[since], path.points[since]) if since.any() else path


def _start(learnt: Learnt, first: Origin) -> float | None:
    place = Oval.of(learnt.track).locate_fix(first.lat_deg, first.lon_deg)
    return place.along_m if abs(place.across_m) < LEFT_M else None


def _believable(learnt: Learnt, stadium: Stadium, path: Path, t: float) -> None:
    """Raises InputError for what may yet be a loop in a road."""
    if learnt.quality.clockwise:
        raise InputError("the track is run clockwise: laps are counted on anticlockwise runs only")
    if learnt.quality.laps < LEAST_LAPS:
        raise InputError(f"{learnt.quality.laps:.2f} laps: a track is believed after {LEAST_LAPS:g}")
    recent = np.abs(stadium.across(path.points[path.t > t - RECENT_S]))
    if float(np.median(recent)) > ON_TRACK_M / 2:
        raise InputError("the run is not on the loop that it made")


def _again(points: tuple[Point, ...]) -> bool:
    """Tells whether the last point is near an older one: costs next to nothing, and saves most fits."""
    _, east, north = points[-1]
    older = points[:-RECENT:2]
    return any(abs(east - e) < CLOSED_M and abs(north - n) < CLOSED_M for _, e, n in older)


def _left(points: tuple[Point, ...], stadium: Stadium) -> bool:
    """Tells whether the run is off the track for good; looks at one point where that lies on it."""
    if _off(points[-1:], stadium)[0] < LEFT_M:
        return False
    off = _off(points, stadium) > LEFT_M
    last_on = len(points) - int(np.argmin(off[::-1])) - 1 if not off.all() else 0
    (since, east, north), (t, *here) = points[last_on], points[-1]
    return t - since > LEFT_S and math.hypot(here[0] - east, here[1] - north) > LEFT_AWAY_M


def _off(points: tuple[Point, ...], stadium: Stadium) -> Array:
    return np.abs(stadium.across(np.array(points)[:, 1:]))
