"""Breaks the code in one way at a time, and sees whether the promise's tests notice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.promises.mutation import Mutation
from tests.promises.mutations import MUTATIONS
from tests.support.data import DATA

ROOT = Path(__file__).parents[2]
PARTS = ("pacer", "firmware_sim", "tests", "configs", "pyproject.toml", "README.md")  # what a test run needs
HANGING_S = 600.0  # s: the longest of these tests takes 20 on a quiet machine
FAILED = 1  # pytest's exit code where tests failed; others mean that none was run, or that it broke down

Verdict = Literal["killed", "survived", "no verdict"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Says what became of a mutation."""

    mutation: Mutation
    verdict: Verdict
    by: str  # the first test that failed, or why there is no verdict


def outcomes(only: str | None) -> Iterator[Outcome]:
    """Tries the mutations of all promises, or of those whose id matches."""
    for mutation in MUTATIONS:
        if only is None or re.fullmatch(only, mutation.promise, re.IGNORECASE):
            yield attempt(mutation)


def attempt(mutation: Mutation) -> Outcome:
    """Runs the tests of one promise in a copy of the tree with one thing broken; the copy is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        _copy(Path(folder))
        changed = Path(folder) / mutation.file
        changed.write_text(mutation.applied(changed.read_text("utf-8")), "utf-8")
        return _outcome(mutation, Path(folder))


def _copy(folder: Path) -> None:
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)


def _outcome(mutation: Mutation, folder: Path) -> Outcome:
    key = f"_{mutation.promise.lower()}_"
    # the installed package stands behind the copy on the path; real recordings lie beside the original
    environment = os.environ | {"PYTHONPATH": str(folder), "PACER_DATA": str(DATA)}
    files = [
        str(path) for path in (folder / "tests/promises").glob("test_*.py") if key in path.read_text("utf-8")
    ]
    command = [sys.executable, "-m", "pytest", *files, "-q", "-x", "-n", "0", "-k", key]
    try:
        done = _run([*command, "-p", "no:cacheprovider"], folder, environment)
    except subprocess.TimeoutExpired:
        return Outcome(mutation, "no verdict", f"takes more than {HANGING_S:.0f} s")
    if done.returncode == 0 and " passed" in done.stdout:
        return Outcome(mutation, "survived", "")
    if done.returncode == FAILED:
        failed = re.search(r"^(?:FAILED|ERROR) \S+::(\S+)", done.stdout, re.MULTILINE)
        return Outcome(mutation, "killed", failed[1] if failed else "")
    return Outcome(mutation, "no verdict", f"pytest ended with {done.returncode}: {done.stdout[-300:]}")


def _run(
    command: Sequence[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANGING_S,
        check=False,
    )


def main(only: str | None) -> int:
    """Prints a line for each mutation; returns 1 where one was not noticed."""
    alive = 0
    for one in outcomes(only):
        alive += one.verdict != "killed"
        what = f"{one.mutation.promise:<4}{one.verdict:<11}{one.mutation.words}"
        print(f"{what}{f' ({one.by})' if one.by else ''}", flush=True)  # noqa: T201 - the command's output
    return int(alive > 0)
