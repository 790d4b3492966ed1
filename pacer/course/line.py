"""What every course can do: the line on the ground along which progress is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pacer.course.enu import Origin


@dataclass(frozen=True, slots=True)
class Located:
    """Holds where a point lies, seen from the course's line."""

    along_m: float  # m of progress since the start line; grows over laps, negative behind the start
    across_m: float  # m to the right of the line in running direction: outward on an oval
    heading_rad: float  # rad clockwise from north, of the line there, 0 to 2 pi
    curvature_1pm: float  # 1/m, + turns left, as every bend of an oval does


class Course(Protocol):
    """Draws a line on the ground; frozen, without state. Progress is 0 at the start line."""

    @property
    def origin(self) -> Origin | None:
        """Tells where (0, 0) lies on Earth; None where the place is not known, and no fix can be used."""
        ...

    @property
    def lap_m(self) -> float | None:
        """Tells the length of a lap along the course's own line, m; None where there are no laps."""
        ...

    @property
    def length_m(self) -> float | None:
        """Tells how long the line is, m; None where it has no end."""
        ...

    def position(self, s_m: float, lateral_m: float = 0.0) -> tuple[float, float]:
        """Returns metres east and north of the point at progress `s_m`, `lateral_m` right of the line."""
        ...

    def locate(self, east_m: float, north_m: float, near_s_m: float | None = None) -> Located:
        """Finds a point on the line; `near_s_m`, where the body ought to be, settles the lap."""
        ...

    def locate_fix(self, lat_deg: float, lon_deg: float, near_s_m: float | None = None) -> Located:
        """Finds a position fix on the line.

        Raises:
            InputError: where the course's place is not known (`origin` is None).
        """
        ...

    def heading_rad(self, s_m: float) -> float:
        """Returns the running direction, rad clockwise from north, 0 to 2 pi."""
        ...

    def curvature_1pm(self, s_m: float) -> float:
        """Returns the curvature of the line, 1/m, + turns left."""
        ...

    def lines(self, distance_m: float) -> tuple[float, ...]:
        """Lists the progress of every lap line up to `distance_m`, m; none where there are no laps."""
        ...


def progress_rate(curvature_1pm: float, lateral_m: float) -> float:
    """Returns progress along the line per metre run `lateral_m` to its right: 1 / (1 + curvature lateral)."""
    return 1 / (1 + curvature_1pm * lateral_m)
