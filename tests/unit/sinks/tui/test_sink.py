from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
from pathlib import Path
from unittest.mock import ANY

import pytest

from pacer.app import Plan, compose
from pacer.inputs import Input
from pacer.setup import PolicySpec, Setup
from pacer.sinks.tui import About, TuiSink
from pacer.sinks.tui.app import CoachApp
from pacer.sources.radio import platform_radio
from tests.support import states
from tests.support.screen import SMALL, HandClock

ROOT = Path(__file__).parents[4]  # of the checkout


def ignore(item: Input) -> None:
    raise AssertionError(f"nobody pressed a key: {item}")


def sink() -> TuiSink:
    return TuiSink(HandClock(1142.0), headless=True, size=SMALL)


async def test_it_draws_until_it_is_cancelled() -> None:
    screen = sink()
    screen.offer(states.state())
    task = asyncio.create_task(screen.run(ignore))
    await asyncio.sleep(0.2)  # whatever it is doing by then, it must end
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 20)


async def test_it_can_be_cancelled_before_it_has_drawn() -> None:
    task = asyncio.create_task(sink().run(ignore))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 20)


async def test_it_returns_when_the_coach_quits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CoachApp, "on_ready", lambda app: app.exit(), raising=False)
    await asyncio.wait_for(sink().run(ignore), 20)


async def test_a_broken_screen_is_told_to_the_engine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(app: CoachApp) -> None:
        raise ValueError(app.title)

    monkeypatch.setattr(CoachApp, "look_fast", broken)
    with pytest.raises(RuntimeError, match="screen"):
        await asyncio.wait_for(sink().run(ignore), 20)
    assert "ValueError" in capsys.readouterr().err


async def test_a_screen_started_again_still_knows_the_run() -> None:
    screen = sink()
    for output in states.run_outputs():
        screen.offer(output)
    for _ in range(2):
        task = asyncio.create_task(screen.run(ignore))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(screen._feed.splits) == 2
    assert screen._feed.state == states.run_outputs()[-1]


async def test_a_runs_screen_calls_on_pace_what_its_policy_lets_go(tmp_path: Path) -> None:
    setup = Setup(policy=PolicySpec(dead_band_s=2.5))
    engine, _ = compose(Plan("run", setup, platform_radio, recordings=str(tmp_path), screen=True))
    assert isinstance(engine.foreground, TuiSink)
    assert engine.foreground._about == About(ANY, on_pace_s=2.5)


PROGRAM = """
import asyncio
from pacer.clock import BootClock
from pacer.sinks.tui import TuiSink
from tests.support import states

async def main():
    sink = TuiSink(BootClock())
    sink.offer(states.waiting_state())
    await sink.run(print)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_in_a_terminal_it_draws_quits_by_key_and_puts_the_terminal_back() -> None:
    near, far = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(  # noqa: S603 - our own program, above
        [sys.executable, "-c", PROGRAM], stdin=far, stdout=far, stderr=far, cwd=ROOT, env=environment
    ) as child:
        os.close(far)
        seen = b""
        pressed = False
        while chunk := _read(near):
            seen += chunk
            if not pressed and b"WAITING" in seen:
                os.write(near, b"q")
                pressed = True
        assert child.wait(30) == 0
    os.close(near)
    assert pressed
    assert seen.rindex(b"\x1b[?1049l") > seen.index(b"\x1b[?1049h")  # the alternate screen is left again
    assert b"Traceback" not in seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""
