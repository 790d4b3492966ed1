"""What a device hears of pacer: the payloads of `pacer.topics` as values, each checked; pure.

Fields that nobody here needs are left out, and unknown ones are let be: format 1 may grow.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pacer.errors import InputError, PacerError
from pacer.outputs import Phase, Word
from pacer.schema import decode
from pacer.setup import Mode, Role
from pacer.topics import VERSION

Link = Literal["connecting", "connected", "reconnecting"]

PAYLOAD_MAX_BYTES = 16384  # ten times the largest state


@dataclass(frozen=True, slots=True)
class Said:
    """Holds one message as it came."""

    levels: tuple[str, ...]  # of the topic, below the session
    payload: bytes
    retain: bool
    now: float  # s, our clock, when it came


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts the cues since the device was switched on."""

    shown: int = 0
    last_seq: int | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)  # by reason

    def show(self, seq: int) -> Counts:
        """Counts one that was shown or played."""
        return Counts(self.shown + 1, seq, self.dropped)

    def drop(self, reason: str) -> Counts:
        """Counts one that was not."""
        return Counts(self.shown, self.last_seq, {**self.dropped, reason: self.dropped.get(reason, 0) + 1})


@dataclass(frozen=True, slots=True)
class HeardState:
    """Holds what a display or an audio device needs of a state; None is unknown."""

    run: str
    t: float  # s, pacer's clock
    phase: Phase
    mode: Mode = "strict"  # "audio": nothing is known of a rider
    elapsed_s: float | None = None
    countdown_s: float | None = None
    gap_s: float | None = None  # + ahead
    speed_mps: float | None = None  # the runner's
    needed_mps: float | None = None
    bar: float | None = None
    lap: int | None = None
    laps: int | None = None
    remaining_m: float | None = None
    rider_speed_mps: float | None = None
    rider_asked_mps: float | None = None
    rider_bar: float | None = None


@dataclass(frozen=True, slots=True)
class HeardCue:
    """Holds a cue."""

    run: str
    seq: int
    t: float  # s, pacer's clock
    ttl: float  # s
    to: Role
    word: Word
    speed_mps: float  # m/s, to hold afterwards


@dataclass(frozen=True, slots=True)
class HeardSplit:
    """Holds a split."""

    run: str
    t: float  # s, pacer's clock
    kind: Literal["split", "lap", "tap"]
    index: int
    elapsed_s: float
    leg_m: float
    leg_s: float
    final: bool
    gap_s: float | None = None


@dataclass(frozen=True, slots=True)
class HeardStatus:
    """Holds whether pacer is there, and the target."""

    run: str
    state: Literal["online", "offline"]
    rate: float  # seconds of t per second of life
    target_time_s: float | None = None
    target_distance_m: float | None = None


Heard = HeardState | HeardCue | HeardSplit | HeardStatus

_KINDS: dict[str, type[Heard]] = {
    "state": HeardState,
    "cue": HeardCue,
    "split": HeardSplit,
    "status": HeardStatus,
}


def read(levels: Sequence[str], payload: bytes) -> Heard | None:
    """Reads a message from its topic's levels below the session; None for topics that are none of ours.

    Raises:
        InputError: for a payload that is not what configs/asyncapi.yaml says.
    """
    kind = _KINDS.get(levels[0]) if levels else None
    if kind is None:
        return None
    body = _body(levels[0], payload)
    known = {field.name: body[field.name] for field in dataclasses.fields(kind) if field.name in body}
    try:
        return decode(kind, known, levels[0])
    except PacerError as error:
        raise InputError(str(error)) from None


def _body(name: str, payload: bytes) -> dict[str, Any]:
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise InputError(f"{name}: {len(payload)} bytes; allowed are {PAYLOAD_MAX_BYTES}")
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: not JSON ({error})") from None
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise InputError(f"{name}: not an object of format {VERSION}")
    return body
