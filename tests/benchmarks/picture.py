"""Draws the comparison as one picture: the gap's error of every estimator in every scenario, log scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from tests.benchmarks.metrics import Row
from tests.benchmarks.play import BOUNDS, ORACLE, OURS

WIDTH_IN, HEIGHT_IN = 13.0, 7.0  # a page, lying
SPREAD = 0.6  # of the room between two scenarios, over which the estimators stand side by side
MARKERS = "sD^v<>pPX*"  # with twenty colours no two estimators look alike
TICKS = (1.0, 2.0, 5.0)  # in every decade


def draw(rows: Sequence[Row], path: Path) -> None:
    """Writes the picture to `path`; its ending (.svg, .png, .pdf) says the format."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    axes = figure.subplots()
    scenarios = list(dict.fromkeys(row.scenario for row in rows))
    names = list(dict.fromkeys(row.estimator for row in rows))
    for i, name in enumerate(names):
        aside = SPREAD * ((i + 0.5) / len(names) - 0.5)
        _series(axes, i, aside, [row for row in rows if row.estimator == name], scenarios)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=TICKS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.set_ylabel("error of the gap after 60 s, 95 % quantile and its 95 % interval, s")
    axes.set_xticks(range(len(scenarios)), scenarios, rotation=40, ha="right")
    axes.grid(visible=True, axis="y", alpha=0.3)
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(path)


def _series(axes: Axes, i: int, aside: float, rows: list[Row], scenarios: list[str]) -> None:
    """Draws one estimator: a mark and an interval in every scenario; ours and the bounds stand out."""
    name = rows[0].estimator
    ours, limit = name == OURS, name in BOUNDS or name == ORACLE
    axes.errorbar(
        [scenarios.index(row.scenario) + aside for row in rows],
        [row.gap_p95_s for row in rows],
        yerr=[
            # of a few runs the interval need not hold the quantile itself
            [max(row.gap_p95_s - row.gap_p95_low_s, 0.0) for row in rows],
            [max(row.gap_p95_high_s - row.gap_p95_s, 0.0) for row in rows],
        ],
        label=name,
        linestyle="none",
        marker="o" if ours else "_" if limit else MARKERS[i % len(MARKERS)],
        markersize=8 if ours else 12 if limit else 5,
        color="black" if ours or limit else colormaps["tab20"](i % 20),
        elinewidth=0.8,
    )
