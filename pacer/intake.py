"""What happens to one measurement: heard, plausible, weighed in; and the first step that starts a run."""

from __future__ import annotations

from dataclasses import replace

from pacer import commands
from pacer.estimator import body as bodies
from pacer.gatt.plausibility import implausible
from pacer.inputs import Command
from pacer.measurement import Battery, Fix, HeartRate, Measurement, NoFix, Refused, Stride
from pacer.outputs import Output
from pacer.run import Run

# A first step: faster than any shuffling on the line.
FIRST_STEP_MPS = 1.0  # m/s
# How long ago the first step was when a pod's first moving packet comes: packet 0.42, half a stride 0.33, and
# half the second between two packets.
POD_STEP_LAG_S = 1.25  # s
# The same for a position: receiver and transport 0.6, half a second between fixes, and the start itself.
FIX_STEP_LAG_S = 1.5  # s

Step = tuple[Run, list[Output]]


def take(run: Run, sensor: str, m: Measurement, *, from_file: bool) -> Step:
    """Takes one measurement of `sensor` in."""
    known = run.health.get(sensor)
    if known is None:
        return run, [Refused(m.t, sensor, "is not in the configuration")]
    health, notice = known.hear(m.t).back(m.t)
    run, out = run.with_health(health), [notice] if notice else []
    if why := implausible(m, known.spec.role):
        run, refused = run.refuse(sensor, why)
        return run, [*out, refused]
    run, more = _weigh(run, sensor, m, from_file=from_file)
    return run, [*out, *more]


def _weigh(run: Run, sensor: str, m: Measurement, *, from_file: bool) -> Step:
    health = run.health[sensor]
    spec = health.spec
    match m:
        case NoFix():
            return run.with_health(replace(health, no_fix=m.reason, ratio=None)), []
        case Battery():
            return run.with_health(replace(health, battery_percent=m.percent)), []
        case HeartRate():
            return replace(run, heart=m) if spec.role == "runner" else run, []
        case Stride() if spec.role == "runner":
            run = replace(run, stride=m)
    body = run.body(spec.role)
    assert body is not None  # noqa: S101 - `begin` makes a body for every role that has a sensor
    run.reels[spec.role].keep(body, m, spec.kind, from_file=from_file)
    body, outcome = bodies.observe(body, m, spec.kind, from_file=from_file)
    run = run.with_body(spec.role, body).with_health(replace(health, ratio=outcome.ratio, no_fix=None))
    if outcome.refused is None:
        return _first_move(run, m)
    run, refused = run.refuse(sensor, outcome.refused)
    run, out = _first_move(run, m)
    return run, [refused, *out]


def _first_move(run: Run, m: Measurement) -> Step:
    """Starts an armed run at the first step, dated back by the lag of what told it."""
    if run.race.phase != "armed":
        return run, []
    if run.setup.start_at is not None:
        return commands.obey(run, Command(m.t, "start", at=run.setup.start_at, origin="engine"))
    if run.setup.start == "first_input":
        return commands.obey(run, Command(m.t, "start", at=m.t, origin="engine"))
    match m:
        case Stride(speed_mps=float(speed)) if speed > FIRST_STEP_MPS:
            return commands.obey(run, Command(m.t, "start", at=m.t - POD_STEP_LAG_S, origin="engine"))
        case Fix() if (bodies.estimate(run.runner).speed_mps or 0.0) > FIRST_STEP_MPS:
            return commands.obey(run, Command(m.t, "start", at=m.t - FIX_STEP_LAG_S, origin="engine"))
    return run, []
