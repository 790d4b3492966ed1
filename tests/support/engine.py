"""An engine's voice without an engine: a process that publishes states, and cues as asked, through MqttSink.

python -m tests.support.engine PORT PROTOCOL…      a line on stdin is a cue: its word, its age (s)
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pacer.clock import BootClock
from pacer.inputs import Input
from pacer.outputs import Word
from pacer.sinks.mqtt import MqttOptions, MqttSink
from pacer.topics import message
from tests.support import states
from tests.support.mqtt import client

ROOT = Path(__file__).parents[2]
PERIOD_S = 0.1  # s between states


class Engine:
    """One such process; it can be frozen, thawed and told to give a cue."""

    def __init__(self, port: int, protocols: tuple[str, ...]) -> None:
        command = [sys.executable, "-m", "tests.support.engine", str(port), *protocols]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True)  # noqa: S603 - our own program

    def cue(self, word: Word, age_s: float = 0.0) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{word} {age_s}\n")
        self._process.stdin.flush()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def engine(port: int, *protocols: str) -> Iterator[Engine]:
    """Runs one beside the block, which tries these MQTT protocols."""
    one = Engine(port, protocols or ("5", "3.1.1"))
    try:
        yield one
    finally:
        one.kill()


async def main(port: int, protocols: tuple[str, ...]) -> None:
    sink = MqttSink(MqttOptions("127.0.0.1", port, protocols=protocols), BootClock(), lambda: 0.0)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sink.run(_ignore))
        tasks.create_task(_states(sink))
        tasks.create_task(_cues(sink, port))


async def _states(sink: MqttSink) -> None:
    while True:
        sink.offer(replace(states.state(), t=BootClock().now(), cue=None))
        await asyncio.sleep(PERIOD_S)


async def _cues(sink: MqttSink, port: int) -> None:
    """Gives the cues that are asked for; an old one goes past the sink, as if it had sat in a buffer."""
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    for seq in itertools.count(1):
        word, age = (await lines.readline()).decode().split()
        cue = states.cue(BootClock().now() - float(age), seq=seq, word=word)
        if float(age) == 0:
            sink.offer(cue)
            continue
        said = message(cue, sink._tree, seq)
        assert said
        async with client(port) as buffer:
            await buffer.publish(said.topic, said.payload)


def _ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), tuple(sys.argv[2:])))
