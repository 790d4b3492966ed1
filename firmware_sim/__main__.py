"""`python -m firmware_sim --listen HOST:PORT`: simulated sensors for a `pacer run` in another terminal."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from firmware_sim import scenario
from firmware_sim.firmware import GUN_T
from firmware_sim.listen import Options, listen
from firmware_sim.recorded_files import RecordedError


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 0xFFFF:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, as in 127.0.0.1:9001")
    return host, int(port)


def _arguments() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser("python -m firmware_sim", description="Simulated sensors over HCI and TCP.")
    p.add_argument("--listen", type=_address, required=True, metavar="HOST:PORT", help="port 0 is a free one")
    what = p.add_mutually_exclusive_group()
    what.add_argument("--scenario", default="even", help=f"{', '.join(scenario.names())}, or a .toml file")
    what.add_argument("--from", type=Path, dest="file", metavar="FILE", help="play a recorded FIT, GPX, TCX")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--gps", choices=("ln", "ubx"), default="ln", help="how the receiver speaks")
    p.add_argument("--gun", type=float, default=GUN_T, metavar="S", help="after all sensors are heard")
    p.add_argument("--broker", type=_address, metavar="HOST:PORT", help="MQTT, where people get their cues")
    p.add_argument("--session", default="run", help="of the topic tree")
    return p


def main() -> int:
    """Runs until interrupted; returns 2 where the input is bad."""
    a = _arguments().parse_args()
    host, port = a.listen
    options = Options(host, port, a.scenario, a.seed, a.gps, a.file, a.gun, a.broker, a.session)
    try:
        asyncio.run(listen(options, lambda line: print(line, flush=True)))
    except (scenario.ScenarioError, RecordedError, OSError) as error:
        print(f"firmware_sim: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
