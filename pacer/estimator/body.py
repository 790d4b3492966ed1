"""One body, runner or rider: what is believed and remembered of it; how time and the gun change that."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pacer.course import Course
from pacer.estimator import kalman, model, readings
from pacer.estimator.model import Belief
from pacer.estimator.process import RUNNER, Model, Pull
from pacer.estimator.readings import Back
from pacer.estimator.timebase import Timebase
from pacer.estimator.trail import Trail
from pacer.evolve import replace
from pacer.measurement import WheelRevolution
from pacer.outputs import Estimate

CSC_WRAP_S = 64.0  # s, 65536 / 1024
# Nothing accepted for this long: the body is blind, its speed unknown.
BLIND_S = 5.0  # s
# Its inputs are stale, and no cue may go out, after the same silence that calls a sensor gone.
STALE_S = 2.5  # s
# Readings of the first moments after the gun are of reaction and first step, and say nothing of speed.
FIRST_STEP_S = 0.3  # s
# How fast a body may be when nothing is known: sd of a person from standing to sprinting.
ANY_SPEED_SD = 3.0  # m/s
# A body that is blind may stop and go: speed is drawn to 0 and stays anywhere within ANY_SPEED_SD.
BLIND = Pull(0.0, 10.0, 2 * ANY_SPEED_SD**2 / 10.0)
# Readings that scatter more than they should, multipath beside a stand, weigh less after a few of them: their
# variance grows with their squared innovations, averaged over some seconds, each counted up to 5 sigma.
ROUGH_WEIGHT, ROUGH_MOST = 0.2, 25.0
# Nobody runs faster, nor rides but down a mountain: a position that would take more is astray.
ASTRAY_MPS = 30.0  # m/s
# The gun: how well a runner toes the line.
LINE_SD_M = 0.3  # m
# After the gun speed rises to about the target's as 1 - exp(-t/1.3 s); five time constants later it is there.
START_S, START_TAU_S = 7.0, 1.3  # s
Q_V_START = 0.6**2  # m²/s³; runners differ in how, and in how much too fast
START_SD_MPS = 0.3  # m/s, at the gun: standing
# A second after the gun a runner has half of his speed; one with less than a quarter of that stands.
STILL_S, STILL_SHARE = 1.0, 0.25
# Who stands during a run may be at full speed two seconds later; readings of that come another two later.
STANDING_MPS, Q_V_STANDING, SET_OFF_S = 1.0, 2.0**2, 4.0  # m/s, m²/s³, s


@dataclass(frozen=True, slots=True)
class Channel:
    """Holds how readings of one kind fared: when last used, since when refused, and how rough they are."""

    used_t: float | None = None  # s
    refused_since: float | None = None  # s
    way: float = 0.0  # the sign by which its readings of speed are off since then
    rough: float = 1.0  # squared innovations over what they should be, of the last while

    def felt(self, nis: float, dimensions: int) -> float:
        """Returns the roughness after a reading with this normalised innovation squared."""
        return self.rough + ROUGH_WEIGHT * (min(nis / dimensions, ROUGH_MOST) - self.rough)


@dataclass(frozen=True, slots=True)
class Off:
    """Holds how far a reading of speed was off, and how rough its kind was before it."""

    sigmas: float = 0.0  # its innovation in standard deviations ...
    mps: float = 0.0  # ... and in m/s
    rough: float = 1.0


@dataclass(frozen=True, slots=True)
class Before:
    """Holds what is believed of when a blind body was last heard, or of the gun where that came later."""

    t: float  # s
    s_m: float  # m along the course
    speed_mps: float  # m/s


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tells what became of one measurement: the worst ratio of innovation to gate, and why not used."""

    ratio: float | None = None
    refused: str | None = None
    late: bool = False  # only late or doubled: nothing is wrong with the sensor


@dataclass(frozen=True, slots=True)
class Body:
    """Holds all that is believed and remembered of one body."""

    belief: Belief
    course: Course | None
    model: Model = field(default_factory=Model)
    used_t: float | None = None  # s, last reading that was accepted
    blind: bool = True
    before: Before | None = None
    gun_t: float | None = None  # s
    start: Pull | None = None  # how speed rises after the gun
    off: Off = field(default_factory=Off)  # the last speed reading
    stride_variance: float = (
        0.0  # of the last stride's speed about the pod's smoothed one, as a share squared
    )
    count_m: float | None = None  # m, what the pod's odometer told last
    still_t: float | None = None  # s, when it last stood, after the gun
    doubt_t: float | None = None  # s, when a reading first said that nobody ran at the gun
    strode: bool = False  # a pod told of strides after the gun
    line_m: float = 0.0  # m, where the start was
    trail: Trail = field(default_factory=Trail)
    passed: tuple[float, float] | None = None  # s, and m along the course, of a position without a speed
    channels: dict[str, Channel] = field(default_factory=dict)
    gps_time: Timebase = field(default_factory=Timebase)
    wheel_time: Timebase = field(default_factory=lambda: Timebase(wrap_s=CSC_WRAP_S))
    wheel: WheelRevolution | None = None  # the first packet that told of the newest turn
    odd_count: tuple[float, float] | None = None  # m and s, of an odometer reading that did not fit
    fix_t: float | None = None  # s, sensor time of the newest fix
    speedless: bool = False  # that told a place and no speed
    quick: int = 0  # fixes that came as often as a board's, less those that did not

    @property
    def setting_off(self) -> Model:
        """Returns the process of a body that stands and may start at any moment."""
        return replace(self.model, q_v=Q_V_STANDING)


def begin(t: float, course: Course | None, scale: float, scale_sd: float, process: Model = RUNNER) -> Body:
    """Makes a body at time `t` whose odometer counts `scale` units a metre, sd `scale_sd`."""
    return Body(model.begin(t, process, scale, scale_sd), course, process)


def advance(body: Body, t: float) -> Body:
    """Lets time pass to `t`, s; a body that goes blind on the way forgets its speed."""
    if not body.blind and body.used_t is not None and t - body.used_t > BLIND_S:
        belief = _predict(body, body.used_t + BLIND_S)
        speed = float(belief.x[model.V])
        before = Before(body.used_t, float(belief.x[model.S]) - belief.rate * speed * BLIND_S, speed)
        belief = kalman.reset(belief, model.V, 0.0, ANY_SPEED_SD)
        body = replace(body, belief=belief, blind=True, before=before)
    return replace(body, belief=_predict(body, t))


def _predict(body: Body, t: float) -> Belief:
    belief = body.belief
    if body.gun_t is not None and body.start is not None and belief.t < body.gun_t + START_S:
        belief = model.predict(belief, min(t, body.gun_t), body.model)
        belief = model.predict(belief, min(t, body.gun_t + START_S), body.model, body.start)
    if body.blind:
        return model.predict(belief, t, body.model, BLIND)
    setting_off = body.still_t is not None and belief.t - body.still_t < SET_OFF_S
    return model.predict(belief, t, body.setting_off if setting_off else body.model)


def gun(body: Body, t: float, moved_m: float, line_m: float | None, cruise_mps: float) -> Body:
    """Tells that the start was at `t` s and `moved_m` m ago, on the line at `line_m` where that is known.

    `cruise_mps` is the speed that is run towards.
    """
    if line_m is None:
        belief = kalman.reset(body.belief, model.S, along_m(body), LINE_SD_M)
    else:
        belief, _ = kalman.update(body.belief, readings.place(body.belief, line_m + moved_m, LINE_SD_M))
    belief = kalman.reset(belief, model.V, float(belief.x[model.V]), START_SD_MPS)
    line_m = along_m(body) - moved_m if line_m is None else line_m
    heard = body.before is not None and body.before.t >= t
    return replace(
        body,
        belief=belief,
        before=body.before if heard else Before(t, line_m, cruise_mps),
        gun_t=t,
        start=Pull(cruise_mps, START_TAU_S, Q_V_START),
        strode=False,
        doubt_t=None,
        line_m=line_m,
        model=replace(body.model, cruise_mps=cruise_mps),
    )


def in_flight(body: Body) -> Body:
    """Tells that the start was no standing one: a file may begin anywhere in a run, at any speed."""
    belief = kalman.reset(body.belief, model.V, float(body.belief.x[model.V]), ANY_SPEED_SD)
    return replace(body, belief=belief, start=None, before=None)


def located(body: Body) -> bool:
    """Tells whether a fix can be found on the body's course."""
    return body.course is not None and body.course.origin is not None


def along_m(body: Body) -> float:
    """Returns the distance along the course's own line, m."""
    return float(body.belief.x[model.S])


def along_sd_m(body: Body) -> float:
    """Returns its standard deviation, m."""
    return math.sqrt(body.belief.P[model.S, model.S])


def scale(body: Body) -> tuple[float, float]:
    """Returns the odometer's units per metre and their standard deviation."""
    return float(body.belief.x[model.K]), math.sqrt(body.belief.P[model.K, model.K])


def estimate(body: Body) -> Estimate:
    """Draws the estimate; distance is along the course's own line. A blind body knows nothing of now."""
    belief = body.belief
    if body.blind:
        return Estimate(belief.t, None, None, None, None)
    sd = math.sqrt(belief.P[model.V, model.V]) * belief.rate
    return Estimate(belief.t, along_m(body), along_sd_m(body), speed_mps(body), sd)


def speed_mps(body: Body) -> float | None:
    """Returns the speed along the course's own line, m/s; None of a blind body."""
    return None if body.blind else max(float(body.belief.x[model.V]), 0.0) * body.belief.rate


def fresh(body: Body, t: float) -> bool:
    """Tells whether the body was really seen within the last moments."""
    return not body.blind and body.used_t is not None and t - body.used_t <= STALE_S


def since_gun(body: Body) -> float | None:
    """Returns how long ago the gun was, s; None before it."""
    if body.gun_t is None or body.belief.t < body.gun_t:
        return None
    return body.belief.t - body.gun_t


def ago(body: Body, lag_s: float) -> Back:
    """Works out where the body was `lag_s` ago, s."""
    since = since_gun(body)
    starting = since is not None and since < START_S
    return readings.back(body.belief, lag_s, since, body.start if starting else None)


def before_gun(body: Body, true_t: float) -> bool:
    """Tells whether a reading that comes after the gun still speaks of standing on the line."""
    return body.gun_t is not None and body.belief.t >= body.gun_t > true_t - FIRST_STEP_S


def still(body: Body, speed_mps: float, true_t: float) -> Body:
    """Gives the start up where two readings say that the body plainly stands: it is still at the line."""
    if body.start is None or body.gun_t is None or not body.belief.t < body.gun_t + START_S:
        return body
    since = true_t - body.gun_t
    expected = body.start.speed_mps * (1 - math.exp(-since / body.start.tau_s))
    if since < STILL_S or speed_mps > STILL_SHARE * expected:
        return replace(body, doubt_t=None) if body.doubt_t is not None else body
    if body.doubt_t is None:
        return replace(body, doubt_t=body.belief.t)
    belief = kalman.reset(body.belief, model.S, body.line_m, LINE_SD_M)
    belief = kalman.reset(belief, model.V, speed_mps, START_SD_MPS)
    return replace(body, belief=belief, start=None)


def false_start(body: Body, t: float) -> bool:
    """Tells whether, in the first seconds after the gun, the body was found to stand still at the line."""
    return body.gun_t is not None and body.start is None and t < body.gun_t + START_S
