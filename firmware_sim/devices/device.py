"""A cue device as an ESP32 would be one: an MQTT 3.1.1 client with a clock and a watchdog."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import aiomqtt

from firmware_sim.devices.cue_filter import ClockOffset, CueFilter, Heard, number, parse, parse_cue

WATCHDOG_S = 2.0  # s without a fresh state, after which nothing may stand on the screen
WATCHDOG_STEP_S = 0.25  # s between looks at it
HEARTBEAT_S = 5.0  # s between the device's own status messages
KEEPALIVE_S = 10  # s: the broker calls a vanished device offline after 15
BACK_OFF_S = 0.5  # s between connects, fixed as in most firmware
TIMEOUT_S = 5.0  # s for an answer of the broker
GOODBYE_S = 0.15  # s: a broker answers in 0.02, and one that is frozen must hold up no one who switches off
QUEUE_MAX = 64  # messages: 6 s of states, and little memory
# Nagle's algorithm holds a small packet back until the one before it is acknowledged: up to 40 ms
NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)

OnCue = Callable[[str, float, int], None]
OnAsk = Callable[[float, float], None]  # the speed to ride, and the one that is ridden as pacer knows it, m/s


@dataclass(frozen=True, slots=True)
class Shown:
    """Records one cue that a person saw or heard."""

    seq: int
    word: str
    change_mps: float  # m/s
    t_shown: float  # s, the device's clock
    age_s: float  # s after pacer decided it, by the device's estimate


@dataclass(slots=True)
class Device:
    """Shows or plays the cues to one person, and never a stale one."""

    device_id: str
    kind: Literal["display", "audio"]
    listens_to: Literal["rider", "runner"]
    output_delay_s: float = 0.0  # s from the decision until a person perceives it
    shown: list[Shown] = field(default_factory=list)
    dropped: Counter[str] = field(
        default_factory=Counter
    )  # by reason: late, old, unsettled, retained, malformed
    blanked: list[float] = field(default_factory=list)  # s, when the watchdog struck
    pacer_online: bool | None = None  # what `status` says; None: not heard yet
    _offset: ClockOffset = field(default_factory=ClockOffset)
    _filter: CueFilter = field(default_factory=CueFilter)
    _cue_until: float = 0.0  # s, our clock
    _fresh_at: float | None = None  # s, when the last fresh state came; None: the screen is blank
    _reports: int = 0
    _on_ask: OnAsk | None = None

    async def run(
        self,
        host: str,
        port: int,
        session: str,
        on_cue: OnCue | None = None,
        on_ask: OnAsk | None = None,
    ) -> None:
        """Stays connected until cancelled; calls `on_cue(word, change_mps, seq)` for each cue shown.

        `on_ask` is called for each fresh state that tells a rider how fast to ride.
        """
        base, self._on_ask = f"pacer/v1/{session}", on_ask
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            while True:
                with contextlib.suppress(aiomqtt.MqttError, OSError):
                    await self._connection(host, port, base, on_cue)
                await asyncio.sleep(BACK_OFF_S)

    def visible(self, now: float) -> Shown | None:
        """Returns the cue that stands on the screen at `now` (s), if any."""
        live = self._fresh_at is not None and now <= self._fresh_at + WATCHDOG_S
        return self.shown[-1] if live and self.shown and now <= self._cue_until else None

    def hear(self, topic: str, payload: bytes, now: float) -> Heard | None:
        """Takes one message that came at `now` (s); returns a cue that is to be shown."""
        if not payload:  # a test whether it arrives: nothing for us
            return None
        try:
            return self._take(topic, parse(payload), now)
        except ValueError:  # whoever else publishes here must not be able to stop us
            self.dropped["malformed"] += 1
            return None

    def check_watchdog(self, now: float) -> None:
        """Blanks the screen where no fresh state came for a while: a last will is no watchdog."""
        if self._fresh_at is not None and now > self._fresh_at + WATCHDOG_S:
            self._fresh_at = None
            self.blanked.append(now)

    def _take(self, topic: str, body: dict[str, Any], now: float) -> Heard | None:
        match topic.split("/")[3:]:
            case ["state"]:
                t, ttl = number(body, "t"), number(body, "ttl")
                self._offset.hear(str(body.get("run")), t, now)
                if (self._offset.age(t, now) or 0.0) <= ttl:
                    self._fresh_at = now
                    self._ask(body)
            case ["cue", person] if person == self.listens_to:
                return self._judge(parse_cue(body), now)
            case ["status"]:
                self.pacer_online = body.get("state") == "online"
        return None

    def _ask(self, body: dict[str, Any]) -> None:
        """Shows the speed to ride beside the one ridden, where pacer knows both."""
        keys = ("rider_asked_mps", "rider_speed_mps")
        if self._on_ask is not None and all(body.get(key) is not None for key in keys):
            self._on_ask(*(number(body, key) for key in keys))

    def _judge(self, cue: Heard, now: float) -> Heard | None:
        verdict = self._filter.judge(cue, self._offset.age(cue.t, now))
        if verdict == "show":
            return cue
        self.dropped[verdict] += 1
        return None

    def play(self, cue: Heard, on_cue: OnCue | None = None) -> None:
        """Shows or plays a cue, which takes its time."""
        asyncio.get_running_loop().call_later(self.output_delay_s, self._show, cue, on_cue)

    def _show(self, cue: Heard, on_cue: OnCue | None) -> None:
        now = asyncio.get_running_loop().time()
        age = self._offset.age(cue.t, now)
        if age is None or age > cue.ttl:  # it grew old on the way to the ear
            self.dropped["late"] += 1
            return
        self.shown.append(Shown(cue.seq, cue.word, cue.change_mps, now, age))
        self._cue_until = now + cue.ttl - age
        if on_cue:
            on_cue(cue.word, cue.change_mps, cue.seq)

    async def _connection(self, host: str, port: int, base: str, on_cue: OnCue | None) -> None:
        async with self._client(host, port, base) as client:
            await client.subscribe(
                [(f"{base}/cue/{self.listens_to}", 0), (f"{base}/state", 0), (f"{base}/status", 1)]
            )
            beat = asyncio.create_task(self._beat(client, base))
            try:
                await self._read(client, base, on_cue)
            except asyncio.CancelledError:
                beat.cancel()
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(GOODBYE_S):
                        await self._report(client, base, "offline")
                raise
            finally:
                beat.cancel()

    def _client(self, host: str, port: int, base: str) -> aiomqtt.Client:
        """Makes a new client for each connection: a used one would bring back old messages."""
        return aiomqtt.Client(
            host,
            port,
            identifier=f"{base.rsplit('/', 1)[-1]}-{self.device_id}",
            will=aiomqtt.Will(self._topic(base), self._status("offline", None), 1, retain=True),
            keepalive=KEEPALIVE_S,
            timeout=TIMEOUT_S,
            max_queued_incoming_messages=QUEUE_MAX,
            socket_options=NO_DELAY,
        )

    async def _read(self, client: aiomqtt.Client, base: str, on_cue: OnCue | None) -> None:
        now = asyncio.get_running_loop().time
        async for message in client.messages:
            topic = message.topic.value
            if not topic.startswith(f"{base}/"):
                continue  # some brokers hand out retained messages that nobody here asked for
            if message.retain and "/cue/" in topic:  # nobody may retain a cue; if somebody did, it is old
                self.dropped["retained"] += 1
            elif cue := self.hear(topic, bytes(message.payload), now()):
                self.play(cue, on_cue)

    async def _beat(self, client: aiomqtt.Client, base: str) -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):  # the reader sees a dead link and ends us
                await self._report(client, base, "online")
            await asyncio.sleep(HEARTBEAT_S)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCHDOG_STEP_S)
            self.check_watchdog(asyncio.get_running_loop().time())

    async def _report(self, client: aiomqtt.Client, base: str, state: str) -> None:
        now = round(asyncio.get_running_loop().time(), 3)
        self._reports += 1
        await client.publish(self._topic(base), self._status(state, now), 1, retain=True)

    def _topic(self, base: str) -> str:
        return f"{base}/device/{self.device_id}/status"

    def _status(self, state: str, t: float | None) -> bytes:
        seq = self._reports if t is not None else 0
        body = {
            "v": 1,
            "seq": seq,
            "t": t,
            "ttl": None,
            "state": state,
            "kind": self.kind,
            "device": self.device_id,
        }
        counts = {"shown": len(self.shown), "last_seq": self.shown[-1].seq if self.shown else None}
        return json.dumps(body | counts | {"dropped": dict(self.dropped)}).encode()
