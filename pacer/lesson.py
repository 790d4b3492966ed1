"""What a run teaches of its sensors, at its end: each lesson without what was believed before.

What was counted is compared with what fixes and taps say of the same way; a footpod alone teaches nothing of
itself. Where the filter alone knows, its belief is its prior and the run's evidence together: precisions
(1 / variance) add, so evidence is what is left when the prior is taken out, 1/R = 1/P1 - 1/P0. Without the
prior, lessons of many runs can be weighed together in any order, and none is counted twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from pacer.estimator import model
from pacer.estimator.body import Body, located
from pacer.estimator.process import PHONE
from pacer.kept import sole
from pacer.outputs import Learned, Lesson, Quantity
from pacer.run import Run, scale_at
from pacer.setup import TrackSpec
from pacer.tally import Tally

# A belief must be known twice as well after the run, or it is not the run's: what a scale changes with speed
# is not seen at one speed, and a mile says a sixth of what is known anyway of how late a good receiver is;
# the shape of the start, which is not the model's, then weighs as much.
GAINED = 0.5
# A scale wants a way that its drift within a run and single strides do not spoil.
SHORTEST_M = 400.0  # m
# Lap lengths and lanes are known to 0.2 %. Without a course the receiver's speed is all there is: channels of
# one file are 0.4 % apart on a good recording, and 6 % on a bad one.
COURSE_DOUBT, SPEED_DOUBT = 0.002, 0.01
MOST_DOUBT = 0.03  # as much as a pod that was never calibrated: that teaches nothing
# Two minutes of positions, else the slow bias is all that is seen of the map.
PLACES = 120
# A bias that was doubted for long, positions far off or refused, says nothing of the map.
SEEN = 0.5

Evidence = tuple[float, float]  # value and standard deviation


def learned(run: Run) -> Learned:
    """Returns what the run has taught so far."""
    return Learned(run.t, (*_footpod(run), *_wheel(run), *_late(run), *_map(run)))


def evidence(before: Evidence, after: Evidence) -> Evidence | None:
    """Takes the prior out of a belief; None unless its variance was halved."""
    (m0, sd0), (m1, sd1) = before, after
    if not 0 < sd1 * sd1 < GAINED * sd0 * sd0:
        return None
    p0, p1 = 1 / sd0**2, 1 / sd1**2
    return (m1 * p1 - m0 * p0) / (p1 - p0), 1 / math.sqrt(p1 - p0)


def _footpod(run: Run) -> Iterator[Lesson]:
    sensor, counted = _only(run, "footpod_scale"), run.tallies["runner"]
    drawn = run.search.drawn_share if run.search else 0.0
    found = _ratio(run.runner, counted, drawn or COURSE_DOUBT)
    if sensor is None or found is None:
        return
    yield Lesson(sensor, "footpod_scale", *found, counted.metres / counted.seconds)
    known, x = run.setup.calibration, run.runner.belief.x
    scale, _ = scale_at(known, run.runner.model.cruise_mps)
    after = float(x[model.Q]) / scale, _sd(run.runner, model.Q) / scale
    if found := evidence((known.footpod_slope, known.footpod_slope_sd), after):
        yield Lesson(sensor, "footpod_slope", *found)


def _wheel(run: Run) -> Iterator[Lesson]:
    sensor = _only(run, "wheel_circumference_m")
    found = _ratio(run.rider, run.tallies["rider"], COURSE_DOUBT) if run.rider else None
    if sensor is not None and found is not None:
        yield Lesson(sensor, "wheel_circumference_m", 1 / found[0], found[1] / found[0] ** 2)


def _ratio(body: Body, counted: Tally, course_doubt: float) -> Evidence | None:
    """Compares units counted with metres run: the mean over the run, finer than the filter's newest.

    `course_doubt` is how well the length of the course is known, relative.
    The metres are those of fixes and taps, for only what they watched was counted: the prior is not in them.
    """
    if counted.metres < SHORTEST_M or counted.units <= 0:
        return None
    ends = math.sqrt(max(counted.first_m2 + counted.last_m2, 0.0)) / counted.metres
    least = course_doubt if located(body) else SPEED_DOUBT
    doubt = math.hypot(ends, _aside(body), least)
    ratio = counted.units / counted.metres
    return (ratio, ratio * doubt) if doubt < MOST_DOUBT else None


def _aside(body: Body) -> float:
    """Returns what the doubt of the line that is run makes of its length: 2 pi for each metre, a lap."""
    lap_m = body.course.lap_m if body.course else None
    return 0.0 if lap_m is None else math.tau * _sd(body, model.L) / lap_m


def _late(run: Run) -> Iterator[Lesson]:
    """Says how old positions are; the start must be told, for a first step is dated no better than this.

    That is of a phone or a cheap board: of a good one more is known than a run tells.
    """
    sensor = _only(run, "fix_late_s")
    if (
        sensor is None
        or run.runner.model.receiver != PHONE
        or not _on_track(run)
        or run.tallies["runner"].from_file
        or run.setup.start != "command"
    ):
        return
    known, belief = run.setup.calibration, run.runner.belief
    sd = PHONE.tag_sd_s if known.fix_late_sd_s is None else known.fix_late_sd_s
    after = float(belief.x[model.D]), _sd(run.runner, model.D)
    if found := evidence((known.fix_late_s, sd), after):
        yield Lesson(sensor, "fix_late_s", *found)


def _map(run: Run) -> Iterator[Lesson]:
    """Says where the track lies: the mean bias of positions, of which a part is the receiver's slow one.

    The mean over T of a Gauss-Markov process has the variance 2 sd² tau/T (1 - tau/T (1 - e^(-T/tau))). The
    filter draws a bias towards 0 by the share that its doubt has of the whole; that is taken out again.
    """
    sensor, counted = _only(run, "map_east_m"), run.tallies["runner"]
    if sensor is None or not _on_track(run) or counted.places < PLACES:
        return
    receiver, known = run.runner.model.receiver, run.setup.calibration
    error = counted.bias_m2 / counted.places  # m²
    seen = 1 - error / run.runner.model.bias[0] ** 2
    if seen < SEEN:
        return
    share = receiver.slow_tau_s / counted.places
    slow = 2 * receiver.slow_sd_m**2 * share * (1 - share * (1 - math.exp(-1 / share)))
    sd = math.sqrt(slow + error / seen)
    east, north = (total / counted.places / seen for total in (counted.east_m, counted.north_m))
    yield Lesson(sensor, "map_east_m", known.map_east_m + east, sd)
    yield Lesson(sensor, "map_north_m", known.map_north_m + north, sd)


def _sd(body: Body, state: int) -> float:
    """Returns the standard deviation of a state; rounding may leave it a hair below 0."""
    return math.sqrt(max(float(body.belief.P[state, state]), 0.0))


def _on_track(run: Run) -> bool:
    """Tells whether the run was on a track whose place the setup names."""
    return (
        isinstance(run.setup.course, TrackSpec)
        and run.setup.course.lat_deg is not None
        and located(run.runner)
    )


def _only(run: Run, quantity: Quantity) -> str | None:
    """Names the one sensor that teaches a quantity."""
    spec = sole(run.setup, quantity)
    return spec.name if spec else None
