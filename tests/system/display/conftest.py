"""One browser and one Mosquitto for all tests of the page: opening them is what takes time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.chromium import Chromium, chromium
from tests.support.engine import Engine, engine
from tests.support.mosquitto import Mosquitto, mosquitto


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("mosquitto")) as one:
        yield one


@pytest.fixture(scope="session")
def voice(broker: Mosquitto) -> Iterator[Engine]:
    with engine(broker.port) as one:
        yield one
