"""Makes the simulated runs on which estimators are compared: inputs as they arrive, the truth beside them.

`simulate(scenario, seed)` gives the same run on every machine. Times are world time: 0 when the sensors are
switched on, the gun 20 s later. A receiver's own time is START_UNIX_S + world time. Inputs are without ticks;
whoever plays them ticks at `Truth.t`, ten times a second.

Everything here is drawn from `firmware_sim.constants`, with which the filter shares no code. What it is given
of the same kind, as constants of its own in `pacer/estimator`, beside the course and the target's time:

    lags        of a receiver and its packets (0.6 s, 0.5 s over a UART, 0.15 s where it is a quick one), of a
                pod (0.75 s), of a tap
    a phone     how far a position wanders and in what time, what of it is white; the Doppler speed's error
    the map     how well the track's place is known
    a pod       how fast its scale drifts, how its odometer steps
    a runner    how far from the line he runs, how his speed rises at the start and changes later

Nothing tells it a run's own draws: scales, spreads, tags, phases, biases; but for a kit with earlier runs
what those taught, an even mile each on a day before, its errors drawn anew. The runs named mismatch-* draw
the receiver from elsewhere than the filter assumes, mismatch-any all of it at random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_sim import constants as c
from firmware_sim.faults import Faults
from firmware_sim.firmware import GUN_T, Firmware
from firmware_sim.gauss_markov import stream
from firmware_sim.geometry import Course, Oval
from firmware_sim.packet import Packet
from firmware_sim.road import Road
from firmware_sim.scenario import load
from firmware_sim.sensors.footpod import Footpod
from firmware_sim.sensors.gps import Belief, Gps
from firmware_sim.world import World, map_of_track
from pacer.inputs import Command, Input, Notification
from pacer.setup import RouteSpec, SensorSpec, Setup, Target, TrackSpec
from tests.benchmarks.earlier import calibrate
from tests.benchmarks.scenarios import KITS, Kit

Array = NDArray[np.float64]

TICK_S = 0.1  # s
AFTER_S = 1.0  # s that a run goes on after its finish
LIMIT_S = 3600.0  # s, a run that has not finished by then never will
TAPPED = 3  # lap lines at which somebody taps: the first three full laps
ANOTHER_DAY = 10_000_000  # added to a seed, beyond all that are compared

_GPS = SensorSpec("gps", "runner", "gps", address="a")
_UART = SensorSpec("gps", "runner", "gps_uart", address="a")
_POD = SensorSpec("footpod", "runner", "footpod", address="b")
_TAPS = c.Taps()


@dataclass(frozen=True, slots=True)
class Truth:
    """Holds where the runner really was, at the ticks; arrays of one length."""

    gun_t: float  # s, world time
    t: Array  # s, world time, 10 Hz
    s: Array  # m along the measured line since the start
    v: Array  # m/s along it, averaged over the tick
    lateral: Array  # m outside the measured line


@dataclass(frozen=True, slots=True)
class Nuisances:
    """Holds what no estimator can know and an oracle may; arrays per fix, sent or not, or per tick."""

    fix_t: Array  # s, world time of each fix's stamp
    valid_t: Array  # s, when its place was true: stamp - lag - tag
    bias_east: Array  # m, by which a fix lies off the map's place for the truth, without its white part
    bias_north: Array  # m
    speed_bias: Array  # m/s, correlated error of Doppler
    gps: c.GpsClass  # the class as drawn for this run
    spread: float  # factor of this run on all its sigmas
    tag_s: float  # s, the run's time-tag error
    pod_scale: Array  # per tick: what the pod reads over what is run, without the noise of a stride
    pod_smoothing_s: float  # s, time constant of the pod's speed
    taps: tuple[tuple[float, float], ...]  # (line m, error s) of every tap that came


@dataclass(frozen=True, slots=True)
class SimRun:
    """Holds one simulated run."""

    scenario: str
    seed: int
    setup: Setup
    inputs: tuple[Input, ...]  # by arrival, without ticks
    truth: Truth
    nuisances: Nuisances


def simulate(scenario: str, seed: int) -> SimRun:
    """Simulates one run of a kit named in `scenarios.KITS`; KeyError for another name."""
    kit = KITS[scenario]
    run = _simulate(scenario, kit, seed, seed)
    if not kit.earlier:
        return run
    training = replace(kit, study="even")
    days = (
        _simulate(scenario, training, seed + day * ANOTHER_DAY, seed) for day in range(1, kit.earlier + 1)
    )
    taught = calibrate(run.setup, ((day.setup, day.inputs, day.truth.t.tolist()) for day in days))
    return replace(run, setup=taught)


def _simulate(scenario: str, kit: Kit, seed: int, owner: int) -> SimRun:
    """Simulates the day `seed` of the track, the receiver and the pod that `owner` draws."""
    world = World(load(f"study/{kit.study}"), seed)
    world.course = World(world.scenario, owner).course
    world.gun(GUN_T)
    faults = Faults.of(world.scenario, seed)
    kind = kit.draw(c.GPS_B if kit.gps == "ln" else c.GPS_A, stream(seed, "mismatch"))
    gps, pod = Gps(world, seed, kit.gps, faults, kind), Footpod(world, seed)
    if owner != seed:
        mine = Gps(world, owner, kit.gps, faults, kind), Footpod(world, owner)
        gps.receiver.tag_s, pod.smoothing_s = mine[0].receiver.tag_s, mine[1].smoothing_s
        pod._scale, pod._per_mps = mine[1]._scale, mine[1]._per_mps
    beliefs: list[Belief] = []
    gps.kept = beliefs
    firmware = Firmware(world, (gps, pod) if kit.footpod else (gps,), faults)
    packets, scale = _play(world, firmware, pod)
    truth = _truth(world, len(scale))
    taps = _taps(world, kit, seed)
    inputs: list[Input] = [Command(GUN_T, "start", at=GUN_T), *(Command(t, "lap", at=t) for _, t, _ in taps)]
    inputs += [Notification(round(p.t, 6), p.sensor, p.char, p.data) for p in packets]
    inputs.sort(key=lambda item: item.t)
    bias_east, bias_north = _biases(world, beliefs)
    nuisances = Nuisances(
        fix_t=np.array([b.at for b in beliefs]),
        valid_t=np.array([b.valid_t for b in beliefs]),
        bias_east=bias_east,
        bias_north=bias_north,
        speed_bias=np.array([b.speed_error_mps for b in beliefs]),
        gps=kind,
        spread=gps.receiver.spread,
        tag_s=gps.receiver.tag_s,
        pod_scale=scale,
        pod_smoothing_s=pod.smoothing_s,
        taps=tuple((line, error) for line, _, error in taps),
    )
    return SimRun(scenario, seed, _setup(world, kit), tuple(inputs), truth, nuisances)


def _play(world: World, firmware: Firmware, pod: Footpod) -> tuple[list[Packet], Array]:
    """Plays to the end; returns what was sent, and the pod's scale at every tick."""
    packets: list[Packet] = []
    scale: list[float] = []
    end = LIMIT_S
    while (t := len(scale) * TICK_S) <= end:
        packets += firmware.advance(t)
        scale.append(pod.scale_at(world.runner_at(t).path_mps))
        if end == LIMIT_S and world.finish_s is not None:
            end = t + AFTER_S
    return packets, np.array(scale)


def _truth(world: World, ticks: int) -> Truth:
    t = np.round(np.arange(ticks) * TICK_S, 6)
    steps = np.minimum(np.rint(t * c.STEP_HZ).astype(int), len(world.runner.distance_m) - 1)
    s = np.array(world.runner.distance_m)[steps]
    v = np.diff(s, prepend=s[0]) / TICK_S
    return Truth(GUN_T, t, s, v, np.array(world.runner.lateral_m)[steps])


def _biases(world: World, beliefs: list[Belief]) -> tuple[Array, Array]:
    """Returns how far east and north of the map's place every fix lies, m, without its white part."""
    line = _map(world)
    bias: list[tuple[float, float]] = []
    for b in beliefs:
        motion = world.runner_at(b.valid_t)
        east, north = _metres(world.course, motion.distance_m, motion.lateral_m)
        east_0, north_0 = _metres(line, motion.distance_m, motion.lateral_m)
        bias.append((b.error_m[0] + east - east_0, b.error_m[1] + north - north_0))
    east_m, north_m = np.array(bias).T
    return east_m, north_m


def _map(world: World) -> Course:
    return Road.map() if world.scenario.course == "road" else Oval(map_of_track())


def _metres(course: Course, distance_m: float, lateral_m: float) -> tuple[float, float]:
    """Returns metres east and north of the map's centre, whichever placement the course has."""
    pose, place, centre = course.pose(distance_m, lateral_m), course.placement, map_of_track()
    # metres per degree here, from a kilometre's worth of degrees
    lat_1, lon_1 = centre.to_degrees(1e3, 1e3)
    east = (place.lon_deg - centre.lon_deg) / (lon_1 - centre.lon_deg) * 1e3
    north = (place.lat_deg - centre.lat_deg) / (lat_1 - centre.lat_deg) * 1e3
    return pose.east_m + east, pose.north_m + north


def _taps(world: World, kit: Kit, seed: int) -> list[tuple[float, float, float]]:
    """Returns (line m, tap's world time s, error s) of every tap that comes."""
    if kit.tap_sd_s is None:
        return []
    rng = stream(seed, "taps")
    taps = []
    for k in range(1, TAPPED + 1):
        line = Oval(map_of_track()).start_m + k * Oval(map_of_track()).lap_m
        passed = world.time_at(line)
        error = _TAPS.bias_s + kit.tap_sd_s * float(rng.standard_normal())
        chance, late = float(rng.random()), float(rng.uniform(*_TAPS.late_s))
        if passed is None or chance < _TAPS.missing:
            continue
        error += late * (chance > 1 - _TAPS.late)
        taps.append((line, round(GUN_T + passed + error, 6), error))
    return taps


def _setup(world: World, kit: Kit) -> Setup:
    sensors = (_GPS if kit.gps == "ln" else _UART, *((_POD,) if kit.footpod else ()))
    assert world.finish_s is not None
    return Setup(
        sensors=sensors,
        course=_course(world),
        target=Target(world.scenario.distance_m, world.finish_s),
    )


def _course(world: World) -> TrackSpec | RouteSpec:
    if world.scenario.course == "road":
        return RouteSpec(Road.map().points())
    return TrackSpec(lat_deg=c.TRACK_LAT_DEG, lon_deg=c.TRACK_LON_DEG, heading_deg=c.TRACK_HEADING_DEG)
