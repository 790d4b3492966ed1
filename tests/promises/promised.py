"""A promise: what it says, which tests prove it, and what they measured."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol, TypeVar

import pytest

from tests import promises

Test = TypeVar("Test", bound=Callable[..., Any])
ORDER = "RSECBMLPTW"  # recording, sensors, estimate, cues, bad input, broker, Bluetooth, process, time, page


@dataclass(frozen=True, slots=True)
class Promise:
    """Says what a user can rely on, and marks the tests that prove it."""

    id: str  # a letter of ORDER and a number
    sentence: str
    figure: str  # what is promised, with its unit

    def __call__(self, test: Test) -> Test:
        """Marks a test as a proof of this promise."""
        marked: Test = pytest.mark.promise(self)(test)
        return marked


@dataclass(frozen=True, slots=True)
class Figure:
    """Holds what one test measured: words, and the number that belongs to their `{}`."""

    words: str
    value: float | None = None


class Measured(Protocol):
    """Notes what a test measured for a promise."""

    def __call__(self, promise: Promise, words: str, value: float | None = None) -> None:
        """Notes words, which have a `{}` with a format where a value is given."""
        ...


def text(figures: list[Figure]) -> str:
    """Returns what was measured: each kind of words once, with the greatest number that came with it."""
    found: dict[str, float | None] = {}
    for figure in figures:
        values = [v for v in (found.get(figure.words), figure.value) if v is not None]
        found[figure.words] = max(values) if values else None
    return "; ".join(words if value is None else words.format(value) for words, value in found.items())


def rank(key: str) -> tuple[int, int]:
    """Returns where a promise of this id stands in a table."""
    return ORDER.index(key[0]), int(key[1:])


def modules() -> Iterator[ModuleType]:
    """Imports all modules with tests of promises."""
    for found in pkgutil.iter_modules(promises.__path__):
        if found.name.startswith("test_"):
            yield importlib.import_module(f"{promises.__name__}.{found.name}")


def proofs() -> dict[Promise, list[str]]:
    """Lists the promises that have tests, in order, with the names of these."""
    found: dict[Promise, list[str]] = {}
    for module in modules():
        for name, test in vars(module).items():
            for promise in of(getattr(test, "pytestmark", [])) if name.startswith("test_") else ():
                found.setdefault(promise, []).append(f"{module.__name__}.{name}")
    return dict(sorted(found.items(), key=lambda pair: rank(pair[0].id)))


def of(marks: Any) -> Iterator[Promise]:
    """Lists the promises among marks."""
    return (mark.args[0] for mark in marks if mark.name == "promise")
