"""The small parts of the screen; each repaints itself, and only when what it says has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import Digits, Static

from pacer.outputs import Notice, SensorStatus
from pacer.sinks.tui import view
from pacer.sinks.tui.letters import big

# Colours of the words, beside a shape; the theme's own names, so that they fit light and dark terminals.
SENSOR_STYLES = {
    "ok": "$text-success",
    "weak": "$text-warning",
    "no fix": "$text-warning",
    "refused": "$text-error",
    "frozen": "bold $text-error",
    "gone": "bold $text-error",
}
NOTICE_STYLES = {"info": "$text", "warning": "bold $text-warning", "error": "bold $text-error"}


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

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._head, self._big, self._foot = (Line(classes=name) for name in ("head", "big", "foot"))

    def compose(self) -> ComposeResult:
        """Lays the three parts below each other."""
        yield from (self._head, self._big, self._foot)

    def watch_hero(self, old: view.Hero | None, new: view.Hero | None) -> None:
        """Hands each part its text; the colour follows the class."""
        if new is None:
            return
        if old is None or old.colour != new.colour:
            self.set_classes(new.colour)
        self._head.text, self._big.text, self._foot.text = new.head, big(new.big), new.foot


class Number(Vertical):
    """Shows a number in Textual's digits under its label."""

    label: var[str] = var("")
    value: var[str] = var("")

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = Line(classes="label")
        self._digits = Digits()

    def compose(self) -> ComposeResult:
        """Lays the number below its label."""
        yield from (self._label, self._digits)

    def watch_label(self, label: str) -> None:
        """Repaints the label."""
        self._label.text = label

    def watch_value(self, value: str) -> None:
        """Repaints the number."""
        self._digits.update(value)


class Sensors(Line):
    """Shows the sensors, one a row; the word carries the colour."""

    def show(self, sensors: Sequence[SensorStatus]) -> None:
        """Repaints if a row has changed."""
        rows = [(view.sensor_row(s) + "\n", SENSOR_STYLES.get(s.state, "$text-muted")) for s in sensors]
        self.text = Content.assemble(
            (f"  {'sensor':<10} {'state':<9} {'age':>6} {'batt':>5}\n", "bold"), *rows
        )


class Log(Line):
    """Shows the notices, newest first."""

    def show(self, notices: Iterable[Notice], start_t: float | None) -> None:
        """Repaints if there is a new one, or the start has moved."""
        rows = [(view.notice_line(n, start_t) + "\n", NOTICE_STYLES[n.level]) for n in notices]
        self.text = Content.assemble(*rows)
