"""What one session was given and has shown so far, as far as rules of `tests.support.trace` need it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median_high

from pacer.inputs import Input, Measured, Notification
from pacer.outputs import Cue, Finished, Split, Standing, State
from pacer.session import Session
from pacer.setup import PolicySpec, Role

STALE_S = 2.5  # s without a reading, after which nobody is asked for anything
FAR_S = 1e11  # s to either side; a time beyond it is damage
LONGEST_INTERVAL_S = 8.0  # s; what is longer is a pause
START_LOSS_S = 1.3  # s, what the even split allows for a standing start


@dataclass(slots=True)
class Seen:
    """Holds of one session's past what the rules need."""

    policy: PolicySpec
    motion: dict[Role, frozenset[str]]  # names of the sensors that tell of whose speed or place
    heard: dict[str, tuple[float, ...]] = field(default_factory=dict)  # s, the last six times of each sensor
    t: float = -FAR_S  # s, of the last input that was in order
    ticks: int = 0
    distance_m: float | None = None  # the last one shown since the start
    elapsed_s: float | None = None  # likewise
    cues: dict[Role, Cue] = field(default_factory=dict)  # the last one to each
    seq: int = 0
    ahead_s: tuple[float, float] = (
        math.inf,
        -math.inf,
    )  # s, least and most of the gap to come, since a correction
    marks: dict[str, Split] = field(default_factory=dict)  # the last one of each kind
    over: Finished | None = None
    result: Standing | None = None  # of the last picture, if the run was over and its result known

    @staticmethod
    def of(session: Session) -> Seen:
        """Begins with nothing seen of a session."""
        whose: dict[Role, frozenset[str]] = {}
        for role in ("runner", "rider"):
            specs = (s for s in session.setup.sensors if s.role == role and s.kind != "heart_rate")
            whose[role] = frozenset(spec.name for spec in specs)
        return Seen(session.setup.policy, whose)

    def take(self, item: Input) -> None:
        """Notes the time of an input, and that a sensor was heard; a time that goes back is none."""
        if not self.t <= item.t <= FAR_S:
            return
        self.t = item.t
        if isinstance(item, Notification | Measured):
            times = self.heard.get(item.sensor, ())
            if not times or item.t > times[-1]:
                self.heard[item.sensor] = (*times[-5:], item.t)

    def foresee(self, state: State) -> None:
        """Widens the range of the gap to come by the one of this picture."""
        gap, speed = state.standing.gap_s, state.runner.speed_mps
        if gap is None or speed is None:
            return
        start_s = min(START_LOSS_S, state.target_time_s / 10)
        off = speed * (state.target_time_s - start_s) / state.target_distance_m - 1
        ahead = gap + self.policy.look_ahead_s * off
        self.ahead_s = min(self.ahead_s[0], ahead), max(self.ahead_s[1], ahead)

    def limit_s(self, sensor: str) -> float:
        """Returns the silence of a sensor that is too long, s: 2.5 s, or 2.5 of its own usual intervals."""
        times = self.heard[sensor]
        pauses = [b - a for a, b in pairwise(times) if b - a < LONGEST_INTERVAL_S]
        return max(STALE_S, 2.5 * median_high(pauses)) if pauses else STALE_S

    def silence_s(self, names: frozenset[str], t: float) -> float:
        """Returns for how long none of these sensors was heard, s."""
        return t - max((self.heard[name][-1] for name in names if name in self.heard), default=-math.inf)
