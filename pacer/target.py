"""The even split: where it is at a time, when it is at a distance, with the start allowed for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.setup import Target

# A standing start loses about 1.3 s on a runner who is at speed at once: speed rises as 1 - exp(-t/1.3 s)
# (the mean of the runners that the simulator's start model was taken from). Without this allowance every
# runner would read 1.3 s behind in the first ten seconds, and be told to press.
START_TAU_S = 1.3


@dataclass(frozen=True, slots=True)
class EvenSplit:
    """Runs the target distance in the target time, evenly after a standing start."""

    distance_m: float  # m
    time_s: float  # s

    @property
    def cruise_mps(self) -> float:
        """Returns the even speed once at speed, m/s: the distance over the time less the start's loss."""
        return self.distance_m / (self.time_s - self._tau_s)

    @property
    def _tau_s(self) -> float:
        # a target shorter than a few seconds has no room for a start
        return min(START_TAU_S, self.time_s / 10)

    def distance_at(self, elapsed_s: float) -> float:
        """Returns where the even split is, m, `elapsed_s` seconds after the gun; 0 before it."""
        return self.cruise_mps * self._running_s(elapsed_s)

    def speed_at(self, elapsed_s: float) -> float:
        """Returns how fast the even split goes, m/s, `elapsed_s` seconds after the gun; 0 before it."""
        return self.cruise_mps * (1 - math.exp(-elapsed_s / self._tau_s)) if elapsed_s > 0 else 0.0

    def _running_s(self, elapsed_s: float) -> float:
        tau = self._tau_s
        return elapsed_s - tau * (1 - math.exp(-elapsed_s / tau)) if elapsed_s > 0 else 0.0

    def gap_s(self, distance_m: float, elapsed_s: float) -> float:
        """Returns the gap in seconds, + ahead, of a runner at `distance_m` m after `elapsed_s` s."""
        return distance_m / self.cruise_mps - self._running_s(elapsed_s)


def even_split(target: Target) -> EvenSplit:
    """Makes the even split of a target."""
    return EvenSplit(target.distance_m, target.time_s)
