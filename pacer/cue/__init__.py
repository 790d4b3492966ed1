"""Cue policies: when to ask whom for what, and when to be silent. Each is a function, known by its name.

    steady           compares the speed with the one that leads gently back to the even split; the default
    predicted-gap    answers the gap that will stand 15 s from now
    speed-reference  holds the speed to the even one, and lets gaps stand
    bang-bang        a phone's raw pace of the last 5 s, every 5 s: a baseline
    runnerup         what RunnerUp's coach would say: a baseline
    none             says nothing

A policy is given a `Situation` ten times a second and what it remembers, and returns what it remembers and
perhaps a `Decision`. It never speaks without knowing: then there is no situation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from pacer.cue import baseline, predicted_gap, speed_reference, steady
from pacer.cue.situation import Decision, Memory, Situation, Step
from pacer.evolve import replace
from pacer.measurement import Fix
from pacer.setup import PolicySpec

__all__ = ["POLICIES", "Decision", "Memory", "PolicyName", "Situation", "decide", "hear"]

PolicyName = Literal["steady", "predicted-gap", "speed-reference", "bang-bang", "runnerup", "none"]
POLICIES: tuple[PolicyName, ...] = get_args(PolicyName)

_DECIDE: dict[str, Callable[[PolicySpec, Memory, Situation], Step]] = {
    "steady": steady.decide,
    "predicted-gap": predicted_gap.decide,
    "speed-reference": speed_reference.decide,
    "bang-bang": baseline.bang_bang,
    "runnerup": baseline.runnerup,
}
_RAW = ("bang-bang", "runnerup")  # these listen to the receiver, not to the estimate


def decide(policy: PolicySpec, memory: Memory, now: Situation | None) -> Step:
    """Decides what to say; `now` is None where anything in it is unknown or stale, and then it is nothing."""
    if now is None or policy.name == "none":
        return memory, None
    return _DECIDE[policy.name](policy, memory, now)


def hear(policy: PolicySpec, memory: Memory, fix: Fix) -> Memory:
    """Lets a policy that goes by the raw pace hear the runner's receiver."""
    return replace(memory, raw=memory.raw.heard(fix)) if policy.name in _RAW else memory
