"""`pacer estimate`: many runs at once on all cores, each through the session as `pacer replay` plays it.

files ─▶ tasks ─▶ an executor: processes here, or a Dask cluster ─▶ DIR/NAME.csv, DIR/summary.jsonl

A task is a value, what comes of it is a value too and depends on nothing else: results are the same
whoever works them out, and are written here, in the order of the files.
"""

from __future__ import annotations

import glob
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Literal, TypeVar

from pacer.errors import HardwareError, InputError
from pacer.estimate import Line, Result, estimate
from pacer.playback import Options, changed
from pacer.setup import Setup, TrackSpec

T = TypeVar("T")
SUMMARY = "summary.jsonl"
# What a directory is searched for; anything can be named by itself.
SUFFIXES = (".pacer", ".fit", ".gpx", ".tcx", ".fit.gz", ".gpx.gz", ".tcx.gz")
CONNECT_S = 10  # s to reach a scheduler: a local one takes milliseconds


@dataclass(frozen=True, slots=True)
class Batch:
    """Holds what the command line says."""

    files: tuple[str, ...]  # files, directories and glob patterns
    out: Path
    changes: Options  # how each run is changed; its file is each one's own
    jobs: int
    scheduler: str | None = None  # tcp://…, of a Dask cluster


def run_batch(batch: Batch) -> None:
    """Estimates every run and writes what came of each.

    Raises:
        InputError: some could not be used, or their tables not written: each is told on a line of its own,
            and the others are written; or the summary cannot be, and all ends there.
        HardwareError: no scheduler answers.
    """
    # a wrong option is told once, not for each run; a lane alone is of the track that each recording names
    changed(Setup(course=TrackSpec()), batch.changes, 0.0)
    files = find(batch.files)
    tasks = [replace(batch.changes, file=file) for file in files]
    summary = _begun(batch.out)
    bad = 0
    with _executor(batch, len(tasks)) as executor:
        results = tracked(_results(executor, tasks), len(tasks))
        for name, result in zip(names(files), results, strict=True):
            line = _written(batch.out / name, result)
            bad += "table" not in line
            _write(summary, json.dumps(line, allow_nan=False) + "\n", "a")
    runs = "1 run" if len(tasks) == 1 else f"{len(tasks)} runs"
    if bad:
        raise InputError(f"{bad} of {runs} could not be used: {summary}")
    sys.stdout.write(f"{runs}: {summary}\n")


def _written(path: Path, result: Result) -> Line:
    """Writes a run's table and returns its line of the summary; where there is no table, tells why."""
    line = result.line
    if result.table is not None:
        try:
            _write(path, result.table)
        except InputError as error:
            line = {**line, "error": str(error)}
        else:
            return {**line, "table": path.name}
    with suppress(OSError):  # an earlier one, or half of this one, is not what the summary tells of
        path.unlink()
    sys.stderr.write(f"{line['error']}\n")
    return line


def _write(path: Path, text: str, mode: Literal["w", "a"] = "w") -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def find(files: Iterable[str]) -> list[Path]:
    """Lists the runs that are meant, each once, in the order in which they were named.

    Raises:
        InputError: a name means no run at all.
    """
    found: dict[Path, None] = {}
    for name in files:
        some = _named(name)
        if not some:
            raise InputError(f"{name}: no run there: files are looked for that end in {', '.join(SUFFIXES)}")
        found |= dict.fromkeys(some)
    return list(found)


def _named(name: str) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.name.lower().endswith(SUFFIXES) and p.is_file())
    if path.exists() or not glob.has_magic(name):
        return [path]  # one that is not there is told with the others that cannot be used
    found = glob.glob(name, recursive=True)  # noqa: PTH207 - a pattern may begin at the root, or anywhere
    return sorted(p for p in map(Path, found) if p.is_file())


def names(files: Sequence[Path]) -> list[str]:
    """Gives each run's table its name: the file's own, numbered from the second on where several share it."""
    seen: Counter[str] = Counter()
    given = []
    for file in files:
        seen[file.name] += 1
        number = f"-{seen[file.name]}" if seen[file.name] > 1 else ""
        given.append(f"{file.name}{number}.csv")
    return given


def _begun(out: Path) -> Path:
    """Makes the directory and an empty summary in it, before any work is done; returns where that lies."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror}") from None
    _write(out / SUMMARY, "")
    return out / SUMMARY


def _results(executor: Executor, tasks: Sequence[Options]) -> Iterator[Result]:
    """Yields results in the order of the tasks; whatever goes wrong with one is told as its own."""
    with ctrl_c_waits():  # until all workers are started: one that is interrupted in its imports complains
        futures = [executor.submit(estimate, task) for task in tasks]
    for task, future in zip(tasks, futures, strict=True):
        try:
            yield future.result()
        except Exception as error:  # noqa: BLE001 - nor must a worker that died, or a fault of ours, cost the others
            told = f"{task.file}: not worked out: {type(error).__name__}: {error}"
            yield Result({"file": str(task.file), "error": told}, None)


def tracked(results: Iterator[T], total: int) -> Iterator[T]:
    """Shows a bar on a terminal while results come, where rich is installed."""
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra
        from rich.progress import MofNCompleteColumn, Progress  # noqa: PLC0415 - likewise
    except ImportError:
        yield from results
        return
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield from progress.track(results, total, description="runs")


@contextmanager
def _executor(batch: Batch, tasks: int) -> Iterator[Executor]:
    if batch.scheduler is not None:
        with _cluster(batch.scheduler) as executor:
            yield executor
        return
    with processes(max(min(batch.jobs, tasks), 1)) as pool:
        yield pool


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """Holds so many worker processes while the context lasts; a signal ends them without a word."""
    # spawned, not forked: the same on every system, and no worker inherits what this process has open
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_obey_ctrl_c)
    try:
        yield pool
    except (KeyboardInterrupt, SystemExit):
        for worker in active_children():  # what is under way may take minutes
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Holds Ctrl-C back, here and in the processes that are started meanwhile."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _obey_ctrl_c() -> None:
    """Lets Ctrl-C, also one that waits, end a worker without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError("--scheduler needs the extra cluster: install pacer[cluster]") from None
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise HardwareError(f"--scheduler {address}: {error}") from None
    with client:
        yield client.get_executor()
