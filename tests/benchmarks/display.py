"""How long a number takes from the engine's voice to the rider's page: publish to DOM, and to a picture.

    python -m tests.benchmarks.display [COUNT]      600 states by default: a minute

MqttSink publishes ten states a second over a real Mosquitto; `pacer display` is a process of its own;
Chromium notes when the DOM has changed, and when it begins the picture that shows it.
All read one machine's clock, and there is no Wi-Fi between them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from pacer.clock import BootClock
from pacer.inputs import Input
from pacer.outputs import Standing
from pacer.sinks.mqtt import MqttOptions, MqttSink
from pacer.units import gap
from tests.support import states
from tests.support.chromium import Chromium, chromium
from tests.support.mosquitto import mosquitto
from tests.support.mqtt import free_port, running

PERIOD_S = 0.1  # s between states, as the engine has it
SETTLE_S = 2.0  # s for page and link to come up

# Notes when each new gap was in the DOM, and when the next picture was due.
WATCH = """
window.seen = [];
const clock = () => (performance.timeOrigin + performance.now()) / 1000;
new MutationObserver(() => {
    const one = [document.getElementById("seconds").textContent, clock(), null];
    seen.push(one);
    requestAnimationFrame(() => { one[2] = clock(); });
}).observe(document.getElementById("seconds"), {characterData: true, childList: true, subtree: true});
true
"""


def measure(count: int) -> list[tuple[float, float]]:
    """Publishes `count` states, each with a gap of its own; gives ms to the DOM and to a picture."""
    with (
        TemporaryDirectory() as folder,
        mosquitto(Path(folder)) as broker,
        _display(broker.port) as url,
        chromium(Path(folder) / "chromium") as browser,
    ):
        return asyncio.run(_measure(browser, url, broker.port, count))


@contextlib.contextmanager
def _display(port: int) -> Iterator[str]:
    at = str(free_port())
    command = [sys.executable, "-m", "pacer", "display", "--bind", "127.0.0.1", "--port", at]
    command += ["--broker", f"mqtt://127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as display:  # noqa: S603 - our own program
        assert display.stdout
        while "the rider's page" not in display.stdout.readline():
            pass
        try:
            yield f"http://127.0.0.1:{at}/"
        finally:
            display.terminate()


async def _measure(browser: Chromium, url: str, port: int, count: int) -> list[tuple[float, float]]:
    sink = MqttSink(MqttOptions("127.0.0.1", port), BootClock(), time.time)
    async with browser.tabs() as (phone,), running(sink.run(_ignore)):
        await phone.goto(url)
        await _publish(sink, round(SETTLE_S / PERIOD_S))
        await phone.js(WATCH)
        sent = await _publish(sink, count)
        await asyncio.sleep(SETTLE_S)
        seen = json.loads(await phone.js("JSON.stringify(seen)"))
    return [
        (1000 * (dom - sent[text]), 1000 * (picture - sent[text]))
        for text, dom, picture in seen
        if text in sent
    ]


async def _publish(sink: MqttSink, count: int) -> dict[str, float]:
    """Publishes states whose gaps rise by 0.1 s; returns when (Unix s) each gap was offered."""
    sent: dict[str, float] = {}
    for i in range(count):
        standing = Standing(i / 10, 0.3, None, None, None, None)
        sent[gap(i / 10)] = time.time()
        sink.offer(replace(states.state(cue=None, standing=standing), t=BootClock().now()))
        await asyncio.sleep(PERIOD_S)
    return sent


def _ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


def main() -> None:
    """Measures and prints."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    found = np.array(measure(count))
    print(f"{len(found)} of {count} states seen")  # noqa: T201 - it is what a benchmark does
    for name, ms in (("publish to DOM", found[:, 0]), ("publish to picture", found[:, 1])):
        p50, p99 = np.percentile(ms, [50, 99])
        print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {ms.max():.1f} ms")  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
