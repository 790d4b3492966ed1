"""Runs the promises and keeps book: which were kept, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.promises.promised import Figure, Promise, of, rank, text

FOLDER = Path(__file__).parent
Outcome = str  # kept, broken, skipped, or in part: some of its tests were not asked for


@dataclass(slots=True)
class Entry:
    """Holds what became of one promise."""

    promise: Promise
    figures: list[Figure] = field(default_factory=list)
    outcomes: set[Outcome] = field(default_factory=set)

    @property
    def outcome(self) -> Outcome:
        """Tells the worst that happened to any of its tests."""
        return next(one for one in ("broken", "skipped", "in part", "kept") if one in self.outcomes)

    @property
    def measured(self) -> str:
        """Tells what was measured."""
        return text(self.figures)


@dataclass(slots=True)
class Ledger:
    """Listens to pytest, as a plug-in of it."""

    entries: dict[str, Entry] = field(default_factory=dict)
    _carried: dict[str, list[str]] = field(default_factory=dict)  # promises by test

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notes which test carries what."""
        for item in session.items:
            self._carried[item.nodeid] = [self._entry(one).promise.id for one in of(item.iter_markers())]

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Notes what is not going to be run."""
        for item in items:
            for promise in of(item.iter_markers()):
                self._entry(promise).outcomes.add("in part")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes how a test, or its preparation, ended."""
        for key in self._carried[report.nodeid]:
            entry = self.entries[key]
            if report.outcome != "passed":
                entry.outcomes.add("broken" if report.failed else "skipped")
            elif report.when == "call":
                entry.outcomes.add("kept")
                entry.figures += [Figure(*said) for name, said in report.user_properties if name == key]  # type: ignore[misc]  # as `measured` noted them

    def told(self) -> list[Entry]:
        """Lists, in order, what became of the promises of which any test was run."""
        ran = [entry for entry in self.entries.values() if entry.outcomes - {"in part"}]
        return sorted(ran, key=lambda entry: rank(entry.promise.id))

    def _entry(self, promise: Promise) -> Entry:
        return self.entries.setdefault(promise.id, Entry(promise))


def run(only: str | None) -> Ledger:
    """Runs the tests of promises, all or those pytest's -k picks, in this process."""
    ledger = Ledger()
    picked = [] if only is None else ["-k", only]
    pytest.main([str(FOLDER), "-q", "-p", "no:cacheprovider", "-n", "0", *picked], plugins=[ledger])
    return ledger
