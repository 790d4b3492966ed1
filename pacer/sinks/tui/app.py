"""The coach's screen as a Textual app: it looks at the newest state ten times a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.filter import Monochrome, NoColor
from textual.widgets import Footer

from pacer.clock import Clock
from pacer.engine import Post
from pacer.outputs import State
from pacer.sinks.tui import view
from pacer.sinks.tui.desk import ON, Desk
from pacer.sinks.tui.feed import Feed
from pacer.sinks.tui.keys import HELP, KEYS
from pacer.sinks.tui.parts import Parts
from pacer.units import PACE_UNITS, UNIT_M, PaceUnit, pace, per_lap

FAST_S = 0.1  # s between looks at gap and clock: as often as the engine ticks
SLOW_S = 0.5  # s between looks at the rest: calm enough to be read
PLOT_S = 1.0  # s between drawings of the plot, its points are as far apart
ASK_S = 5.0  # s a question waits for its answer
SAID_S = 4.0  # s a word back to the coach stays
TURN_S = 4.0  # s each info line has where they do not fit beside each other
CONFIRM_S = 10.0  # s the session waits for the second start
MANY_ROWS = 99  # until the layout is known
BELLS_S = (3, 2, 1)  # s before the gun that are heard; the gun itself is too

# An info line is a text, or asked anew each time (a broker that may be lost, a recording that may fail).
Info = str | Callable[[], str]
Question = Literal["stop", "quit"]


@dataclass(frozen=True, slots=True)
class About:
    """Holds what the screen is told of its run once."""

    info: Sequence[Info] = ()
    rate: float = 1.0  # s of its clock per s of the coach's life
    on_pace_s: float = view.ON_PACE_S  # s of gap that count as none


class CoachApp(App[None]):
    """Draws a `Feed` and turns keys into commands."""

    CSS_PATH = "coach.tcss"
    TITLE = "pacer"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it without ClassVar
        (0, "-narrow"),
        (80, "-wide"),
        (100, "-roomy"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - likewise
        (0, "-low"),
        (24, "-short"),
        (32, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, feed: Feed, post: Post, clock: Clock, about: About | None = None) -> None:
        """Makes the screen."""
        about = about or About()
        super().__init__()
        if self.no_color:  # Textual's usual filter then, Monochrome, dies of the plot's lines that are empty
            self._filters = [NoColor() if isinstance(one, Monochrome) else one for one in self._filters]
        self._parts = Parts()
        self._feed = feed
        self._clock = clock
        self._rate = about.rate
        self._on_pace_s = about.on_pace_s
        self._desk = Desk(post, clock)
        self._info = about.info
        self._unit: PaceUnit = PACE_UNITS[0]
        self._asked: tuple[Question, float] | None = None  # which question is open, and since when
        self._left: float | None = None  # whole s of the countdown when last looked at
        self._said: tuple[str, float] = ("", 0.0)  # the word back to the coach, and until when it stays

    def compose(self) -> ComposeResult:
        """Lays out the screen, top to bottom in the order a coach needs it."""
        parts = self._parts
        yield parts.small
        yield parts.title
        yield Horizontal(parts.gap, parts.cue, id="heroes")
        yield Horizontal(parts.time, parts.pace, parts.finish, id="numbers")
        yield parts.where
        yield parts.bodies
        yield Horizontal(parts.splits, parts.sensors, id="tables")
        yield Horizontal(parts.log, parts.plot, id="history")
        yield parts.prompt
        yield Footer(show_command_palette=False)
        yield parts.help

    def on_mount(self) -> None:
        """Writes what never changes, and starts looking."""
        self._parts.small.text = "too small: needs 80x24"
        self._parts.help.text = HELP
        for seconds, look in ((FAST_S, self.look_fast), (SLOW_S, self.look_slow), (PLOT_S, self.look_plot)):
            look()
            self.set_interval(seconds, look)

    def on_resize(self) -> None:
        """Fits the tables and the plot to the new size, once it is laid out."""
        self.call_after_refresh(self.look_slow)
        self.call_after_refresh(self.look_plot)

    def look_fast(self) -> None:
        """Brings gap, cue and clock up to date."""
        state = self._feed.current(self._clock.now())
        self._parts.gap.hero = view.gap_hero(state, self._feed.finished, self._on_pace_s)
        self._parts.cue.hero = view.cue_hero(state, self._unit)
        self._parts.time.value = view.elapsed(state, self._feed.finished)
        self._ring(state)

    def look_slow(self) -> None:
        """Brings the rest but the plot up to date."""
        now = self._clock.now()
        state = self._feed.current(now)
        self._look_numbers(state)
        self._parts.title.text = f"pacer   {view.title(state)}"
        self._parts.where.text = view.where(state, self._unit)
        self._parts.bodies.text = view.bodies(state, self._unit)
        splits = self._parts.splits
        splits.text = view.split_rows(self._feed.splits.values(), splits.size.height or MANY_ROWS)
        self._parts.sensors.show(state.sensors if state else ())
        self._parts.log.show(self._feed.notices, self._feed.start)
        self._look_prompt(now)

    def look_plot(self) -> None:
        """Draws the plot, where there is room for it."""
        plot = self._parts.plot
        if plot.display and plot.size:
            plot.show(self._feed.history)

    def action_desk(self, verb: Literal["start", "arm", "lap", "undo", "mode"]) -> None:
        """Hands a simple command to the desk."""
        desk = {
            "start": self._desk.start,
            "arm": self._desk.arm,
            "lap": self._desk.lap,
            "undo": self._desk.undo,
            "mode": self._desk.mode,
        }
        self._do(desk[verb])

    def action_move_start(self, steps: int) -> None:
        """Moves the start."""
        self._do(lambda state: self._desk.move_start(state, steps))

    def action_move_target(self, steps: int) -> None:
        """Moves the target time."""
        self._do(lambda state: self._desk.move_target(state, steps))

    def action_stop(self) -> None:
        """Stops the run, when asked twice."""
        if self._phase_is_on() and not self._confirms("stop"):
            return
        self._do(self._desk.stop)

    async def action_quit(self) -> None:
        """Closes the screen, when asked twice while a run is on."""
        if not self._phase_is_on() or self._confirms("quit"):
            self.exit()

    def action_pace(self) -> None:
        """Takes the next pace unit."""
        self._unit = PACE_UNITS[(PACE_UNITS.index(self._unit) + 1) % len(PACE_UNITS)]
        self._say(f"pace in {self._unit}")

    def action_help(self) -> None:
        """Shows the keys, or hides them; the run goes on below and the keys work."""
        self._parts.help.toggle_class("open")

    def action_dismiss(self) -> None:
        """Closes the help and any question."""
        self._parts.help.remove_class("open")
        self._say("")

    def _ring(self, state: State | None) -> None:
        """Rings the terminal's bell on 3, 2, 1 and at the gun."""
        left = -(-state.countdown_s // 1) if state and state.countdown_s is not None else None
        was, self._left = self._left, left
        gun = was in BELLS_S and left is None and state is not None and state.phase == "running"
        if gun or (left != was and left in BELLS_S):
            self.bell()

    def _do(self, command: Callable[[State], str]) -> None:
        state = self._feed.state
        self._say("no data yet" if state is None else command(state))

    def _say(self, text: str) -> None:
        self._asked = None
        self._said = (text, self._clock.now() + SAID_S * self._rate)
        self.look_slow()

    def _confirms(self, question: Question) -> bool:
        now = self._clock.now()
        asked, self._asked = self._asked, (question, now)
        if asked is not None and asked[0] == question and now - asked[1] <= ASK_S * self._rate:
            self._asked = None
            return True
        self.look_slow()
        return False

    def _phase_is_on(self) -> bool:
        return self._feed.finished is None and self._feed.state is not None and self._feed.state.phase in ON

    def _look_numbers(self, state: State | None) -> None:
        speed = state.pace_mps if state else None
        number = self._parts.pace
        number.label = f"pace {self._unit}"
        number.value = per_lap(speed) if self._unit == "s/400" else pace(speed, UNIT_M[self._unit])
        number = self._parts.finish
        number.label, number.value = view.finish(state)
        self._parts.time.label = "time"

    def _look_prompt(self, now: float) -> None:
        if self._asked is not None and now - self._asked[1] > ASK_S * self._rate:
            self._asked = None
        prompt = self._parts.prompt
        prompt.text, colour = self._prompt(now)
        prompt.set_classes(colour)

    def _prompt(self, now: float) -> tuple[str, str]:
        """Chooses the one line above the keys: a question, a warning, a word back, or how things stand."""
        newest = self._feed.notices[0] if self._feed.notices else None
        if self._asked is not None:
            question = self._asked[0]
            return f"{question} while the run is on? {question[0].upper()} again: yes   Esc: no", "ask"
        if self._feed.quiet(now):
            return "! no news from the engine: the numbers are taken off the screen", "ask"
        if newest is not None and newest.code == "confirm-start" and now - newest.t <= CONFIRM_S:
            return "! no position yet. Space again: start without it", "ask"
        if now <= self._said[1] and self._said[0]:
            return self._said[0], "said"
        return self._about(now), "info"

    def _about(self, now: float) -> str:
        """Says all info lines where they fit, else one after the other."""
        lines = [item if isinstance(item, str) else item() for item in self._info]
        room = self._parts.prompt.size
        joined = "   ".join(lines)
        if not lines or len(joined) < room.width * room.height or not room:
            return joined
        return lines[int(now / TURN_S / self._rate) % len(lines)]
