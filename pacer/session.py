"""The middle of the program: one input in, its outputs out; pure, synchronous, no clock, no I/O.

    Notification ─ gatt ─▶ Measurement ─ intake ─▶ Body (the estimator) ─┐
    Measured ────────────▶ Measurement ─ intake ─▶                       │
    Tick ──▶ tick: Estimate ─▶ Standing ─▶ Split, Cue, State  ◀──────────┘
    Command ─▶ commands: start, lap, undo, stop, target       Link ─▶ Health

`Session(setup)` fed with the recorded inputs gives the recorded run again, equal with `==`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pacer import commands, gatt, intake
from pacer.errors import DecodeError
from pacer.estimator.smooth import Tape
from pacer.evolve import replace
from pacer.gatt.stream import BadFrame, Stream
from pacer.inputs import Command, Input, Link, Measured, Notification, Tick
from pacer.measurement import Measurement, Refused
from pacer.outputs import Output
from pacer.run import Run, begin
from pacer.setup import Setup
from pacer.tick import tick

# No clock counts farther than this, 3000 years: beyond it a time is damage, and arithmetic overflows.
FAR_S = 1e11  # s

Step = tuple[Run, list[Output]]


class Session:
    """Holds the one run that is going on: a value, replaced at every step."""

    def __init__(self, setup: Setup, tape: Tape | None = None) -> None:
        self.setup = setup
        self._tape = tape  # what hindsight needs is kept on it
        self._streams = {spec.name: Stream() for spec in setup.sensors if spec.kind == "gps_uart"}
        self._run: Run | None = None  # begun by the first input, whose time it needs

    @property
    def run(self) -> Run | None:
        """Returns all that is known, None before the first input."""
        return self._run

    def step(self, item: Input) -> list[Output]:
        """Takes one input and returns what follows from it, in order; bad input is answered, never raised."""
        who = getattr(item, "sensor", "clock")
        if not abs(item.t) <= FAR_S:  # nor is "not a number" a time
            return [Refused(self._run.t if self._run else 0.0, who, f"{item.t} s is no time")]
        run = self._run or begin(self.setup, item.t, self._tape)
        if item.t < run.t:
            return [Refused(run.t, who, f"time went back from {run.t} to {item.t} s")]
        self._run, out = self._obey(replace(run, t=item.t), item)
        return out

    def _obey(self, run: Run, item: Input) -> Step:
        match item:
            case Tick():
                return tick(run)
            case Command():
                return commands.obey(run, item)
            case Measured():
                arrived = replace(item.measurement, t=item.t)  # one clock: that of the inputs
                return intake.take(run, item.sensor, arrived, from_file=True)
            case _ if item.sensor not in run.health:
                return run, [Refused(item.t, item.sensor, "is not in the configuration")]
            case Link():
                known = run.health[item.sensor]
                return run.with_health(replace(known, link=item.state, detail=item.detail)), []
            case Notification():
                return self._decode(run, item)

    def _decode(self, run: Run, item: Notification) -> Step:
        heard, back = run.health[item.sensor].hear(item.t).back(item.t)
        run, out = run.with_health(heard), list[Output]([back] if back else [])
        for found in self._readings(item):
            if isinstance(found, BadFrame):
                run, refused = run.refuse(item.sensor, found.reason)
                out.append(refused)
            else:
                run, more = intake.take(run, item.sensor, found, from_file=False)
                out += more
        return run, out

    def _readings(self, item: Notification) -> Sequence[Measurement | BadFrame]:
        try:
            if item.char == gatt.NORDIC_UART_TX and item.sensor in self._streams:
                return self._streams[item.sensor].feed(item.data, item.t)
            return gatt.decode(item.char, item.t, item.data)
        except DecodeError as error:
            return [BadFrame(str(error))]
