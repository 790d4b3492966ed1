from __future__ import annotations

import os
from pathlib import Path

import pytest

from pacer.outputs import State
from tests.support import states
from tests.support.screen import LARGE, coach, grounds, rows

GOLDEN = Path(__file__).parents[3] / "golden" / "screen.svg"


@pytest.fixture(autouse=True)
def full_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


async def picture(*changes: State) -> str:
    info = ("scenario paced", "broker 127.0.0.1:41883", "recording 2026-06-01T170000Z-run.pacer")
    async with coach(*states.run_outputs(), *changes, size=LARGE, info=info) as seat:
        return seat.svg()


async def test_the_screen_looks_as_agreed() -> None:
    """Compares text, place and colour; PACER_ACCEPT=1 accepts a new look."""
    svg = await picture()
    if os.environ.get("PACER_ACCEPT") == "1":
        GOLDEN.write_text(svg, encoding="utf-8")
    agreed = GOLDEN.read_text(encoding="utf-8")
    assert rows(svg) == rows(agreed)
    assert grounds(svg) == grounds(agreed)


async def test_the_picture_is_the_same_each_time_and_loads_nothing() -> None:
    first = await picture()
    assert first == await picture()
    assert "url(http" not in first
    assert "@font-face" not in first
    assert "@import" not in first


async def test_another_run_is_another_picture() -> None:
    assert rows(await picture()) != rows(await picture(states.state(143.0, lap=4)))
