"""Gives a test of a promise the means to say what it measured, and the broker as we ship it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.promises.promised import Measured, Promise, of
from tests.support.secured import Secured, secured


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    carried = list(of(request.node.iter_markers()))

    def note(promise: Promise, words: str, value: float | None = None) -> None:
        assert promise in carried, f"{request.node.name} does not carry {promise.id}"
        number = None if value is None else float(value)  # builtins alone pass between processes
        request.node.user_properties.append((promise.id, (words, number)))

    return note


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured(tmp_path_factory.mktemp("broker")) as one:
        yield one
