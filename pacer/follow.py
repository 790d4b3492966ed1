"""Follows a session over MQTT, as a display or an audio device does: listens, and says how it is.

    broker ─▶ Follower ─▶ hear(Said): what came, from which topic, and when

Without a broker it keeps trying; `link` says how that stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import aiomqtt

from pacer import dial
from pacer.clock import Clock, heed_cancellation
from pacer.dial import Broker
from pacer.heard import Counts, Link, Said
from pacer.topics import VERSION, Tree

HEARTBEAT_S = 5.0  # s between messages about ourselves
BACK_OFF_MIN_S = 0.1  # s: a restarted broker is back in about 0.1
BACK_OFF_MAX_S = 1.0  # s: what a rider waits at most once the broker is back
GOODBYE_S = 0.5  # s: a broker answers in 0.02, and one that is frozen must hold up no one who quits
QUEUE_MAX = 64  # messages: 6 s of states; what is older is of no use

logger = logging.getLogger("pacer.follow")
logger.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Device:
    """Names a device, what it listens to below the session, and where its counts are found."""

    name: str
    kind: Literal["display", "audio"]
    topics: tuple[str, ...]
    counts: Callable[[], Counts]


class Follower:
    """Stays connected to a session; `link` and `detail` say how that goes."""

    def __init__(
        self,
        broker: Broker,
        device: Device,
        clock: Clock,
        hear: Callable[[Said], None],
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Prepares to follow; `hear` is called with every message, `say` with each new reason for no link."""
        self.link: Link = "connecting"
        self.detail = ""
        self._broker, self._device, self._clock, self._hear = broker, device, clock, hear
        self._say, self._said = say, ""
        self._tree = Tree(broker.session, "")
        self._reports = 0

    async def run(self) -> None:
        """Follows until cancelled."""
        wait = BACK_OFF_MIN_S
        while True:
            try:
                # a task of its own: a group that failed leaves the task it failed in half cancelled
                await asyncio.create_task(self._connection())
            except* (aiomqtt.MqttError, OSError) as errors:
                self._complain(dial.reason(errors, self._broker))
            wait = BACK_OFF_MIN_S if self.link == "connected" else min(BACK_OFF_MAX_S, 2 * wait)
            self.link = "reconnecting"
            await asyncio.sleep(wait)

    def _complain(self, detail: str) -> None:
        """Says why there is no link, once for each reason in a row."""
        self.detail = detail
        if self._say is not None and detail != self._said:
            self._say(f"MQTT {self._broker.host}:{self._broker.port}: {detail}")
        self._said = detail

    async def _connection(self) -> None:
        async with self._client() as client:
            await client.subscribe([(self._tree.topic(topic), 1) for topic in self._device.topics])
            heed_cancellation()
            self.link, self.detail, self._said = "connected", "", ""
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._beat(client))
                    tasks.create_task(self._read(client))
            except asyncio.CancelledError:
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(GOODBYE_S):
                        await self._report(client, "offline")
                raise

    def _client(self) -> aiomqtt.Client:
        """Makes a new client for each connection: a used one would bring back old messages."""
        # two devices of one name must not throw each other out
        name = f"{self._device.name[:10]}-{secrets.token_hex(4)}"
        return dial.client(
            self._broker,
            identifier=name,
            will=aiomqtt.Will(self._topic, self._status("offline", None), 1, retain=True),
            max_queued_incoming_messages=QUEUE_MAX,
            logger=logger,
        )

    async def _read(self, client: aiomqtt.Client) -> None:
        above = f"{self._tree.topic()}/"
        async for message in client.messages:
            if not message.payload:
                continue  # pacer tries whether the broker lets it through
            topic = message.topic.value
            if topic.startswith(above):  # some brokers hand out retained messages that nobody here asked for
                levels = tuple(topic.removeprefix(above).split("/"))
                self._hear(Said(levels, bytes(message.payload), bool(message.retain), self._clock.now()))

    async def _beat(self, client: aiomqtt.Client) -> None:
        while True:
            await self._report(client, "online")
            heed_cancellation()
            await asyncio.sleep(HEARTBEAT_S)

    async def _report(self, client: aiomqtt.Client, state: str) -> None:
        self._reports += 1
        await client.publish(self._topic, self._status(state, round(self._clock.now(), 3)), 1, retain=True)

    @property
    def _topic(self) -> str:
        return self._tree.topic("device", self._device.name, "status")

    def _status(self, state: str, t: float | None) -> bytes:
        """Says how we are; with `t` None it is the last will."""
        counts = self._device.counts()
        body = {
            "v": VERSION,
            "seq": self._reports if t is not None else 0,
            "t": t,
            "ttl": None,
            "state": state,
            "kind": self._device.kind,
            "device": self._device.name,
            "shown": counts.shown,
            "last_seq": counts.last_seq,
            "dropped": dict(counts.dropped),
        }
        return json.dumps(body, separators=(",", ":")).encode()
