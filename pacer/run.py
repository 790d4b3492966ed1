"""All that a session knows at one instant, as one value; `session` replaces it, step by step."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from pacer.astray import Watch
from pacer.course import Course, Origin, Oval, course
from pacer.cue import Memory
from pacer.estimator import body as bodies
from pacer.estimator import kalman, model
from pacer.estimator.body import Body
from pacer.estimator.process import BIKE, ROAD, RUNNER
from pacer.estimator.smooth import Tape
from pacer.evolve import replace
from pacer.health import Health
from pacer.measurement import HeartRate, Refused, Stride
from pacer.outputs import Cue, Phase, Standing
from pacer.race import History, Race, marks
from pacer.rewind import Reel
from pacer.ride import PaceLine
from pacer.search import Search, search
from pacer.setup import Calibration, Role, RouteSpec, Setup, TrackSpec
from pacer.shown import Shown
from pacer.standing import Unevenness
from pacer.tally import Tally
from pacer.target import EvenSplit, even_split

# No pod reads less than half of the way, whatever its change with speed would make of a very slow run.
LEAST_SCALE = 0.5

Result = tuple[Standing, float | None]  # against the target, and what remains, m


@dataclass(frozen=True, slots=True)
class Run:
    """Holds one run at time `t`."""

    setup: Setup  # with the target as it stands now
    t: float  # s
    runner: Body
    rider: Body | None
    health: dict[str, Health]  # by sensor name; never changed in place
    race: Race = field(default_factory=Race)
    history: History = field(default_factory=History)  # the one thing that grows in place
    tallies: dict[Role, Tally] = field(default_factory=lambda: {"runner": Tally(), "rider": Tally()})
    reels: dict[Role, Reel] = field(default_factory=lambda: {"runner": Reel(), "rider": Reel()})  # bounded
    shown: Shown = field(default_factory=Shown)  # the runner's speed, as people see it
    unevenness: Unevenness = field(default_factory=Unevenness)  # how the runner has kept to the target's pace
    memory: Memory = field(default_factory=Memory)
    rider_memory: Memory = field(default_factory=Memory)
    line: PaceLine = field(default_factory=PaceLine)  # that the rider holds
    together_t: float | None = None  # s, when one body last told of the other
    cue: Cue | None = None  # the last one given to the runner
    result: Result | None = None  # as it was at the finish or the stop
    seq: int = 0  # of the last cue
    heart: HeartRate | None = None
    stride: Stride | None = None
    tape: Tape | None = None  # the runner's, for hindsight; grows in place, None where nobody wants it
    watch: Watch = field(default_factory=Watch)  # over whether positions fit the course
    search: Search | None = None  # for the track; None where the course's place is known

    @property
    def even(self) -> EvenSplit:
        """Returns the even split to the target as it stands."""
        return even_split(self.setup.target)

    @property
    def running(self) -> bool:
        """Tells whether the clock is running."""
        return self.race.phase == "running"

    def body(self, role: Role) -> Body | None:
        """Returns one of the two bodies."""
        return self.runner if role == "runner" else self.rider

    def trusts(self, role: Role) -> bool:
        """Tells whether any sensor that tells of a body's motion is heard, and its last reading was used."""
        told = (h for h in self.health.values() if h.spec.role == role and h.spec.kind != "heart_rate")
        return any(health.state(self.t) in ("ok", "weak") for health in told)

    def with_body(self, role: Role, body: Body, health: Health | None = None) -> Run:
        """Returns the run with one body replaced, and the health of the sensor that told of it."""
        known = self.health if health is None else {**self.health, health.spec.name: health}
        if role == "runner":
            return replace(self, runner=body, health=known)
        return replace(self, rider=body, health=known)

    def with_tally(self, role: Role, tally: Tally) -> Run:
        """Returns the run with what one body may teach replaced."""
        if self.tallies[role] is tally:
            return self
        return replace(self, tallies={**self.tallies, role: tally})

    def with_health(self, health: Health) -> Run:
        """Returns the run with one sensor's health replaced."""
        if self.health[health.spec.name] is health:
            return self
        return replace(self, health={**self.health, health.spec.name: health})

    def refuse(self, sensor: str, reason: str, *, late: bool = False) -> tuple[Run, Refused]:
        """Counts a reading that is not used, and says why; a `late` one casts no doubt on its sensor."""
        known = self.health[sensor]
        run = self.with_health(replace(known, refused=known.refused + 1, believed=late and known.believed))
        return run, Refused(self.t, sensor, reason)

    def split_marks(self) -> tuple[float, ...]:
        """Lists the distances of the automatic splits, m."""
        return marks(self.setup.split_m, self.setup.target.distance_m)

    def lap_lines(self) -> tuple[float, ...]:
        """Lists the distances of the lap lines, m; none off a track."""
        distance_m, track = self.setup.target.distance_m, self.setup.course
        if self.search is None:
            return self.runner.course.lines(distance_m) if self.runner.course else ()
        if isinstance(track, TrackSpec):  # its laps are known, if not its place
            return _lines(track, distance_m)
        return self.search.lines(self.runner.course, distance_m)

    def tap_lines(self) -> tuple[float, ...]:
        """Lists the distances at which a lap tap may be; none where the lap line is a guess."""
        return self.lap_lines() if self.setup.course else ()


def begin(setup: Setup, t: float, tape: Tape | None = None) -> Run:
    """Begins a run at `t` s, the time of its first input."""
    phase: Phase = "waiting" if setup.start == "command" else "armed"
    has_rider = any(spec.role == "rider" for spec in setup.sensors)
    per_metre = 1 / setup.calibration.wheel_circumference_m
    doubt = per_metre * setup.calibration.wheel_circumference_sd_m / setup.calibration.wheel_circumference_m
    line = course_of(setup, "rider")
    rider = bodies.begin(t, line, per_metre, doubt, BIKE) if has_rider else None
    health = {spec.name: Health(spec) for spec in setup.sensors}
    runner, unknown = _runner(setup, t), search(setup.course)
    return Run(setup, t, runner, rider, health, Race(phase), tape=tape, search=unknown)


def _runner(setup: Setup, t: float) -> Body:
    """Begins the runner's body with what is known of the sensors and the map."""
    known = setup.calibration
    process = RUNNER
    if isinstance(setup.course, RouteSpec):
        process = replace(process, map=ROAD)
    elif known.map_sd_m is not None:
        process = replace(process, map=replace(process.map, place_sd_m=known.map_sd_m))
    scale, sd = scale_at(known, even_split(setup.target).cruise_mps)
    body = bodies.begin(t, course_of(setup, "runner"), scale, sd, process)
    belief = kalman.reset(body.belief, model.Q, known.footpod_slope * scale, known.footpod_slope_sd * scale)
    late_sd = process.receiver.tag_sd_s if known.fix_late_sd_s is None else known.fix_late_sd_s
    return replace(body, belief=kalman.reset(belief, model.D, known.fix_late_s, late_sd))


def scale_at(known: Calibration, cruise_mps: float) -> tuple[float, float]:
    """Returns a footpod's scale at the speed that will be run, and its doubt."""
    off = 0.0 if known.footpod_mps is None else cruise_mps - known.footpod_mps
    sd = math.hypot(known.footpod_scale_sd, known.footpod_slope_sd * off)
    return max(known.footpod_scale + known.footpod_slope * off, LEAST_SCALE), sd


@lru_cache(maxsize=4)
def _lines(track: TrackSpec, distance_m: float) -> tuple[float, ...]:
    return Oval.of(track, distance_m).lines(distance_m)


def course_of(setup: Setup, role: Role) -> Course | None:
    """Lays the line of the runner's lane, or of the rider's, who starts beside the runner."""
    spec = setup.course
    if isinstance(spec, TrackSpec):
        spec = _placed(spec, setup.calibration)
    line = course(spec, setup.target.distance_m)
    if role == "rider" and isinstance(spec, TrackSpec) and isinstance(line, Oval):
        return line.beside(spec.rider_lane)
    return line


def _placed(track: TrackSpec, known: Calibration) -> TrackSpec:
    """Returns the track where earlier runs found it."""
    if track.lat_deg is None or track.lon_deg is None or not (known.map_east_m or known.map_north_m):
        return track
    lat, lon = Origin(track.lat_deg, track.lon_deg).to_degrees(known.map_east_m, known.map_north_m)
    return replace(track, lat_deg=lat, lon_deg=lon)
