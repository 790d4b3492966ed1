"""All that a session knows at one instant, as one value; `session` replaces it, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field

from pacer.course import Course, course
from pacer.cue import Memory
from pacer.estimator import body as bodies
from pacer.estimator.body import Body
from pacer.estimator.process import BIKE, ROAD, RUNNER, RUNNER_WITH_BOARD
from pacer.estimator.smooth import Tape
from pacer.evolve import replace
from pacer.health import Health
from pacer.measurement import HeartRate, Refused, Stride
from pacer.outputs import Cue, Phase
from pacer.race import History, Race, marks
from pacer.rewind import Reel
from pacer.setup import Role, RouteSpec, Setup, TrackSpec
from pacer.target import EvenSplit, even_split


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
    reels: dict[Role, Reel] = field(default_factory=lambda: {"runner": Reel(), "rider": Reel()})  # bounded
    memory: Memory = field(default_factory=Memory)
    cue: Cue | None = None  # the last one given to the runner
    seq: int = 0  # of the last cue
    heart: HeartRate | None = None
    stride: Stride | None = None
    tape: Tape | None = None  # the runner's, for hindsight; grows in place, None where nobody wants it

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

    def with_body(self, role: Role, body: Body, health: Health | None = None) -> Run:
        """Returns the run with one body replaced, and the health of the sensor that told of it."""
        known = self.health if health is None else {**self.health, health.spec.name: health}
        if role == "runner":
            return replace(self, runner=body, health=known)
        return replace(self, rider=body, health=known)

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
        return self.runner.course.lines(self.setup.target.distance_m) if self.runner.course else ()


def begin(setup: Setup, t: float, tape: Tape | None = None) -> Run:
    """Begins a run at `t` s, the time of its first input."""
    phase: Phase = "waiting" if setup.start == "command" else "armed"
    has_rider = any(spec.role == "rider" for spec in setup.sensors)
    calibration = setup.calibration
    board = any(spec.role == "runner" and spec.kind == "gps_uart" for spec in setup.sensors)
    process = RUNNER_WITH_BOARD if board else RUNNER
    if isinstance(setup.course, RouteSpec):
        process = replace(process, map=ROAD)
    scale, sd = calibration.footpod_scale, calibration.footpod_scale_sd
    runner = bodies.begin(t, _course(setup, "runner"), scale, sd, process)
    per_metre = 1 / calibration.wheel_circumference_m
    doubt = per_metre * calibration.wheel_circumference_sd_m / calibration.wheel_circumference_m
    line = _course(setup, "rider")
    rider = bodies.begin(t, line, per_metre, doubt, BIKE) if has_rider else None
    health = {spec.name: Health(spec) for spec in setup.sensors}
    return Run(setup, t, runner, rider, health, Race(phase), tape=tape)


def _course(setup: Setup, role: Role) -> Course | None:
    """Lays the line of the runner's lane, or of the rider's, who starts beside the runner."""
    spec = setup.course
    if role == "rider" and isinstance(spec, TrackSpec):
        spec = replace(spec, lane=spec.rider_lane)
    return course(spec, setup.target.distance_m)
