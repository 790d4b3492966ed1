"""The small plot: the gap over the running time, in braille dots."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.reactive import reactive
from textual_hires_canvas import HiResMode
from textual_plot import PlotWidget
from textual_plot.axis_formatter import AxisFormatter

from pacer.units import duration, gap

History = Sequence[tuple[float, float | None]]  # elapsed s, gap s

SPAN_S = 1.2  # s of gap to each side that the plot shows at the least: noise is not to look like drama
WINDOW_S = 60.0  # s of running time it shows at the least, so that the first points do not rush
HEADROOM = 1.1  # the line stays off the frame
GAP_TICKS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # s, steps that read well
TIME_TICKS_S = (20.0, 30.0, 60.0, 120.0, 300.0)  # s, likewise; 15 minutes is all the history there is
MOST_TICKS = 6  # labels of "12:34" with room between them at 60 columns
EDGE = 0.04  # of the axis kept free at its end: a label of four characters in the middle of 60 columns fits
SHORTEST_LINE = 2  # points


class RunningTime(AxisFormatter):
    """Labels the running time as 1:30."""

    def get_ticks(self, min_: float, max_: float, max_ticks: int = MOST_TICKS) -> list[float]:
        """Returns round times between the limits, s."""
        fitting = [step for step in TIME_TICKS_S if (max_ - min_) / step <= min(max_ticks, MOST_TICKS)]
        step = fitting[0] if fitting else TIME_TICKS_S[-1]
        last = max_ - EDGE * (max_ - min_)
        return [step * i for i in range(int(min_ // step), int(max_ // step) + 1) if min_ <= step * i <= last]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """Returns the times in words."""
        return [duration(tick) for tick in ticks]


class Gaps(AxisFormatter):
    """Labels gaps with their sign."""

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 3) -> list[float]:
        """Returns zero and one round gap to each side, s."""
        del max_ticks
        limit = min(-min_, max_)
        step = max((step for step in GAP_TICKS_S if step <= limit), default=GAP_TICKS_S[0])
        return [-step, 0.0, step]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """Returns the gaps in words."""
        return [gap(tick) for tick in ticks]


class GapPlot(PlotWidget, can_focus=False):
    """Plots the gap over the running time; zero is the target."""

    margin_top = reactive(1)
    margin_bottom = reactive(1)
    margin_left = reactive(8)  # columns: "+100.0", a tick and a space

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, allow_pan_and_zoom=False)
        self.set_x_formatter(RunningTime())
        self.set_y_formatter(Gaps())
        self.set_ylabel("gap s")

    def show(self, history: History) -> None:
        """Draws the history; an unknown gap is a hole in the line."""
        self.clear()
        if not history:
            return
        first = math.floor(history[0][0])
        last = max(history[-1][0], first + WINDOW_S)
        limit = max([SPAN_S, *(abs(gap_s) * HEADROOM for _, gap_s in history if gap_s is not None)])
        self.set_xlimits(first, last)
        self.set_ylimits(-limit, limit)
        self.plot([first, last], [0.0, 0.0], "grey50", HiResMode.BRAILLE)
        for piece in pieces(history):
            self.plot([t for t, _ in piece], [s for _, s in piece], "bright_cyan", HiResMode.BRAILLE)


def pieces(history: History) -> list[list[tuple[float, float]]]:
    """Cuts the history at its unknown gaps into lines of two points and more."""
    found: list[list[tuple[float, float]]] = [[]]
    for elapsed, gap_s in history:
        if gap_s is not None:
            found[-1].append((elapsed, gap_s))
        elif found[-1]:
            found.append([])
    return [piece for piece in found if len(piece) >= SHORTEST_LINE]
