"""Clocks and loops: virtual time jumps, scaled time scales, and both carry sockets and threads' work."""

from __future__ import annotations

import asyncio
import time

import pytest

from pacer import clock
from pacer.clock import BootClock, LoopClock, RateLoop, run_virtual


class Handheld:
    """Stands in for the machine's clock; its selector really waits for nobody."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.t = 1000.0
        self.waited: list[float | None] = []
        monkeypatch.setattr(time, "monotonic", lambda: self.t)

    def select(self, timeout: float | None) -> clock.Ready:
        self.waited.append(timeout)
        self.t += timeout or 0.0
        return []


def test_an_hour_passes_in_order_and_at_the_right_time() -> None:
    said: list[tuple[float, str]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        said.append((asyncio.get_running_loop().time(), name))

    async def main() -> None:
        await asyncio.gather(sleeper("late", 3600.0), sleeper("soon", 0.5), sleeper("later", 1800.25))

    run_virtual(main())

    assert said == [(0.5, "soon"), (1800.25, "later"), (3600.0, "late")]


def test_a_timeout_comes_in_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(900.0):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 900.0


def test_two_virtual_runs_are_the_same() -> None:
    async def main() -> list[float]:
        seen: list[float] = []

        async def beat(every: float) -> None:
            for _ in range(50):
                await asyncio.sleep(every)
                seen.append(asyncio.get_running_loop().time())

        await asyncio.gather(beat(0.1), beat(0.07), beat(1 / 3))
        return seen

    assert run_virtual(main()) == run_virtual(main())


def test_time_stands_still_while_a_socket_is_served() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def main() -> tuple[bytes, float]:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            answer = await reader.readline()
            writer.close()
            await writer.wait_closed()
        return answer, asyncio.get_running_loop().time()

    assert run_virtual(main()) == (b"hello\n", 0.0)


def test_a_thread_s_work_is_done_at_once_and_its_error_reaches_who_waits() -> None:
    def broken() -> None:
        raise OSError("no disk")

    async def main() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        with pytest.raises(OSError, match="no disk"):
            await loop.run_in_executor(None, broken)
        return await loop.run_in_executor(None, max, 3, 7), loop.time()

    assert run_virtual(main()) == (7, 0.0)


def test_a_loop_at_rate_10_counts_ten_seconds_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    hand = Handheld(monkeypatch)
    loop = RateLoop(10.0)
    try:
        assert loop.time() == 0.0
        hand.t += 2.5
        assert loop.time() == pytest.approx(25.0)
    finally:
        loop.close()


def test_a_loop_at_rate_10_waits_a_tenth_of_each_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    hand = Handheld(monkeypatch)
    loop = RateLoop(10.0)
    try:
        assert loop._select(hand.select, 5.0) == []
        assert loop._select(hand.select, None) == []
    finally:
        loop.close()

    assert hand.waited == [0.5, None]
    assert hand.t == 1000.5


def test_a_fast_loop_runs_timers_in_order() -> None:
    async def main() -> list[int]:
        seen: list[int] = []
        for delay in (30, 10, 20):
            asyncio.get_running_loop().call_later(delay, seen.append, delay)
        await asyncio.sleep(40.0)
        return seen

    with asyncio.Runner(loop_factory=lambda: RateLoop(1000.0)) as runner:
        assert runner.run(main()) == [10, 20, 30]


def test_the_boot_clock_counts_sleep_where_the_system_can() -> None:
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    before, shown, after = time.clock_gettime(kind), BootClock().now(), time.clock_gettime(kind)

    assert before - 1e-6 <= shown <= after + 1e-6
    assert shown == round(shown, 6)


def test_the_boot_clock_is_not_moved_by_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    before = BootClock().now()
    monkeypatch.setattr(time, "time", lambda: 0.0)  # somebody set the date back

    assert BootClock().now() >= before


def test_the_loop_s_clock_shows_its_loop_s_time_in_microseconds() -> None:
    async def main() -> float:
        await asyncio.sleep(1.23456789)
        return LoopClock().now()

    assert run_virtual(main()) == 1.234568
