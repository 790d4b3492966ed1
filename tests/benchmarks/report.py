"""Writes the comparison down: as text for a terminal, and as JSON for whatever comes after."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from tests.benchmarks import given
from tests.benchmarks.cost import PLAYS, Cost
from tests.benchmarks.footpods import PodRow
from tests.benchmarks.metrics import Row
from tests.benchmarks.real import RealRow

_HEAD = (
    f"{'':18}{'gap p95 s':>10} {'[95 %]':>13} {'dist rmse':>10} {'p95 m':>7} {'finish m':>14}"
    f" {'speed':>7} {'lag s':>6} {'surge s':>8} {'NEES':>6} {'(v)':>6} {'cover':>6} {'NIS':>6} {'silent':>7}"
)


@dataclass(frozen=True, slots=True)
class Report:
    """Holds all that was measured."""

    rows: tuple[Row, ...]
    costs: dict[str, Cost]
    real: tuple[RealRow, ...]
    seeds: range
    pods: tuple[PodRow, ...] = ()


def text(report: Report) -> str:
    """Returns what comes after the scenarios' tables, as lines for people."""
    parts = [given.text(given.given())]
    if report.costs:
        parts.append(_costs(report.costs))
    if report.real:
        parts.append(_real(report.real))
    if report.pods:
        parts.append(_pods(report.pods))
    return "\n\n".join(parts)


def table(rows: Iterable[Row]) -> str:
    """Returns the simulated runs' figures, a block for each scenario."""
    blocks: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        blocks.setdefault((row.scenario, row.runs), []).append(row)
    return "\n\n".join(
        "\n".join([f"{scenario}: {runs} runs", _HEAD, *(_line(row) for row in found)])
        for (scenario, runs), found in blocks.items()
    )


def as_json(report: Report) -> str:
    """Returns the report as JSON; what is not known is null."""
    whole = {
        "seeds": [report.seeds.start, report.seeds.stop],
        "rows": [asdict(row) for row in report.rows],
        "costs": {name: asdict(cost) for name, cost in report.costs.items()},
        "real": [asdict(row) for row in report.real],
        "pods": [asdict(row) for row in report.pods],
        "given": given.given(),
    }
    return json.dumps(_known(whole), indent=1, allow_nan=False) + "\n"


def _line(row: Row) -> str:
    interval = f"{_figure(row.gap_p95_low_s)}-{_figure(row.gap_p95_high_s)}"
    finish = f"{_figure(row.finish_rmse_m)} ({row.finish_bias_m:+.1f})"
    return (
        f"{row.estimator:18}{_figure(row.gap_p95_s):>10} {interval:>13} {_figure(row.distance_rmse_m):>10}"
        f" {_figure(row.distance_p95_m):>7} {finish:>14} {_figure(row.speed_rmse_mps, 3):>7}"
        f" {_figure(row.speed_lag_s, 1):>6} {_figure(row.surge_delay_s, 1):>8} {_figure(row.nees):>6}"
        f" {_figure(row.nees_v):>6} {_figure(row.coverage, 3):>6} {_figure(row.nis):>6} {row.silent:>7.1%}"
    )


def _costs(costs: dict[str, Cost]) -> str:
    lines = ["cost: default kit, every input and tick at 10 Hz, from bytes to the estimate, or to all;"]
    lines.append(
        f"processor time of one thread; p99 of each input's median of {PLAYS} plays, and of all plays"
    )
    lines.append(f"{'':18}{'mean us':>10} {'p99 us':>10} {'all':>10} {'peak kB':>10}")
    lines += [
        f"{name:18}{cost.mean_us:>10.1f} {cost.p99_us:>10.1f} {cost.p99_all_us:>10.1f} {cost.peak_kb:>10.0f}"
        for name, cost in costs.items()
    ]
    return "\n".join(lines)


def _real(rows: Sequence[RealRow]) -> str:
    lines = ["real tracks: increments between successive 400 m truth marks, from 60 s on (lap 3 on the fly)"]
    head = ("p95 m", "scaled", "any", "mean m", "total", "tot. m")
    lines.append(f"{'':42}{'estimator':18}{'marks':>6}" + "".join(f" {name:>8}" for name in head))
    lines += [
        f"{row.file:42}{row.estimator:18}{row.marks:>6} {_figure(row.p95_m):>8}"
        f" {_figure(row.scaled_p95_m):>8} {_figure(row.any_p95_m):>8} {row.mean_m:>+8.2f}"
        f" {row.total_error:>+8.2%} {_figure(row.total_m):>8}"
        for row in rows
    ]
    return "\n".join(lines)


def _pods(rows: Sequence[PodRow]) -> str:
    lines = ["real footpods: against the file's own distance, from 2 km on"]
    lines.append(
        f"{'':42}{'drift':>7} {'true':>7} {'learnt':>7} {'sd':>6} {'counted':>8} {'live':>8} {'followed':>9}"
    )
    lines += [
        f"{row.file:42}{row.drift:>7.0%} {row.true_scale:>7.4f} {row.scale:>7.4f} {row.scale_sd:>6.4f}"
        f" {row.counted_error:>+8.2%} {row.live_error:>+8.2%} {row.followed:>9.2%}"
        for row in rows
    ]
    return "\n".join(lines)


def _figure(value: float, digits: int = 2) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.{digits}f}"


def _known(value: object) -> object:
    """Replaces nan by None, all the way down."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {key: _known(one) for key, one in value.items()}
        case list():
            return [_known(one) for one in value]
        case _:
            return value
