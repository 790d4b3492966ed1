"""Writes recordings and is killed: python -m tests.promises.crash_child FOLDER KILLS.

Prints a line for each kill: the recording's name, and how many inputs `append` had returned for. Children
are forked from one process that has imported everything, and count in memory they share with it, which
outlives them: neither start-up nor a pipe slows them down.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import sys
import time
from pathlib import Path

from pacer.inputs import Tick
from pacer.recorder import Recorder
from pacer.recording import Anchor, Header
from pacer.setup import Setup

LONGEST_S = 0.03  # s that a child lives at most
SYNC_EVERY = 50  # inputs: in the middle of syncing a kill may come, too


def record(path: Path, count: memoryview) -> None:
    """Appends for ever, and says so only afterwards."""
    recorder = Recorder(path, Header("run", Setup(), Anchor("2026-05-01T10:00:00+00:00", 0.0, None)))
    while True:
        recorder.append(Tick(count[0] / 10))
        if recorder.error is None:
            count[0] += 1
        if count[0] % SYNC_EVERY == 0:
            recorder.sync()


def main(folder: Path, kills: int) -> None:
    """Kills so many children, each at a random moment."""
    rng = random.Random(1)
    for n in range(kills):
        path = folder / f"{n}.pacer"
        count = memoryview(mmap.mmap(-1, 8)).cast("Q")  # one aligned store: never torn
        child = os.fork()
        if child == 0:
            record(path, count)
        time.sleep(rng.uniform(0.0, LONGEST_S))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sys.stdout.write(f"{path.name} {count[0]}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
