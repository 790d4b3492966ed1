"""The commands `pacer display` and `pacer audio`: their arguments, and where the broker is."""

from __future__ import annotations

import argparse
import asyncio
import math
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacer.errors import ConfigError, InputError
from pacer.units import RIDING_UNITS

if TYPE_CHECKING:  # `pacer --help` is quick without
    from pacer.dial import Broker


def add(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Adds both commands; `command` makes a parser of a name and of what it does."""
    _display(command("display", "the rider's page, for the phone on the handlebar"))
    _audio(command("audio", "tones and words in the runner's ear"))


def _display(p: argparse.ArgumentParser) -> None:
    _broker(p, "display", "rider")
    p.add_argument("--bind", metavar="ADDRESS", help="to listen on (default: all interfaces)")
    p.add_argument("--port", type=_port, default=8080, metavar="N", help="default 8080; 0 takes a free one")
    p.add_argument(
        "--host",
        dest="hosts",
        action="append",
        default=[],
        metavar="NAME",
        help="another name of this machine, which browsers may use",
    )
    p.add_argument("--https", action="store_true", help="a certificate of our own: the screen stays awake")
    p.add_argument("--unit", choices=RIDING_UNITS, default=RIDING_UNITS[0], help="default km/h")
    p.set_defaults(run=_run_display)


def _audio(p: argparse.ArgumentParser) -> None:
    _broker(p, "audio", "runner")
    p.add_argument(
        "--wav", type=Path, metavar="FILE", help="write what would be heard, until the run is over"
    )
    p.add_argument(
        "--metronome",
        type=_beat,
        nargs="?",
        const=100.0,
        metavar="M",
        help="a beep each M metres of the even split (100)",
    )
    p.add_argument("--no-words", dest="words", action="store_false", help="tones only")
    p.add_argument(
        "--latency",
        type=_latency,
        default=0.0,
        metavar="S",
        help="of headphones; Bluetooth takes 0.1 to 0.2",
    )
    p.set_defaults(run=_run_audio)


def _broker(p: argparse.ArgumentParser, kind: str, to: str) -> None:
    p.add_argument("config", type=Path, nargs="?", help="the run's configuration: its [mqtt] is used")
    p.add_argument("--broker", metavar="URL", help="mqtt://HOST:PORT as `pacer run` says, or mqtts://…")
    p.add_argument("--ca", type=Path, metavar="FILE", help="who may sign the broker's certificate (PEM)")
    p.add_argument(
        "--insecure", action="store_true", help="plain MQTT off this machine: all can read and forge"
    )
    p.add_argument("--username", metavar="NAME", help="its own at the broker, not pacer's")
    p.add_argument("--password-file", metavar="FILE", help="whose first line is its password; mode 0600")
    p.add_argument("--session", metavar="NAME", help='as in [mqtt] session (default "run")')
    p.add_argument("--to", choices=("rider", "runner"), default=to, help=f"whose cues (default {to})")
    p.add_argument("--device", default=kind, metavar="NAME", help=f"its own name (default {kind})")


def find_broker(args: argparse.Namespace) -> Broker:
    """Finds the broker: as the configuration has it, unless the command line says otherwise.

    Raises:
        ConfigError: it has none that another program could reach, in the clear off this machine, or the
            password or the certificates are not there.
    """
    from pacer import config  # noqa: PLC0415 - keeps `pacer --help` quick
    from pacer.dial import find  # noqa: PLC0415 - likewise
    from pacer.reach import Mqtt  # noqa: PLC0415 - likewise
    from pacer.topics import check_session  # noqa: PLC0415 - likewise

    mqtt = config.load(args.config).mqtt if args.config else Mqtt("mqtt://127.0.0.1")
    named = args.broker or mqtt.broker
    if named in ("embedded", "none"):
        raise ConfigError(
            f'{args.config}: mqtt.broker = "{named}": allowed is --broker mqtt://HOST:PORT, '
            "which `pacer run` prints, or a broker of your own in the configuration"
        )
    return find(
        replace(
            mqtt,
            broker=named,
            session=check_session(args.session or mqtt.session),
            username=args.username or mqtt.username,
            password_env=None if args.password_file else mqtt.password_env,
            password_file=args.password_file or mqtt.password_file,
            ca_file=str(args.ca) if args.ca else mqtt.ca_file,
            insecure=args.insecure or mqtt.insecure,
        )
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 0 to 65535")
    return int(text)


def _beat(text: str) -> float:
    return _number(
        text, 20.0, 1000.0, "m"
    )  # closer beats than 3 s are a hum, and tell nobody where the line is


def _latency(text: str) -> float:
    return _number(text, 0.0, 0.5, "s")  # beats are told 0.5 s ahead


def _number(text: str, low: float, high: float, unit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a number from {low:g} to {high:g} ({unit})")
    return value


def _run_audio(args: argparse.Namespace) -> None:
    from pacer.app import say  # noqa: PLC0415 - keeps `pacer --help` quick
    from pacer.audio import program  # noqa: PLC0415 - likewise
    from pacer.clock import BootClock  # noqa: PLC0415 - likewise
    from pacer.topics import check_session  # noqa: PLC0415 - likewise

    options = program.Options(
        find_broker(args),
        wav=args.wav,
        beat_m=args.metronome,
        words=args.words,
        latency_s=args.latency,
        device=check_session(args.device),
        to=args.to,
    )
    asyncio.run(_until_stopped(lambda: program.run_audio(options, BootClock(), say)))


def _run_display(args: argparse.Namespace) -> None:
    try:
        from pacer.display import program  # noqa: PLC0415 - its libraries are an extra
    except ImportError as error:
        raise InputError(f"the display needs the extra display: install pacer[display] ({error})") from None
    from pacer.topics import check_session  # noqa: PLC0415 - keeps `pacer --help` quick

    options = program.Options(
        find_broker(args),
        bind=args.bind,
        port=args.port,
        hosts=tuple(args.hosts),
        https=args.https,
        device=check_session(args.device),
        to=args.to,
        unit=args.unit,
    )
    asyncio.run(_until_stopped(lambda: program.run_display(options)))


async def _until_stopped(job: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a job until it ends or somebody stops it, and lets it say goodbye."""
    task = asyncio.ensure_future(job())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
