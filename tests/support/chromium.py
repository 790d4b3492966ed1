"""Debian's Chromium, headless, driven over its DevTools protocol: one process, each tab a phone of its own.

The protocol is JSON over a WebSocket (https://chromedevtools.github.io/devtools-protocol/), and aiohttp,
which the display needs anyway, speaks that: no driver to download, no browser of a library's own.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.data import missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--ignore-certificate-errors",
    "--autoplay-policy=user-gesture-required",
)
OPENING_S = 30.0  # s: it opens in 1; a loaded machine gets more
PHONE = (412, 915)  # CSS px, of a usual phone
SHOT_MAX_BYTES = 32 << 20


class Tab:
    """One phone: a page in a browser context of its own."""

    def __init__(self, devtools: DevTools, session: str) -> None:
        self._devtools, self._session = devtools, session

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        return await self._devtools.call(method, self._session, **params)

    async def goto(self, url: str) -> None:
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def js(self, expression: str) -> Any:
        said = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    async def text(self, element: str) -> str:
        return str(await self.js(f"document.getElementById('{element}').textContent"))

    async def until(self, expression: str, timeout_s: float = 20.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not await self.js(expression):  # noqa: ASYNC110 - a browser cannot set our events
                await asyncio.sleep(0.02)

    async def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
        await self.call("Emulation.setDeviceMetricsOverride", **metrics)

    async def shot(self, path: Path) -> None:
        said = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(said["data"]))  # noqa: ASYNC240 - nothing else waits meanwhile


class DevTools:
    """Sends commands and waits for their answers; events are let go."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def read(self) -> None:
        async for message in self._socket:
            answer = json.loads(message.data)
            waiting = self._waiting.pop(answer.get("id"), None)
            if waiting and not waiting.done():
                waiting.set_result(answer)

    async def context(self) -> str:
        return str((await self.call("Target.createBrowserContext"))["browserContextId"])

    async def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": params}
        await self._socket.send_json(command | ({"sessionId": session} if session else {}))
        answer = await asyncio.wait_for(self._waiting[number], OPENING_S)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result


class Chromium:
    """Holds the address of a running browser."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextlib.asynccontextmanager
    async def tabs(self, count: int = 1) -> AsyncIterator[list[Tab]]:
        """Opens phones that share nothing, and closes them after the block."""
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(self.url, max_msg_size=SHOT_MAX_BYTES) as socket,
        ):
            devtools = DevTools(socket)
            reading = asyncio.create_task(devtools.read())
            contexts = [await devtools.context() for _ in range(count)]
            try:
                yield [await _tab(devtools, context) for context in contexts]
            finally:
                for context in contexts:
                    await devtools.call("Target.disposeBrowserContext", browserContextId=context)
                reading.cancel()


async def _tab(devtools: DevTools, context: str) -> Tab:
    made = await devtools.call("Target.createTarget", url="about:blank", browserContextId=context)
    attached = await devtools.call("Target.attachToTarget", targetId=made["targetId"], flatten=True)
    tab = Tab(devtools, attached["sessionId"])
    await tab.size(*PHONE)
    return tab


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """Runs a browser; skips the test, or fails it where PACER_REQUIRE says so, if there is none."""
    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        missing("chromium", "no Chromium (apt install chromium)")
    assert binary
    command = [binary, *ARGUMENTS, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own words
    try:
        yield Chromium(_address(process, folder / "DevToolsActivePort"))
    finally:
        process.terminate()
        process.wait(OPENING_S)


def _address(process: subprocess.Popen[bytes], file: Path) -> str:
    """Waits for the file in which the browser tells its port and its path."""
    deadline = time.monotonic() + OPENING_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"chromium ended at once with {process.returncode}")
        if file.exists() and len(lines := file.read_text().splitlines()) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.02)
    raise TimeoutError("chromium did not open its port")
