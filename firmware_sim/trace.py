"""Keeps where a body was: the truth that sensors measure and estimates are judged by."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from firmware_sim.constants import STEP_HZ


@dataclass(frozen=True, slots=True)
class Motion:
    """Holds one instant of a body's truth."""

    distance_m: float  # m along the measured line from the start line
    speed_mps: float  # m/s along the measured line, averaged over the physics step
    path_m: float  # m really covered by foot or wheel, which is more outside the line in bends
    path_mps: float  # m/s
    lateral_m: float  # m outside the measured line


class Trace:
    """Holds a body's way, one entry for every physics step from world time 0."""

    __slots__ = ("distance_m", "lateral_m", "path_m")

    def __init__(self, distance_m: float, lateral_m: float) -> None:
        self.distance_m = [distance_m]
        self.path_m = [0.0]
        self.lateral_m = [lateral_m]

    def __copy__(self) -> Trace:
        twin = Trace(0.0, 0.0)
        twin.distance_m, twin.path_m = self.distance_m.copy(), self.path_m.copy()
        twin.lateral_m = self.lateral_m.copy()
        return twin

    def append(self, distance_m: float, path_m: float, lateral_m: float) -> None:
        """Adds the end of the next step."""
        self.distance_m.append(distance_m)
        self.path_m.append(path_m)
        self.lateral_m.append(lateral_m)

    def at(self, t: float) -> Motion:
        """Returns the truth at world time `t`: interpolated in a step, the first or last entry outside."""
        last = len(self.distance_m) - 1
        if last == 0:
            return Motion(self.distance_m[0], 0.0, 0.0, 0.0, self.lateral_m[0])
        k = max(0, min(last - 1, int(t * STEP_HZ)))
        part = max(0.0, min(1.0, t * STEP_HZ - k))
        ds = self.distance_m[k + 1] - self.distance_m[k]
        dp = self.path_m[k + 1] - self.path_m[k]
        return Motion(
            distance_m=self.distance_m[k] + part * ds,
            speed_mps=ds * STEP_HZ,
            path_m=self.path_m[k] + part * dp,
            path_mps=dp * STEP_HZ,
            lateral_m=self.lateral_m[k] + part * (self.lateral_m[k + 1] - self.lateral_m[k]),
        )

    def time_at_distance(self, distance_m: float) -> float | None:
        """Returns when the body first reached a distance, None while it has not."""
        return _crossing(self.distance_m, distance_m)

    def time_at_path(self, path_m: float) -> float | None:
        """Returns when the body had covered a length of path, None while it has not."""
        return _crossing(self.path_m, path_m)


def _crossing(values: list[float], wanted: float) -> float | None:
    """Returns the time at which a never falling list of step ends first reaches a value."""
    k = bisect_left(values, wanted)
    if k == len(values):
        return None
    if k == 0:
        return 0.0
    return (k - 1 + (wanted - values[k - 1]) / (values[k] - values[k - 1])) / STEP_HZ
