"""What a cue device does with what it hears, before anybody sees or hears it: pure, no clock, no I/O."""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

WINDOW_S = 60.0  # s over which the smallest delay is sought: crystals drift 3 ms apart in it (50 ppm)
SETTLE_S = (
    1.0  # s of listening before the first cue: a burst out of a broker that had stalled is over by then
)

Word = Literal["ease", "hold", "press"]
Verdict = Literal["show", "late", "old", "unsettled"]


@dataclass(frozen=True, slots=True)
class Heard:
    """Holds a cue as the wire says it."""

    run: str
    seq: int
    t: float  # s, pacer's clock
    ttl: float  # s
    word: Word
    change_mps: float  # m/s


def parse(payload: bytes) -> dict[str, Any]:
    """Reads a payload of format 1.

    Raises:
        ValueError: for anything else.
    """
    body = json.loads(payload)
    if not isinstance(body, dict) or body.get("v") != 1:
        raise ValueError("not a message of format 1")
    return body


def parse_cue(body: dict[str, Any]) -> Heard:
    """Reads a cue.

    Raises:
        ValueError: where a field is missing or not what the AsyncAPI document says.
    """
    if body.get("word") not in ("ease", "hold", "press"):
        raise ValueError(f"word {body.get('word')!r}")
    numbers = [number(body, key) for key in ("t", "ttl", "change_mps")]
    return Heard(
        str(body.get("run")), int(number(body, "seq")), numbers[0], numbers[1], body["word"], numbers[2]
    )


def number(body: dict[str, Any], key: str) -> float:
    """Reads a finite number.

    Raises:
        ValueError: for anything else.
    """
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} {value!r}")
    return float(value)


class ClockOffset:
    """Estimates our clock minus pacer's as the smallest (receipt - t) seen lately.

    A message can only be late, never early, so the smallest difference is the nearest to the truth.
    """

    def __init__(self) -> None:
        self._run: str | None = None
        self._since = math.inf  # s, ours, of the first message of this run, or after a long silence
        self._least: deque[tuple[float, float]] = deque()  # (receipt, difference), both rising

    def hear(self, run: str, t: float, receipt: float) -> None:
        """Takes the times of one message; a new run, or one not heard of for so long, is a new clock."""
        if run != self._run or (self._least and self._least[-1][0] < receipt - WINDOW_S):
            self._run, self._since = run, receipt
            self._least.clear()
        difference = receipt - t
        while self._least and self._least[-1][1] >= difference:
            self._least.pop()
        self._least.append((receipt, difference))
        while self._least[0][0] < receipt - WINDOW_S:
            self._least.popleft()

    def age(self, t: float, now: float) -> float | None:
        """Returns how old (s) a message of time `t` is; None until enough was heard to say."""
        if not self._least or now < self._since + SETTLE_S:
            return None
        return now - t - self._least[0][1]


class CueFilter:
    """Judges cues: only a fresh one that is newer than all before it may be shown."""

    def __init__(self) -> None:
        self._run: str | None = None
        self._last = -1

    def judge(self, cue: Heard, age_s: float | None) -> Verdict:
        """Says what to do with a cue of this age (s)."""
        if cue.run != self._run:  # pacer was started anew and counts from the beginning
            self._run, self._last = cue.run, -1
        if cue.seq <= self._last:
            return "old"
        if age_s is None:
            return "unsettled"
        if age_s > cue.ttl:
            return "late"
        self._last = cue.seq
        return "show"
