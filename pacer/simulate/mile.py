"""One simulated run in virtual time: truth ─▶ firmware ─▶ bytes ─▶ Session ─▶ cues ─▶ the people, no radio.

The session is the one that runs on the track; people hear and obey as `firmware_sim.people` says.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from firmware_sim import able, constants, scenario
from firmware_sim.faults import Faults
from firmware_sim.firmware import GUN_T, Firmware
from firmware_sim.gauss_markov import stream
from firmware_sim.people import HEADPHONES_S, Gains
from firmware_sim.sensors import Sensor
from firmware_sim.sensors.footpod import Footpod
from firmware_sim.sensors.gps import Gps
from firmware_sim.sensors.wheel import Wheel
from firmware_sim.world import World
from pacer.inputs import Command, Input, Notification, Tick
from pacer.outputs import Cue, Estimate, Output, State
from pacer.session import Session
from pacer.setup import Calibration, Mode, PolicySpec, SensorSpec, Setup, Target, TrackSpec

TICK_S = 0.1  # s, as the engine ticks
# A cue is right if it points against the gap that would stand so long after it, had it not been said.
PROOF_S = 15.0  # s
LIMIT_S = 3600.0  # s, a run that has not finished by then never will

GPS = SensorSpec("gps", "runner", "gps", address="a")
FOOTPOD = SensorSpec("footpod", "runner", "footpod", address="b")
WHEEL = SensorSpec("wheel", "rider", "wheel", address="c")


TRACK = TrackSpec(
    lat_deg=constants.TRACK_LAT_DEG,
    lon_deg=constants.TRACK_LON_DEG,
    heading_deg=constants.TRACK_HEADING_DEG,
)


@dataclass(frozen=True, slots=True)
class Riding:
    """Holds what the session is told of the rider, where there is one."""

    mode: Mode = "strict"
    lead_m: float = constants.RiderBody().lead_m  # m; the simulated runner's place behind him
    elastic_s: float = Setup().elastic_s
    # m, how well his wheel is known, from runs before; None: not at all, which is what `Calibration` says
    wheel_circumference_sd_m: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Names one run: everything about it follows from this."""

    scenario: str
    policy: PolicySpec
    seed: int
    gains: Gains = field(default_factory=Gains)
    riding: Riding = field(default_factory=Riding)


@dataclass(frozen=True, slots=True)
class Said:
    """Holds one cue to the runner, and what would have come without it."""

    elapsed_s: float  # s since the gun
    word: str
    change_mps: float  # m/s
    without_m: float  # m, where he would have been PROOF_S later, had nothing been said from here on


@dataclass(frozen=True, slots=True)
class Ran:
    """Holds what was true of a run: all that policies are judged by."""

    target: Target
    at_m: tuple[float, ...]  # m, the runner's place every TICK_S from the gun to just behind the finish
    said: tuple[Said, ...]
    finish_s: float  # s after the gun
    best_s: float | None = None  # s, how late (+) the best follower would be; None: he follows nobody


def run_mile(job: Job) -> Ran:
    """Runs one job to its finish.

    Raises:
        ScenarioError: there is no such scenario.
    """
    world = World(scenario.load(job.scenario), job.seed, job.gains)
    world.gun(GUN_T)
    people = _People(world)
    # where nobody is told anything nothing need be known: the truth is the same, for a tenth of the work
    silent = job.policy.name == "none" and not world.scenario.rider.shown
    knows = None if silent else _Knows(world, job, people)
    at_m: list[float] = []
    for count in range(round(LIMIT_S / TICK_S)):
        now = round(count * TICK_S, 6)
        if knows is None:
            world.advance(now)
        else:
            knows.advance(now)
        if now >= GUN_T:
            at_m.append(world.runner_at(now).distance_m)
        if world.finish_s is not None:
            break
    finish_s = world.finish_s
    target = Target(world.scenario.distance_m, world.scenario.target_s)
    best_s = able.best_s(world.scenario, job.seed, job.gains)
    return Ran(target, tuple(at_m), tuple(people.said), LIMIT_S if finish_s is None else finish_s, best_s)


class _Knows:
    """Lets a session know what sensors say, and people what the session says."""

    def __init__(self, world: World, job: Job, people: _People) -> None:
        self._firmware = _firmware(world)
        self._session = Session(_setup(world, job))
        self._people = people
        self._session.step(Command(0.0, "start", at=GUN_T, origin="engine"))

    def advance(self, now: float) -> None:
        """Advances world, sensors and session to `now`."""
        packets = self._firmware.advance(now)
        self._people.listen(now)
        heard: list[Input] = [Notification(round(p.t, 6), p.sensor, p.char, p.data) for p in packets]
        for item in (*heard, Tick(now)):
            for output in self._session.step(item):
                self._people.take(output)


class _People:
    """Carries what the session says to the runner's ears, late as headphones are, and to the rider's eyes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._on_the_way: deque[tuple[float, Cue]] = deque()
        self.said: list[Said] = []

    def take(self, output: Output) -> None:
        """Takes one output of the session."""
        match output:
            case Cue(to="runner"):
                without = self._world.foresee(PROOF_S)
                elapsed = self._world.elapsed(output.t)
                self.said.append(Said(elapsed, output.word, output.change_mps, without))
                self._on_the_way.append((output.t + HEADPHONES_S, output))
            case State(rider=Estimate(speed_mps=float(shown)), rider_asked_mps=float(asked)):
                self._world.ask(asked, shown)

    def listen(self, now: float) -> None:
        """Lets the runner hear what has reached his ears by `now`."""
        while self._on_the_way and self._on_the_way[0][0] <= now:
            _, cue = self._on_the_way.popleft()
            self._world.hear(cue.word, abs(cue.change_mps))


def _firmware(world: World) -> Firmware:
    """Puts the sensors up: the study's phone and footpod, without taps, and a leading rider's wheel."""
    faults = Faults.of(world.scenario, world.seed)
    sensors: list[Sensor] = [Footpod(world, world.seed), Gps(world, world.seed, "ln", faults)]
    if world.scenario.rider.shown:
        sensors.append(Wheel(world, world.seed))
    return Firmware(world, sensors, faults)


def _setup(world: World, job: Job) -> Setup:
    rider = world.scenario.rider.shown
    return Setup(
        sensors=(GPS, FOOTPOD, WHEEL) if rider else (GPS, FOOTPOD),
        course=TRACK,
        target=Target(world.scenario.distance_m, world.scenario.target_s),
        policy=job.policy,
        lead_m=job.riding.lead_m,
        mode=job.riding.mode,
        elastic_s=job.riding.elastic_s,
        calibration=_calibration(world, job.riding.wheel_circumference_sd_m),
    )


def _calibration(world: World, wheel_sd_m: float | None) -> Calibration:
    """Returns what is known beforehand: a wheel's true circumference, wrong by as much as it is doubted."""
    if wheel_sd_m is None:
        return Calibration()
    off_m = wheel_sd_m * float(stream(world.seed, "wheel", "known").standard_normal())
    true_m = Wheel(world, world.seed).circumference_m
    return Calibration(wheel_circumference_m=true_m + off_m, wheel_circumference_sd_m=wheel_sd_m)
