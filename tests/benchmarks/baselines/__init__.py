"""The peers that pacer is measured against, one file per algorithm, each told in its docstring.

    raw_gps        sum of all fixes, Doppler speed       snap           nearest point of the course
    moving_mean    5 s and 30 s means                    alpha_beta     smooths it
    runnerup       current speed and coach               footpod        odometer as sent
    opentracks     footpod, else chords of 10 m          footpod_laps   calibrated by every lap
    kalman_2d      textbook filter, free and projected   stopwatch      last lap's speed
    complementary  footpod + matched fixes + taps

All of them dead-reckon from a reading's stamp to now, by at most 3 s, and drop stale readings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import Protocol

from pacer.measurement import Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.alpha_beta import AlphaBeta
from tests.benchmarks.baselines.complementary import Complementary
from tests.benchmarks.baselines.footpod import Footpod
from tests.benchmarks.baselines.footpod_laps import FootpodLaps
from tests.benchmarks.baselines.kalman_2d import Kalman2d, Kalman2dOnCourse
from tests.benchmarks.baselines.moving_mean import MovingMean
from tests.benchmarks.baselines.opentracks import OpenTracks, OpenTracksGps
from tests.benchmarks.baselines.raw_gps import RawGps
from tests.benchmarks.baselines.runnerup import RunnerUp, RunnerUpCoach
from tests.benchmarks.baselines.snap import Snap
from tests.benchmarks.baselines.stopwatch import Stopwatch


class Baseline(Protocol):
    """Estimates a runner's progress from what sensors say, as they say it."""

    def observe(self, m: Measurement) -> None:
        """Takes a measurement of the runner's sensors in, at its arrival."""
        ...

    def tap(self, t: float) -> None:
        """Takes a tap at a lap line in; `t` in s is the tap's own time, which is now."""
        ...

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s at a tick; ticks come at 10 Hz, in order."""
        ...


Factory = Callable[[Setup, float], Baseline]  # (setup, gun_t in s)

FACTORIES: MappingProxyType[str, Factory] = MappingProxyType(
    {
        "raw-gps": RawGps,
        "gps-mean-5s": partial(MovingMean, window_s=5.0),
        "gps-mean-30s": partial(MovingMean, window_s=30.0),
        "runnerup": RunnerUp,
        "runnerup-coach": RunnerUpCoach,
        "opentracks-gps": OpenTracksGps,
        "opentracks": OpenTracks,
        "kalman-2d": Kalman2d,
        "kalman-2d-course": Kalman2dOnCourse,
        "snap": Snap,
        "alpha-beta": AlphaBeta,
        "footpod": Footpod,
        "footpod-laps": FootpodLaps,
        "stopwatch": Stopwatch,
        "complementary": Complementary,
    }
)
