"""The direct twin of a run over the air: the same people, firmware and session, no radio, bleak or broker.

What a central alone does is taken from the run over the air: when each sensor was linked, the battery that
was read then, and when the engine ticked and was told to start. So is the time that a broker took to hand a
cue on, which a busy machine stretches. Every measurement, and every cue that a person obeys, is the twin's
own.
"""

from __future__ import annotations

import heapq
import itertools

from firmware_sim.constants import STEP_HZ
from firmware_sim.encode import BATTERY_LEVEL
from firmware_sim.firmware import Firmware
from firmware_sim.world import World
from pacer.inputs import Command, Input, Link, Notification
from pacer.ledger import Ledger
from pacer.outputs import Cue
from pacer.session import Session
from pacer.setup import Setup
from tests.support.played import Scene

# What comes first of what falls on one instant: a sound that was on its way; then what the engine does by its
# own clock and the world's next step; last what still has to go through a radio or a broker.
SOUND, CLOCK, WIRE = range(3)
MICRO = 6  # digits: inputs are stamped to the microsecond
TOLD = 4  # digits: devices are told a change of speed to 0.1 mm/s, and people obey what they are told

Event = Input | Cue | int  # a whole number: the world's step that is due


class Twin:
    """Holds what is to come, in time order."""

    def __init__(self, played: Scene, setup: Setup) -> None:
        self._world = World(played.world.scenario, played.world.seed)
        self._firmware = Firmware.of(self._world)
        self._session = Session(setup)
        self._zero = played.zero
        self._linked: set[str] = set()
        devices = (played.display, played.audio)
        self._shown = {(one.listens_to, cue.seq): cue.t_shown for one in devices for cue in one.shown}
        self._order = itertools.count()
        self._agenda: list[tuple[float, int, int, Event]] = []
        self._scene = Scene([], [], Ledger(), self._world, played.zero)
        for item in played.inputs:
            if not isinstance(item, Notification) or item.char == BATTERY_LEVEL:
                self._due(item.t, CLOCK, item)
        self._due(played.zero, CLOCK, 0)
        self._last = played.inputs[-1]

    def run(self) -> Scene:
        """Runs to the last input of the run over the air; IndexError where that never comes."""
        taken = list[Input]()
        while not taken or taken[-1] != self._last:
            match heapq.heappop(self._agenda)[-1]:
                case int(step):
                    self._step(step)
                case Cue() as cue:
                    take = self._world.see if cue.to == "rider" else self._world.hear
                    take(cue.word, abs(round(cue.change_mps, TOLD)))
                case item:
                    taken.append(item)
                    self._take(item)
        return Scene(taken, self._scene.outputs, self._scene.ledger, self._world, self._zero)

    def _due(self, t: float, rank: int, event: Event) -> None:
        heapq.heappush(self._agenda, (round(t, MICRO), rank, next(self._order), event))

    def _step(self, step: int) -> None:
        """Moves the world a step on, and puts on the way what its sensors send in it."""
        for p in self._firmware.advance((step + 1) / STEP_HZ):
            if p.sensor in self._linked:
                t = round(self._zero + p.t, MICRO)
                self._due(t, WIRE, Notification(t, p.sensor, p.char, p.data))
        self._due(self._zero + (step + 1) / STEP_HZ, CLOCK, step + 1)

    def _take(self, item: Input) -> None:
        match item:
            case Link(state="connected"):
                self._linked.add(item.sensor)
            case Command(verb="start", at=float(at)):
                self._world.gun(at - self._zero)
        for output in self._session.step(item):
            self._scene.outputs.append(output)
            self._scene.ledger.offer(output)
            if isinstance(output, Cue) and (output.to, output.seq) in self._shown:
                at = self._shown[output.to, output.seq]
                self._due(at, SOUND if output.to == "runner" else WIRE, output)


def twin(played: Scene, setup: Setup) -> Scene:
    """Runs the direct twin of a run."""
    return Twin(played, setup).run()
