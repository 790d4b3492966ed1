"""Shares tests out, keeps them away from the home of whoever runs them, and watches every session in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from pacer.inputs import Input
from pacer.outputs import Output
from pacer.session import Session
from tests.support.trace import Watch


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
    with pytest.MonkeyPatch.context() as patch_:
        patch_.setenv("PACER_HOME", str(home))
        yield home


@pytest.fixture(scope="session", autouse=True)
def watch() -> Iterator[Watch]:
    """Looks at every step of every session in this process, those of fixtures too."""
    watch, step = Watch(), Session.step

    def watched(session: Session, item: Input) -> list[Output]:
        watch.meet(session)
        outputs = step(session, item)
        watch.look(session, item, outputs)
        return outputs

    with patch.object(Session, "step", watched):
        yield watch


@pytest.fixture(autouse=True)
def nothing_breaks_a_rule(watch: Watch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test in which a rule of `tests/support/trace.py` did not hold, unless it is `untraced`."""
    yield
    broken = list(watch.broken.values())
    watch.broken.clear()
    if broken and request.node.get_closest_marker("untraced") is None:
        pytest.fail("\n".join(broken), pytrace=False)
