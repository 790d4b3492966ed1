"""What one sensor has said of late: whether it stands or moves, and since when it has said the very same."""

from __future__ import annotations

from dataclasses import dataclass

from pacer.evolve import replace
from pacer.measurement import Battery, Crank, Fix, Measurement, Stride, WheelRevolution

# People run from 2.0 m/s on. Receivers wander by less, and a pod may miss the steps of a slow walk.
MOVING_MPS = 2.0  # m/s
# A packet that comes twice does so within a few connection intervals; no pod or wheel sends so often.
TWICE_S = 0.1  # s
KEPT_S = 10.0  # s of speeds that are kept: as long as sensors must disagree before that is said

Speeds = tuple[tuple[float, float], ...]  # (s, m/s)


@dataclass(frozen=True, slots=True)
class Said:
    """Remembers the newest reading, and what those before it had in common with it."""

    last: Measurement | None = None
    same_since: float | None = None  # s, the first of the readings that are all equal to the last one
    moving_since: float | None = None  # s, the first of the readings that all told of movement
    speeds: Speeds = ()  # those of the last `KEPT_S`

    @property
    def still(self) -> bool:
        """Tells whether, by its own last word, nothing moves: no steps, no turn of the wheel."""
        match self.last:
            case Stride(speed_mps=0.0, cadence_spm=cadence):
                return not cadence
            case WheelRevolution(t=t):
                return self.same_since is not None and self.same_since < t
            case _:
                return False

    def repeats(self, m: Measurement) -> bool:
        """Tells whether a reading is the last one again: readings of a receiver have a time to tell it by."""
        if self.last is None or not isinstance(m, (Stride, WheelRevolution)):
            return False
        return m.t - self.last.t < TWICE_S and _same(m, self.last)

    def take(self, m: Measurement) -> Said:
        """Takes a reading in; of batteries and cranks it keeps nothing."""
        if isinstance(m, (Battery, Crank)):
            return self
        same = self.last is not None and _same(m, self.last)
        speed = speed_of(m)
        since = m.t if self.moving_since is None else self.moving_since
        return Said(
            m,
            self.same_since if same else m.t,
            since if _moving(self.last, m, speed) else None,
            self.speeds if speed is None else _recent(self.speeds, m.t, speed),
        )


def speed_of(m: Measurement) -> float | None:
    """Returns the speed that a pod or a receiver tells, m/s; None where it tells none."""
    return m.speed_mps if isinstance(m, (Stride, Fix)) else None


def _moving(before: Measurement | None, m: Measurement, speed: float | None) -> bool:
    if isinstance(m, WheelRevolution):
        return isinstance(before, WheelRevolution) and m.revolutions != before.revolutions
    return speed is not None and speed >= MOVING_MPS


def _same(m: Measurement, before: Measurement) -> bool:
    """Compares all but the times: a sensor that repeats itself may well have a clock that goes on."""
    if isinstance(m, (Stride, Fix)) and isinstance(before, (Stride, Fix)):
        return replace(m, t=before.t, sensor_t=before.sensor_t) == before
    return replace(m, t=before.t) == before


def _recent(speeds: Speeds, t: float, speed: float) -> Speeds:
    first = next((i for i, (at, _) in enumerate(speeds) if at > t - KEPT_S), len(speeds))
    return (*speeds[first:], (t, speed))
