"""What happens to one measurement: heard, plausible, weighed in; and the first step that starts a run."""

from __future__ import annotations

from pacer import commands, cue, finding, off_course, witness
from pacer.estimator import body as bodies
from pacer.estimator.body import Outcome
from pacer.estimator.observe import fix_lag_s, observe
from pacer.evolve import replace
from pacer.first_step import first_step
from pacer.gatt.plausibility import implausible
from pacer.health import Health
from pacer.inputs import Command
from pacer.measurement import (
    Battery,
    Crank,
    Fix,
    HeartRate,
    Measurement,
    NoFix,
    Refused,
    Stride,
    WheelRevolution,
)
from pacer.outputs import Notice, Output
from pacer.run import Run, scale_at
from pacer.setup import Kind, SensorSpec
from pacer.shown import hear
from pacer.tally import tally

# What the kinds of sensors send, beside their battery's level; a strap that counts strides is no footpod.
SENDS: dict[Kind, tuple[type, ...]] = {
    "footpod": (Stride,),
    "gps": (Fix, NoFix),
    "gps_uart": (Fix, NoFix),
    "heart_rate": (HeartRate,),
    "wheel": (WheelRevolution, Crank),
}

Step = tuple[Run, list[Output]]


def take(run: Run, sensor: str, m: Measurement, *, from_file: bool) -> Step:
    """Takes one measurement of `sensor` in."""
    known = run.health.get(sensor)
    if known is None:
        return run, [Refused(m.t, sensor, "is not in the configuration")]
    health, notice = known.hear(m.t).back(m.t)
    run, out = run.with_health(health), [notice] if notice else []
    if why := _misplaced(m, known.spec.kind) or implausible(m, known.spec.role):
        run, refused = run.refuse(sensor, why)
        return run, [*out, refused]
    if health.said.repeats(m):
        run, refused = run.refuse(sensor, "came twice", late=True)
        return run, [*out, refused]
    run, notices = _judge(run, replace(health, said=health.said.take(m)), m.t)
    health = run.health[sensor]
    if why := _unbelieved(health, m):
        run, refused = run.refuse(sensor, why)
        return run, [*out, *notices, refused]
    run, more = _weigh(run, sensor, m, from_file=from_file)
    return run, [*out, *notices, *more]


def _unbelieved(health: Health, m: Measurement) -> str | None:
    """Says why a sensor is not believed, whatever it says."""
    if isinstance(m, Battery):
        return None
    if health.frozen:
        return "frozen: what repeats itself is no reading"
    return f"{health.disagrees}, and outvoted" if health.outvoted_since is not None else None


def _judge(run: Run, health: Health, t: float) -> tuple[Run, list[Notice]]:
    """Judges a sensor by the others of the same body."""
    mine = health.spec
    others = [one for one in run.health.values() if one.spec.role == mine.role and one.spec.name != mine.name]
    scale, _ = scale_at(run.setup.calibration, run.even.cruise_mps)
    health, notices = witness.judge(health, others, t, scale)
    body = run.body(mine.role)
    if mine.kind == "footpod" and body is not None:
        health = witness.outvote(health, body, t)
    return run.with_health(health), notices


def _misplaced(m: Measurement, kind: Kind) -> str | None:
    """Says what is wrong with a measurement that is another kind of sensor's."""
    if isinstance(m, (Battery, *SENDS[kind])):
        return None
    return f"a sensor of kind {kind} does not send {type(m).__name__}"


def _weigh(run: Run, sensor: str, m: Measurement, *, from_file: bool) -> Step:
    health = run.health[sensor]
    spec = health.spec
    match m:
        case NoFix():
            return run.with_health(replace(health, no_fix=m.reason, ratio=None)), []
        case Battery():
            return run.with_health(replace(health, battery_percent=m.percent)), []
        case HeartRate():
            run = run.with_health(replace(health, believed=True))
            return replace(run, heart=m) if spec.role == "runner" else run, []
        case Stride() if spec.role == "runner":
            run = replace(run, stride=m)
    run, found = _placed(run, m, spec, from_file=from_file)
    body = run.body(spec.role)
    assert body is not None  # noqa: S101 - `begin` makes a body for every role that has a sensor
    run.reels[spec.role].keep(body, m, spec.kind, from_file=from_file)
    body, outcome = observe(body, m, spec.kind, from_file=from_file)
    if spec.role == "runner":
        run = replace(run, shown=hear(run.shown, m))
        if run.tape:
            run.tape.keep(body)
    run = run.with_body(spec.role, body, _felt(health, outcome))
    if run.running:
        run = run.with_tally(spec.role, tally(run.tallies[spec.role], body, m, from_file=from_file))
    if outcome.refused is not None:
        run, refused = run.refuse(sensor, outcome.refused, late=outcome.late)
        found.append(refused)
    run, out = _first_move(run, m, spec.kind)
    return run, [*found, *out]


def _placed(run: Run, m: Measurement, spec: SensorSpec, *, from_file: bool) -> Step:
    """Looks what a measurement says of the course: that it does not fit, or, the runner's, where it is."""
    found: list[Output] = []
    if isinstance(m, Fix):
        run, found = off_course.hear(run, m, spec.role)
    if isinstance(m, Fix) and spec.role == "runner":
        memory = cue.hear(run.setup.policy, run.memory, m)
        run = run if memory is run.memory else replace(run, memory=memory)
        lag = fix_lag_s(run.runner.model.receiver, spec.kind, from_file=from_file)
        run, more = finding.hear(run, m, lag)
        found = [*found, *more]
    return off_course.keep(run, m, spec, from_file=from_file), found


def _felt(health: Health, outcome: Outcome) -> Health:
    """Notes how a reading fared; one that is late or doubled says nothing new of its sensor."""
    return health if outcome.late else replace(health, ratio=outcome.ratio, no_fix=None, believed=True)


def _first_move(run: Run, m: Measurement, kind: Kind) -> Step:
    """Starts an armed run at the first step, dated back by the lag of what told it."""
    if run.race.phase != "armed":
        return run, []
    if run.setup.start_at is not None:
        return commands.obey(run, Command(m.t, "start", at=run.setup.start_at, origin="engine"))
    if run.setup.start == "first_input":
        return commands.obey(run, Command(m.t, "start", at=m.t, origin="engine"))
    heard = run.reels["runner"].heard
    if not heard or heard[-1].m is not m:
        return run, []  # the rider's
    lag = fix_lag_s(run.runner.model.receiver, kind, from_file=heard[-1].from_file)
    at = first_step(list(heard), lag, bodies.speed_mps(run.runner), run.even.cruise_mps)
    return commands.obey(run, Command(m.t, "start", at=at, origin="engine")) if at is not None else (run, [])
