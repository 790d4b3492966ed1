"""Takes measurements in: predict to now, bring the reading to the moment it was true, gate, update.

What is refused is a value (`Outcome.refused`), and every gate has a way back.
"""

from __future__ import annotations

from pacer.estimator import kalman, model, readings
from pacer.estimator.body import (
    STANDING_MPS,
    START_S,
    Body,
    Outcome,
    advance,
    ago,
    along_m,
    before_gun,
    false_start,
)
from pacer.estimator.counts import POD_LAG_S, WHEEL_LAG_S, take_stride, take_wheel
from pacer.estimator.fixes import take_fix
from pacer.estimator.kalman import Gate
from pacer.estimator.process import Receiver
from pacer.estimator.rate import rated
from pacer.estimator.weigh import use
from pacer.evolve import replace
from pacer.measurement import Fix, Measurement, Stride, WheelRevolution
from pacer.setup import Kind

BESIDE_GATE = Gate(1.0, 3.0)


def observe(body: Body, m: Measurement, kind: Kind, *, from_file: bool) -> tuple[Body, Outcome]:
    """Weighs one measurement in; those that say nothing of place or speed pass through."""
    body = advance(body, m.t)
    match m:
        case Fix():
            body = rated(body, m)
            lag = fix_lag_s(body.model.receiver, kind, from_file=from_file)
            body, outcome = (body, Outcome()) if before_gun(body, m.t - lag) else take_fix(body, m, lag)
        case Stride() if not before_gun(body, m.t - POD_LAG_S):
            body, outcome = take_stride(body, m, from_file=from_file)
        case WheelRevolution() if not before_gun(body, m.t - WHEEL_LAG_S):
            body, outcome = take_wheel(body, m)
        case _:
            return body, Outcome()
    if body.course is not None:
        body = replace(body, belief=model.turn(body.belief, body.course.curvature_1pm(along_m(body))))
    started = body.gun_t is not None and body.belief.t > body.gun_t + START_S
    if (started or false_start(body, m.t)) and float(body.belief.x[model.V]) < STANDING_MPS:
        body = replace(body, still_t=m.t)
    return body, outcome


def fix_lag_s(receiver: Receiver, kind: Kind, *, from_file: bool) -> float:
    """Returns how old a fix is at best when it comes, s; a file holds the receiver's own times."""
    if from_file:
        return receiver.filter_s
    return receiver.filter_s + (receiver.wire_s if kind == "gps_uart" else receiver.packet_s)


# A runner and a rider who go together are this far off their places, for this long at a time (an assumption,
# after the runner and bike of the simulated world), and asked every so often.
BESIDE_SD_M, BESIDE_TAU_S, BESIDE_EVERY_S = 3.0, 15.0, 5.0  # m, s, s


def together(body: Body, s_m: float) -> Body:
    """Takes in that the body ought to be at `s_m`, m along its own line, beside the other one.

    Such readings are off alike for a while: each weighs as if their noise were spread over that time. They
    are no sign of life, and a body that lags far behind is not drawn along.
    """
    if body.blind:
        return body
    R = BESIDE_SD_M**2 * 2 * BESIDE_TAU_S / BESIDE_EVERY_S
    reading = replace(readings.place(body.belief, s_m, 1.0), R=R, gate=BESIDE_GATE)
    return replace(body, belief=kalman.update(body.belief, reading)[0])


def tap(body: Body, t: float, lines: tuple[float, ...]) -> tuple[Body, Outcome]:
    """Takes a tap at `t` s, up to now, that some of the `lines` (m along the course) was passed."""
    back = ago(body, body.belief.t - t + readings.TAP_LATE_S)
    then = along_m(body) - body.belief.rate * back.moved_m
    line = min((body.line_m + m for m in lines), key=lambda m: abs(m - then), default=None)
    if line is None:
        return body, Outcome()
    return use(body, "tap", readings.tap(body.belief, line, back), ())
