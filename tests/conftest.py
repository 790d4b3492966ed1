"""Shares tests out, and keeps every one of them away from the home of whoever runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Runs the whole suite on every core, one more for those that wait; named tests in this process."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    told = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")
    return int(told) if told else (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def pacer_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Puts recordings of all tests, and of the processes they start, into a folder of their own."""
    home = tmp_path_factory.mktemp("pacer-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACER_HOME", str(home))
        yield home
