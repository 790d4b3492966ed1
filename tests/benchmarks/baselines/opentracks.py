"""Runs OpenTracks' algorithms (3c23a9f, v4.22.0).

Speed is the footpod's as sent (0 when older than 5 s), else the fix's own. Distance is the footpod's
odometer where there is one, else a sum of chords between stored points, at least 10 m apart; fixes of an
accuracy of 50 m or worse are dropped, and more than 200 m begin a new segment.
"""

from __future__ import annotations

import math

from pacer.measurement import Fix, Measurement, Stride
from pacer.setup import Setup
from tests.benchmarks.baselines.footpod import Footpod
from tests.benchmarks.baselines.ground import Plane
from tests.benchmarks.baselines.stamps import FixClock, latency_s, reckoned

STORE_M = 10.0  # m, recording_distance_interval
SEGMENT_M = 200.0  # m
WORST_M = 50.0  # m, horizontal accuracy
SENSOR_OLD_S = 5.0  # s


class OpenTracksGps:
    """Holds the stored points' sum and the newest fix."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._gun_t = gun_t
        self._clock = FixClock(latency_s(setup))
        self._plane = Plane()
        self._stored: tuple[float, float] | None = None
        self._stored_m = 0.0  # m, up to the stored point
        self._chord_m = 0.0  # m, from there to the newest fix
        self._stamp: float | None = None  # s
        self._speed_mps: float | None = None  # m/s

    def observe(self, m: Measurement) -> None:
        """Takes a fix in."""
        if not isinstance(m, Fix) or (m.h_acc_m or 0.0) >= WORST_M:
            return
        stamp, place = self._clock.stamp(m), self._plane.metres(m)
        if stamp is None or place is None:
            return
        self._stamp, self._speed_mps = stamp, m.speed_mps
        if self._stored is None or stamp <= self._gun_t:
            self._stored = place  # recording begins at the gun
            return
        self._chord_m = math.dist(place, self._stored)
        if self._chord_m >= STORE_M:
            self._stored_m += self._chord_m if self._chord_m <= SEGMENT_M else 0.0
            self._stored, self._chord_m = place, 0.0

    def tap(self, t: float) -> None:
        """Heeds no taps."""

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        if self._stamp is None:
            return None, None
        ahead = (self._speed_mps or 0.0) * reckoned(t, self._stamp) if t > self._gun_t else 0.0
        return self._stored_m + self._chord_m + ahead, self._speed_mps


class OpenTracks:
    """Holds both sources: a footpod that has spoken wins over the fixes."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._gps = OpenTracksGps(setup, gun_t)
        self._pod = Footpod(setup, gun_t)
        self._pod_t: float | None = None  # s, arrival of the newest packet

    def observe(self, m: Measurement) -> None:
        """Takes a measurement in."""
        if isinstance(m, Stride):
            self._pod_t = m.t
        self._gps.observe(m)
        self._pod.observe(m)

    def tap(self, t: float) -> None:
        """Heeds no taps."""

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        if self._pod_t is None:
            return self._gps.at(t)
        distance, speed = self._pod.at(t)
        return distance, 0.0 if t - self._pod_t > SENSOR_OLD_S else speed
