"""Everything on the screen that changes."""

from __future__ import annotations

from pacer.sinks.tui.plot import GapPlot
from pacer.sinks.tui.widgets import Line, Log, Number, Panel, Sensors


class Parts:
    """Holds what changes on the screen: kept by hand, since a timer may fire when the tree is half gone."""

    def __init__(self) -> None:
        self.title = Line(id="title")
        self.gap, self.cue = Panel(id="gap"), Panel(id="cue")
        self.time, self.pace, self.finish = Number(id="time"), Number(id="pace"), Number(id="finish")
        self.where, self.bodies = Line(id="where"), Line(id="bodies")
        self.splits, self.sensors = Line(id="splits"), Sensors(id="sensors")
        self.log, self.plot = Log(id="log"), GapPlot(id="plot")
        self.prompt = Line(id="prompt")
        self.small, self.help = Line(id="small"), Line(id="help")
