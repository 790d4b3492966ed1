"""The small parts of the screen; each repaints itself, and only when what it says has changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import Digits, Static
from textual_hires_canvas import HiResMode
from textual_plot import NumericAxisFormatter, PlotWidget

from pacer.outputs import SensorStatus
from pacer.sinks.tui import view
from pacer.sinks.tui.letters import big

# Colours of the words, beside a shape; the theme's own names, so that they fit light and dark terminals.
SENSOR_STYLES = {
    "ok": "$text-success",
    "weak": "$text-warning",
    "no fix": "$text-warning",
    "refused": "$text-error",
    "gone": "bold $text-error",
}
PLOT_SPAN_S = 2.0  # s of gap that the plot shows at the least: noise is not to look like drama


class Line(Static):
    """Shows a text, repainted only when it changes; nothing in it is taken for markup."""

    text: var[str | Content] = var("")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes, markup=False)

    def watch_text(self, text: str | Content) -> None:
        """Repaints."""
        self.update(text)


class Panel(Vertical):
    """Shows a hero: one word, one big thing, one small line, on the colour that says the same."""

    hero: var[view.Hero | None] = var(None)

    def compose(self) -> ComposeResult:
        """Lays the three parts below each other."""
        yield Line(classes="head")
        yield Line(classes="big")
        yield Line(classes="foot")

    def watch_hero(self, old: view.Hero | None, new: view.Hero | None) -> None:
        """Hands each part its text; the colour follows the class."""
        if new is None:
            return
        if old is None or old.colour != new.colour:
            self.set_classes(new.colour)
        head, middle, foot = self.query(Line)
        head.text, middle.text, foot.text = new.head, big(new.big), new.foot


class Number(Vertical):
    """Shows a number in Textual's digits under its label."""

    label: var[str] = var("")
    value: var[str] = var("")

    def compose(self) -> ComposeResult:
        """Lays the number below its label."""
        yield Line(classes="label")
        yield Digits()

    def watch_label(self, label: str) -> None:
        """Repaints the label."""
        self.query_one(Line).text = label

    def watch_value(self, value: str) -> None:
        """Repaints the number."""
        self.query_one(Digits).update(value)


class Sensors(Line):
    """Shows the sensors, one a row; the word carries the colour."""

    def show(self, sensors: Sequence[SensorStatus]) -> None:
        """Repaints if a row has changed."""
        rows = [(view.sensor_row(s) + "\n", SENSOR_STYLES.get(s.state, "$text-muted")) for s in sensors]
        self.text = Content.assemble(
            (f"  {'sensor':<10} {'state':<9} {'age':>6} {'batt':>5}\n", "bold"), *rows
        )


class GapPlot(PlotWidget, can_focus=False):
    """Plots the gap over the running time, in braille dots."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, allow_pan_and_zoom=False)
        self.set_y_formatter(NumericAxisFormatter())

    def show(self, history: Sequence[tuple[float, float | None]]) -> None:
        """Draws the history: (elapsed s, gap s); an unknown gap is a hole in the line."""
        self.clear()
        if not history:
            return
        first, last = history[0][0], history[-1][0]
        known = [gap for _, gap in history if gap is not None]
        limit = max([PLOT_SPAN_S / 2, *(abs(gap) * 1.1 for gap in known)])
        self.set_xlimits(first, max(last, first + 60.0))  # a minute at the least, so that it does not rush
        self.set_ylimits(-limit, limit)
        self.plot([first, max(last, first + 60.0)], [0.0, 0.0], "grey50", HiResMode.BRAILLE)
        for piece in _pieces(history):
            xs, ys = zip(*piece, strict=True)
            self.plot(xs, ys, "bright_cyan", HiResMode.BRAILLE)


def _pieces(history: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for elapsed, gap in history:
        if gap is not None:
            pieces[-1].append((elapsed, gap))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if len(piece) > 1]
