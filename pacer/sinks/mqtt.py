"""The MQTT sink: publishes what a session says, and takes commands where that is allowed.

The run does not need the broker: without one this sink keeps trying, keeps only what is still worth
saying, and tells its `link` in words for the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import secrets
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from pacer import __version__, dial
from pacer.clock import Clock, heed_cancellation
from pacer.engine import Post
from pacer.errors import InputError
from pacer.outputs import Cue, Output, Split, State
from pacer.sinks.echo import ECHO_S, Echo
from pacer.topics import Message, Presence, Tree, check_session, message, parse_command, status

PROTOCOLS = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}
HEARTBEAT_S = 5.0  # s between confirmed messages, so that a frozen broker is noticed within 10
BACK_OFF_MIN_S = 0.1  # s: a restarted broker is back in about 0.1
BACK_OFF_MAX_S = 2.0  # s: one lost cue at most; a refused connect costs nothing
HELD_S = 5.0  # s: a link that broke sooner was no link, and is not tried again at once
CUES_MAX = 8  # more than can be within their ttl
SPLITS_MAX = 256  # 100 km in 400 m splits: none is lost while the broker is away
COMMANDS_MAX = 64  # waiting to be read; what comes faster is no person
STATE_HZ = 10.0  # 1/s, the session's ticks

logger = logging.getLogger("pacer.mqtt")
logger.addHandler(logging.NullHandler())  # else Python writes paho's warnings across the screen


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """Says which broker, and what it may be used for."""

    host: str
    port: int = 1883
    session: str = "run"
    allow_commands: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    rate: float = 1.0  # seconds of the run per second of life
    protocols: tuple[str, ...] = ("5", "3.1.1")  # in the order they are tried
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    echo: bool = False  # a broker with an access list: what may not be published is found out at once

    def __post_init__(self) -> None:
        """Checks the session's name."""
        check_session(self.session)

    @property
    def broker(self) -> dial.Broker:
        """Says how the broker is dialled."""
        return dial.Broker(self.host, self.port, self.session, self.username, self.password, self.tls)


class MqttSink:
    """Publishes outputs; `link` is "connecting", "connected" or "reconnecting", `detail` says why."""

    name = "mqtt"

    def __init__(
        self,
        options: MqttOptions,
        clock: Clock,
        utc: Callable[[], float],
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Prepares to publish; `say` is told in words when the link is lost and when it is back."""
        self.link = "connecting"
        self.detail = ""
        self.protocol = ""
        self.sent = 0  # messages
        self.dropped = 0  # cues and states whose ttl was over before they could go out
        self.refused_commands = 0
        self._options, self._clock, self._utc, self._say = options, clock, utc, say
        run = secrets.token_hex(4)
        self._tree = Tree(options.session, run)
        # one name for all connections of this run: a new one takes the half-dead old one over, will and all
        self._identifier = f"pacer-{options.session[:10]}-{run}"
        self._protocols = deque(options.protocols)
        # answers take life's seconds, and a loop that runs N times as fast counts N of its own meanwhile
        self._timeout = dial.TIMEOUT_S * max(1.0, options.rate)
        self._state: State | None = None
        self._state_is_new = False
        self._cues: deque[Cue] = deque(maxlen=CUES_MAX)
        self._splits: deque[Split] = deque(maxlen=SPLITS_MAX)
        self._told: tuple[Any, ...] | None = None  # what `status` said last
        self._told_at = -math.inf  # s
        self._seq = 0
        self._met = False  # another pacer of this session
        self._whys: set[str] = set()  # reasons for having no link that were said since there was one
        self._wake = asyncio.Event()
        self._echo = Echo(*self._tried()) if options.echo else None

    def offer(self, output: Output) -> None:
        """Keeps the newest state, the last cues and all splits."""
        match output:
            case State():
                self._state, self._state_is_new = output, True
            case Cue():
                self._cues.append(output)
            case Split():
                self._splits.append(output)
            case _:
                return
        self._wake.set()

    async def run(self, post: Post) -> None:
        """Connects, publishes and connects again, until cancelled."""
        wait = BACK_OFF_MIN_S
        while True:
            began = self._clock.now()
            try:
                # a task of its own: a group that failed leaves the task it failed in half cancelled
                await asyncio.create_task(self._connection(post))
            except* (aiomqtt.MqttError, OSError) as errors:
                self.detail = dial.reason(errors, self._options.broker)
            if self.link == "connected" and self._clock.now() > began + HELD_S:
                wait = BACK_OFF_MIN_S
            self._stand("reconnecting")
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # many clients must not come back as one
            wait = min(BACK_OFF_MAX_S, 2 * wait)

    def _stand(self, link: str) -> None:
        """Notes how the link stands, and says so where it changes, and each reason for having none once."""
        before, self.link = self.link, link
        if link == "connected":
            self._whys.clear()
        if before == link and self.detail in self._whys:
            return
        self._whys.add(self.detail)
        if (before, link) != ("connecting", "connected"):
            self._tell_person(f"{link} ({self.detail})" if self.detail else link)

    def _tell_person(self, text: str) -> None:
        if self._say is not None:
            self._say(f"MQTT {self._options.host}:{self._options.port}: {text}")

    async def _connection(self, post: Post) -> None:
        self.protocol = self._protocols[0]
        # a broker may refuse a protocol in words or by silence: the next try uses the other one
        self._protocols.rotate(-1)
        async with self._client() as client:
            heed_cancellation()
            self._protocols.rotate(1)  # it works: stay with it
            self.detail, self._told = self._denied(), None
            self._stand("connected")
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(client, post))
                    tasks.create_task(self._publish(client))
                    tasks.create_task(self._prove(client))
            except asyncio.CancelledError:
                await self._farewell(client)
                raise

    async def _prove(self, client: aiomqtt.Client) -> None:
        """Finds out, once, whether what is published arrives, and names what does not."""
        if self._echo is None or self._echo.verdict is not None:
            return
        await self._echo.run(client, ECHO_S * max(1.0, self._options.rate))
        self.detail = self._denied() or self.detail
        if self._denied():
            self._tell_person(self._denied())

    def _tried(self) -> tuple[list[str], list[str]]:
        """Lists the topics we use, and of those the ones we go on reading."""
        levels = [("state",), ("cue", "rider"), ("cue", "runner"), ("split",), ("status",)]
        read = [self._tree.topic("command")] if self._options.allow_commands else []
        return [*(self._tree.topic(*level) for level in levels), *read], read

    def _denied(self) -> str:
        """Says which topics the broker keeps from us, as far as that is known."""
        if self._echo is None or not self._echo.verdict:
            return ""
        who = f"user {self._options.username}" if self._options.username else "clients without a username"
        topics = ", ".join(self._echo.verdict)
        return f"nothing arrives on {topics}; the broker's access list must let {who} write and read there"

    def _client(self) -> aiomqtt.Client:
        """Makes a new client: a used one would first send what it still holds."""
        last_will = status(None, self._presence(online=False), self._tree, 0, None)
        return dial.client(
            self._options.broker,
            self._timeout,
            identifier=self._identifier,
            protocol=PROTOCOLS[self.protocol],
            will=aiomqtt.Will(last_will.topic, last_will.payload, last_will.qos, last_will.retain),
            max_queued_incoming_messages=COMMANDS_MAX,
            logger=logger,
        )

    async def _listen(self, client: aiomqtt.Client, post: Post) -> None:
        """Reads commands; without any to read it still notices a dead link, which publishing does not."""
        topic = self._tree.topic("command")
        if self._options.allow_commands:
            await client.subscribe(topic, qos=1)
        heed_cancellation()
        async for received in client.messages:
            if self._echo is not None and not received.payload:
                self._echo.hear(received.topic.value)
                continue
            if received.topic.value == self._tree.topic("state"):  # only while it is tried what arrives
                self._meet(bytes(received.payload))
                continue
            if received.topic.value == topic and not received.retain:  # a kept command is an old one
                self._command(bytes(received.payload), post)

    def _meet(self, payload: bytes) -> None:
        """Tells, once, of another run that is published under this session's name."""
        ours = f'"run":"{self._tree.run}"'.encode()
        if ours not in payload and not self._met:
            self._met = True
            name = self._options.session
            self._tell_person(
                f"another run is session {name!r} too, and displays believe neither: rename one"
            )

    def _command(self, payload: bytes, post: Post) -> None:
        try:
            post(parse_command(payload, self._clock.now(), self._utc()))
        except InputError as error:
            self.refused_commands += 1
            self.detail = str(error)

    async def _publish(self, client: aiomqtt.Client) -> None:
        while True:
            await self._drain(client)
            heed_cancellation()
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._wake.wait()

    async def _drain(self, client: aiomqtt.Client) -> None:
        """Sends what waits: cues before splits, the newest state last."""
        while self._cues or self._splits:
            queue: deque[Any] = self._cues or self._splits
            said = queue.popleft()
            try:
                await self._send(client, message(said, self._tree, self._next()))
            except BaseException:
                queue.appendleft(said)  # perhaps it did not arrive: once more over the next link
                raise
        if self._status_is_due():
            await self._tell(client)
        if self._state and self._state_is_new:
            self._state_is_new = False
            await self._send(client, message(self._state, self._tree, self._next()))

    async def _send(self, client: aiomqtt.Client, said: Message | None) -> None:
        if said is None:
            return
        if said.expires is not None and self._clock.now() > said.expires:
            self.dropped += 1
            return
        await client.publish(said.topic, said.payload, said.qos, said.retain, self._properties(said))
        self.sent += 1

    def _properties(self, said: Message) -> Properties | None:
        """Lets an MQTT 5 broker forget in time; it counts whole seconds and only its own."""
        if said.expires is None or self.protocol != "5":
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho types the rest
        properties.MessageExpiryInterval = max(1, math.ceil(said.expires - self._clock.now()))
        return properties

    def _status_is_due(self) -> bool:
        """Tells whether `status` would say something new, or has not been confirmed for a while."""
        return self._told != self._news() or self._clock.now() >= self._told_at + HEARTBEAT_S

    def _news(self) -> tuple[Any, ...]:
        state = self._state
        return (state.phase, state.lap, state.target_time_s, state.target_distance_m) if state else ()

    async def _tell(self, client: aiomqtt.Client, *, online: bool = True) -> None:
        self._told, self._told_at = self._news(), self._clock.now()
        presence = self._presence(online=online)
        await self._send(client, status(self._state, presence, self._tree, self._next(), self._told_at))

    async def _farewell(self, client: aiomqtt.Client) -> None:
        """Sends what is left (the last split) and says offline; a link that hangs may keep it."""
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(self._timeout):
                await self._drain(client)
                await self._tell(client, online=False)

    def _presence(self, *, online: bool) -> Presence:
        return Presence(online, self.protocol, self._options.rate, STATE_HZ, __version__)

    def _next(self) -> int:
        self._seq += 1
        return self._seq
