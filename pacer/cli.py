"""The command line: parses and hands over. Exit 0 ok, 2 bad input, 3 no hardware."""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from pacer import __version__, devices, simulate
from pacer.errors import InputError, PacerError

SCENARIOS = ("paced", "solo", "even", "surge", "pod-dropout", "gps-outage", "stitch")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; an error is one line on stderr."""
    args = parser().parse_args(argv)
    try:
        args.run(args)
    except PacerError as error:
        sys.stderr.write(f"pacer: {error}\n")
        return error.exit_code
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130  # as shells count: 128 + SIGINT
    return 0


def parser() -> argparse.ArgumentParser:
    """Builds the parser of all commands."""
    top = argparse.ArgumentParser(prog="pacer", description="Pace a runner against an even split.")
    top.add_argument("--version", action="version", version=f"pacer {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for add in (_demo, _run, _replay, _estimate, _scan, _check, _course, _calibrate, _simulate):
        add(commands)
    devices.add(partial(_command, commands))
    return top


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse names it so


def _command(commands: Commands, name: str, does: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")


def _demo(commands: Commands) -> None:
    p = _command(commands, "demo", "the whole way with simulated people, sensors and radio")
    p.add_argument(
        "--scenario",
        default="paced",
        metavar="NAME|FILE",
        help=f"{', '.join(SCENARIOS)}, one of study/even and the like, or a .toml file (default paced)",
    )
    p.add_argument("--seed", type=_seed, default=1, metavar="N", help="another seed, another day (default 1)")
    p.add_argument("--gps", choices=("ln", "ubx"), default="ln", help="phone at 1 Hz, or receiver at 10 Hz")
    p.add_argument("--headless", action="store_true", help="JSON lines instead of the screen")
    p.add_argument("--rate", type=_rate, default=1.0, metavar="N", help="N times as fast as life")
    p.add_argument(
        "--broker",
        type=_broker,
        default="embedded",
        metavar="URL",
        help="mqtt://HOST:PORT, none, or embedded (default)",
    )
    p.add_argument(
        "--radio",
        metavar="hci:TRANSPORT",
        help="simulated sensors of another process (python -m firmware_sim --listen HOST:PORT)",
    )
    p.set_defaults(run=_run_demo)


def _run(commands: Commands) -> None:
    p = _command(commands, "run", "a run with real sensors")
    p.add_argument("config", type=Path, nargs="?", help="a TOML file, as in configs/; a recording to resume")
    p.add_argument("--headless", action="store_true", help="JSON lines instead of the screen")
    p.add_argument("--radio", metavar="hci:TRANSPORT", help="a raw HCI controller instead of the system's")
    p.add_argument("--resume", action="store_true", help="go on with the last run, or a recording, cut off")
    p.set_defaults(run=_run_run)


def _replay(commands: Commands) -> None:
    from pacer.cue import POLICIES  # noqa: PLC0415 - keeps `pacer --help` quick

    p = _command(commands, "replay", "a recorded run again, perhaps with another target")
    p.add_argument("file", type=Path, help="a recording, or a FIT, TCX or GPX file")
    _changes(p)
    p.add_argument("--policy", choices=POLICIES, help="how cues are decided")
    p.add_argument("--rate", type=_rate_or_max, metavar="max|N", help="N times as fast as life (default max)")
    p.add_argument("--json", action="store_true", help="one state a second, as JSON lines")
    p.add_argument("--verify", action="store_true", help="compare with the outputs of the recorded run")
    p.set_defaults(run=_run_replay)


def _changes(p: argparse.ArgumentParser) -> None:
    """Adds what may be other than it was."""
    p.add_argument("--target", metavar="4:41", help="time to run the distance in")
    p.add_argument("--distance", metavar="mile|1500m|5km|…", help="where the run ends")
    p.add_argument("--course", metavar="track.toml|route.gpx|none", help="the line that is run")
    p.add_argument("--lane", type=int, metavar="N", help="the runner's, on a track")
    p.add_argument(
        "--start",
        metavar="first|moving|SECONDS",
        help="first sample, first movement, or seconds after the first",
    )


def _estimate(commands: Commands) -> None:
    p = _command(commands, "estimate", "many runs at once, live and with hindsight, a table for each")
    p.add_argument(
        "files", nargs="+", metavar="FILE", help="recordings, FIT, TCX, GPX; directories; patterns"
    )
    p.add_argument("--out", type=Path, required=True, metavar="DIR", help="where tables and summary.jsonl go")
    _changes(p)
    p.add_argument("--jobs", type=_jobs, default=os.cpu_count() or 1, metavar="N", help="default: every core")
    p.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="a Dask cluster instead of this machine")
    p.set_defaults(run=_run_estimate)


def _scan(commands: Commands) -> None:
    p = _command(commands, "scan", "which sensors are near")
    p.add_argument("--seconds", type=_rate, default=8.0, metavar="S", help="how long to listen (default 8)")
    p.add_argument("--connect", action="store_true", help="read batteries; takes each sensor's only link")
    p.add_argument("--radio", metavar="hci:TRANSPORT", help="a raw HCI controller instead of the system's")
    p.set_defaults(run=_run_scan)


def _check(commands: Commands) -> None:
    p = _command(commands, "check", "what is wrong with a configuration")
    p.add_argument("config", type=Path, help="a TOML file; examples in configs/")
    p.set_defaults(run=_run_check)


def _course(commands: Commands) -> None:
    actions = _command(commands, "course", "the line that is run").add_subparsers(
        required=True, metavar="ACTION"
    )
    p = _command(actions, "learn", "a track file from recordings of runs on it")
    p.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a recording, or a FIT, TCX or GPX file"
    )
    p.add_argument("--lap-length", type=_lap_length, metavar="M", help="of lane 1, where it is known: 400")
    p.add_argument("--lane1", action="store_true", help="the runs were in lane 1 (of 400 m, or --lap-length)")
    p.add_argument("--out", type=Path, default=Path("track.toml"), help="to write (default track.toml)")
    p.add_argument("--force", action="store_true", help="write over a file that is there")
    p.set_defaults(run=_run_course_learn)


def _calibrate(commands: Commands) -> None:
    p = _command(commands, "calibrate", "what recorded runs teach of their sensors, kept for the next")
    p.add_argument(
        "files", nargs="+", type=Path, metavar="RUN", help="a recording, or a FIT, TCX or GPX file"
    )
    p.add_argument("--config", type=Path, help="whose sensors made the FIT, TCX and GPX files")
    p.add_argument("--dry-run", action="store_true", help="say it, and keep nothing")
    p.set_defaults(run=_run_calibrate)


def _simulate(commands: Commands) -> None:
    simulate.arguments(_command(commands, "simulate", "what each cue policy makes of many simulated miles"))


def _lap_length(text: str) -> float:
    """Reads the length of a lap: tracks measure 140 to 600 m."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 140 <= value <= 600:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a number from 140 to 600 (m)")
    return value


def _rate(text: str) -> float:
    """Reads a number above zero and up to 1000."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1000:  # beyond it the machine, not the clock, sets the pace
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a number above 0, up to 1000")
    return value


def _seed(text: str) -> int:
    """Reads a whole number from 0."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 0")
    return int(text)


def _jobs(text: str) -> int:
    """Reads a whole number from 1 to 1024."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1024):
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 1 to 1024")
    return int(text)


def _broker(text: str) -> str:
    """Reads "embedded", "none" or mqtt://host:port; the simulated devices speak no TLS."""
    from pacer.reach import is_secure, is_url  # noqa: PLC0415 - keeps `pacer --help` quick

    if text in ("embedded", "none") or (is_url(text) and not is_secure(text)):
        return text
    raise argparse.ArgumentTypeError(f"{text!r}: allowed are embedded, none, or mqtt://HOST:PORT")


def _rate_or_max(text: str) -> float | None:
    return None if text == "max" else _rate(text)


def _run_demo(args: argparse.Namespace) -> None:
    if args.rate > 1 and (args.broker != "embedded" or args.radio):
        other = "--broker" if args.broker != "embedded" else "--radio"
        raise InputError(
            f"--rate {args.rate:g}: with {other} another process takes part, and lives at rate 1"
        )
    try:
        from pacer import demo  # noqa: PLC0415 - the simulator is an extra
        from pacer.clock import RateLoop  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise InputError(f"the demo needs the extra sim: install pacer[sim] ({error})") from None
    options = demo.Options(
        args.scenario, args.seed, args.rate, args.gps, args.headless, args.broker, radio=args.radio
    )
    with asyncio.Runner(loop_factory=lambda: RateLoop(args.rate)) as runner:
        runner.run(demo.run_demo(options))


def _run_run(args: argparse.Namespace) -> None:
    from pacer import app, config, resume  # noqa: PLC0415 - keeps `pacer --help` quick

    resumed, source = None, args.config
    if args.resume:
        chosen, recording = resume.find(args.config)
        resumed = resume.take_up(recording)
        app.say(resumed.notice().text)
    elif source is None:
        raise InputError("run: CONFIG is missing: a TOML file; examples in configs/")
    else:
        chosen = config.load(source)
    path = asyncio.run(
        app.run_config(chosen, headless=args.headless, radio=args.radio, source=source, resumed=resumed)
    )
    app.say(f"recording: {path}")


def _run_replay(args: argparse.Namespace) -> None:
    from pacer import playback, replay  # noqa: PLC0415 - keeps `pacer --help` quick

    known = {key: value for key, value in vars(args).items() if key != "run"}
    replay.run_replay(playback.Options(**known))


def _run_estimate(args: argparse.Namespace) -> None:
    from pacer import batch, playback  # noqa: PLC0415 - keeps `pacer --help` quick

    changes = {key: getattr(args, key) for key in ("target", "distance", "course", "lane", "start")}
    options = playback.Options(Path(), **changes)
    batch.run_batch(batch.Batch(tuple(args.files), args.out, options, args.jobs, args.scheduler))


def _run_scan(args: argparse.Namespace) -> None:
    from pacer import scanning  # noqa: PLC0415 - keeps `pacer --help` quick

    asyncio.run(scanning.run_scan(args.seconds, connect=args.connect, radio=args.radio))


def _run_course_learn(args: argparse.Namespace) -> None:
    from pacer import course_learn  # noqa: PLC0415 - keeps `pacer --help` quick
    from pacer.course.verdict import Wish  # noqa: PLC0415 - likewise

    wish = Wish(args.lap_length, args.lane1)
    course_learn.run_learn(course_learn.Options(tuple(args.files), args.out, wish, args.force))


def _run_calibrate(args: argparse.Namespace) -> None:
    from pacer import calibrate  # noqa: PLC0415 - keeps `pacer --help` quick

    calibrate.run_calibrate(calibrate.Options(tuple(args.files), args.config, args.dry_run))


def _run_check(args: argparse.Namespace) -> None:
    from pacer import config  # noqa: PLC0415 - keeps `pacer --help` quick

    problems = config.check(args.config)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        raise InputError(f"{args.config}: {len(problems)} to mend")
    sys.stdout.write(f"{args.config}: ok\n")
