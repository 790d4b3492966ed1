"""`pacer simulate`: many seeded miles in virtual time, and what each cue policy makes of them.

Job ─ mile ─▶ Ran (truth, cues) ─ judge ─▶ Verdict, one a run ─▶ Row, one a policy ─▶ table or JSON
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, fields

from firmware_sim import scenario
from firmware_sim.people import Gains
from pacer.batch import ctrl_c_waits, processes, tracked
from pacer.cue import POLICIES
from pacer.errors import InputError
from pacer.setup import PolicySpec
from pacer.simulate import Options, judge
from pacer.simulate.judge import Row, Verdict
from pacer.simulate.mile import Job, run_mile

HALF_AND_DOUBLE = (0.5, 2.0)
DIGITS = 4  # of figures in JSON: far below what 200 runs tell


@dataclass(frozen=True, slots=True)
class Case:
    """Names what one row is about."""

    scenario: str
    policy: str
    gains: Gains

    @property
    def name(self) -> str:
        """Returns the policy with what is unusual about the people: "steady following x2"."""
        odd = [(f.name, getattr(self.gains, f.name)) for f in fields(Gains)]
        return " ".join([self.policy, *(f"{name} x{factor:g}" for name, factor in odd if factor != 1)])


def run_simulate(options: Options) -> None:
    """Simulates and prints, to stdout; the progress bar goes to stderr, where that is a terminal.

    Raises:
        InputError: there is no such scenario or policy.
    """
    found = list(_cases(options))
    seeds = range(options.first_seed, options.first_seed + options.runs)
    policies = {name: PolicySpec(name, **dict(options.settings)) for name in options.policies}
    jobs = [Job(c.scenario, policies[c.policy], seed, c.gains) for c in found for seed in seeds]
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


def _cases(options: Options) -> Iterator[Case]:
    for policy in options.policies:
        if policy not in POLICIES:
            raise InputError(f"--policy {policy!r}: allowed are {', '.join(POLICIES)}")
    for name in options.scenarios:
        try:
            shown = scenario.load(name).rider.shown
        except scenario.ScenarioError as error:
            raise InputError(str(error)) from None
        for policy in options.policies:
            for gains in _gains(shown=shown) if options.gains else (Gains(),):
                yield Case(name, policy, gains)


def _gains(*, shown: bool) -> Iterator[Gains]:
    """Gives people as they are taken to be, and each figure that is known least at half and at double."""
    yield Gains()
    for name in ("following", "draft", "rider") if shown else ("audio",):
        for factor in HALF_AND_DOUBLE:
            yield Gains(**{name: factor})


def _as_json(options: Options, cases: Sequence[Case], rows: Sequence[Row]) -> str:
    found = [
        {"scenario": c.scenario, "policy": c.policy, "gains": asdict(c.gains), **_rounded(r)}
        for c, r in zip(cases, rows, strict=True)
    ]
    head = {"runs": options.runs, "first_seed": options.first_seed, "settings": dict(options.settings)}
    return json.dumps({**head, "rows": found}, indent=1, allow_nan=False)


def _rounded(row: Row) -> dict[str, float]:
    return {key: round(value, DIGITS) for key, value in asdict(row).items()}


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
)
_HEAD = "\n".join(" " * 28 + "".join(f"{words[k]:>7}" for words in _COLUMNS) for k in (0, 1))


def _as_table(options: Options, cases: Sequence[Case], rows: Sequence[Row]) -> str:
    settings = [f"{key} {value:g}" for key, value in options.settings]
    lines = [", ".join([f"{options.runs} runs of each, seeds from {options.first_seed}", *settings]), _HEAD]
    before = None
    for case, row in zip(cases, rows, strict=True):
        if case.scenario != before:
            lines.append(case.scenario)
            before = case.scenario
        lines.append(_line(case.name, row))
    return "\n".join(lines)


def _line(name: str, r: Row) -> str:
    _, *figures = astuple(r)
    return f"  {name:26}" + "".join(f"{figure:7.2f}" for figure in figures)
