"""Finds out at the start which topics a broker keeps from us.

A publish that an access list denies looks like success in MQTT 3.1.1 and 5 alike; only what comes back is
proof. So each topic gets an empty payload, which every consumer ignores, and is listened to until it returns.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import aiomqtt

from pacer.clock import heed_cancellation

ECHO_S = 3.0  # s to come back: thrice a slow Wi-Fi's worst, and with the connect within the 5 s of a start

OTHERS_S = 1.0  # s to listen on: another run of this session would say ten states in them


class Echo:
    """Waits for each topic's own message; `verdict` is None until known, empty where all came back."""

    def __init__(self, topics: Sequence[str], keep: Sequence[str] = ()) -> None:
        """Prepares to try topics; those in `keep` stay subscribed."""
        self.verdict: tuple[str, ...] | None = None  # the topics that did not come back
        self._topics, self._keep = tuple(topics), frozenset(keep)
        self._missing: set[str] = set()
        self._heard = asyncio.Event()

    def hear(self, topic: str) -> None:
        """Notes that an empty payload came back."""
        self._missing.discard(topic)
        self._heard.set()

    async def run(self, client: aiomqtt.Client, seconds: float) -> None:
        """Tries each topic once, for at most `seconds`.

        Raises:
            aiomqtt.MqttError: the link broke; nothing is known, and it can be tried again.
        """
        self._missing = set(self._topics)
        for topic in self._topics:
            await client.subscribe(topic, qos=1)
            await client.publish(topic, b"", qos=1)
        heed_cancellation()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._missing:
                    self._heard.clear()
                    await self._heard.wait()
        self.verdict = tuple(topic for topic in self._topics if topic in self._missing)
        if not self.verdict:
            await asyncio.sleep(OTHERS_S)
        for topic in self._topics:
            if topic not in self._keep:
                await client.unsubscribe(topic)
