"""Writes what fuzzing begins with, by the project's own writers: `python -m tests.fuzz.seeds`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from firmware_sim import encode
from pacer import topics
from pacer.gatt import DECODABLE
from pacer.inputs import Command, Input, Notification, Tick
from pacer.recording import TAGS, Anchor, Header, header_lines, line
from pacer.schema import encode as encode_value
from pacer.setup import Setup
from tests.fuzz.__main__ import CORPUS
from tests.support import gps_frames, states
from tests.support.fit_file import Sample, fit_file
from tests.support.track_files import GPX, START_S, TCX

CONFIGS = Path(__file__).parents[2] / "configs"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PLACE = (47.0, 8.0)  # degrees


def gatt() -> Iterator[bytes]:
    """Makes notifications; the first byte chooses the characteristic."""
    location = encode.LocationAndSpeed(encode.PositionStatus.OK, 5.7, 40.0, PLACE, 400.0, 90.0, 7, NOON)
    frames = {
        encode.RSC_MEASUREMENT: encode.rsc_measurement(
            5.7, 90, running=True, stride_length_m=1.9, distance_m=247.0
        ),
        encode.CSC_MEASUREMENT: encode.csc_measurement(2**32 - 1, 2**16 - 1),
        encode.LOCATION_AND_SPEED: encode.location_and_speed(location),
        encode.HEART_RATE_MEASUREMENT: encode.heart_rate_measurement(172, contact=True, rr_s=(0.35, 0.36)),
        encode.BATTERY_LEVEL: encode.battery_level(87),
    }
    for char, data in frames.items():
        yield bytes([DECODABLE.index(char)]) + data


def stream() -> Iterator[bytes]:
    """Makes what a receiver sends; the first byte is the size of its pieces, less 20."""
    yield b"\x13" + b"".join(gps_frames.MIXED)
    yield b"\xff" + gps_frames.nav_pvt()
    yield b"\x00" + gps_frames.rmc() + gps_frames.VTG


def fit() -> Iterator[bytes]:
    """Makes FIT files with a footpod and without."""
    samples = [Sample(START_S + n, 47.0, 8.0 + n * 4e-5, 3.0 * n, 3.0, 120, 88, 3 * n, 3.0) for n in range(4)]
    yield fit_file(samples, pod=True)
    yield fit_file(samples[:2])


def xml() -> Iterator[bytes]:
    """Makes a GPX and a TCX file."""
    yield GPX.encode()
    yield TCX.encode()


def command() -> Iterator[bytes]:
    """Makes commands."""
    yield b'{"v":1,"verb":"lap","age_s":0.4}'
    yield b'{"verb":"start","at_utc_s":1800000010}'
    yield b'{"verb":"target","value":279}'


def display() -> Iterator[bytes]:
    """Makes what pacer publishes."""
    tree, present = topics.Tree("run", "r"), topics.Presence(True, "5", 1.0, 10.0, "0.1.0")  # noqa: FBT003 - online
    for output in (states.state(), states.cue(), states.split(3)):
        said = topics.message(output, tree, 7)
        assert said
        yield said.payload
    yield topics.status(states.state(), present, tree, 7, 12.0).payload


def config() -> Iterator[bytes]:
    """Takes the examples."""
    yield (CONFIGS / "mile.toml").read_bytes()
    yield b'[course]\nlane = 2\n[target]\ntime = "18:30"\ndistance = "5 km"\n[mqtt]\nbroker = "mqtts://a:8883"\n'


def route() -> Iterator[bytes]:
    """Makes a course of track points, and one of route points."""
    yield GPX.encode()
    yield b'<gpx><rte><rtept lat="47" lon="8"><ele>4</ele></rtept><rtept lat="47.1" lon="8"/></rte></gpx>'


def track() -> Iterator[bytes]:
    """Takes the example."""
    yield (CONFIGS / "track.toml").read_bytes()


def recording() -> Iterator[bytes]:
    """Makes a recording with a damaged line and a second anchor."""
    anchor = Anchor("2026-05-01T10:00:00+00:00", 0.0, "boot", "0.1.0")
    items: list[Input] = [Tick(0.1), Notification(0.2, "strap", "2a37", b"\x00\x3c"), Command(0.3, "lap")]
    lines = [line(TAGS[type(item)], encode_value(item)) for item in items]
    torn = lines[1][:-9] + b"\n"
    yield b"".join(
        [header_lines(Header("run", Setup(), anchor)), *lines, torn, line("a", encode_value(anchor))]
    )


def main() -> None:
    """Writes them all."""
    for make in (gatt, stream, fit, xml, command, display, config, route, track, recording):
        folder = CORPUS / make.__name__
        folder.mkdir(parents=True, exist_ok=True)
        for n, data in enumerate(make()):
            (folder / f"{n}").write_bytes(data)


if __name__ == "__main__":
    main()
