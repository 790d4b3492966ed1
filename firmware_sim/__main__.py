"""`python -m firmware_sim --listen HOST:PORT`: simulated sensors for a `pacer run` in another terminal."""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from firmware_sim import scenario
from firmware_sim.firmware import GUN_T
from firmware_sim.recorded_files import RecordedError

if TYPE_CHECKING:
    from collections.abc import Sequence

MQTT_PORT = 1883  # registered at IANA for MQTT without TLS
EPILOG = """\
In another terminal: pacer run configs/mile.toml --radio hci:tcp-client:HOST:PORT, or pacer demo with that
--radio. The runner starts when somebody has listened for a while. Nobody heeds a cue unless --broker names
the broker that pacer publishes to."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs until interrupted; returns 2 where the input is bad."""
    parser = _arguments()
    args = parser.parse_args(argv)
    if args.file and args.gps == "ubx":
        parser.error("--gps: a recorded run is played as it was recorded")
    try:
        from firmware_sim.listen import Options, listen  # noqa: PLC0415 - bumble is an extra
    except ImportError as error:
        return _refuse(f"needs bumble: install pacer[sim] ({error})")
    host, port = args.listen
    played = args.scenario or (
        "paced" if args.broker else "even"
    )  # with a broker somebody shall heed the cues
    options = Options(
        host, port, played, args.seed, args.gps, args.file, args.start_after, args.broker, args.session
    )
    try:
        asyncio.run(listen(options, lambda line: print(line, flush=True)))
    except OSError as error:
        return _refuse(f"--listen {host}:{port}: {error.strerror or error}")
    except (scenario.ScenarioError, RecordedError) as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return 0  # the way to end it
    return 0


def _refuse(text: str) -> int:
    print(f"firmware_sim: {text}", file=sys.stderr)
    return 2


def _arguments() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        "python -m firmware_sim",
        description="Puts four simulated sensors on the air for another process, over HCI and TCP.",
        epilog=EPILOG,
    )
    p.add_argument("--listen", type=_address, required=True, metavar="HOST:PORT", help="port 0 is a free one")
    what = p.add_mutually_exclusive_group()
    names = ", ".join(scenario.names())
    what.add_argument(
        "--scenario",
        metavar="NAME|FILE",
        help=f"{names}, or a .toml file (default even; with --broker paced)",
    )
    what.add_argument(
        "--from",
        type=Path,
        dest="file",
        metavar="FILE",
        help="a recorded FIT, GPX or TCX run, or pacer's own recording",
    )
    p.add_argument("--seed", type=_seed, default=1, metavar="N", help="another seed, another day (default 1)")
    p.add_argument("--gps", choices=("ln", "ubx"), default="ln", help="phone at 1 Hz, or receiver at 10 Hz")
    p.add_argument(
        "--start-after",
        type=_seconds,
        default=GUN_T,
        metavar="SECONDS",
        help=f"from the first listener to the start (default {GUN_T:g})",
    )
    p.add_argument(
        "--broker", type=_broker, metavar="URL", help="mqtt://host:port; both people heed its cues"
    )
    p.add_argument("--session", default="run", help="pacer/v1/SESSION/… of the topics (default run)")
    return p


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 0xFFFF:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, as in 127.0.0.1:9001")
    return host, int(port)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 3600:  # an hour of standing is a typing error
        raise argparse.ArgumentTypeError(f"{text!r}: allowed are 0 to 3600 seconds")
    return value


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 0")
    return int(text)


def _broker(text: str) -> tuple[str, int]:
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port or MQTT_PORT
    except ValueError:  # a port beyond 65535
        host, port = None, 0
    if host is None or text.rstrip("/") != f"mqtt://{url.netloc}" or "@" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not mqtt://HOST:PORT, as in mqtt://127.0.0.1:1883")
    return host, port


if __name__ == "__main__":
    sys.exit(main())
