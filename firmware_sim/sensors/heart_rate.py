"""Runs the runner's heart-rate strap: beats, the intervals between them, and a rate once a second."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from firmware_sim.constants import STEP_S, FootpodErrors, HeartErrors
from firmware_sim.encode import HEART_RATE_MEASUREMENT, heart_rate_measurement
from firmware_sim.gauss_markov import Normals, stream
from firmware_sim.packet import Packet
from firmware_sim.sensors.schedule import Schedule

if TYPE_CHECKING:
    from firmware_sim.world import World

_HEART = HeartErrors()
_RACE_MPS = FootpodErrors().race_mps


class HeartRate:
    """Holds a heart that follows the effort with a delay of its own."""

    name = "heart_rate"

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._normals = Normals(stream(seed, "heart"))
        self._schedule = Schedule(1.0, float(stream(seed, "heart", "phase").uniform(0, 1)))
        self._radio = stream(seed, "heart", "radio")
        self._bpm = _HEART.standing_bpm
        self._since_s = 0.0  # s, since the last beat
        self._interval_s = 60 / self._bpm
        self._rr_s: list[float] = []

    def step(self, t: float) -> list[Packet]:
        """Beats up to world time `t`; returns a packet once a second."""
        effort = min(1.0, self._world.runner_at(t).path_mps / _RACE_MPS)
        wanted = _HEART.standing_bpm + effort * (_HEART.racing_bpm - _HEART.standing_bpm)
        self._bpm += (wanted - self._bpm) * (1 - math.exp(-STEP_S / _HEART.rise_s))
        self._since_s += STEP_S
        if self._since_s >= self._interval_s:
            self._beat()
        return [packet for at in self._schedule.due(t) for packet in self._send(at)]

    def _beat(self) -> None:
        self._rr_s.append(self._interval_s)
        self._since_s -= self._interval_s
        self._interval_s = 60 / self._bpm * (1 + _HEART.variability * self._normals.next())

    def _send(self, at: float) -> list[Packet]:
        rr, self._rr_s = tuple(self._rr_s), []
        if self._radio.random() < _HEART.loss:
            return []
        data = heart_rate_measurement(round(self._bpm), contact=True, rr_s=rr)
        return [Packet(at + _HEART.latency_s, self.name, HEART_RATE_MEASUREMENT, data)]
