"""Runs engines and stops them by signal: python -m tests.promises.stop_child FOLDER PORT STOPS.

Prints a line for each stop: the signal, the seconds from it to the exit, the wait status, how many bytes of
the recording were on disk when it was last synced, the tasks that were left, and the recording's path.
Children are forked from one process that has imported everything; each runs what `pacer run --headless`
runs, but for the radio: a strap of its own.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from pacer import app
from pacer.sinks.mqtt import MqttOptions
from pacer.sources.radio import platform_radio
from tests.unit.parts import SETUP, Part, strap

LONGEST_S = 0.4  # s that a child lives at most: its broker answers in the first tenth of it
RUNNING, SYNCED, LEFT = range(3)  # what stands in the memory shared with a child


async def live(folder: Path, port: int, session: str, shared: memoryview) -> None:
    """Runs until a signal comes, and says so in shared memory."""
    plan = app.Plan(session, SETUP, platform_radio, mqtt=MqttOptions("127.0.0.1", port, session))
    engine, path = app.compose(replace(plan, recordings=str(folder)))
    engine.sources = (Part(strap),)
    fdatasync = os.fdatasync

    def synced(fd: int) -> None:
        fdatasync(fd)
        shared[SYNCED] = os.fstat(fd).st_size

    os.fdatasync = synced  # type: ignore[assignment]  # the recorder gives it numbers alone
    asyncio.get_running_loop().call_later(0.0, shared.__setitem__, RUNNING, 1)
    await app.run_engine(engine, path)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    # a timer of aiomqtt, which it leaves where connecting was interrupted, ends with the loop
    shared[LEFT] = sum(getattr(task.get_coro(), "__name__", "") != "_misc_loop" for task in left)


def child(folder: Path, port: int, session: str, shared: memoryview) -> None:
    """Lives in a forked process, and never returns."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # stdout is the parent's
    try:
        asyncio.run(live(folder, port, session, shared))
    except BaseException:  # noqa: BLE001 - as Python itself ends: with words and 1
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def main(folder: Path, port: int, stops: int) -> None:
    """Stops so many children, each at a random moment, by both signals in turn."""
    rng = random.Random(1)
    for n in range(stops):
        number, session = (signal.SIGINT, signal.SIGTERM)[n % 2], f"stop{n}"
        shared = memoryview(mmap.mmap(-1, 3 * 8)).cast("Q")
        pid = os.fork()
        if pid == 0:
            child(folder, port, session, shared)
        while not shared[RUNNING] and os.waitpid(pid, os.WNOHANG) == (0, 0):
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, LONGEST_S))
        began = time.monotonic()
        os.kill(pid, number)
        _, status = os.waitpid(pid, 0)
        took_s = time.monotonic() - began
        (path,) = folder.glob(f"*-{session}.pacer")
        sys.stdout.write(f"{number.name} {took_s} {status} {shared[SYNCED]} {shared[LEFT]} {path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
