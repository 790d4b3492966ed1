"""P6 and P7: the program stays small, and runs clean."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pacer import demo
from pacer.clock import VirtualLoop
from tests.promises import goldens
from tests.promises.promised import Measured, Promise
from tests.support import scene
from tests.support.command import OK, ROOT

P6 = Promise("P6", "it stays small", "less than 20 MB more after 6 hours")
P7 = Promise("P7", "clean code runs clean", "no warning, no task and no file left over")

NIGHTLY = bool(os.environ.get("PACER_NIGHTLY"))  # takes what every run of the suite cannot
HOURS = 6


@P6
def test_p6_six_hours_leave_no_more_in_memory(tmp_path: Path, measured: Measured) -> None:
    """Allows a tenth of the growth to a tenth of the ticks; PACER_NIGHTLY=1 has ten a second, as in life."""
    ticks_hz, every_s, allowed_mb = (10, 1, 20.0) if NIGHTLY else (1, 2, 2.0)
    command: list[object] = [sys.executable, "-m", "tests.promises.long_run", tmp_path / "a.pacer", HOURS]
    command += [ticks_hz, every_s]
    told = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own program
    looks = [[float(word) for word in line.split()] for line in told.stdout.splitlines()]
    assert looks[-1][0] == HOURS * 3600
    grown_mb = max(mb for _, mb in looks) - looks[0][1]  # since the tenth minute: all is imported by then
    assert 0.0 <= grown_mb < allowed_mb
    measured(P6, f"{{:.1f}} MB at {ticks_hz} Hz, with three sensors", grown_mb)


@P7
def test_p7_the_whole_way_leaves_no_warning_in_debug_mode(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, measured: Measured
) -> None:
    """Runs radio, broker, engine and devices; what is left over warns when it is collected."""
    caplog.set_level(logging.WARNING, "asyncio")

    async def main() -> int:
        await scene.over_the_air(demo.Options(), tmp_path, limit_s=6.0)
        return len(asyncio.all_tasks()) - 1

    with asyncio.Runner(debug=True, loop_factory=VirtualLoop) as runner:
        left = runner.run(main())
    gc.collect()
    assert left == 0
    assert [record.getMessage() for record in caplog.records] == []
    measured(P7, "the whole way in asyncio's debug mode")


@P7
def test_p7_commands_warn_of_nothing_in_development_mode(measured: Measured) -> None:
    paced, mile = goldens.FOLDER / "paced.pacer", ROOT / "configs" / "mile.toml"
    for words in (["replay", paced, "--json"], ["check", mile]):
        command = [sys.executable, "-X", "dev", "-W", "error", "-m", "pacer", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603 - our own program
        assert (done.returncode, done.stderr) == (OK, "")
    measured(P7, "commands in Python's development mode")


LEAKS = """
import asyncio, warnings
def test_file(): open(__file__)
def test_warning(): warnings.warn("old", DeprecationWarning)
async def test_error(): asyncio.get_running_loop().create_future().set_exception(ValueError())
"""


@P7
def test_p7_a_test_that_leaves_a_file_open_or_warns_fails(tmp_path: Path, measured: Measured) -> None:
    (tmp_path / "test_leaks.py").write_text(LEAKS)
    settings = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={tmp_path}", "-n", "0", "-q"]
    command = [sys.executable, "-m", "pytest", *settings, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)  # noqa: S603 - our own program
    assert "2 failed" in done.stdout or "3 failed" in done.stdout, done.stdout
    measured(P7, "tests fail where one of these is left")
