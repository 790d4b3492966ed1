"""Lets the footpod say how fast and the matched fixes say where: a tuned complementary filter.

    x += c v_pod dt;   x += e dt / tau;   c += e dt / (tau tau_k v);   e = matched place, now - x

Taps pull x half of the way to the line. tau 25 s and tau_k 30 s were tuned on seeds of their own; this is
the simple fusion to beat, so it is given the receiver's class lag, and spared the seconds in which a pod's
smoothed speed still comes up: with them in x and c the gap's p95 of an even mile is 1.3 s, not 0.55 s.
"""

from __future__ import annotations

from firmware_sim.constants import GPS_A, GPS_B
from pacer.measurement import Measurement
from pacer.setup import Setup
from tests.benchmarks.baselines.footpod import Footpod
from tests.benchmarks.baselines.ground import lap_lines
from tests.benchmarks.baselines.snap import Snap
from tests.benchmarks.baselines.stamps import REACH_S
from tests.benchmarks.baselines.taps import line_meant

TAU_S = 25.0  # s, how fast places pull
TAU_K_S = 30.0  # s, how fast they teach the scale
TAP_PULL = 0.5  # share
TAP_GATE_M = 15.0  # m: 2.6 s; a tap that is later is not believed
START_S = 15.0  # s after the gun, three of a pod's longest smoothing: Doppler speed, and no scale learnt
SLOWEST_MPS = 1.0  # m/s: below it the scale is not learnt


class Complementary:
    """Holds x and c at time `t`."""

    def __init__(self, setup: Setup, gun_t: float) -> None:
        self._lag_s = (GPS_A if any(s.kind == "gps_uart" for s in setup.sensors) else GPS_B).lag_s
        self._snap = Snap(setup, gun_t)
        self._pod = Footpod(setup, gun_t)
        self._lines = lap_lines(setup)
        self._up_t = gun_t + START_S  # s, from when the pod's speed is believed
        self._t = gun_t  # s
        self._x_m = 0.0
        self._scale = 1.0  # true over counted

    def observe(self, m: Measurement) -> None:
        """Moves on to now, then takes a measurement in."""
        self._advance(m.t)
        self._pod.observe(m)
        self._snap.observe(m)

    def tap(self, t: float) -> None:
        """Pulls x half of the way to the line."""
        self._advance(t)
        line = line_meant(self._lines, self._x_m, TAP_GATE_M)
        if line is not None:
            self._x_m += TAP_PULL * (line - self._x_m)

    def at(self, t: float) -> tuple[float | None, float | None]:
        """Returns distance in m and speed in m/s."""
        self._advance(t)
        if self._pod.stamp is None and self._snap.stamp is None:
            return None, None
        return self._x_m, self._speed(t)

    def _advance(self, t: float) -> None:
        dt = t - self._t
        if dt <= 0:
            return
        self._t = t
        v = self._speed(t) or 0.0
        self._x_m += v * dt
        off = self._off(t)
        self._x_m += off * dt / TAU_S
        if self._trusted(t) and v > SLOWEST_MPS:
            self._scale += off * dt / (TAU_S * TAU_K_S * v)

    def _off(self, t: float) -> float:
        """Returns how far ahead of x the newest place lies, brought to now; 0 where there is none."""
        stamp = self._snap.stamp
        if stamp is None or t - stamp > REACH_S:
            return 0.0
        place, speed = self._snap.at(t)
        return (place or 0.0) + (speed or 0.0) * self._lag_s - self._x_m

    def _speed(self, t: float) -> float | None:
        """Returns the pod's calibrated speed, the receiver's while the pod is silent or comes up."""
        pod = self._pod.speed_mps
        if self._trusted(t) or self._snap.speed_mps is None:
            return None if pod is None else self._scale * pod
        return self._snap.speed_mps

    def _trusted(self, t: float) -> bool:
        return t >= self._up_t and self._pod.fresh(t)
