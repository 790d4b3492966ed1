"""The coach's desk: what a key asks for, as a command with its instant, and a word back to the coach."""

from __future__ import annotations

from dataclasses import dataclass

from pacer.clock import Clock
from pacer.engine import Post
from pacer.inputs import Command
from pacer.outputs import Phase, State
from pacer.setup import MODES
from pacer.sinks.tui.feed import start_t
from pacer.units import duration

COUNTDOWN_S = 10.0  # s from the key to the gun: time to look up from the screen
START_STEP_S = 0.5  # s a start is moved per key press; a start by thumb is off by about that much
TARGET_STEP_S = 1.0  # s the target time is moved per key press
ON: tuple[Phase, ...] = ("armed", "countdown", "running")  # leaving or stopping now loses something


@dataclass(frozen=True, slots=True)
class _Asked:
    t: float  # s, when the command was given
    value: float


class Desk:
    """Posts the commands of one person; each method returns what to tell that person."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock
        self._start: _Asked | None = None
        self._target: _Asked | None = None

    def start(self, state: State) -> str:
        """Starts the countdown; pressed again, it confirms a start without a position."""
        if state.phase not in {"waiting", "armed"}:
            return f"no start: the run is {state.phase}"
        now = self._clock.now()
        self._post(Command(now, "start", at=round(now + COUNTDOWN_S, 6)))
        return f"start asked for, in {COUNTDOWN_S:.0f} s"

    def arm(self, state: State) -> str:
        """Waits for the first step."""
        if state.phase != "waiting":
            return f"not armed: the run is {state.phase}"
        self._post(Command(self._clock.now(), "arm"))
        return "asked to wait for the first step"

    def lap(self, state: State) -> str:
        """Taps a lap line."""
        if state.phase != "running":
            return f"no lap: the run is {state.phase}"
        self._post(Command(self._clock.now(), "lap"))
        return f"lap at {duration(state.elapsed_s, 1)}"

    def mode(self, state: State) -> str:
        """Lets the rider do the next of the modes."""
        mode = MODES[(MODES.index(state.mode) + 1) % len(MODES)]
        self._post(Command(self._clock.now(), mode))
        return f"mode {mode}"

    def undo(self, state: State) -> str:
        """Takes the last lap tap back."""
        if state.phase != "running":
            return f"nothing to undo: the run is {state.phase}"
        self._post(Command(self._clock.now(), "undo"))
        return "undo asked for"

    def stop(self, state: State) -> str:
        """Ends the run."""
        if state.phase not in ON:
            return f"nothing to stop: the run is {state.phase}"
        self._post(Command(self._clock.now(), "stop"))
        return "stop asked for"

    def move_start(self, state: State, steps: int) -> str:
        """Moves the start by half seconds, - is earlier."""
        shown = start_t(state)
        if shown is None:
            return f"no start to move: the run is {state.phase}"
        now = self._clock.now()
        self._start = _Asked(now, _newest(self._start, state.t, shown) + steps * START_STEP_S)
        self._post(Command(now, "correct_start", at=round(self._start.value, 6)))
        return f"start moved {abs(steps) * START_STEP_S} s {'earlier' if steps < 0 else 'later'}"

    def move_target(self, state: State, steps: int) -> str:
        """Moves the target time by whole seconds, + is slower."""
        if state.phase in {"finished", "stopped"}:
            return f"target stays: the run is {state.phase}"
        now = self._clock.now()
        value = _newest(self._target, state.t, state.target_time_s) + steps * TARGET_STEP_S
        self._target = _Asked(now, max(value, TARGET_STEP_S))
        self._post(Command(now, "target", value=self._target.value))
        return f"target {duration(self._target.value)}"


def _newest(asked: _Asked | None, state_t: float, shown: float) -> float:
    # Two quick presses mean two steps, though no state has shown the first one yet.
    return asked.value if asked is not None and state_t <= asked.t else shown
