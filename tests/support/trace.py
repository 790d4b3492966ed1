"""What holds in every run, whatever it is fed: a function for each rule, looked at after every step.

    watch.meet(session); outputs = session.step(item); watch.look(session, item, outputs)
    watch.broken     what does not hold, in words

`tests/conftest.py` looks at every session of every test in its process. The rules go by what went in and came
out, and work out for themselves when a sensor was heard; only of the covariance, which no output holds, they
ask the session. A rule that fits nobody's run goes; a run that fits no rule is a bug.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter
from weakref import WeakKeyDictionary

import numpy as np

from pacer.estimator.body import Body
from pacer.inputs import Input, Tick
from pacer.measurement import Refused
from pacer.outputs import Cue, Finished, Notice, Output, SensorStatus, Split, State
from pacer.session import Session
from tests.support.seen import STALE_S, Seen

EPS_S = 1e-3  # s, to which ages are told
BLIND_S = 5.0  # s without a reading, after which a speed is unknown
LIVE = ("ok", "weak", "refused", "no fix")  # states of a sensor that is heard
BELIEVED = ("ok", "weak")
STARTING_S = 7.0  # s after the gun, in which a start that nobody runs is given up, and the way with it
OVER = ("finished", "stopped")
ON = ("running", *OVER)  # phases in which a distance counts
# s between two words to one person, of the policies that do not ask their configuration
SPACING_S = {"speed-reference": 12.0, "bang-bang": 5.0, "runnerup": 30.0}
ARMED_BY_HOLD = ("steady", "speed-reference")  # these say the same word sooner again after a "hold" alone
HYSTERESIS = ("steady", "predicted-gap")  # these go by the gap that is to come
DOUBTED_EVERY = 32  # ticks: a look at the covariances costs as much as all else in ten

Broken = str | None


# -- rules of the picture -----------------------------------------------------------------------------------

_NUMBERS = attrgetter(
    *("t", "elapsed_s", "countdown_s", "pace_mps", "rider_gap_m", "rider_asked_mps", "remaining_m"),
    *("cadence_spm", "runner.distance_m", "runner.distance_sd_m", "runner.speed_mps", "runner.speed_sd_mps"),
    *("standing.gap_s", "standing.gap_sd_s", "standing.gap_m", "standing.needed_mps", "standing.finish_s"),
    "standing.finish_sd_s",
)
_BODY = attrgetter("distance_m", "distance_sd_m", "speed_mps", "speed_sd_mps")


def finite(seen: Seen, state: State) -> Broken:
    """E5: every number is one, and every doubt is more than nothing."""
    del seen
    numbers = _NUMBERS(state) + (_BODY(state.rider) if state.rider else ())
    if not all(map(math.isfinite, filter(None, numbers))):
        return f"E5: a number that is none in {state}"
    e, standing = state.runner, state.standing
    doubts = (e.distance_sd_m, e.speed_sd_mps, standing.gap_sd_s, standing.finish_sd_s)
    return None if all(sd is None or sd > 0 for sd in doubts) else f"E5: a doubt of nothing in {state}"


def known(seen: Seen, state: State) -> Broken:
    """Nothing is shown without a belief that it follows from, nor after 5 s in which nothing was heard.

    A run that is over has a result, whatever its runner does now: it stays.
    """
    e, standing, over = state.runner, state.standing, state.phase in OVER
    if seen.result not in (None, standing):
        return f"the result was {seen.result}, and is {standing}"
    seen.result = standing if over and standing.gap_s is not None else None
    if (state.pace_mps is None) != (e.speed_mps is None):
        return f"a pace of {state.pace_mps} at a speed of {e.speed_mps}"
    if e.distance_m is None and standing.gap_s is not None and not over:
        return f"a gap of {standing.gap_s} s without a distance"
    if standing.gap_s is None and standing.finish_s is not None:
        return f"a finish at {standing.finish_s} s without a gap"
    if e.speed_mps is not None and seen.silence_s(seen.motion["runner"], state.t) > BLIND_S + EPS_S:
        return "E4: a speed of the runner, of whom nothing was heard for 5 s"
    return None


def forward(seen: Seen, state: State) -> Broken:
    """Neither the distance since the start nor the clock of the race goes back, but for a false start."""
    metres, elapsed, phase = state.runner.distance_m, state.elapsed_s, state.phase
    if phase not in ON:
        seen.distance_m = seen.elapsed_s = None
        return None
    was_m, was_s = seen.distance_m, seen.elapsed_s
    seen.distance_m, seen.elapsed_s = was_m if metres is None else metres, elapsed
    starting = elapsed is not None and elapsed < STARTING_S
    if was_m is not None and metres is not None and metres < was_m and not starting:
        return f"the distance fell by {was_m - metres} m"
    if was_s is not None and (elapsed is None or elapsed < was_s):
        return f"the clock went from {was_s} to {elapsed} s"
    return None


def silent(seen: Seen, state: State) -> Broken:
    """S1: a sensor that was silent for too long is not shown as live, nor is what only it can tell."""
    straps = pods = 0
    for one in state.sensors:
        if broken := _aged(seen, state.t, one):
            return broken
        live = one.state in LIVE and one.role == "runner"
        straps += live and one.kind == "heart_rate"
        pods += live and one.kind == "footpod"
    if state.heart_rate_bpm is not None and not straps:
        return "S1: a heart rate without a strap that is heard"
    return "S1: a cadence without a pod that is heard" if state.cadence_spm is not None and not pods else None


def _aged(seen: Seen, t: float, one: SensorStatus) -> Broken:
    times = seen.heard.get(one.name)
    if times is None or one.age_s is None:
        return None if times is None and one.state == "searching" else f"S1: never heard, or not said: {one}"
    age = t - times[-1]
    if abs(age - one.age_s) > EPS_S:
        return f"S1: {one} was heard {age} s ago"
    if age > STALE_S + EPS_S and one.state in LIVE and age > seen.limit_s(one.name) + EPS_S:
        return f"S1: {one.name} reads {one.state} after {age:.1f} s of silence"
    return None


def in_force(seen: Seen, state: State) -> Broken:
    """C1: the cue that is shown is the runner's last, younger than its ttl, in a run that is on."""
    cue = state.cue
    if cue is None:
        return None
    if cue is not seen.cues.get("runner"):
        return f"C1: {cue} is not the last one"
    if state.t - cue.t > cue.ttl_s or state.phase != "running":
        return f"C1: shown while {state.phase}, {state.t - cue.t} s old: {cue}"
    return None


# -- rules of a cue, beside the picture of its tick ---------------------------------------------------------


def sure(seen: Seen, cue: Cue, state: State) -> Broken:
    """C3: nobody is asked by data that are stale, refused or unknown, nor in a run that is not on."""
    told = seen.motion[cue.to] or seen.motion["runner"]
    body = state.rider if cue.to == "rider" else state.runner
    if state.phase != "running" or seen.over:
        return f"a cue while {state.phase}: {cue}"
    if body is None or body.speed_mps is None or body.distance_m is None:
        return f"C3: a cue to one who is unknown: {cue}"
    if seen.silence_s(told, cue.t) > STALE_S + EPS_S:
        return f"C3: a cue to one of whom nothing was heard for {STALE_S} s: {cue}"
    if not any(one.state in BELIEVED for one in state.sensors if one.name in told):
        return f"C3: a cue though no sensor of {cue.to} is believed: {cue}"
    return None


def in_order(seen: Seen, cue: Cue, state: State) -> Broken:
    """C5: each cue is numbered by one more than the last, and is of the instant in which it is given."""
    return (
        None if (cue.seq, cue.t) == (seen.seq + 1, state.t) else f"C5: after {seen.seq} at {state.t} s: {cue}"
    )


def calm(seen: Seen, cue: Cue, state: State) -> Broken:
    """C4: words are as far apart as their policy says, and turn round only past its hysteresis."""
    last = seen.cues.get(cue.to)
    if last is None:
        return None
    policy = seen.policy
    least = SPACING_S.get(policy.name, policy.spacing_s)
    if last.word == cue.word and policy.name in ARMED_BY_HOLD:
        least = max(least, policy.spacing_unarmed_s)
    if cue.t - last.t < least - EPS_S:
        return f"C4: {cue.t - last.t:.1f} s after {last.word}, where {least} are promised: {cue}"
    if cue.to == "rider" or state.mode == "elastic" or policy.name not in HYSTERESIS:
        return None  # their gap is to a line that no output tells of, or they know no gap
    turned = {"ease": seen.ahead_s[1] > 0, "press": seen.ahead_s[0] < 0, "hold": True}
    return None if turned[cue.word] else f"C4: {cue} though the gap to come never was on that side"


# -- rules of everything else -------------------------------------------------------------------------------


def answered(seen: Seen, item: Input, outputs: Sequence[Output]) -> Broken:
    """Each tick draws one picture, the last of its outputs; nothing else draws one."""
    del seen
    wanted = type(item) is Tick and not (outputs and type(outputs[0]) is Refused)
    drawn = sum(type(output) is State for output in outputs) if len(outputs) > wanted else wanted
    if drawn != wanted or (wanted and (not outputs or type(outputs[-1]) is not State)):
        return f"{drawn} pictures among {outputs} after {item}"
    return None


def counted(seen: Seen, split: Split) -> Broken:
    """Splits and laps are numbered in order, each later than the one before it, none after the end."""
    last = seen.marks.get(split.kind)
    seen.marks[split.kind] = split
    if split.kind == "tap":
        return None  # may be taken back
    if seen.over or split.index != (last.index + 1 if last else 1):
        return f"after {last}, over: {seen.over}, comes {split}"
    return f"before {last}: {split}" if last and split.elapsed_s < last.elapsed_s else None


def ended_once(seen: Seen, end: Finished) -> Broken:
    """A run ends once."""
    was, seen.over = seen.over, end
    return f"{end} after {was}" if was else None


def sound(body: Body) -> Broken:
    """E5: all states are finite, P is symmetric and, but for rounding, positive semi-definite."""
    P = np.asarray(body.belief.P)
    variances = np.diag(P)
    if not (np.isfinite(body.belief.x).all() and np.isfinite(P).all() and (variances >= 0).all()):
        return f"E5: {body.belief}"
    sd = np.sqrt(variances)
    R = P / np.outer(sd + 1e-150, sd + 1e-150)  # as correlations: states differ in size by 1e10
    if float(np.abs(R - R.T).max()) > 1e-6 or float(np.linalg.eigvalsh(R)[0]) < -1e-6:
        return f"E5: no covariance: {body.belief}"
    return None


PICTURE = (finite, known, forward, silent, in_force)
CUE = (sure, in_order, calm)


class Watch:
    """Looks at sessions, and keeps what does not hold, the first case of each rule."""

    def __init__(self) -> None:
        self.broken: dict[str, str] = {}
        self._seen: WeakKeyDictionary[Session, Seen] = WeakKeyDictionary()

    def meet(self, session: Session) -> None:
        """Begins to watch a session before its first step; what a copy in mid-run has heard nobody knows."""
        if session.run is None and session not in self._seen:
            self._seen[session] = Seen.of(session)

    def look(self, session: Session, item: Input, outputs: Sequence[Output]) -> None:
        """Looks at one step."""
        seen = self._seen.get(session)
        if seen is None:
            return
        seen.take(item)
        self._say("answered", answered(seen, item, outputs), item.t)
        for output in outputs:
            match output:
                case State():
                    self._picture(seen, session, output, outputs)
                case Split():
                    self._say("counted", counted(seen, output), item.t)
                case Finished():
                    self._say("ended_once", ended_once(seen, output), item.t)
                case Notice(code="start" | "start-corrected"):  # all is counted anew from another instant
                    seen.distance_m = seen.elapsed_s = None
                    seen.marks.clear()

    def _picture(self, seen: Seen, session: Session, state: State, outputs: Sequence[Output]) -> None:
        seen.foresee(state)
        for cue in outputs if len(outputs) > 1 else ():
            if isinstance(cue, Cue):
                for rule in CUE:
                    self._say(rule.__name__, rule(seen, cue, state), state.t)
                seen.cues[cue.to], seen.seq = cue, cue.seq
                if cue.to == "runner" and cue.word != "hold":
                    seen.ahead_s = (math.inf, -math.inf)
        for look in PICTURE:
            if broken := look(seen, state):
                self._say(look.__name__, broken, state.t)
        if seen.ticks % DOUBTED_EVERY == 0 and session.run:
            for body in (session.run.runner, session.run.rider):
                self._say("sound", sound(body) if body else None, state.t)
        seen.ticks += 1

    def _say(self, rule: str, broken: Broken, t: float) -> None:
        if broken:
            self.broken.setdefault(rule, f"{rule}, at {t} s: {broken}")
