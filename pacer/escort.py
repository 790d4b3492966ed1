"""The rider beside the runner, at a tick: the line he holds, his place, what he is asked to ride."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.cue import Situation
from pacer.estimator import body as bodies
from pacer.estimator.body import Body
from pacer.estimator.observe import BESIDE_EVERY_S, together
from pacer.evolve import replace
from pacer.outputs import Estimate
from pacer.ride import abreast, asked_mps, wait
from pacer.run import Run
from pacer.setup import Kind, Role

# The line waits for nobody in the start, which is everybody's own, nor while it is this unsure where he is: a
# metre more or less moves it by as much.
START_S, MAX_SD_M = 10.0, 4.0  # s, m
RECEIVERS: tuple[Kind, ...] = ("gps", "gps_uart")
# Who by his own count is this far from where the other one puts him has ridden away, or was dropped: then he
# is where he counts, or he would be believed in his place wherever he went. People who go together are within
# 1.5 m or so of it, and 1.5 sigma lets a wheel that is up to 2 % off be found out all the same. Behind a
# rider 60 erratic runners (seeds 500 to 559) have a gap of 0.79 s so, and of 0.94 s where all is believed.
APART_SD_M, APART_SIGMA = 1.5, 1.5  # m


@dataclass(frozen=True, slots=True)
class Escort:
    """Holds the rider's part of the picture at one instant."""

    rider: Estimate  # along his own lane
    line_mps: float  # m/s of the pace line, in his lane where he is
    ahead_m: float | None  # m in front of his place, along his lane
    asked_mps: float | None  # m/s to ride


def escort(run: Run, runner: Estimate, elapsed_s: float | None) -> tuple[Run, Escort | None]:
    """Moves the pace line on and draws the rider's part; None where nobody rides."""
    if run.rider is None or run.setup.mode == "audio":
        return run, None
    if not run.running or elapsed_s is None or elapsed_s < 0:
        return run, Escort(bodies.estimate(run.rider), 0.0, None, None)
    if run.setup.mode == "elastic":
        known = _known(run, runner) if elapsed_s > START_S else None
        line = wait(run.line, run.even, elapsed_s, known, run.setup.elastic_s)
        run = replace(run, line=line)
    run = _together(run, runner)
    assert run.rider is not None  # noqa: S101 - checked above
    rider = bodies.estimate(run.rider)
    place_m = run.line.at(run.even, elapsed_s) + run.setup.lead_m
    own, lane = run.runner.course, run.rider.course
    wanted_m, _ = abreast(place_m, own, lane)
    here = rider.distance_m if rider.distance_m is not None else wanted_m
    rate = 1 / abreast(here, lane, own)[1]
    ahead_m = None if rider.distance_m is None else rider.distance_m - wanted_m
    line_mps = run.line.speed_at(run.even, elapsed_s, ahead_m or 0.0)
    asked = asked_mps(line_mps, rate, ahead_m, waits=run.line.waits_mps is not None)
    return run, Escort(rider, line_mps * rate, ahead_m, asked)


def situation(run: Run, now: Escort | None, elapsed_s: float | None) -> Situation | None:
    """Gathers what a cue policy may look at for the rider; None unless all is known, fresh and believed."""
    if now is None or elapsed_s is None or run.rider is None:
        return None
    if not (bodies.fresh(run.rider, run.t) and run.trusts("rider")):
        return None
    e, left_m = now.rider, run.even.distance_m - run.line.at(run.even, elapsed_s)
    known = (now.ahead_m, e.distance_sd_m, e.speed_mps, e.speed_sd_mps)
    match known:
        case (float(ahead), float(sd), float(speed), float(speed_sd)) if now.line_mps > 1.0:
            return Situation(
                t=run.t,
                elapsed_s=elapsed_s,
                gap_s=ahead / now.line_mps,
                gap_sd_s=sd / now.line_mps,
                speed_mps=speed,
                speed_sd_mps=speed_sd,
                cruise_mps=now.line_mps,
                done_m=run.even.distance_m - left_m,
                remaining_m=left_m,
            )
    return None


def behind_line_s(run: Run, runner_m: float, elapsed_s: float) -> float:
    """Returns the gap of a runner at `runner_m` to the pace line, s, + ahead."""
    return (runner_m - run.line.at(run.even, elapsed_s)) / run.line.cruise_mps(run.even)


def _known(run: Run, runner: Estimate) -> tuple[float, float] | None:
    """Tells where the runner is and how fast, where that is sure."""
    if not bodies.fresh(run.runner, run.t) or runner.distance_m is None or runner.speed_mps is None:
        return None
    sure = runner.distance_sd_m is not None and runner.distance_sd_m < MAX_SD_M
    return (runner.distance_m, runner.speed_mps) if sure else None


def _together(run: Run, runner: Estimate) -> Run:
    """Lets the one who has a receiver tell of the one who has none, every few seconds."""
    if run.rider is None or (run.together_t is not None and run.t - run.together_t < BESIDE_EVERY_S):
        return run
    own, lane, lead = run.runner.course, run.rider.course, run.setup.lead_m
    match _receives(run, "runner"), _receives(run, "rider"):
        case True, False if runner.distance_m is not None:
            rider = _beside(run.rider, abreast(runner.distance_m + lead, own, lane)[0])
            return replace(run, rider=rider, together_t=run.t)
        case False, True:
            s_m = abreast(bodies.along_m(run.rider), lane, own)[0] - lead
            return replace(run, runner=_beside(run.runner, s_m), together_t=run.t)
    return run


def _beside(body: Body, s_m: float) -> Body:
    """Takes in where the other one puts a body, m along its own line, unless they plainly are apart."""
    off_m = abs(s_m - bodies.along_m(body))
    apart = off_m > APART_SIGMA * math.hypot(bodies.along_sd_m(body), APART_SD_M)
    return body if apart else together(body, s_m)


def _receives(run: Run, role: Role) -> bool:
    """Tells whether a body has a receiver that is heard."""
    body = run.body(role)
    has = any(spec.role == role and spec.kind in RECEIVERS for spec in run.setup.sensors)
    return has and body is not None and bodies.fresh(body, run.t) and bodies.located(body)
