"""Fuzzes what takes bytes from outside.

    python -m tests.fuzz [TARGET ...] [--seconds N]

Atheris (libFuzzer, guided by which branches of pacer are taken) begins with tests/fuzz/corpus/TARGET. It ends
with exit code 1 where something did not hold. The bytes that show it are then in build/fuzz, and become a row
of a unit test together with the mending.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.targets import TARGETS
from tests.support.data import required

CORPUS = Path(__file__).parent / "corpus"
BUILD = Path(__file__).parents[2] / "build" / "fuzz"
SECONDS = 1  # for each target: with their starts, all are done within 30 s
SLOW_S = 20  # s for one input is a finding, on a busy machine too: they take milliseconds
LONGEST = 2048  # bytes; longer inputs are slower and find nothing else
MEMORY_MB = 1000  # of the process; more is a finding


def main() -> int:
    """Fuzzes targets one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target")
    told = parser.parse_args()
    if unknown := set(told.targets) - set(TARGETS):
        parser.error(f"{', '.join(unknown)}: allowed are {', '.join(TARGETS)}")
    if find_spec("atheris") is None:
        sys.stderr.write("fuzzing is skipped: atheris is not installed (it has no package for this Python)\n")
        return int(required("atheris"))
    return max(_fuzz(name, told.seconds) for name in told.targets or TARGETS)


def _fuzz(name: str, seconds: int) -> int:
    """Fuzzes one target; returns 1 where it found something."""
    learnt = BUILD / name
    learnt.mkdir(parents=True, exist_ok=True)
    options = {
        "max_total_time": seconds,
        "timeout": SLOW_S,
        "max_len": LONGEST,
        "rss_limit_mb": MEMORY_MB,
        "artifact_prefix": f"{BUILD / name}-",
        "verbosity": 0,
        "print_final_stats": 1,
    }
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.one",
        name,
        *(f"-{key}={said}" for key, said in options.items()),
    ]
    ended = subprocess.run(  # noqa: S603 - our own program
        [*command, str(learnt), str(CORPUS / name)], check=False, text=True, stderr=subprocess.PIPE
    )
    runs = [line.split()[-1] for line in ended.stderr.splitlines() if "number_of_executed_units" in line]
    sys.stdout.write(
        f"{name}: {''.join(runs) or 'no'} inputs, {'failed' if ended.returncode else 'all held'}\n"
    )
    if ended.returncode:
        sys.stderr.writelines(
            f"{said}\n" for said in ended.stderr.splitlines() if not said.startswith("INFO")
        )
    return min(ended.returncode, 1)


if __name__ == "__main__":
    sys.exit(main())
