"""The composition root: one plan in, one running engine out. The one file that knows everyone.

Plan(setup, radio, broker, screen) ─▶ BleSource ─▶ Engine(Session, Recorder) ─▶ screen or console, MQTT
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pacer import dial
from pacer.calibration_file import recall
from pacer.clock import BootClock, Clock
from pacer.config import Config, paces
from pacer.engine import Engine, Sink
from pacer.errors import ConfigError, HardwareError, InputError
from pacer.playback import splits_told
from pacer.recorder import Recorder, anchor_now, folder, new_path
from pacer.recording import Header, OutputDigest
from pacer.resume import Resumed
from pacer.session import Session
from pacer.setup import Setup
from pacer.sinks.console import ConsoleSink
from pacer.sinks.lessons import LessonSink
from pacer.sinks.mqtt import MqttOptions, MqttSink
from pacer.sources.ble import BleSource
from pacer.sources.radio import OpenRadio, opener, require_adapter

# A headless run ends by itself this long after the finish: the last cue is over, the last split is out.
LINGER_S = 3.0  # s


@dataclass(frozen=True, slots=True)
class Plan:
    """Holds all that one run is made of."""

    name: str
    setup: Setup
    open_radio: OpenRadio
    clock: Clock = field(default_factory=BootClock)
    mqtt: MqttOptions | None = None
    recordings: str | None = None  # folder; None: the usual one
    screen: bool = False  # the terminal screen, else JSON lines
    linger_s: float | None = None  # s after the finish; None: until it is quit
    rate: float = 1.0  # seconds of the clock per second of life
    notes: tuple[str, ...] = ()  # lines the screen shows: scenario, warnings
    learn: bool = False  # what the run teaches is kept: real sensors only
    config: Path | None = None  # where the configuration stands, for a resume
    resumed: Resumed | None = None  # the run that goes on; setup and clock are its own


def compose(plan: Plan, extra: Sequence[Sink] = ()) -> tuple[Engine, Path]:
    """Puts the parts together; returns the engine and where its recording lies.

    Raises:
        InputError: the recordings folder cannot be written, or the screen's library is missing.
    """
    on = plan.resumed
    header = on.header if on else _header(plan)
    recorder = on.recorder() if on else Recorder(new_path(folder(plan.recordings), plan.name), header)
    sinks: list[Sink] = [*extra]
    tell = None if plan.screen else say
    if plan.learn:
        sinks.append(LessonSink(header, recorder.path))
    mqtt = MqttSink(plan.mqtt, plan.clock, time.time, tell) if plan.mqtt else None
    if mqtt:
        sinks.append(mqtt)
    front = _screen(plan, mqtt, recorder) if plan.screen else ConsoleSink()
    for output in (*on.said, on.notice()) if on else ():
        front.offer(output)
    engine = Engine(
        session=on.session if on else Session(plan.setup),
        sources=(BleSource(plan.setup.sensors, plan.clock, plan.open_radio),),
        sinks=(front, *sinks),
        clock=plan.clock,
        recorder=recorder,
        foreground=front if plan.screen else None,
        linger_s=plan.linger_s,
        digest=on.digest if on else OutputDigest(),
    )
    return engine, recorder.path


def _header(plan: Plan) -> Header:
    config = None if plan.config is None else str(plan.config.absolute())
    return Header(plan.name, plan.setup, anchor_now(plan.clock.now()), config)


def _screen(plan: Plan, mqtt: MqttSink | None, recorder: Recorder) -> Sink:
    try:
        from pacer.sinks.tui import About, TuiSink  # noqa: PLC0415 - textual is an extra
    except ImportError:
        raise InputError("the screen needs the extra tui: install pacer[tui], or say --headless") from None

    def broker() -> str:
        if mqtt is None or plan.mqtt is None:
            return "MQTT: none"
        why = f": {mqtt.detail}" if mqtt.detail else ""
        return f"MQTT {plan.mqtt.host}:{plan.mqtt.port} {mqtt.link}{why}"

    def recording() -> str:
        return recorder.error or f"recording {recorder.path}"

    about = About((*plan.notes, broker, recording), plan.rate, plan.setup.policy.dead_band_s)
    return TuiSink(plan.clock, about)


@contextlib.asynccontextmanager
async def broker(config: Config) -> AsyncIterator[MqttOptions | None]:
    """Finds the configured broker, or runs the embedded one while the context lasts.

    Without amqtt an embedded broker is left out, and said: the run does not need it.

    Raises:
        ConfigError: in the clear off this machine, or the password or the certificates cannot be read.
    """
    mqtt = config.mqtt
    if mqtt.broker == "none":
        yield None
    elif mqtt.broker == "embedded":
        try:
            from pacer.broker import embedded  # noqa: PLC0415 - amqtt is an extra
        except ImportError:
            say("no embedded MQTT broker: install pacer[broker], or name one in [mqtt] broker")
            yield None
            return
        async with embedded() as address:
            say(f"MQTT broker: mqtt://{address.host}:{address.port}")
            yield MqttOptions(
                address.host,
                address.port,
                mqtt.session,
                allow_commands=mqtt.commands,
                protocols=address.protocols,
            )
    else:
        found = dial.find(mqtt)
        yield MqttOptions(
            found.host,
            found.port,
            found.session,
            allow_commands=mqtt.commands,
            username=found.username,
            password=found.password,
            tls=found.tls,
            echo=True,
        )


async def run_config(
    config: Config,
    *,
    headless: bool,
    radio: str | None,
    source: Path | None = None,
    resumed: Resumed | None = None,
) -> Path:
    """Runs a configuration on a real radio to its end; returns where its recording lies.

    `source` is the configuration's file; a run that is `resumed` goes on with the setup it began with.

    Raises:
        HardwareError: no adapter.
    """
    headless = headless or not at_a_terminal()
    if not paces(config):
        raise ConfigError("sensors: allowed is at least one of role runner")
    if radio is None:
        await require_adapter()
    async with broker(config) as mqtt:
        plan = Plan(
            name=config.name,
            setup=resumed.header.setup if resumed else _setup(config, headless=headless),
            clock=resumed.clock if resumed else BootClock(),
            open_radio=opener(radio),
            mqtt=mqtt,
            recordings=config.recordings,
            screen=not headless,
            linger_s=LINGER_S if headless else None,
            learn=True,
            config=source,
            resumed=resumed,
        )
        engine, path = compose(plan)
        await run_engine(engine, path, keep=resumed is not None)
        _settle(engine)
    if not headless and (splits := splits_told(engine.session, path)):
        say(splits)
    return path


def _settle(engine: Engine) -> None:
    """Keeps what the run taught of its sensors, and tells what that is."""
    for sink in engine.sinks:
        if isinstance(sink, LessonSink):
            _tell(sink.settle())


def _setup(config: Config, *, headless: bool) -> Setup:
    return _recalled(_startable(config) if headless else config.setup)


def _recalled(setup: Setup) -> Setup:
    """Returns the setup with what earlier runs taught of its sensors, and tells what that is."""
    setup, words = recall(setup, time.time())
    _tell(words)
    return setup


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        say(line)


def _startable(config: Config) -> Setup:
    """Returns a setup that somebody can start: without keys and without commands, the first step does."""
    if config.setup.start != "command" or config.mqtt.commands:
        return config.setup
    say(
        'no keys here, and [mqtt] commands = false: the run starts with the first step (start = "first_step")'
    )
    return replace(config.setup, start="first_step")


async def run_engine(engine: Engine, path: Path, *, keep: bool = False) -> None:
    """Runs an engine until its end, a signal included; one that never began leaves no file but to `keep`."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unless_mqtt)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, engine.stop)
    try:
        await engine.run()
    except HardwareError:
        if not keep:
            path.unlink(missing_ok=True)  # noqa: ASYNC240 - the run is over; nothing was heard, nothing is lost
        raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _unless_mqtt(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Leaves out what aiomqtt's callbacks say of a connect that is cancelled, or of a broker just killed.

    The sink hears of both in its own way; a traceback would stand across the screen.
    """
    error = context.get("exception")
    closed = (
        isinstance(error, OSError) and error.errno == errno.EBADF and "_writer" in str(context["message"])
    )
    if not (closed or isinstance(error, asyncio.CancelledError)):
        loop.default_exception_handler(context)


def at_a_terminal() -> bool:
    """Tells whether a screen can be drawn: keys come from stdin, and Textual draws on stderr."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def say(text: str) -> None:
    """Tells a person something beside the program's output, on stderr."""
    sys.stderr.write(f"{text}\n")
