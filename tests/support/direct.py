"""The direct path: simulated people and firmware straight into a session, cues straight back; no radio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from firmware_sim import constants, scenario
from firmware_sim.firmware import Firmware
from firmware_sim.sensors.gps import Wire
from firmware_sim.world import World
from pacer.inputs import Command, Input, Notification, Tick
from pacer.outputs import Cue, Output, Split, State
from pacer.session import Session
from pacer.setup import SensorSpec, Setup, StartMode, Target, TrackSpec

GUN_T = 20.0  # s, on the world's clock and the session's, which are one here
TOLD_T = 15.0  # s, when the countdown is told
TICK_S = 0.1  # s
AFTER_S = 4.0  # s that a run goes on after its finish
LIMIT_S = 330.0  # s, a run that has not finished by then is given up

FOOTPOD = SensorSpec("footpod", "runner", "footpod", address="a")
GPS = SensorSpec("gps", "runner", "gps", address="b")
GPS_UART = SensorSpec("gps", "runner", "gps_uart", address="b")
HEART_RATE = SensorSpec("heart_rate", "runner", "heart_rate", address="c")
WHEEL = SensorSpec("wheel", "rider", "wheel", address="d")
KIT = (FOOTPOD, GPS, HEART_RATE, WHEEL)
TRACK = TrackSpec(
    lat_deg=constants.TRACK_LAT_DEG,
    lon_deg=constants.TRACK_LON_DEG,
    heading_deg=constants.TRACK_HEADING_DEG,
)
START = Command(TOLD_T, "start", at=GUN_T, origin="engine")

Kept = TypeVar("Kept")


def kit(
    *sensors: SensorSpec, gps: Wire = "ln", course: TrackSpec | None = TRACK, start: StartMode = "command"
) -> Setup:
    """Returns a setup of the given sensors, all four where none is named."""
    chosen = sensors or (FOOTPOD, GPS if gps == "ln" else GPS_UART, HEART_RATE, WHEEL)
    return Setup(sensors=chosen, course=course, target=Target(), start=start, lead_m=2.0)


@dataclass(frozen=True, slots=True)
class Mile:
    """Holds a run that is over: what went in, what came out, and what was true."""

    inputs: list[Input]
    outputs: list[Output]
    world: World
    marks: dict[str, list[Split]] = field(default_factory=dict)

    def of(self, kind: type[Kept]) -> list[Kept]:
        """Lists the outputs of one kind."""
        return [output for output in self.outputs if isinstance(output, kind)]

    def splits(self, kind: str = "split") -> list[Split]:
        """Lists the splits of a kind; a corrected start gives them anew, and the last ones count."""
        found = {split.index: split for split in self.of(Split) if split.kind == kind}
        return [found[i] for i in sorted(found)]

    def settled(self, after_s: float = 60.0) -> Iterator[State]:
        """Gives the pictures drawn while running, from `after_s` on."""
        for state in self.of(State):
            if state.phase == "running" and (state.elapsed_s or 0.0) > after_s:
                yield state

    def errors_m(self, after_s: float = 60.0) -> list[float]:
        """Lists estimate minus truth, m, where there is an estimate."""
        return [
            state.runner.distance_m - self.world.runner_at(state.t).distance_m
            for state in self.settled(after_s)
            if state.runner.distance_m is not None
        ]


def feed(setup: Setup, inputs: Iterable[Input]) -> list[Output]:
    """Steps a new session through inputs and returns all that came out."""
    session = Session(setup)
    return [output for item in inputs for output in session.step(item)]


def drive(
    name: str,
    seed: int,
    setup: Setup | None = None,
    commands: Sequence[Command] = (START,),
    *,
    gps: Wire = "ln",
) -> Mile:
    """Runs a scenario to a few seconds after its finish; both people hear and see the cues of the session."""
    setup = setup or kit(gps=gps)
    world = World(scenario.load(name), seed)
    world.gun(GUN_T)
    firmware, session = Firmware.of(world, gps), Session(setup)
    mile, names, waiting = Mile([], [], world), {s.name for s in setup.sensors}, list(commands)
    count, end = 0, LIMIT_S
    while (now := round(count * TICK_S, 6)) <= end:
        packets = [p for p in firmware.advance(now) if p.sensor in names]
        items: list[Input] = [Notification(round(p.t, 6), p.sensor, p.char, p.data) for p in packets]
        items += [c for c in waiting if c.t <= now]
        waiting = [c for c in waiting if c.t > now]
        for item in [*sorted(items, key=lambda i: i.t), Tick(now)]:
            mile.inputs.append(item)
            for output in session.step(item):
                mile.outputs.append(output)
                _obey(world, output)
        if world.finish_s is not None:
            end = min(end, world.finish_s + GUN_T + AFTER_S)
        count += 1
    return mile


def _obey(world: World, output: Output) -> None:
    if isinstance(output, Cue):
        take = world.see if output.to == "rider" else world.hear
        take(output.word, abs(output.change_mps))


@cache
def paced(seed: int = 1) -> Mile:
    """Returns the paced mile of a seed, run once."""
    return drive("paced", seed)
