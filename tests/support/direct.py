"""The direct path: simulated people and firmware straight into a session, cues straight back; no radio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from firmware_sim import constants, scenario
from firmware_sim.firmware import Firmware
from firmware_sim.sensors.gps import Wire
from firmware_sim.world import World
from pacer.inputs import Command, Input, Notification, Tick
from pacer.ledger import Ledger
from pacer.outputs import Cue, Estimate, Output, State
from pacer.session import Session
from pacer.setup import SensorSpec, Setup, StartMode, Target, TrackSpec
from tests.support.played import Scene

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
DEMO_GUN_T = 25.0  # s: in the demo, sensors are found first, then all stand for 10 s, and count down for 5


def kit(
    *sensors: SensorSpec, gps: Wire = "ln", course: TrackSpec | None = TRACK, start: StartMode = "command"
) -> Setup:
    """Returns a setup of the given sensors, all four where none is named."""
    chosen = sensors or (FOOTPOD, GPS if gps == "ln" else GPS_UART, HEART_RATE, WHEEL)
    return Setup(sensors=chosen, course=course, target=Target(), start=start, lead_m=2.0)


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
    gun_t: float = GUN_T,
    limit_s: float = LIMIT_S,
) -> Scene:
    """Runs a scenario to a few seconds after its finish; both people hear and see the cues of the session.

    No radio and no broker: for everything that these do not change, and a tenth of the price.
    """
    world = World(scenario.load(name), seed)
    world.gun(gun_t)
    setup = setup or replace(kit(gps=gps), target=Target(world.scenario.distance_m, world.scenario.target_s))
    session, ledger = Session(setup), Ledger()
    inputs: list[Input] = []
    mile = Scene(inputs, [], ledger, world)
    names = {spec.name for spec in setup.sensors}
    for item in _inputs(world, Firmware.of(world, gps), names, commands, limit_s):
        inputs.append(item)
        for output in session.step(item):
            mile.outputs.append(output)
            ledger.offer(output)
            _obey(world, output)
    return mile


def _inputs(
    world: World, firmware: Firmware, names: set[str], commands: Iterable[Command], limit_s: float
) -> Iterator[Input]:
    """Yields packets, commands and ticks in time order, a tick's length at a time: cues change the world."""
    waiting = sorted(commands, key=lambda command: command.t)
    count, end = 0, limit_s
    while (now := round(count * TICK_S, 6)) <= end:
        packets = [p for p in firmware.advance(now) if p.sensor in names]
        items: list[Input] = [Notification(round(p.t, 6), p.sensor, p.char, p.data) for p in packets]
        while waiting and waiting[0].t <= now:
            items.append(waiting.pop(0))
        yield from sorted(items, key=lambda item: item.t)
        yield Tick(now)
        if world.finish_s is not None and world.gun_t is not None:
            end = min(end, world.finish_s + world.gun_t + AFTER_S)
        count += 1


def _obey(world: World, output: Output) -> None:
    match output:
        case Cue():
            take = world.see if output.to == "rider" else world.hear
            take(output.word, abs(output.change_mps))
        case State(rider=Estimate(speed_mps=float(shown)), rider_asked_mps=float(asked)):
            world.ask(asked, shown)


@cache
def paced(seed: int = 1) -> Scene:
    """Returns the paced mile of a seed, run once."""
    return drive("paced", seed)


@cache
def like_the_demo(name: str, seed: int, gps: Wire = "ln") -> Scene:
    """Returns a scenario's run with the demo's sensors and start, run once."""
    start = Command(DEMO_GUN_T - 5.0, "start", at=DEMO_GUN_T, origin="engine")
    return drive(name, seed, None, [start], gps=gps, gun_t=DEMO_GUN_T)
