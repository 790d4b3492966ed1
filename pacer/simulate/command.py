"""`pacer simulate`: many seeded miles in virtual time, and what each cue policy makes of them.

Job ─ mile ─▶ Ran (truth, cues) ─ judge ─▶ Verdict, one a run ─▶ Row, one a policy ─▶ table or JSON
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from itertools import product

from firmware_sim import scenario
from firmware_sim.people import Gains
from pacer.batch import ctrl_c_waits, processes, tracked
from pacer.cue import POLICIES
from pacer.errors import InputError
from pacer.setup import Mode, PolicySpec
from pacer.simulate import RIDING, Options, judge
from pacer.simulate.judge import Row, Verdict
from pacer.simulate.mile import Job, Riding, run_mile

HALF_AND_DOUBLE = (0.5, 2.0)
WIDE = 34  # characters of the name of a row
DIGITS = 4  # of figures in JSON: far below what 200 runs tell


@dataclass(frozen=True, slots=True)
class Case:
    """Names what one row is about."""

    scenario: str
    policy: str
    mode: Mode | None  # of the rider; None: there is none
    settings: tuple[tuple[str, float], ...]
    gains: Gains

    @property
    def name(self) -> str:
        """Returns the policy with what is unusual about rider and people: "steady elastic following x2"."""
        odd = [(f.name, getattr(self.gains, f.name)) for f in fields(Gains)]
        mode = [self.mode] if self.mode not in (None, "strict") else []
        settings = [f"{key} {value:g}" for key, value in self.settings]
        gains = [f"{name} x{factor:g}" for name, factor in odd if factor != 1]
        return " ".join([self.policy, *mode, *settings, *gains])

    def job(self, seed: int) -> Job:
        """Returns the run of a seed."""
        riding = {key: value for key, value in self.settings if key in RIDING}
        policy = {key: value for key, value in self.settings if key not in RIDING}
        rides = Riding(self.mode or "strict", **riding)
        return Job(self.scenario, PolicySpec(self.policy, **policy), seed, self.gains, rides)


def run_simulate(options: Options) -> None:
    """Simulates and prints, to stdout; the progress bar goes to stderr, where that is a terminal.

    Raises:
        InputError: there is no such scenario or policy.
    """
    found = list(cases(options))
    seeds = range(options.first_seed, options.first_seed + options.runs)
    jobs = [case.job(seed) for case in found for seed in seeds]
    judged = list(tracked(verdicts(jobs, options.jobs), len(jobs)))
    rows = [judge.row(judged[k * len(seeds) : (k + 1) * len(seeds)]) for k in range(len(found))]
    write = _as_json if options.json else _as_table
    sys.stdout.write(write(options, found, rows) + "\n")


def verdicts(jobs: Sequence[Job], workers: int) -> Iterator[Verdict]:
    """Yields the verdict on every job in the order given, so that it does not matter who worked them out."""
    if workers == 1:
        yield from map(verdict_of, jobs)
        return
    with processes(min(workers, len(jobs))) as pool:
        with ctrl_c_waits():
            futures = [pool.submit(verdict_of, job) for job in jobs]
        for future in futures:
            yield future.result()


def verdict_of(job: Job) -> Verdict:
    """Runs and judges one job."""
    return judge.judge(run_mile(job))


def cases(options: Options) -> Iterator[Case]:
    """Gives every row that is asked for.

    Raises:
        InputError: there is no such scenario or policy.
    """
    for policy in options.policies:
        if policy not in POLICIES:
            raise InputError(f"--policy {policy!r}: allowed are {', '.join(POLICIES)}")
    for name in options.scenarios:
        try:
            shown = scenario.load(name).rider.shown
        except scenario.ScenarioError as error:
            raise InputError(str(error)) from None
        for policy, mode in product(options.policies, options.modes if shown else (None,)):
            for settings in _settings(options, shown=shown):
                for gains in _gains(shown=shown) if options.gains else (Gains(),):
                    yield Case(name, policy, mode, settings, gains)


def _settings(options: Options, *, shown: bool) -> Iterator[tuple[tuple[str, float], ...]]:
    """Gives every choice of the values that were named; the rider's where there is one."""
    told = [(key, values) for key, values in options.settings if shown or key not in RIDING]
    for chosen in product(*(values for _, values in told)):
        yield tuple(zip((key for key, _ in told), chosen, strict=True))


def _gains(*, shown: bool) -> Iterator[Gains]:
    """Gives people as they are taken to be, and each figure that is known least at half and at double."""
    yield Gains()
    for name in ("following", "draft", "rider") if shown else ("audio",):
        for factor in HALF_AND_DOUBLE:
            yield Gains(**{name: factor})


def _as_json(options: Options, cases: Sequence[Case], rows: Sequence[Row]) -> str:
    found = [
        {
            "scenario": c.scenario,
            "policy": c.policy,
            "mode": c.mode,
            "settings": dict(c.settings),
            "gains": asdict(c.gains),
            **_rounded(r),
        }
        for c, r in zip(cases, rows, strict=True)
    ]
    head = {"runs": options.runs, "first_seed": options.first_seed}
    return json.dumps({**head, "rows": found}, indent=1, allow_nan=False)


def _rounded(row: Row) -> dict[str, float | None]:
    return {key: None if value is None else round(value, DIGITS) for key, value in asdict(row).items()}


# The columns after the name, as the fields of a row: two lines of heading, 7 wide.
_COLUMNS = (
    ("CV %", "100 m"),
    ("CV %", "400 m"),
    ("gap", "rms s"),
    ("finish", "mean s"),
    ("finish", "abs s"),
    ("finish", "p90 s"),
    ("cues", "a lap"),
    ("holds", "a lap"),
    ("wrong", "%"),
    ("missed", "a run"),
    ("able", "%"),
    ("able:", "rms s"),
    ("able:", "p90 s"),
)
_HEAD = "\n".join(" " * WIDE + "".join(f"{words[k]:>7}" for words in _COLUMNS) for k in (0, 1))


def _as_table(options: Options, cases: Sequence[Case], rows: Sequence[Row]) -> str:
    lines = [f"{options.runs} runs of each, seeds from {options.first_seed}", _HEAD]
    before = None
    for case, row in zip(cases, rows, strict=True):
        if case.scenario != before:
            lines.append(case.scenario)
            before = case.scenario
        lines.append(_line(case.name, row))
    return "\n".join(lines)


def _line(name: str, r: Row) -> str:
    _, *figures = astuple(r)
    return f"  {name:{WIDE - 2}}" + "".join("      -" if f is None else f"{f:7.2f}" for f in figures)
