"""P1 to P3: the program stops cleanly, and outlives its parts."""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import count, pairwise
from pathlib import Path

import pytest

from pacer.clock import LoopClock, run_virtual
from pacer.engine import BACK_OFF_S, Engine, Post
from pacer.inputs import Input
from pacer.outputs import Notice, Output
from pacer.recording import read
from pacer.session import Session
from pacer.sinks.console import ConsoleSink
from tests.promises.promised import Measured, Promise
from tests.support.command import OK, ROOT
from tests.support.mosquitto import mosquitto
from tests.support.mqtt import Seen, observer
from tests.unit.parts import SETUP, Part, beat, failing, recorder, run, strap

P1 = Promise("P1", "a signal ends a run cleanly", "within 2 s, exit 0, all on disk, status offline")
P2 = Promise("P2", "one failing part does not end the run", "failing at any call: told, and started again")
P3 = Promise("P3", "even a bug in the core keeps the recording", "failing at any step: told once")

STOPS = 20
STOPPED_S = 2.0  # s until a program that was told to stop has ended
CALLS = 200
CALL_S = 0.02  # s between the calls of a part
BEAT_CALLS = 25  # a beat each half second
NIGHTLY = bool(os.environ.get("PACER_NIGHTLY"))  # takes what every run of the suite cannot


@P1
async def test_p1_a_signal_at_any_moment_ends_a_run_cleanly(tmp_path: Path, measured: Measured) -> None:
    with mosquitto(tmp_path) as broker:
        async with observer(broker.port, "pacer/v1/+/status") as seen:
            command = [sys.executable, "-m", "tests.promises.stop_child", tmp_path, broker.port, STOPS]
            process = await asyncio.create_subprocess_exec(
                *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT
            )
            out, err = await process.communicate()
    assert err.decode() == ""
    stops = [line.split() for line in out.decode().splitlines()]
    assert len(stops) == STOPS
    for _, took_s, status, synced, left, path in stops:
        assert (status, left) == ("0", "0")
        assert float(took_s) < STOPPED_S
        recording = read(Path(path))
        assert recording.end is not None
        assert recording.inputs
        assert int(synced) == size(path)
    assert sum(bodies[-1] for bodies in last_words(seen)) > STOPS / 2, "they were stopped before they began"
    assert all(bodies[-1] for bodies in last_words(seen) if len(bodies) > 1)
    measured(P1, f"{STOPS} stops: ended {{:.2f}} s after the signal, offline, all on disk", worst(stops))


def size(path: str) -> int:
    return Path(path).stat().st_size


def worst(stops: list[list[str]]) -> float:
    return max(float(took_s) for _, took_s, *_ in stops)


def last_words(seen: list[Seen]) -> Iterator[list[bool]]:
    """Tells for each session, message by message, whether it said itself that it is offline: no last will."""
    for topic in {one.topic for one in seen}:
        bodies = [one.body for one in seen if one.topic == topic]
        yield [body["state"] == "offline" and body["t"] is not None for body in bodies]


async def clinging(_post: Post) -> None:
    """Does not want to end: a radio that does not let go, a broker that does not answer."""
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(60.0)


@P1
def test_p1_source_and_sink_that_cling_hold_nobody_up(tmp_path: Path, measured: Measured) -> None:
    path, listener, ended = tmp_path / "a.pacer", Part(), []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        parts = [Part(clinging), Part(strap)], [Part(clinging), listener]
        engine = Engine(Session(SETUP), *parts, LoopClock(), recorder(path))
        loop.call_later(3.05, engine.stop)
        await engine.run()
        ended.append(loop.time() - 3.05)

    run_virtual(main())
    assert ended[0] < STOPPED_S
    assert read(path).end is not None
    measured(P1, "where source and sink cling, after {:.1f} s", ended[0])


@P1
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_p1_the_whole_command_ends_by_a_signal_with_0(number: signal.Signals, measured: Measured) -> None:
    command = [sys.executable, "-m", "pacer", "demo", "--headless"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own program
        assert process.stdout
        process.stdout.readline()
        time.sleep(random.Random(number).uniform(0.0, 1.0))
        process.send_signal(number)
        began = time.monotonic()
        out, err = process.communicate(timeout=10 * STOPPED_S)
        took_s = time.monotonic() - began
    assert process.returncode == OK
    assert b"Traceback" not in err
    assert took_s < STOPPED_S
    assert read(Path(json.loads(out.splitlines()[-1])["recording"])).end is not None
    measured(P1, "`pacer demo` ended after {:.2f} s with 0", took_s)


@P1
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_p1_a_command_that_is_still_starting_ends_without_a_word(
    number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "numpy.py").write_text("print('importing', flush=True); import time; time.sleep(60)")
    found = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [sys.executable, "-m", "pacer", "demo", "--headless"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, env=found, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"importing\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=10 * STOPPED_S)
    assert (process.returncode, err) == (-number, b"")


async def stumbling(calls: Iterator[int], nth: int, post: Post) -> None:
    """Fails once, at its n-th call."""
    while True:
        call = next(calls)
        if call == nth:
            raise OSError("stumbled")
        if call % BEAT_CALLS == 0:
            beat(post)
        await asyncio.sleep(CALL_S)


@P2
def test_p2_a_source_that_fails_at_any_call_is_started_again(tmp_path: Path, measured: Measured) -> None:
    for nth in range(CALLS):
        part, listener = Part(partial(stumbling, count(), nth), "bad"), Part()
        path = tmp_path / f"{nth}.pacer"
        run(nth * CALL_S + 1.0, [part], [listener], recorder=recorder(path))
        first, second = part.began
        assert second - first == pytest.approx(nth * CALL_S + BACK_OFF_S[0])
        [told] = listener.notices("bad-failed")
        assert told.t == pytest.approx(nth * CALL_S)
        assert "stumbled" in told.text
        assert listener.states()[-1][1].sensors[0].state == "ok"
        assert listener.states()[-1][0] > second
        beats = len(read(path).inputs) - len(listener.states())
        assert beats >= 1 + nth // BEAT_CALLS
    measured(P2, f"a source, at each of {CALLS} calls")


@P2
def test_p2_a_source_that_always_fails_is_tried_ever_more_patiently(measured: Measured) -> None:
    bad, listener = Part(failing, "bad"), Part()
    run(30.0, [bad, Part(strap)], [listener])
    waits = [after - before for before, after in pairwise(bad.began)]
    assert waits[: len(BACK_OFF_S)] == pytest.approx(BACK_OFF_S)
    assert set(waits[len(BACK_OFF_S) :]) == {BACK_OFF_S[-1]}
    assert listener.states()[-1][1].sensors[0].state == "ok"
    measured(P2, f"waits of {BACK_OFF_S[0]} to {BACK_OFF_S[-1]:.0f} s")


class Prickly(Part):
    """A sink that fails at its n-th call, be it of `offer` or a step of `run`."""

    def __init__(self, nth: int) -> None:
        super().__init__(self.act_until, "prickly")
        self._nth, self._calls = nth, count()

    def call(self) -> None:
        if next(self._calls) == self._nth:
            raise KeyError("pricked")

    async def act_until(self, _post: Post) -> None:
        while True:
            self.call()
            await asyncio.sleep(CALL_S)

    def offer(self, output: Output) -> None:
        super().offer(output)
        if not isinstance(output, Notice):
            self.call()


async def between_ticks(post: Post) -> None:
    """Is heard between two ticks: which of two at one instant comes first is nobody's promise."""
    await asyncio.sleep(0.03)
    await strap(post)


@P2
def test_p2_a_sink_that_fails_at_any_call_costs_the_others_nothing(measured: Measured) -> None:
    def heard(*sinks: Part) -> tuple[list[tuple[float, Output]], list[Notice]]:
        listener = Part()
        run(CALLS * CALL_S + 1.0, [Part(between_ticks)], [*sinks, listener])
        told = listener.notices("prickly-failed")
        return [one for one in listener.heard if one[1] not in told], told

    alone, _ = heard()
    failed_at = set()
    for nth in range(0, CALLS, 5 if not NIGHTLY else 1):
        bad = Prickly(nth)
        others, told = heard(bad)
        assert others == alone
        assert len(told) == 1
        assert "pricked" in told[0].text
        again = bad.began[1:]
        assert again in ([], [pytest.approx(told[0].t + BACK_OFF_S[0])])
        assert bad.heard[-1][0] > told[0].t + 0.5, "it takes outputs again"
        failed_at.add(bool(again))
    assert failed_at == {True, False}, "both its methods were tried"
    measured(P2, "a sink, likewise")


class Pipe(io.StringIO):
    """A stream whose n-th write fails."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self._nth, self._calls = nth, count()

    def write(self, text: str) -> int:
        if next(self._calls) == self._nth:
            raise OSError("no space left")
        return super().write(text)


@P2
def test_p2_the_console_goes_on_after_any_write_that_failed() -> None:
    for nth in range(10):
        pipe, listener = Pipe(nth), Part()
        run(14.95, [Part(strap)], [ConsoleSink(pipe), listener])
        assert "no space left" in listener.notices("console-failed")[0].text
        seconds = [json.loads(line)["t_s"] for line in pipe.getvalue().splitlines() if '"t_s"' in line]
        assert seconds[-1] == pytest.approx(14.0)
        assert len(listener.states()) == 150


class Buggy(Session):
    """A core that fails at some of its steps."""

    def __init__(self, broken: range) -> None:
        super().__init__(SETUP)
        self._broken, self._steps = broken, count()

    def step(self, item: Input) -> list[Output]:
        if next(self._steps) in self._broken:
            raise ZeroDivisionError("a bug")
        return super().step(item)


@P3
def test_p3_a_bug_in_the_core_keeps_the_recording_going(tmp_path: Path, measured: Measured) -> None:
    seconds, steps, names = 2.95, 33, count()  # 30 ticks, 3 beats

    def recorded(broken: range) -> tuple[tuple[Input, ...], Part]:
        path, listener = tmp_path / f"{next(names)}.pacer", Part()
        run(seconds, [Part(strap)], [listener], Buggy(broken), recorder=recorder(path))
        return read(path).inputs, listener

    whole, _ = recorded(range(0))
    assert len(whole) == steps
    for nth in range(steps):
        for broken in (range(nth, nth + 1), range(nth, steps)):  # once, and from then on for ever
            inputs, listener = recorded(broken)
            assert inputs == whole
            [told] = listener.notices("core-failed")
            assert "a bug" in told.text
            assert told.t == whole[nth].t
            assert len(listener.states()) >= 30 - len(broken)
    measured(P3, f"at each of {steps} steps, once and for ever: all inputs on record")
