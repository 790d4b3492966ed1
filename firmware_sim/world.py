"""Holds the simulated truth: the clock, the two people on the track, and what anyone may ask about them.

Time is `t`, seconds from the world's beginning; physics steps are at a fixed 20 Hz. Everybody stands at the
line until the gun. Nothing here reads a clock: whoever drives the world says how far it may go.
"""

from __future__ import annotations

import copy
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from firmware_sim import constants as c
from firmware_sim.gauss_markov import stream
from firmware_sim.geometry import Course, Oval, Placement
from firmware_sim.people import Following, Gains, Shown
from firmware_sim.rider import Rider
from firmware_sim.road import Road
from firmware_sim.runner import Runner, planned_speed
from firmware_sim.trace import Motion, Trace

if TYPE_CHECKING:
    from firmware_sim.scenario import Scenario

_RUNNER, _RIDER = c.RunnerBody(), c.RiderBody()
_FOLLOWING, _SHOWN = Following(), Shown()
_AS_THEY_ARE = Gains()


def map_of_track() -> Placement:
    """Returns where maps (and configurations) say that the track lies; the truth is a little beside it."""
    return Placement(c.TRACK_LAT_DEG, c.TRACK_LON_DEG, c.TRACK_HEADING_DEG, c.TRACK_ALTITUDE_M)


def _true_track(seed: int) -> Oval:
    """Returns the track where it really lies for this seed."""
    east, north, turn = (float(x) for x in stream(seed, "map").standard_normal(3))
    shift, angle = c.MAP_SHIFT_M, c.MAP_TURN_DEG
    return Oval(map_of_track().moved(east * shift, north * shift, turn * angle))


class World:
    """Runs the truth of one scenario and one seed, deterministically."""

    def __init__(self, scenario: Scenario, seed: int, gains: Gains = _AS_THEY_ARE) -> None:
        self.scenario = scenario
        self.seed = seed
        self.course: Course = Road.of(seed) if scenario.course == "road" else _true_track(seed)
        self.gun_t: float | None = None  # s, world time
        self._steps = 0
        self._runner = Runner(scenario, self.course, seed, planned_speed(scenario, self.course, seed), gains)
        self._rider = Rider(scenario, self.course, seed, gains)
        self.runner = Trace(self._runner.distance_m, self._runner.lateral_m)
        self.rider = Trace(self._rider.distance_m, self._rider.lateral_m)

    @property
    def t(self) -> float:
        """Returns the world time that physics has reached, in s."""
        return self._steps / c.STEP_HZ

    def gun(self, at_t: float) -> None:
        """Fires the gun at world time `at_t` (s); a gun to which nobody has reacted yet may be moved.

        It may lie in the past by the runner's reaction time, while all still stand. ValueError otherwise.
        """
        fired = self.gun_t is not None and self.gun_t + _RUNNER.reaction_s < self.t
        if fired or at_t + _RUNNER.reaction_s < self.t:
            raise ValueError(f"no gun at {at_t} s: the world is at {self.t} s, its gun at {self.gun_t} s")
        self.gun_t = at_t

    def hear(self, word: str, size_mps: float | None = None) -> None:
        """Lets the runner's device say "ease", "hold" or "press" by `size_mps` (>= 0, None: no size)."""
        self._runner.hear(self.t, word, self._share(size_mps))

    def see(self, word: str, size_mps: float | None = None) -> None:
        """Lets the rider's display show "ease", "hold" or "press" by `size_mps` (>= 0, None: no size)."""
        self._rider.see(self.t, word, self._share(size_mps))

    def ask(self, asked_mps: float, shown_mps: float) -> None:
        """Lets the rider's display ask for a speed, beside the one that it says he rides."""
        if self.elapsed(self.t) >= _SHOWN.after_s:
            self._rider.ask(self.t, asked_mps, shown_mps)

    def foresee(self, seconds: float) -> float:
        """Returns where the runner would be in `seconds`, m, if nobody said anything more until then."""
        twin = copy.copy(self)
        shared: dict[int, Any] = {id(part): part for part in (self.course, self.scenario)}
        runner, rider = copy.deepcopy((self._runner, self._rider), shared)
        twin._runner, twin._rider = runner, rider  # noqa: SLF001 - another of its own kind
        twin.runner, twin.rider = copy.copy(self.runner), copy.copy(self.rider)
        for _ in range(round(seconds * c.STEP_HZ)):
            twin.step()
        return runner.distance_m

    def elapsed(self, t: float) -> float:
        """Returns the seconds from the gun to world time `t`, -inf before a gun is known."""
        return -math.inf if self.gun_t is None else t - self.gun_t

    def step(self) -> None:
        """Moves everybody by one physics step."""
        t = (self._steps + 1) / c.STEP_HZ
        elapsed = self.elapsed(t)
        bike = self.rider.at(t - c.STEP_S - _FOLLOWING.delay_s)
        runner = self.runner.at(t - c.STEP_S - _RIDER.side_delay_s)
        self._runner.step(t, elapsed, self._place_behind(bike))
        self._rider.step(t, elapsed, runner)
        self.runner.append(self._runner.distance_m, self._runner.path_m, self._runner.lateral_m)
        self.rider.append(self._rider.distance_m, self._rider.path_m, self._rider.lateral_m)
        self._steps += 1

    def advance(self, to_t: float) -> None:
        """Moves everybody in whole steps, not beyond `to_t`."""
        while self.t + c.STEP_S <= to_t + 1e-9:  # s, so that 0.1 + 0.2 counts as 0.3
            self.step()

    def runner_at(self, t: float) -> Motion:
        """Returns the runner's truth at a world time (s) up to now."""
        return self.runner.at(t)

    def rider_at(self, t: float) -> Motion:
        """Returns the rider's truth at a world time (s) up to now."""
        return self.rider.at(t)

    def time_at(self, distance_m: float) -> float | None:
        """Returns the seconds after the gun at which the runner reached a distance, None if he has not."""
        t = self.runner.time_at_distance(distance_m)
        return None if t is None or self.gun_t is None else t - self.gun_t

    def splits(self, every_m: float = 400.0) -> list[float]:
        """Returns the seconds of every whole `every_m` metres that the runner has finished."""
        count = int(self.scenario.distance_m / every_m)
        reached = [self.time_at(every_m * (i + 1)) for i in range(count)]
        times = [0.0, *(t for t in reached if t is not None)]
        return [after - before for before, after in pairwise(times)]

    @property
    def finish_s(self) -> float | None:
        """Returns the runner's time over the whole distance, None while he is under way."""
        return self.time_at(self.scenario.distance_m)

    def _share(self, size_mps: float | None) -> float | None:
        """Returns a change of speed as a share of the target's speed."""
        return None if size_mps is None else size_mps * self.scenario.target_s / self.scenario.distance_m

    @staticmethod
    def _place_behind(bike: Motion) -> Motion:
        """Returns the motion of the runner's place behind the bike, foreseen over his delay."""
        ahead = bike.speed_mps * _FOLLOWING.delay_s - _RIDER.lead_m
        return Motion(bike.distance_m + ahead, bike.speed_mps, 0.0, 0.0, 0.0)
