"""Runs for hours in virtual time: python -m tests.promises.long_run FILE HOURS TICK_HZ EVERY.

A runner goes round a track at 3 m/s with footpod, GPS and strap, each heard once in EVERY seconds, and never
finishes; all is recorded into FILE and written by the console. Prints a line each ten minutes: the second,
and MB of resident memory.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from firmware_sim import constants, encode
from firmware_sim.geometry import Oval, Placement
from pacer.clock import LoopClock, run_virtual
from pacer.engine import Engine, Post
from pacer.inputs import Command, Notification, Tick
from pacer.recorder import Recorder
from pacer.recording import Anchor, Header
from pacer.session import Session
from pacer.setup import Setup, Target
from pacer.sinks.console import ConsoleSink
from tests.support import direct
from tests.unit.parts import Part

SPEED_MPS = 3.0
TOLD_S, STANDING_S = 55.0, 60.0  # s: the countdown, the gun
LOOK_S = 600.0  # s between looks at the memory
SETUP: Setup = direct.kit(direct.FOOTPOD, direct.GPS, direct.HEART_RATE)
FAR = Target(300e3, 100e3)  # m, s: beyond the longest run here
PLACE = Placement(
    constants.TRACK_LAT_DEG,
    constants.TRACK_LON_DEG,
    constants.TRACK_HEADING_DEG,
    constants.TRACK_ALTITUDE_M,
)
OVAL = Oval(PLACE, start_m=0.0)  # FAR is whole laps


def heard(t: float) -> list[Notification]:
    """Returns what the three sensors say at `t` s."""
    way_m = max(0.0, t - STANDING_S) * SPEED_MPS
    moves = way_m > 0.0
    speed = SPEED_MPS if moves else 0.0
    pose, ok = OVAL.pose(way_m), encode.PositionStatus.OK
    fix = encode.LocationAndSpeed(ok, speed, location=PLACE.to_degrees(pose.east_m, pose.north_m))
    return [
        Notification(
            t, "footpod", "2a53", encode.rsc_measurement(speed, 80, running=moves, distance_m=way_m)
        ),
        Notification(t, "gps", "2a67", encode.location_and_speed(fix)),
        Notification(t, "heart_rate", "2a37", encode.heart_rate_measurement(150, contact=True)),
    ]


def runner(tick_hz: int, every_s: int) -> Callable[[Post], Awaitable[None]]:
    """Returns what a source does: ticks, the three sensors, and the start."""

    async def run(post: Post) -> None:
        loop, n = asyncio.get_running_loop(), 0
        while True:
            t = n / tick_hz
            await asyncio.sleep(t - loop.time())
            if t == TOLD_S:
                post(Command(t, "start", at=STANDING_S, origin="engine"))
            if n % (tick_hz * every_s) == 0:
                for item in heard(t):
                    post(item)
            post(Tick(t))
            n += 1

    return run


def resident_mb() -> float:
    """Returns the memory in use, as Linux counts it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def look(until_s: float, stop: Callable[[], None]) -> None:
    """Prints the memory in use each ten minutes, and stops in the end."""
    loop = asyncio.get_running_loop()
    while loop.time() < until_s:
        await asyncio.sleep(LOOK_S)
        gc.collect()
        sys.stdout.write(f"{loop.time():.0f} {resident_mb():.2f}\n")
    stop()


async def main(path: Path, hours: float, rates: tuple[int, int], stream: TextIO) -> None:
    """Runs an engine with all that a headless run has, but for radio and broker."""
    setup = replace(SETUP, target=FAR)
    recorder = Recorder(path, Header("long", setup, Anchor("2026-05-01T10:00:00+00:00", 0.0, None)))
    parts = [Part(runner(*rates))], [ConsoleSink(stream)]
    engine = Engine(Session(setup), *parts, LoopClock(), recorder, ticking=False)
    looking = asyncio.create_task(look(hours * 3600, engine.stop))
    await engine.run()
    await looking


if __name__ == "__main__":
    with Path(os.devnull).open("w", encoding="ascii") as nowhere:
        file, hours, tick_hz, every_s = sys.argv[1:]
        run_virtual(main(Path(file), float(hours), (int(tick_hz), int(every_s)), nowhere))
