"""Moves the runner: his plan, his unevenness, the bike he follows, the tones he hears."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from firmware_sim.constants import STEP_S, RunnerBody
from firmware_sim.gauss_markov import GaussMarkov, Normals, stream
from firmware_sim.obedience import Listener
from firmware_sim.people import RUNNER_AUDIO, WOBBLE, Following, Gains
from firmware_sim.straying import Straying

if TYPE_CHECKING:
    from firmware_sim.geometry import Course
    from firmware_sim.scenario import RunnerPlan, Scenario
    from firmware_sim.trace import Motion

_BODY = RunnerBody()
_FOLLOWING = Following()
_AS_THEY_ARE = Gains()


class Runner:
    """Holds the runner's state; `step` moves him by one physics step."""

    def __init__(
        self, scenario: Scenario, course: Course, seed: int, base_mps: float, gains: Gains = _AS_THEY_ARE
    ) -> None:
        rng = stream(seed, "runner")
        self._plan: RunnerPlan = scenario.runner
        self._gains = gains
        self._finish_m = scenario.distance_m
        self._course = course
        self._base_mps = base_mps
        self._tau_s = _BODY.start_tau_s * math.exp(_BODY.start_tau_spread * rng.standard_normal())
        self._wind_mps = float(rng.uniform(0, _BODY.wind_mps))
        self._wind_rad = float(rng.uniform(0, 2 * math.pi))
        self._line_m = _BODY.lateral_m + _BODY.lateral_spread_m * float(rng.standard_normal())
        normals = Normals(stream(seed, "runner", "noise"))
        temper = self._plan.temper
        wobble = _BODY.wobble if temper is None else WOBBLE
        self._wobble = [GaussMarkov(sd, tau, STEP_S, normals) for sd, tau in wobble]
        self._straying = None if temper is None else Straying(temper, seed)
        self._wander = GaussMarkov(*_BODY.lateral_wander, STEP_S, normals)
        self._listener = Listener(RUNNER_AUDIO, stream(seed, "runner", "cues"), gains.audio)
        self._wide_m = 0.0  # m, how far out of his line he has gone
        self._mean_pace = sum(self._plan.legs) / len(self._plan.legs)
        self._own_mps = 0.0  # m/s, what he runs at without the instant's unevenness
        self.distance_m = 0.0
        self.path_m = 0.0
        self.lateral_m = self._line_m + self._wander.value

    def hear(self, t: float, word: str, share: float | None) -> None:
        """Takes a cue of the audio device, if he wears one."""
        if self._plan.hears:
            self._listener.hear(t, word, share)

    def step(self, t: float, elapsed_s: float, bike: Motion | None) -> None:
        """Moves him to world time `t`, `elapsed_s` after the gun; `bike` is where he saw the rider."""
        if elapsed_s <= _BODY.reaction_s:
            return  # before any noise is drawn, so that a run does not depend on how long he stood
        self.lateral_m = self._line_m + self._widened() + self._wander.step()
        wobble = sum(process.step() for process in self._wobble)
        cue = self._listener.step(t, STEP_S)
        over = self.distance_m >= self._finish_m
        wanted = _BODY.cruise_mps if over else self._wanted(elapsed_s, bike, cue)
        tau = _BODY.slow_down_s if over else self._tau_s
        # exact over the step, so that the start is v (1 - exp(-t/tau)) to the last digit
        self._own_mps += (wanted - self._own_mps) * (1 - math.exp(-STEP_S / tau))
        self._move(wobble * min(1.0, self._own_mps / self._base_mps))

    def _wanted(self, elapsed_s: float, bike: Motion | None, cue: float) -> float:
        own = self._alone(elapsed_s)
        if 0 <= self.distance_m - self._plan.walk_at_m < self._plan.walk_for_m:
            return self._plan.walk_mps
        if self._plan.follows == "plan":
            return own * self._shape() * (1 + cue)
        if bike is None or elapsed_s < _FOLLOWING.after_s:
            return own
        return self._behind(own, bike, cue)

    def _alone(self, elapsed_s: float) -> float:
        """Returns the speed that he would run at now, if nobody asked for another."""
        if self._straying is not None:
            return self._base_mps * (1 + self._straying.step(elapsed_s, self.distance_m / self._finish_m))
        return self._base_mps * (1 + self._plan.fast_start * math.exp(-elapsed_s / _BODY.fast_start_s))

    def _behind(self, own: float, bike: Motion, cue: float) -> float:
        """Returns the speed with which he follows: the bike's, and what closes the gap to his place."""
        apart = bike.distance_m - self.distance_m
        wanted = bike.speed_mps + self._gains.following * _FOLLOWING.gain * apart
        wanted += _FOLLOWING.audio * cue * own
        if self._straying is not None:  # he saves effort close behind, and keeps something of his own mind
            own *= 1 + self._gains.draft * _FOLLOWING.draft * (abs(apart) < _FOLLOWING.draft_m)
            wanted += _FOLLOWING.own_mind * (own - wanted)
        return max(own * (1 - _FOLLOWING.limit), min(own * (1 + _FOLLOWING.limit), wanted))

    def _shape(self) -> float:
        """Returns the plan's speed here as a share of its mean."""
        plan = self._plan
        leg = min(int(self.distance_m / plan.leg_m), len(plan.legs) - 1)
        in_surge = 0 <= self.distance_m - plan.surge_at_m < plan.surge_for_m
        return self._mean_pace / plan.legs[leg] * (1 + plan.surge_gain * in_surge)

    def _widened(self) -> float:
        """Returns how far out of his line he runs, after the next sideways step."""
        wanted = self._plan.wide_by_m * (self._plan.wide_from_m <= self.distance_m < self._plan.wide_to_m)
        step = _BODY.change_lane_mps * STEP_S
        self._wide_m += max(-step, min(step, wanted - self._wide_m))
        return self._wide_m

    def _move(self, wobble_mps: float) -> None:
        pose = self._course.pose(self.distance_m)
        terrain = (_BODY.bend if pose.curvature else _BODY.straight) / (1 + _BODY.grade_cost * pose.grade)
        wind = self._wind_mps * math.cos(pose.heading_rad - self._wind_rad)
        moving = min(1.0, self._own_mps / self._base_mps)
        speed = max(0.0, self._own_mps * terrain + wobble_mps + wind * moving)
        self.path_m += speed * STEP_S
        self.distance_m += speed * STEP_S / (1 + pose.curvature * self.lateral_m)


def planned_speed(scenario: Scenario, course: Course, seed: int) -> float:
    """Returns the base speed in m/s with which this seed's runner takes the time of his plan, uncued.

    One with a temper means to run the even speed, and strays from it. For the others it is
    found by letting him run and scaling: three runs bring the time within a few milliseconds. A surge comes
    on top of the plan, and a following runner is scaled as if he ran alone.
    """
    plan = scenario.runner
    wanted = scenario.target_s if plan.time_s is None else plan.time_s
    if plan.temper is not None:
        return even_speed(scenario)
    spread = float(stream(seed, "runner", "time").uniform(-_BODY.spread_s, _BODY.spread_s))
    alone = replace(scenario, runner=replace(plan, follows="plan", hears=False, surge_gain=0.0))
    base = scenario.distance_m / wanted
    for _ in range(3):
        base *= _time_alone(alone, course, seed, base) / (wanted + spread)
    return base


def even_speed(scenario: Scenario) -> float:
    """Returns the speed in m/s, once at speed, that takes the time of the plan, or the target's."""
    wanted = scenario.target_s if scenario.runner.time_s is None else scenario.runner.time_s
    return scenario.distance_m / (wanted - _BODY.start_tau_s)


def _time_alone(scenario: Scenario, course: Course, seed: int, base_mps: float) -> float:
    """Returns the seconds from the gun to the finish of a runner on his own."""
    runner = Runner(scenario, course, seed, base_mps)
    steps, before = 0, 0.0
    while runner.distance_m < scenario.distance_m:
        before = runner.distance_m
        steps += 1
        runner.step(steps * STEP_S, steps * STEP_S, None)
    part = (scenario.distance_m - before) / (runner.distance_m - before)
    return (steps - 1 + part) * STEP_S
