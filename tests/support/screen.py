"""The coach's screen under a pilot: a clock by hand, what was posted, and what can be read on it."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from pacer.inputs import Command, Input
from pacer.outputs import Output
from pacer.sinks.tui.app import About, CoachApp, Info
from pacer.sinks.tui.feed import Feed

SMALL = (80, 24)
LARGE = (120, 36)
TEXT = re.compile(r'<text class="terminal-(r\d+)" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
GROUND = re.compile(r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"')
STYLE = re.compile(r"\.terminal-(r\d+) \{ ([^}]*) \}")


class HandClock:
    """Shows the time that a test sets."""

    def __init__(self, t: float) -> None:
        self.t = t

    def now(self) -> float:
        """Returns that time."""
        return self.t


class Coach:
    """Sits at the screen: feeds it outputs, presses keys, reads it."""

    def __init__(self, t: float, info: Sequence[Info], on_pace_s: float) -> None:
        self.clock = HandClock(t)
        self.feed = Feed()
        self.posted: list[Input] = []
        self.app = CoachApp(self.feed, self.posted.append, self.clock, About(info, on_pace_s=on_pace_s))
        self.pilot: Pilot[None]

    async def hears(self, *outputs: Output) -> None:
        """Takes outputs, each at its own time, and lets the screen look."""
        for output in outputs:
            self.clock.t = max(self.clock.t, output.t)
            self.feed.take(output, self.clock.t)
        await self.looks()

    async def looks(self) -> None:
        """Lets every part of the screen look once."""
        self.app.look_fast()
        self.app.look_slow()
        self.app.look_plot()
        await self.pilot.pause()

    async def presses(self, *keys: str) -> None:
        """Presses keys as a terminal sends them."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def commands(self) -> list[Command]:
        """Returns what was posted."""
        assert all(isinstance(item, Command) for item in self.posted)
        return [item for item in self.posted if isinstance(item, Command)]

    def svg(self) -> str:
        """Returns a picture of the screen."""
        return normal(self.app.export_screenshot())

    def text(self) -> str:
        """Returns what can be read on the screen, line by line."""
        return "\n".join("".join(run for run, _ in row) for row in rows(self.svg()))


@asynccontextmanager
async def coach(
    *outputs: Output,
    size: tuple[int, int] = SMALL,
    t: float = 1000.0,
    info: Sequence[Info] = (),
    on_pace_s: float = 1.0,
) -> AsyncIterator[Coach]:
    """Opens the screen and shows it some outputs."""
    seat = Coach(t, info, on_pace_s)
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.pilot.pause()
        await seat.hears(*outputs)
        yield seat


def normal(svg: str) -> str:
    """Takes the ids that change, the fonts from the web and the advertisement out of a picture."""
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    svg = re.sub(r"\s*<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def grounds(svg: str) -> set[tuple[str, ...]]:
    """Reads the coloured grounds of a picture: colour, x, y, width, height."""
    return set(GROUND.findall(svg))


def rows(svg: str) -> list[list[tuple[str, str]]]:
    """Reads a picture line by line: runs of text with the style they are drawn in."""
    styles = dict(STYLE.findall(svg))
    lines: dict[float, list[tuple[float, str, str]]] = defaultdict(list)
    for name, x, y, text in TEXT.findall(svg):
        lines[float(y)].append((float(x), html.unescape(text).replace("\xa0", " "), styles[name]))
    return [[(text, style) for _, text, style in sorted(lines[y])] for y in sorted(lines)]
