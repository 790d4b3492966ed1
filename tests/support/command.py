"""The commands as a new user gives them, each in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

OK, BAD_INPUT, NO_HARDWARE = 0, 2, 3
ROOT = Path(__file__).parents[2]
HANGING_S = 120.0  # s after which a command hangs: the longest here takes 10 on a busy machine


def pacer(*args: object, timeout_s: float = HANGING_S) -> subprocess.CompletedProcess[str]:
    """Runs the command as `pacer` would run."""
    command = [sys.executable, "-m", "pacer", *map(str, args)]
    return subprocess.run(  # noqa: S603 - our own program
        command, capture_output=True, text=True, timeout=timeout_s, check=False, cwd=ROOT
    )
