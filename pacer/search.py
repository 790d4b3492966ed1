"""What the search for an unknown track holds, beside the learner: what the display is owed, and its doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.course import Course
from pacer.course.onthefly import Learner
from pacer.course.verdict import Wish
from pacer.evolve import replace
from pacer.setup import RouteSpec, TrackSpec

# Where nobody told the length of a lap it is taken as the receiver draws it. Watches draw laps 3 % too long
# (sd 1.1, thirteen races), slow runs 0 to 1 %.
DRAWN_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Search:
    """Holds the search for the track that a run is on."""

    learner: Learner
    start_sd_m: float = 0.0  # m, how well it is known what was run before the track was found
    owed_m: float = 0.0  # m that the distance shown has still to gain, or to lose, to be the body's
    start_told: bool = True  # what was shown since the gun tells where on the track that was
    from_start: bool = False  # progress on the track is 0 where the start was
    passed_m: tuple[float, ...] = ()  # m, the lap lines that were passed before the track was drawn anew
    lines_after_m: float = 0.0  # m; lines before it are none, or passed

    def doubt_m(self, sd_m: float, way_m: float) -> float:
        """Returns the doubt of the distance shown, m, of a body that is `sd_m` sure of its progress."""
        return math.hypot(sd_m, self.start_sd_m, self.owed_m, way_m * self.drawn_share)

    @property
    def drawn_share(self) -> float:
        """Tells how well the length of a lap is known that is as long as it is drawn, relative; else 0."""
        found = self.learner.found
        if found is None or self.learner.wish.lap_length_m is not None:
            return 0.0
        lap = found.learnt.quality
        return math.hypot(DRAWN_SHARE, lap.lap_sd_m / lap.lap_m)

    def lines(self, course: Course | None, distance_m: float) -> tuple[float, ...]:
        """Lists the distances of the lap lines, those passed and those to come, m."""
        coming = course.lines(distance_m) if course and self.learner.found else ()
        return (*self.passed_m, *(s for s in coming if s > self.lines_after_m))

    def frozen(self, lines: tuple[float, ...], passed: int, lap_m: float) -> Search:
        """Returns the search whose first `passed` lap lines stay, however the track is drawn from now on."""
        if not passed:
            return self
        after = max(self.lines_after_m, lines[passed - 1] + lap_m / 4)
        return replace(self, passed_m=lines[:passed], lines_after_m=after)


def search(spec: TrackSpec | RouteSpec | None) -> Search | None:
    """Begins the search that a course calls for: none where its place is known, or it is a road."""
    match spec:
        case None:
            return Search(Learner())
        case TrackSpec(lat_deg=lat, lon_deg=lon) if lat is None or lon is None:
            return Search(Learner(Wish(spec.lap_length_m), spec.lane))
    return None
