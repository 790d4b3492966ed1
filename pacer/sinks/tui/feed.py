"""What the screen remembers of a run: the newest of everything, and a little history."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from pacer.outputs import Estimate, Finished, Notice, Output, Split, State
from pacer.standing import UNKNOWN

# The engine ticks ten times a second. A screen that hears nothing for this long must not go on showing
# the last numbers; the same limit as for a sensor.
QUIET_S = 3.0
NOTICES = 50  # lines; more than any screen is high
HISTORY = 900  # points of the plot, one a second: the last 15 minutes


@dataclass(slots=True)
class Feed:
    """Keeps the newest state and what came once: splits, notices, the finish."""

    state: State | None = None
    heard: float | None = None  # s on the screen's clock, when `state` came
    start: float | None = None  # s on the inputs' clock, the newest start instant
    splits: dict[tuple[str, int], Split] = field(
        default_factory=dict
    )  # a corrected one replaces its old self
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=NOTICES))  # newest first
    finished: Finished | None = None
    history: deque[tuple[float, float | None]] = field(default_factory=lambda: deque(maxlen=HISTORY))

    def take(self, output: Output, now: float) -> None:
        """Remembers one output that came at `now` (s on the screen's clock)."""
        match output:
            case State():
                self.state, self.heard = output, now
                self.start = start_t(output) or self.start
                self._remember(output)
            case Split():
                self.splits[output.kind, output.index] = output
            case Notice():
                self.notices.appendleft(output)
                if output.code == "undo":
                    self._untap()
            case Finished():
                self.finished = output

    def current(self, now: float) -> State | None:
        """Returns the newest state without anything that is too old to be true at `now`."""
        state = self.state
        if state is None or self.heard is None:
            return None
        quiet = now - self.heard
        if quiet > QUIET_S:
            return blank(state)
        # a cue dies by its own time to live, even between two states, and with the run
        dead = state.cue is not None and state.t + quiet - state.cue.t > state.cue.ttl_s
        return replace(state, cue=None) if dead or self.finished else state

    def quiet(self, now: float) -> bool:
        """Tells whether the engine has gone silent before the run was over."""
        return self.finished is None and self.heard is not None and now - self.heard > QUIET_S

    def _untap(self) -> None:
        taps = [key for key in self.splits if key[0] == "tap"]
        if taps:
            del self.splits[max(taps)]

    def _remember(self, state: State) -> None:
        if state.phase != "running" or state.elapsed_s is None:
            return
        if not self.history or abs(state.elapsed_s - self.history[-1][0]) >= 1.0:
            self.history.append((state.elapsed_s, state.standing.gap_s))


def blank(state: State) -> State:
    """Builds the state in which nothing is known any more but the target."""
    nothing = Estimate(state.t, None, None, None, None)
    return replace(
        state,
        elapsed_s=None,
        countdown_s=None,
        runner=nothing,
        pace_mps=None,
        standing=UNKNOWN,
        rider=nothing if state.rider else None,
        rider_gap_m=None,
        rider_asked_mps=None,
        lap=None,
        remaining_m=None,
        heart_rate_bpm=None,
        cadence_spm=None,
        cue=None,
        sensors=tuple(replace(sensor, state="searching", age_s=None) for sensor in state.sensors),
    )


def start_t(state: State) -> float | None:
    """Returns the start instant on the inputs' clock, s; it may lie ahead in a countdown."""
    match state:
        case State(phase="running", elapsed_s=float() as elapsed):
            return state.t - elapsed
        case State(phase="countdown", countdown_s=float() as ahead):
            return state.t + ahead
        case _:
            return None
