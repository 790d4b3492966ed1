"""Keeps every test away from the home of whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def pacer_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Puts recordings of all tests, and of the processes they start, into a folder of their own."""
    home = tmp_path_factory.mktemp("pacer-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACER_HOME", str(home))
        yield home
