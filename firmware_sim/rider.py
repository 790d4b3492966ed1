"""Moves the rider: even speed by a plain speedometer, and what he makes of the cues on his display."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from firmware_sim.constants import STEP_S, RiderBody
from firmware_sim.gauss_markov import GaussMarkov, Normals, stream
from firmware_sim.obedience import Listener
from firmware_sim.people import RIDER_DISPLAY, Gains
from firmware_sim.shown import Eyes

if TYPE_CHECKING:
    from firmware_sim.geometry import Course
    from firmware_sim.scenario import Scenario
    from firmware_sim.trace import Motion

_BODY = RiderBody()
_AS_THEY_ARE = Gains()


class Rider:
    """Holds the rider's state; `step` moves him by one physics step."""

    def __init__(self, scenario: Scenario, course: Course, seed: int, gains: Gains = _AS_THEY_ARE) -> None:
        rng = stream(seed, "rider")
        self._leads = scenario.rider.leads
        self._finish_m = scenario.distance_m
        self._course = course
        # the even speed that makes the target in spite of the start, as his speedometer shows it
        lost_s = _BODY.reaction_s + _BODY.start_tau_s - _BODY.fast_start * _BODY.fast_start_s
        self._even_mps = scenario.distance_m / (scenario.target_s - lost_s)
        self._even_mps *= 1 + _BODY.speedometer * float(rng.standard_normal())
        self._bend_skill = float(rng.uniform(*_BODY.bend_skill))
        self._mean_curvature = 2 * math.pi / course.lap_m
        normals = Normals(stream(seed, "rider", "noise"))
        self._wobble = [GaussMarkov(sd, tau, STEP_S, normals) for sd, tau in _BODY.wobble]
        self._listener = Listener(RIDER_DISPLAY, stream(seed, "rider", "cues"))
        self._eyes = Eyes(seed, gains) if scenario.rider.shown else None
        self._own_mps = 0.0
        self.distance_m = _BODY.lead_m
        self.path_m = 0.0
        self.lateral_m = _BODY.lateral_m

    def see(self, t: float, word: str, share: float | None) -> None:
        """Takes a cue of the display."""
        if self._leads:
            self._listener.hear(t, word, share)

    def ask(self, t: float, asked_mps: float, shown_mps: float) -> None:
        """Takes what the display shows: the speed to ride, and the speed that it believes is ridden."""
        if self._eyes is not None:
            self._eyes.look(t, asked_mps - shown_mps, self._own_mps)

    def step(self, t: float, elapsed_s: float, runner: Motion) -> None:
        """Moves him to world time `t`, `elapsed_s` after the gun; `runner` is where he saw the runner."""
        if elapsed_s <= _BODY.reaction_s:
            return
        wobble = sum(process.step() for process in self._wobble)
        cue = self._listener.step(t, STEP_S)
        fast = _BODY.fast_start * math.exp(-elapsed_s / _BODY.fast_start_s)
        wanted = self._wanted(t, runner, cue + fast)
        self._own_mps += (wanted - self._own_mps) * (1 - math.exp(-STEP_S / self._tau(elapsed_s)))
        self._move(wobble * min(1.0, self._own_mps / self._even_mps))

    def _wanted(self, t: float, runner: Motion, change: float) -> float:
        behind = self.distance_m - _BODY.lead_m - runner.distance_m  # m, of the place he should have
        leads = self._leads or self._eyes is not None
        if not leads or runner.distance_m >= self._finish_m:
            return max(0.0, runner.speed_mps - _BODY.side_gain * behind)
        asked = None if self._eyes is None else self._eyes.wants(t)
        if asked is not None:
            return asked
        slack = max(0.0, behind - _BODY.keep_slack_m)
        return self._even_mps * (1 + change) - _BODY.keep_gain * slack

    def _tau(self, elapsed_s: float) -> float:
        starting = elapsed_s < 5 * _BODY.start_tau_s  # after five time constants the start is over
        return _BODY.start_tau_s if starting else _BODY.tau_s

    def _move(self, wobble_mps: float) -> None:
        """Rides a step: outside the runner's line a bend is longer, and he speeds up as well as he can."""
        curvature = self._course.curvature(self.distance_m)
        felt = self._bend_skill * curvature + (1 - self._bend_skill) * self._mean_curvature
        path_mps = max(0.0, self._own_mps + wobble_mps) * (1 + felt * self.lateral_m)
        self.path_m += path_mps * STEP_S
        self.distance_m += path_mps * STEP_S / (1 + curvature * self.lateral_m)
