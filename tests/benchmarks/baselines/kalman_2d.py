"""Runs the textbook filter: constant velocity in the plane, as the tutorials of filterpy have it.

State [x vx y vy]; Q_discrete_white_noise of variance 0.5 squared, R = 3 squared m2. Distance is the length
of the path of filtered points, or their projection onto the course.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pacer.measurement import Fix, Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.ground import Line, Plane, line_of
from tests.benchmarks.baselines.stamps import FixClock, latency_s, reckoned

Array = NDArray[np.float64]
ACCELERATION_VAR = 0.5**2  # (m/s2)2
POSITION_VAR = 3.0**2  # m2
FIRST_VAR = (9.0, 25.0)  # m2, (m/s)2: a first fix, at any speed of a runner
_H = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])


def discrete_white_noise(dt: float, var: float) -> Array:
    """Returns the process noise of one axis [x, vx] for an acceleration that is constant over a step."""
    return var * np.array([[dt**4 / 4, dt**3 / 2], [dt**3 / 2, dt**2]])


class Kalman2d:
    """Holds x and P, and the path's length."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._gun_t = gun_t
        self._clock = FixClock(latency_s(setup))
        self._plane: Plane | Line = Plane()
        self.x: Array | None = None
        self.P = np.diag([*FIRST_VAR, *FIRST_VAR])
        self.stamp = 0.0  # s
        self.distance_m = 0.0  # m, at `stamp`

    def observe(self, m: Measurement) -> None:
        """Takes a fix in."""
        if not isinstance(m, Fix):
            return
        stamp, place = self._clock.stamp(m), self._plane.metres(m)
        if stamp is None or place is None:
            return
        if self.x is None:
            self.x = np.array([place[0], 0.0, place[1], 0.0])
        else:
            before = self.x
            self._filter(np.array(place), stamp - self.stamp)
            self.measure(before, stamp)
        self.stamp = stamp

    def measure(self, before: Array, stamp: float) -> None:
        """Adds the step from the filtered point before to the new one."""
        assert self.x is not None
        if stamp > self._gun_t:
            self.distance_m += math.hypot(self.x[0] - before[0], self.x[2] - before[2])

    def tap(self, t: float) -> None:
        """Heeds no taps."""

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        if self.x is None:
            return None, None
        speed = math.hypot(self.x[1], self.x[3])
        ahead = speed * reckoned(t, self.stamp) if t > self._gun_t else 0.0
        return self.distance_m + ahead, speed

    def _filter(self, z: Array, dt: float) -> None:
        F = np.kron(np.eye(2), np.array([[1.0, dt], [0.0, 1.0]]))
        x = F @ self.x
        P = F @ self.P @ F.T + np.kron(np.eye(2), discrete_white_noise(dt, ACCELERATION_VAR))
        S = _H @ P @ _H.T + POSITION_VAR * np.eye(2)
        K = np.linalg.solve(S, _H @ P).T  # P H' / S, S being symmetric
        self.x = x + K @ (z - _H @ x)
        self.P = (np.eye(4) - K @ _H) @ P


class Kalman2dOnCourse(Kalman2d):
    """Projects every filtered point onto the course, near where it ought to be."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        super().__init__(setup, gun_t)
        self._line = line_of(setup)
        if self._line is not None:
            self._plane = self._line

    def measure(self, before: Array, stamp: float) -> None:
        """Finds the filtered point on the course; off any course it measures the path."""
        if self._line is None:
            super().measure(before, stamp)
        elif stamp > self._gun_t:
            assert self.x is not None
            near = self.distance_m + math.hypot(before[1], before[3]) * (stamp - self.stamp)
            self.distance_m = self._line.nearest(float(self.x[0]), float(self.x[2]), near)
