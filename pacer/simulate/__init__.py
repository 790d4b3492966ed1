"""`pacer simulate`: many seeded miles in virtual time, and what each cue policy makes of them.

Here stand its options alone, for `pacer --help` is to be quick; `command` runs it.
"""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import dataclass

from pacer.errors import InputError
from pacer.ranges import RANGES
from pacer.setup import Mode

Setting = tuple[str, tuple[float, ...]]  # max_change, spacing_s … of a policy, or one of the rider's
RIDING = ("lead_m", "elastic_s", "wheel_circumference_sd_m")
RIDERS: tuple[Mode, ...] = ("strict", "elastic")


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what the command line says."""

    scenarios: tuple[str, ...]
    policies: tuple[str, ...]
    runs: int = 200
    first_seed: int = 1
    jobs: int = 1
    modes: tuple[Mode, ...] = ("strict",)  # of the rider, where there is one
    settings: tuple[Setting, ...] = ()  # a row for each value: a trade-off
    gains: bool = False  # also at half and at double of what is known least about people
    json: bool = False


def arguments(p: argparse.ArgumentParser) -> None:
    """Says what the command takes."""
    p.add_argument("scenarios", type=_names, metavar="SCENARIO", help="with commas: trained,erratic-behind")
    p.add_argument("--policy", type=_names, default=("steady", "none"), metavar="A,B", help="to compare")
    p.add_argument("--runs", type=_count, default=200, metavar="N", help="of each (default 200)")
    p.add_argument("--first-seed", type=_count, default=1, metavar="N", help="default 1")
    p.add_argument(
        "--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="default: every core"
    )
    p.add_argument("--mode", type=_modes, default=("strict",), dest="modes", metavar="A,B", help="of a rider")
    p.add_argument(
        "--set",
        type=_setting,
        action="append",
        dest="settings",
        default=[],
        metavar="KEY=X,Y",
        help="a number of the policies or of the rider; a row for each value",
    )
    p.add_argument("--gains", action="store_true", help="also at half and double of what is known least")
    p.add_argument("--json", action="store_true", help="all figures, instead of the table")
    p.set_defaults(run=_run)


def _names(text: str) -> tuple[str, ...]:
    """Reads names with commas between."""
    return tuple(text.split(","))


def _modes(text: str) -> tuple[Mode, ...]:
    """Reads what a rider does, with commas between."""
    modes = tuple(mode for mode in RIDERS if mode in text.split(","))
    if len(modes) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r}: allowed are {', '.join(RIDERS)}")
    return modes


def _setting(text: str) -> Setting:
    """Reads KEY=NUMBER,NUMBER, where KEY is a number of [policy], or of the rider, in a configuration."""
    limits = {
        key.rpartition(".")[2]: (low, high, words)
        for key, low, high, words in RANGES
        if key.startswith("policy.") or key.rpartition(".")[2] in RIDING
    }
    key, _, numbers = text.partition("=")
    if key not in limits:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed are {', '.join(limits)}, with =NUMBER")
    low, high, words = limits[key]
    try:
        values = tuple(float(number) for number in numbers.split(","))
    except ValueError:
        values = (math.nan,)
    if not all(low <= value <= high for value in values):
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is {words}")
    return key, values


def _count(text: str) -> int:
    """Reads a whole number from 1 to a million."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 1 to 1000000")
    return int(text)


def _run(args: argparse.Namespace) -> None:
    try:
        from pacer.simulate import command  # noqa: PLC0415 - the simulator is an extra
    except ImportError as error:
        raise InputError(f"simulate needs the extra sim: install pacer[sim] ({error})") from None
    known = {key: value for key, value in vars(args).items() if key not in ("run", "policy", "settings")}
    command.run_simulate(Options(policies=args.policy, settings=tuple(args.settings), **known))
