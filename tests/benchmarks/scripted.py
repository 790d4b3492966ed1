"""Makes runs whose true speed is written down beforehand, with the simulator's sensors.

A scripted runner moves along the measured line exactly as told, at a constant place beside it: no unevenness,
no bends, no wind. What the sensors then say differs from the truth by their own errors alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from firmware_sim import constants as c
from firmware_sim.faults import Faults
from firmware_sim.firmware import GUN_T, Firmware
from firmware_sim.gauss_markov import stream
from firmware_sim.geometry import MILE_M, Oval
from firmware_sim.packet import Packet
from firmware_sim.scenario import Scenario
from firmware_sim.sensors.footpod import Footpod
from firmware_sim.sensors.gps import Gps
from firmware_sim.trace import Motion, Trace
from firmware_sim.world import World, map_of_track
from pacer.inputs import Command, Input, Notification
from pacer.setup import SensorSpec, Setup, Target, TrackSpec
from tests.benchmarks.runs import TICK_S, Array

TARGET_S = 281.0  # s, a mile in 4:41
CRUISE_MPS = MILE_M / (TARGET_S - c.RunnerBody().start_tau_s)  # m/s, at speed, when evenly run

_GPS = SensorSpec("gps", "runner", "gps", address="a")
_POD = SensorSpec("footpod", "runner", "footpod", address="b")
_TAPS = c.Taps()

Script = Callable[[float], float]  # share of cruise speed, `elapsed` s after the gun


@dataclass(frozen=True, slots=True)
class ScriptedRun:
    """Holds one run: inputs by arrival without ticks, and the truth at the ticks, arrays of one length."""

    setup: Setup
    inputs: tuple[Input, ...]
    t: Array  # s, world time, 10 Hz
    v: Array  # m/s along the measured line


class ScriptedWorld:
    """Moves one runner by a script; it is what sensors ask of a `firmware_sim.world.World`."""

    def __init__(self, script: Script, seed: int) -> None:
        rng = stream(seed, "scripted")
        body = c.RunnerBody()
        lateral = body.lateral_m + body.lateral_spread_m * float(rng.standard_normal())
        shift, turn = c.MAP_SHIFT_M * rng.standard_normal(2), c.MAP_TURN_DEG * float(rng.standard_normal())
        self.course = Oval(map_of_track().moved(float(shift[0]), float(shift[1]), turn))
        self.scenario = Scenario("scripted", "a scripted speed", target_s=TARGET_S)
        self.runner = Trace(0.0, lateral)
        self._script = script
        self._steps = 0

    @property
    def t(self) -> float:
        """Returns the world time that physics has reached, in s."""
        return self._steps / c.STEP_HZ

    def elapsed(self, t: float) -> float:
        """Returns the seconds from the gun to world time `t`."""
        return t - GUN_T

    def runner_at(self, t: float) -> Motion:
        """Returns the runner's truth at a world time (s) up to now."""
        return self.runner.at(t)

    def step(self) -> None:
        """Moves the runner by one physics step."""
        self._steps += 1
        s, path, lateral = self.runner.distance_m[-1], self.runner.path_m[-1], self.runner.lateral_m[-1]
        ds = self.speed(self.t - c.STEP_S / 2) * c.STEP_S
        self.runner.append(s + ds, path + ds * (1 + self.course.curvature(s) * lateral), lateral)

    def speed(self, t: float) -> float:
        """Returns the speed along the line at world time `t`, m/s."""
        elapsed = self.elapsed(t)
        if elapsed <= 0:
            return 0.0
        rise = 1 - math.exp(-elapsed / c.RunnerBody().start_tau_s)
        return CRUISE_MPS * rise * self._script(elapsed)


def simulate(script: Script, seed: int, for_s: float, *, footpod: bool = True) -> ScriptedRun:
    """Simulates `for_s` seconds after the gun of a script, with a phone's GPS, taps and maybe a footpod."""
    scripted = ScriptedWorld(script, seed)
    world = cast("World", scripted)  # as far as sensors look
    faults = Faults((), seed)
    gps, pod = Gps(world, seed, "ln", faults), Footpod(world, seed)
    packets = Firmware(scripted, (gps, pod) if footpod else (gps,), faults).advance(GUN_T + for_s)
    t = np.round(np.arange(round((GUN_T + for_s) / TICK_S)) * TICK_S, 6)
    return ScriptedRun(
        setup=_setup(footpod=footpod),
        inputs=_inputs(packets, _taps(scripted, seed) if footpod else []),
        t=t,
        v=np.array([scripted.speed(float(now)) for now in t]),
    )


def _inputs(packets: list[Packet], taps: list[float]) -> tuple[Input, ...]:
    inputs: list[Input] = [Command(GUN_T, "start", at=GUN_T), *(Command(t, "lap", at=t) for t in taps)]
    inputs += [Notification(round(p.t, 6), p.sensor, p.char, p.data) for p in packets]
    return tuple(sorted(inputs, key=lambda item: item.t))


def _taps(world: ScriptedWorld, seed: int) -> list[float]:
    """Returns when somebody tapped at the lap lines, world time, s."""
    rng = stream(seed, "taps")
    lines = (world.course.start_m + k * world.course.lap_m for k in (1, 2, 3))
    passed = [t for line in lines if (t := world.runner.time_at_distance(line)) is not None]
    return [round(t + _TAPS.bias_s + _TAPS.sd_s * float(rng.standard_normal()), 6) for t in passed]


def _setup(*, footpod: bool) -> Setup:
    course = TrackSpec(lat_deg=c.TRACK_LAT_DEG, lon_deg=c.TRACK_LON_DEG, heading_deg=c.TRACK_HEADING_DEG)
    return Setup((_GPS, _POD) if footpod else (_GPS,), course=course, target=Target(MILE_M, TARGET_S))
