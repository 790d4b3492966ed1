"""A run that is over, however it was played: what was said, what was true, what the devices showed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from firmware_sim import devices
from firmware_sim.devices import Device
from firmware_sim.world import World
from pacer.inputs import Input
from pacer.ledger import Ledger
from pacer.outputs import Output, Split, State

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Scene:
    """Holds what went in and came out, and the truth beside it."""

    inputs: Sequence[Input]
    outputs: list[Output]
    ledger: Ledger
    world: World
    zero: float = 0.0  # s, the session's clock at world time 0
    display: Device = field(default_factory=devices.display)
    audio: Device = field(default_factory=devices.audio)
    path: Path | None = None  # of the recording

    def of(self, kind: type[Kept]) -> list[Kept]:
        """Lists the outputs of one kind."""
        return [output for output in self.outputs if isinstance(output, kind)]

    def splits(self, kind: str = "split") -> list[Split]:
        """Lists the splits of a kind; a corrected start gives them anew, and the last ones count."""
        return self.ledger.marks(kind)

    @property
    def gun_t(self) -> float:
        """Returns when the gun was, on the session's clock."""
        assert self.world.gun_t is not None
        return self.zero + self.world.gun_t

    def truth_m(self, t: float) -> float:
        """Returns where the runner really was at `t` of the session's clock."""
        return self.world.runner_at(t - self.zero).distance_m

    def settled(self, after_s: float = 60.0) -> Iterator[State]:
        """Gives the pictures drawn while running, from `after_s` s after the gun on."""
        for state in self.of(State):
            if state.phase == "running" and state.t > self.gun_t + after_s:
                yield state

    def errors_m(self, after_s: float = 60.0) -> list[float]:
        """Lists estimate minus truth, m, where there is an estimate."""
        return [
            state.runner.distance_m - self.truth_m(state.t)
            for state in self.settled(after_s)
            if state.runner.distance_m is not None
        ]
