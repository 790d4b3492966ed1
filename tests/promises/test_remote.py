"""B4, M6 and M7: what may come by MQTT, and what others are told of us there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pacer import dial
from pacer.broker import Address
from pacer.clock import LoopClock
from pacer.errors import InputError
from pacer.inputs import VERBS, Command, Input
from pacer.sinks import mqtt as sink_module
from pacer.sinks.mqtt import MqttOptions, MqttSink
from pacer.topics import parse_command
from tests.fuzz import targets
from tests.promises.promised import Measured, Promise
from tests.support.damage import mutated
from tests.support.engine import engine
from tests.support.mosquitto import Mosquitto, mosquitto
from tests.support.mqtt import Seen, client, observer, running, until
from tests.unit.sinks.stage import feed, ignore, on, play

B4 = Promise("B4", "any MQTT message is a command or nothing", "1 kB at most; refused ones are counted")
M6 = Promise("M6", "the status tells the truth", "offline by itself when stopped, killed or cut off")
M7 = Promise("M7", "nobody commands a run unless that is allowed", "no subscription to commands")

EXAMPLES = 500
NONSENSE = 300
GREETINGS = 25
ASKED = 5  # times, as a subscription comes a moment after the link

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("v", "run", "seq", "t", "ttl", "verb", "value", "age_s", "phase", "to", "word", "speed_mps", "gap_s")
MESSAGES = st.one_of(
    st.binary(max_size=1200),
    st.dictionaries(st.sampled_from(NAMES), JSON | st.sampled_from(VERBS), max_size=8).map(
        lambda body: json.dumps(body).encode()
    ),
)


@B4
@settings(max_examples=EXAMPLES, deadline=None)
@given(MESSAGES)
def test_b4_any_payload_is_a_command_or_refused_and_harms_no_display(payload: bytes) -> None:
    targets.command(payload)
    targets.display(payload)


@B4
@given(st.sampled_from(VERBS), st.text("verb_at\n\x1b", min_size=1, max_size=6))
def test_b4_a_key_that_no_command_has_is_refused_in_a_line(verb: str, key: str) -> None:
    assume(key not in {"v", "verb"})
    with pytest.raises(InputError) as caught:
        parse_command(json.dumps({"verb": verb, key: 1}).encode(), targets.T, targets.UTC)
    targets.says(caught.value, "command: unknown ")


@B4
def test_b4_nonsense_is_counted_and_the_run_goes_on(measured: Measured) -> None:
    chance = random.Random(4)
    good = [b'{"verb":"lap","age_s":1.5}', b'{"v":1,"verb":"target","value":279}']
    payloads = [mutated(chance.choice(good), chance) for _ in range(NONSENSE)]

    async def scene(sink: MqttSink, seen: list[Seen], address: Address) -> None:
        async with client(address.port) as person:
            for n, payload in enumerate(payloads):
                await person.publish("pacer/v1/run/command", payload, qos=1)
                await person.publish(f"pacer/v1/run/{n}", payload, qos=1)  # a topic that nobody knows
                await person.publish("pacer/v1/run/state", payload, qos=1)  # as if it were our own
        await asyncio.sleep(1.0)
        refused.append(sink.refused_commands)
        await feed(sink, 1.0)
        assert len([s for s in on(seen, "state") if s.payload not in payloads]) == 10

    refused: list[int] = []
    posted = play(scene, allow_commands=True)
    assert all(isinstance(one, Command) and one.origin == "mqtt" for one in posted)
    assert refused[0] + len(posted) == NONSENSE
    assert 0 < len(posted) < NONSENSE / 2
    measured(
        B4, f"{NONSENSE} damaged commands: {refused[0]} refused and counted, {len(posted)} still commands"
    )


def greetings() -> Iterator[bytes]:
    """Lists what a broker answers that is none: noise, greetings cut short, and noise after a good one."""
    chance = random.Random(5)
    good = b"\x20\x03\x00\x00\x00"  # CONNACK of MQTT 5: no session, success, no properties
    for n in range(GREETINGS):
        noise = chance.randbytes(chance.randrange(1, 400))
        yield (noise, good + noise, mutated(good, chance), b"\x30\xff\xff\xff\x7f" + noise, b"")[n % 5]


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(handle: Handle) -> AsyncIterator[int]:
    """Serves on a port of loopback, and ends its connections with the block."""
    open_ones: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        open_ones.add(task)
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            await handle(reader, writer)
        writer.close()
        open_ones.discard(task)

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones)


@B4
async def test_b4_a_broker_that_speaks_nonsense_is_left_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    monkeypatch.setattr(sink_module, "BACK_OFF_MAX_S", 0.02)
    monkeypatch.setattr(sink_module, "BACK_OFF_MIN_S", 0.01)
    monkeypatch.setattr(dial, "TIMEOUT_S", 0.3)
    left, served = list(greetings()), [0]
    unheard: list[object] = []  # what nobody caught
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        served[0] += 1
        writer.write(left.pop() if left else b"")
        await asyncio.wait_for(reader.read(), 0.1)

    async with serving(greet) as port:
        sink = MqttSink(MqttOptions("127.0.0.1", port), LoopClock(), lambda: 0.0)
        async with running(sink.run(ignore)):
            await until(lambda: served[0] > GREETINGS, 60.0)
    assert unheard == []
    measured(B4, f"{GREETINGS} brokers that speak nonsense: left")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path, f"log_dest file {tmp_path / 'log'}\nlog_type all\n") as one:
        yield one


async def kept(port: int) -> str:
    """Returns the state in the status that a latecomer finds."""
    async with observer(port, "pacer/v1/run/status") as seen:
        await until(lambda: bool(seen))
    assert seen[0].retain
    return str(seen[0].body["state"])


@M6
async def test_m6_killed_it_is_offline(broker: Mosquitto) -> None:
    async with observer(broker.port, "pacer/v1/run/status") as seen:
        with engine(broker.port) as program:
            await until(lambda: bool(seen) and seen[-1].body["state"] == "online")
            assert await kept(broker.port) == "online"
            program.kill()
            await until(lambda: seen[-1].body["state"] == "offline")
    assert seen[-1].body["t"] is None  # the last will, which does not know when
    assert await kept(broker.port) == "offline"


@M6
async def test_m6_stopped_it_says_so_itself(broker: Mosquitto) -> None:
    sink = MqttSink(MqttOptions("127.0.0.1", broker.port), LoopClock(), lambda: 0.0)
    async with observer(broker.port, "pacer/v1/run/status") as seen:
        async with running(sink.run(ignore)):
            await until(lambda: bool(seen) and seen[-1].body["state"] == "online")
        await until(lambda: seen[-1].body["state"] == "offline")
    assert seen[-1].body["t"] is not None
    assert await kept(broker.port) == "offline"


class Cable:
    """Carries bytes between a client and a broker; cut, it keeps them, and nobody is told."""

    def __init__(self, port: int) -> None:
        self.whole = asyncio.Event()
        self.whole.set()
        self._port = port

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        finally:
            back.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            await self.whole.wait()
            writer.write(data)
        writer.close()


@M6
async def test_m6_cut_off_it_is_offline_and_online_when_back(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    monkeypatch.setattr(dial, "KEEPALIVE_S", 1)  # a fifth, and so is what is waited for
    monkeypatch.setattr(dial, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(sink_module, "HEARTBEAT_S", 1.0)
    now = asyncio.get_running_loop().time
    cable = Cable(broker.port)
    async with serving(cable.carry) as port, observer(broker.port, "pacer/v1/run/status") as seen:
        sink = MqttSink(MqttOptions("127.0.0.1", port), LoopClock(), lambda: 0.0)
        async with running(sink.run(ignore)):
            await until(lambda: bool(seen) and seen[-1].body["state"] == "online")
            cable.whole.clear()
            cut = now()
            await until(lambda: seen[-1].body["state"] == "offline")
            # Mosquitto counts 1.5 keep-alives (MQTT 5, 3.1.2.10), and looks each 5 s
            measured(M6, "cut off, with a keep-alive of 1 s: {:.1f} s later", now() - cut)
            cable.whole.set()
            await until(lambda: seen[-1].body["state"] == "online")
        await until(lambda: seen[-1].body["state"] == "offline")  # and so the cable carried the end
    measured(M6, "killed and stopped: at once")


def subscriptions(log: Path) -> set[str]:
    """Reads in a broker's log what programs like ours asked for."""
    lines = log.read_text("utf-8").splitlines()
    at = [n for n, line in enumerate(lines) if "Received SUBSCRIBE from pacer-" in line]
    topics = {lines[n + 1].split("\t")[-1].split()[0] for n in at}
    return {topic.removeprefix("pacer/v1/run/") for topic in topics}


async def commanded(options: MqttOptions) -> list[Input]:
    """Tells a run to stop, and returns what it took."""
    posted: list[Input] = []
    sink = MqttSink(options, LoopClock(), lambda: 0.0)
    async with running(sink.run(posted.append)), client(options.port) as person:
        await until(lambda: sink.link == "connected")
        await until(lambda: sink._echo is None or sink._echo.verdict == ())
        for _ in range(ASKED):
            await person.publish("pacer/v1/run/command", b'{"verb":"stop"}', qos=1)
            await asyncio.sleep(0.1)
        await until(lambda: bool(posted) or not options.allow_commands)
    return posted


@M7
@pytest.mark.parametrize("echo", [False, True])
async def test_m7_without_leave_commands_are_not_even_heard(
    *, echo: bool, broker: Mosquitto, tmp_path: Path, measured: Measured
) -> None:
    own = {"state", "cue/rider", "cue/runner", "split", "status"} if echo else set()  # tried, and let go
    log = tmp_path / "log"
    assert await commanded(MqttOptions("127.0.0.1", broker.port, echo=echo)) == []
    assert subscriptions(log) == own
    posted = await commanded(MqttOptions("127.0.0.1", broker.port, allow_commands=True, echo=echo))
    assert {type(one) for one in posted} == {Command}
    assert subscriptions(log) == own | {"command"}
    measured(M7, "by the log of Mosquitto, with an access list and without")
