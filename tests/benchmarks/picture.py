"""Draws the comparison as one picture: the gap's error of every estimator in every scenario, log scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tests.benchmarks.metrics import Row
from tests.benchmarks.play import OURS

WIDTH_IN, HEIGHT_IN = 11.0, 6.0  # a page, lying


def draw(rows: Sequence[Row], path: Path) -> None:
    """Writes the picture to `path`; its ending (.svg, .png, .pdf) says the format."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    axes = figure.subplots()
    scenarios = list(dict.fromkeys(row.scenario for row in rows))
    for name in dict.fromkeys(row.estimator for row in rows):
        own = [row for row in rows if row.estimator == name]
        at = [float(scenarios.index(row.scenario)) for row in own]
        middle = [row.gap_p95_s for row in own]
        below = [row.gap_p95_s - row.gap_p95_low_s for row in own]
        above = [row.gap_p95_high_s - row.gap_p95_s for row in own]
        ours = name == OURS
        axes.errorbar(
            at,
            middle,
            yerr=[below, above],
            label=name,
            marker="o" if ours else ".",
            linewidth=2.5 if ours else 0.8,
            color="black" if ours else None,
            capsize=2,
        )
    axes.set_yscale("log")
    axes.set_ylabel("error of the gap, 95 % quantile after 60 s, in s")
    axes.set_xticks(range(len(scenarios)), scenarios, rotation=40, ha="right")
    axes.grid(visible=True, which="both", axis="y", alpha=0.3)
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(path)
