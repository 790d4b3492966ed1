"""Runs a footpod (Running Speed and Cadence): counts strides, smooths their speed, sends once a second."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from firmware_sim.constants import STEP_S, FootpodErrors
from firmware_sim.encode import RSC_MEASUREMENT, rsc_measurement
from firmware_sim.gauss_markov import GaussMarkov, Normals, stream
from firmware_sim.packet import Packet
from firmware_sim.sensors.schedule import Schedule

if TYPE_CHECKING:
    from firmware_sim.world import World

_POD = FootpodErrors()


class Footpod:
    """Holds the pod's state. The odometer goes on counting whatever the radio does."""

    name = "footpod"

    def __init__(self, world: World, seed: int) -> None:
        rng = stream(seed, "footpod")
        off, self._quoted_mps = world.scenario.footpod.scale_off, world.scenario.footpod.quoted_mps
        self._world = world
        self._scale = 1 + _POD.scale * float(rng.standard_normal()) if not off else _scale_off(off, seed)
        self._per_mps = _POD.per_mps * float(rng.standard_normal())
        self.smoothing_s = float(rng.uniform(*_POD.smoothing_s))
        self._odometer_m = float(rng.uniform(0, _POD.odometer_m))
        self._schedule = Schedule(1.0, float(rng.uniform(0, 1)))
        self._noise = Normals(stream(seed, "footpod", "noise"))
        self._drift = GaussMarkov(_POD.drift, _POD.drift_s, STEP_S, self._noise)
        self._rng = stream(seed, "footpod", "radio")
        self._phase = 0.0  # of the stride under way, 0 to 1
        self._stride_t = 0.0  # s, when the last stride ended
        self._stride_path_m = 0.0  # m, where it ended
        self._speed_mps = 0.0  # m/s, smoothed, as the pod believes
        self._cadence_spm = 0.0
        self._stride_m = 0.0

    def step(self, t: float) -> list[Packet]:
        """Counts strides up to world time `t`; returns a packet once a second."""
        motion = self._world.runner_at(t)
        self._drift.step()
        rate = strides_per_s(motion.path_mps)
        self._phase += rate * STEP_S
        if self._phase >= 1:
            self._phase -= 1
            ended = t - self._phase / rate  # within the physics step, so that its length is not quantised
            self._end_stride(ended, self._world.runner_at(ended).path_m)
        elif t - self._stride_t > _POD.still_s:
            self._speed_mps = self._cadence_spm = self._stride_m = 0.0
            self._stride_path_m = motion.path_m
        return [packet for at in self._schedule.due(t) for packet in self._send(at)]

    def _end_stride(self, t: float, path_m: float) -> None:
        took = min(t - self._stride_t, _POD.still_s)
        true_m = path_m - self._stride_path_m
        self._stride_t, self._stride_path_m = t, path_m
        self._stride_m = true_m * self._error(true_m / took)
        self._odometer_m += self._stride_m
        self._cadence_spm = 60 / took
        share = 1 - math.exp(-took / self.smoothing_s)
        self._speed_mps += share * (self._stride_m / took - self._speed_mps)

    def _error(self, speed_mps: float) -> float:
        """Returns the factor by which the pod reads a stride of that speed wrong."""
        return self.scale_at(speed_mps) * (1 + _POD.stride * self._noise.next())

    def scale_at(self, speed_mps: float) -> float:
        """Returns the factor but for the noise of the single stride."""
        scale = self._scale + self._per_mps * (speed_mps - self._quoted_mps) + self._drift.value
        return scale * (1 + _POD.walking * (speed_mps < _POD.running_mps))

    def _send(self, at: float) -> list[Packet]:
        latency = _POD.latency_s + abs(_POD.latency_spread_s * float(self._rng.standard_normal()))
        if self._rng.random() < _POD.loss:
            return []
        data = rsc_measurement(
            self._speed_mps,
            round(self._cadence_spm),
            running=self._speed_mps >= _POD.running_mps,
            stride_length_m=self._stride_m,
            distance_m=self._odometer_m,
        )
        return [Packet(at + latency, self.name, RSC_MEASUREMENT, data)]


def _scale_off(off: float, seed: int) -> float:
    """Returns the scale of a pod that is off by a share, one way or the other."""
    rng = stream(seed, "footpod", "off")
    return 1 + math.copysign(off, float(rng.random()) - 0.5) + _POD.off_spread * float(rng.standard_normal())


def strides_per_s(speed_mps: float) -> float:
    """Returns how many strides (of one foot) a second a runner makes at a speed; none below a shuffle."""
    if speed_mps < 0.3:  # m/s
        return 0.0
    return _POD.strides_spm / 60 * math.pow(speed_mps / _POD.race_mps, _POD.strides_exponent)
