"""Everything that can enter a session; what a recording holds.

Each input carries `t`, seconds on one clock that neither steps nor stops, stamped once where it entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pacer.measurement import Measurement
from pacer.setup import MODES, Mode


@dataclass(frozen=True, slots=True)
class Notification:
    """Carries the raw bytes of one Bluetooth notification or read."""

    t: float  # s
    sensor: str  # the sensor's name in the configuration
    char: str  # characteristic: "2a53" for SIG numbers, else the full lower-case UUID
    data: bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """Carries a measurement from a foreign file (FIT, TCX, GPX): no bytes are invented for it."""

    t: float  # s
    sensor: str
    measurement: Measurement


LinkState = Literal["searching", "connecting", "connected", "lost", "failed"]


@dataclass(frozen=True, slots=True)
class Link:
    """Tells how the radio link of a sensor stands; only silence says that a sensor is gone."""

    t: float  # s
    sensor: str
    state: LinkState
    detail: str = ""  # in words, for the screen: "impostor refused", "connect timed out"


@dataclass(frozen=True, slots=True)
class Tick:
    """Lets time pass; ten a second."""

    t: float  # s


Verb = Literal["start", "correct_start", "lap", "undo", "stop", "target", "arm", Mode]
VERBS: tuple[Verb, ...] = ("start", "correct_start", "lap", "undo", "stop", "target", "arm", *MODES)


@dataclass(frozen=True, slots=True)
class Command:
    """Carries what a person asked for, with the instant it is about.

    start          the gun is (or will be, in a countdown) at `at`
    correct_start  the gun was at `at` after all; every split is worked out again
    lap            a tap at a lap line
    undo           takes the last lap tap back
    stop           ends the run
    target         the target time becomes `value` seconds
    arm            wait for the first step, and start there
    strict, elastic, audio    what the rider does from now on
    """

    t: float  # s, when it arrived
    verb: Verb
    at: float | None = None  # s on the same clock; None is `t`
    value: float | None = None
    origin: str = "key"  # who asked: key, mqtt, engine


Input = Notification | Measured | Link | Tick | Command
