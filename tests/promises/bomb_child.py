"""Reads files made to be too much: python -m tests.promises.bomb_child FOLDER.

Prints a JSON list for each: its name, the error or the number of records, s of CPU, MB with the file itself.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pacer.course_file import read_course
from pacer.errors import PacerError
from pacer.files import read_activity
from pacer.recording import Anchor, Header, header_lines, line
from pacer.recording import read as read_recording
from pacer.setup import Setup

MB = 1_000_000
LONG = 20 * MB  # bytes, as the promise has it
SIZE = 8 * MB  # bytes of a bomb: not refused, it takes 240 to 400 MB
POINT = b'<trkpt lat="1" lon="1"/>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def track(points: bytes) -> bytes:
    """Puts points in a track."""
    return b"<gpx><trk><trkseg>" + points + b"</trkseg></trk></gpx>"


def long_run() -> bytes:
    """Makes a good file of that size, a point a second."""
    point = (
        b'<trkpt lat="47.%07d" lon="8.0000000"><ele>400.5</ele><time>2020-01-%02dT%02d:%02d:%02dZ</time>'
        b"<extensions><hr>101</hr><cad>85</cad></extensions></trkpt>"
    )
    size = len(point % (0, 1, 0, 0, 0))
    times = ((i, 1 + i // 86400, i // 3600 % 24, i // 60 % 60, i % 60) for i in range(LONG // size))
    return track(b"".join(point % one for one in times))


def packed_spaces() -> bytes:
    """Packs a GB of spaces by gzip, in pieces, as gzip allows."""
    return gzip.compress(b" " * 10 * MB, mtime=0) * 100


BOMBS: dict[str, Callable[[], bytes]] = {
    "long run": long_run,
    "entities": f"<!DOCTYPE gpx [<!ENTITY l0 'ha'>{LAUGHS}]><gpx>&l9;</gpx>".encode,
    "spaces": lambda: b"<gpx>" + b" " * SIZE + b"</gpx>",
    "packed spaces": packed_spaces,
    "million points": lambda: track(POINT * 1_000_000),
    "elements": lambda: b"<gpx>" + b"<a/>" * (SIZE // 4) + b"</gpx>",
    "elements in a point": lambda: track(b"<trkpt>" + b"<a/>" * (SIZE // 4) + b"</trkpt>"),
    "elements in a lap": lambda: (
        b"<TrainingCenterDatabase><Lap>" + b"<a/>" * (SIZE // 4) + b"</Lap></TrainingCenterDatabase>"
    ),
    "elements in each other": lambda: b"<gpx>" + b"<a>" * (SIZE // 3),
    "attributes": lambda: b"<gpx " + b" ".join(b'a%d=""' % i for i in range(SIZE // 12)) + b"/>",
    "altitude": lambda: track(b'<trkpt lat="1" lon="1"><ele>' + b"\n" * SIZE + b"</ele></trkpt>"),
}

HEAD = header_lines(Header("run", Setup(), Anchor("2026-05-01T10:00:00+00:00", 0.0, None)))
RECORDINGS: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: HEAD + bytes(8 * SIZE),
    "blank lines": lambda: HEAD + b"\n" * 8 * SIZE,
    "torn lines": lambda: HEAD + b"x\n" * 4 * SIZE,
    "lines in each other": lambda: (
        HEAD + b"".join(line("t", {"t": nested(900)}) for _ in range(SIZE // 2000))
    ),
}


def nested(depth: int) -> object:
    """Puts lists in each other, as deep as Python's own reader and writer go."""
    return [nested(depth - 1)] if depth else []


def peak_mb(*, anew: bool = False) -> float:
    """Returns the most memory that was held, in MB, since it was last asked anew."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    said = Path("/proc/self/status").read_text("ascii").split("VmHWM:")[1]
    return int(said.split()[0]) * 1024 / MB


def read(name: str, path: Path) -> None:
    """Reads one file and says what came of it."""
    before, began = peak_mb(anew=True), time.process_time()
    try:
        match path.suffix, path.stem:
            case ".pacer", _:
                read_recording(path)
                found: object = None
            case _, "route":
                found = read_course(path)
            case _:
                found = read_activity(path)
        points = getattr(found, "points", ()) or getattr(found, "records", ())
        said = str(len(points)) if found else "what of it is a recording"
    except PacerError as error:
        said = str(error)
    sys.stdout.write(json.dumps([name, said, time.process_time() - began, peak_mb() - before]) + "\n")


def main(folder: Path) -> None:
    """Reads them all, as an activity and as a course."""
    run, route = folder / "run.gpx", folder / "route.gpx"
    for name, make in BOMBS.items():
        run.write_bytes(make())
        read(f"{name} (run)", run)
        if name not in {"long run", "attributes", "packed spaces", "elements in a lap"}:
            read(f"{name} (route)", run.rename(route))
    recording = folder / "run.pacer"
    for name, make in RECORDINGS.items():
        recording.write_bytes(make())
        read(f"{name} (recording)", recording)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
