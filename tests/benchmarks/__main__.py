"""Measures the estimator in one go.

python -m tests.benchmarks estimate   all estimators side by side, on simulated and on real runs, and the
                                      constants that ours is given
python -m tests.benchmarks no-course  the way that is counted on a road of which no course is known
python -m tests.benchmarks smooth     what is known afterwards beside what was told live
python -m tests.benchmarks pace       how calm and quick the pace shown is, how honest the projected finish
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import finish, no_course, pace, smooth
from tests.benchmarks.footpods import judge_pods
from tests.benchmarks.harness import Plan, compare, costs
from tests.benchmarks.metrics import Row
from tests.benchmarks.play import estimators
from tests.benchmarks.real import judge
from tests.benchmarks.report import Report, as_json, table, text
from tests.benchmarks.scenarios import KITS
from tests.support.data import DATA


def main(argv: Sequence[str] | None = None) -> int:
    """Measures, prints, and writes what was asked for; returns 0."""
    args = _arguments(argv)
    seeds = range(args.first_seed, args.first_seed + args.seeds)
    if args.what == "smooth":
        found = [row for name in args.scenarios for row in smooth.rows(name, seeds, args.jobs)]
        print(smooth.table(found))
        return 0
    if args.what == "no-course":
        print(table(no_course.judge_simulated(seeds)))
        if args.real:
            print("\n" + no_course.files_text(no_course.judge_files(DATA)))
        return 0
    if args.what == "pace":
        print(pace.table(pace.measure(seeds, args.jobs)), end="\n\n", flush=True)
        print(finish.table(finish.measure(seeds, args.jobs)))
        return 0
    plan = Plan(args.scenarios, args.estimators, seeds, args.jobs)
    rows: list[Row] = []
    for some in compare(plan):
        rows += some
        print(table(some), end="\n\n", flush=True)
    report = Report(
        tuple(rows),
        costs(plan.estimators, args.first_seed) if args.cost else {},
        tuple(judge(DATA)) if args.real else (),
        plan.seeds,
        tuple(judge_pods(DATA)) if args.real else (),
    )
    print(text(report))
    if args.json:
        args.json.write_text(as_json(report), "utf-8")
    if args.picture:
        from tests.benchmarks.picture import draw  # noqa: PLC0415 - matplotlib is slow to import

        draw(rows, args.picture)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser("python -m tests.benchmarks", description="Measures the estimator.")
    p.add_argument("what", choices=("estimate", "no-course", "smooth", "pace"))
    p.add_argument(
        "--seeds", type=_count, default=200, metavar="N", help="runs of each scenario (default 200)"
    )
    p.add_argument("--first-seed", type=int, default=1000, metavar="N", help="default 1000")
    p.add_argument(
        "--scenarios", type=_of(tuple(KITS)), default=tuple(KITS), metavar="A,B", help="default: all"
    )
    p.add_argument(
        "--estimators", type=_of(estimators()), default=estimators(), metavar="A,B", help="default: all"
    )
    p.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    p.add_argument("--picture", type=Path, metavar="FILE", help="draw the gap's errors (.svg, .png, .pdf)")
    p.add_argument(
        "--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="default: every core"
    )
    p.add_argument("--no-cost", dest="cost", action="store_false", help="do not measure time and memory")
    p.add_argument("--no-real", dest="real", action="store_false", help="leave real recordings out")
    return p.parse_args(argv)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number above 0 is needed")
    return int(text)


def _of(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    """Makes a converter of a list of known names, split by commas."""

    def names(text: str) -> tuple[str, ...]:
        for name in text.split(","):
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is unknown; there are {', '.join(known)}")
        return tuple(text.split(","))

    return names


if __name__ == "__main__":
    sys.exit(main())
