"""Parts for an engine in virtual time, which do what they are told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pacer.clock import LoopClock, run_virtual
from pacer.engine import Engine, Post, Sink, Source
from pacer.inputs import Notification
from pacer.outputs import Notice, Output, State
from pacer.recorder import Recorder, anchor_now
from pacer.recording import Header
from pacer.session import Session
from pacer.setup import SensorSpec, Setup

STRAP = SensorSpec("strap", "runner", "heart_rate", address="C0:00:00:00:00:02")


SETUP = Setup(sensors=(STRAP,))


BPM_60 = b"\x00\x3c"  # Heart Rate Measurement: flags 0, 60 bpm as u8


async def for_ever() -> None:
    await asyncio.Event().wait()


def now() -> float:
    return LoopClock().now()


@dataclass(eq=False)
class Part:
    """A source and a sink in one: does what it is told, and keeps what it was offered and when."""

    act: Callable[[Post], Awaitable[None]] = lambda _post: for_ever()
    name: str = "part"
    began: list[float] = field(default_factory=list)
    heard: list[tuple[float, Output]] = field(default_factory=list)

    def offer(self, output: Output) -> None:
        self.heard.append((now(), output))

    async def run(self, post: Post) -> None:
        self.began.append(now())
        await self.act(post)

    def notices(self, code: str) -> list[Notice]:
        return [one for _, one in self.heard if isinstance(one, Notice) and one.code == code]

    def states(self) -> list[tuple[float, State]]:
        return [(t, one) for t, one in self.heard if isinstance(one, State)]


def beat(post: Post) -> None:
    post(Notification(now(), "strap", "2a37", BPM_60))


async def strap(post: Post) -> None:
    while True:
        beat(post)
        await asyncio.sleep(1.0)


async def failing(_post: Post) -> None:
    raise RuntimeError("out of order")


def run(
    seconds: float,
    sources: Sequence[Source] = (),
    sinks: Sequence[Sink] = (),
    session: Session | None = None,
    **more: Any,
) -> Engine:
    """Runs an engine for some virtual seconds, if it does not end by itself."""
    made: list[Engine] = []

    async def main() -> None:
        engine = Engine(session or Session(SETUP), sources or (Part(),), sinks, LoopClock(), **more)
        made.append(engine)
        asyncio.get_running_loop().call_later(seconds, engine.stop)
        await engine.run()

    run_virtual(main())
    return made[0]


def recorder(path: Path, write: Callable[[int, bytes], int] = os.write) -> Recorder:
    return Recorder(path, Header("test", SETUP, anchor_now(0.0)), write)
