from __future__ import annotations

import hashlib
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer import recording as recording_module
from pacer.errors import InputError
from pacer.inputs import Command, Input, Link, Measured, Notification, Tick
from pacer.measurement import Fix, HeartRate
from pacer.outputs import Notice
from pacer.recorder import Recorder, anchor_now
from pacer.recording import (
    Anchor,
    End,
    Header,
    OutputDigest,
    header_lines,
    is_recording,
    line,
    parse,
    read,
)
from pacer.schema import encode
from pacer.setup import SensorSpec, Setup, TrackSpec
from tests.support.values import any_input

ANCHOR = Anchor("2026-05-01T10:00:00+00:00", 100.25, "b001", "0.1.0")
HEADER = Header("mile", Setup(sensors=(SensorSpec("pod", "runner", "footpod"),), course=TrackSpec()), ANCHOR)
INPUTS: tuple[Input, ...] = (
    Link(100.5, "pod", "connected"),
    Tick(100.6),
    Notification(100.7000001, "pod", "2a53", bytes.fromhex("00aa0556")),
    Command(101.0, "start", at=100.9),
    Measured(101.1, "gps", Fix(101.1, 47.0, 8.0)),
    Measured(101.1, "hr", HeartRate(101.1, 61, contact=None, rr_s=(0.98, 1.02))),
    Tick(1e9 / 3),
)


def write(path: Path, *, items: tuple[Input, ...] = INPUTS, header: Header | None = HEADER) -> bytes:
    recorder = Recorder(path, header)
    for item in items:
        recorder.append(item)
    recorder.end(200.0, OutputDigest())
    recorder.close()
    assert recorder.error is None
    return path.read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("recording") / "a.pacer")


def test_what_was_written_is_read_back(whole: bytes) -> None:
    recording = parse(whole, "f")
    assert recording.header == HEADER
    assert recording.inputs == INPUTS
    assert recording.damage == ()
    assert recording.end == End(200.0, 0, hashlib.sha256().hexdigest())


@given(st.lists(any_input, max_size=5))
def test_any_inputs_are_read_back_equal(items: list[Input]) -> None:
    kinds = {Notification: "n", Measured: "m", Link: "l", Tick: "t", Command: "c"}
    data = header_lines(HEADER) + b"".join(line(kinds[type(i)], encode(i)) for i in items)
    assert parse(data, "f").inputs == tuple(items)


def test_the_format_is_what_the_docstring_says_for_another_program() -> None:
    """Writes a recording by the words of the module's docstring alone."""

    def foreign(text: str) -> str:
        return f"{zlib.crc32(text.encode()):08x} {text}\n"

    header = foreign(
        '{"k":"h","format":1,"pacer":"9","name":"x","utc":"2026-05-01T10:00:00Z","t":0,"boot":null,"setup":{}}'
    )
    notification = foreign('{"data":"00aa", "char": "2a53","sensor":"pod","t":1.5,"k":"n"}')
    command = foreign('{"k":"c","t":2,"verb":"start"}')
    recording = parse(f"{header}\n{header}{notification}{command}".encode(), "f")
    assert recording.header.setup == Setup()
    assert recording.inputs == (Notification(1.5, "pod", "2a53", b"\x00\xaa"), Command(2.0, "start"))
    assert recording.damage == ()


def nothing_made_up(data: bytes) -> None:
    """Asserts that what is read from damaged bytes is true and in order."""
    recording = parse(data, "f")
    assert recording.header == HEADER
    left = iter(INPUTS)
    assert all(item in left for item in recording.inputs), "an input was read that was never written"


def test_a_lost_block_costs_only_what_lay_in_it(whole: bytes) -> None:
    start = whole.rindex(b'"k":"h"') + 700
    for i in range(start, len(whole)):
        nothing_made_up(whole[:i] + bytes(64) + whole[i + 64 :])


@given(st.binary(max_size=200))
def test_bytes_that_are_no_recording_give_an_input_error(data: bytes) -> None:
    with pytest.raises(InputError):
        parse(data, "f")


@pytest.mark.parametrize(
    "body",
    [
        '{"k":"zz"}',
        '{"k":["t"]}',
        "[]",
        "3",
        "[" * 100_000,
        '{"k":"t"}',
        '{"k":"t","t":"x"}',
        "{",
        '{"k":"t","t":NaN}',
    ],
)
def test_a_sound_line_of_nonsense_is_damage_not_an_exception(whole: bytes, body: str) -> None:
    nonsense = b"%08x %s\n" % (zlib.crc32(body.encode()), body.encode())
    recording = parse(whole + nonsense, "f")
    assert recording.inputs == INPUTS
    assert len(recording.damage) == 1


def test_lines_that_another_program_ended_with_cr_lf_are_read(whole: bytes) -> None:
    assert parse(whole.replace(b"\n", b"\r\n"), "f") == parse(whole, "f")


def test_another_runs_recording_behind_this_one_is_left_out_and_told(whole: bytes) -> None:
    other = header_lines(replace(HEADER, name="other")) + line("t", {"t": 1.0})
    recording = parse(whole + other + whole, "f")
    assert (recording.header, recording.inputs) == (HEADER, INPUTS)
    assert [one.reason for one in recording.damage] == [
        "another run begins here, 'other': that and the rest is left out"
    ]
    assert parse(whole + whole, "f").inputs == INPUTS * 2, "the same header again is a repeated block"


def test_a_line_without_end_costs_itself_alone(whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_module, "MAX_LINE", 2_000)
    end = whole.rindex(b"\n", 0, -1) + 1
    recording = parse(whole[:end] + b"x" * 7_000 + b"\n" + whole[end:], "f")
    assert (recording.inputs, len(recording.damage)) == (INPUTS, 1)


@pytest.mark.parametrize("unusable", [b"\n", b"x\n"])
def test_a_file_of_nothing_but_unusable_lines_is_no_recording(
    whole: bytes, unusable: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "MAX_UNUSABLE", 20)
    assert parse(whole + unusable * 19, "f").inputs == INPUTS
    with pytest.raises(InputError, match="more than 20 unusable lines"):
        parse(whole + unusable * 21, "f")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("split_m", 0.0, "allowed is 10 to 50000"),
        ("split_m", 1e-9, "allowed is 10 to 50000"),
        ("start_at", 1e300, "allowed is within 1e\\+10 s"),
        ("target.distance_m", 1e300, "allowed is 10 to 1e\\+06"),
        ("target.time_s", -5.0, "allowed is a time that makes"),
        ("policy.name", "nag", "allowed is .steady."),
        ("policy.spread_s", 0.0, "allowed is 1 to 600"),
        ("calibration.footpod_scale", 1e300, "allowed is 0.5 to 2"),
        ("calibration.wheel_circumference_m", 0.0, "allowed is 0.5 to 4"),
        ("course.lap_length_m", 1e300, "allowed is 50 to 2000"),
        ("sensors", [encode(SensorSpec("\x1b[2J", "runner", "gps"))], "allowed is 1 to 32 letters"),
        ("sensors", [encode(SensorSpec("a", "runner", "gps"))] * 2, "allowed is each name once"),
        (
            "sensors",
            [encode(SensorSpec(f"s{n}", "runner", "gps")) for n in range(33)],
            "allowed is 32 at most",
        ),
    ],
)
def test_a_setup_that_cannot_be_is_refused_with_what_is_allowed(key: str, value: object, says: str) -> None:
    body = json.loads(header_lines(HEADER).split(b"\n")[0][9:])
    *tables, last = key.split(".")
    table = body["setup"]
    for name in tables:
        table = table[name]
    table[last] = value
    with pytest.raises(InputError, match=f"setup: {re.escape(key)}.* {says}"):
        parse(line("h", body), "f")


def test_a_newer_format_is_refused_by_name() -> None:
    body = json.loads(header_lines(HEADER).split(b"\n")[0][9:]) | {"format": 2, "pacer": "7.0"}
    body.pop("k")
    with pytest.raises(
        InputError, match=r"^f: recording format 2, written by pacer '7.0': .* reads format 1$"
    ):
        parse(line("h", body), "f")


def test_a_setup_that_cannot_be_read_says_why() -> None:
    body = json.loads(header_lines(HEADER).split(b"\n")[0][9:])
    body["setup"]["seed"] = "x"
    with pytest.raises(InputError, match="seed = 'x': allowed is a whole number"):
        parse(line("h", body), "f")


def test_a_file_that_is_not_there_or_a_folder_is_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pacer", tmp_path):
        with pytest.raises(InputError, match=str(path)):
            read(path)


def test_a_recording_is_told_by_its_bytes_or_its_name(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "renamed.txt").write_bytes(whole)
    (tmp_path / "other.txt").write_text("<gpx/>")
    assert is_recording(tmp_path / "renamed.txt")
    assert not is_recording(tmp_path / "other.txt")
    assert not is_recording(tmp_path / "none.fit")
    assert is_recording(tmp_path / "none.pacer")


def test_a_resumed_recording_goes_on_after_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "a.pacer"
    torn = write(path)[:-100]
    path.write_bytes(torn)
    recorder = Recorder(path, None)
    anchor = anchor_now(5.0)
    recorder.resume(anchor)
    recorder.append(Tick(6.0))
    recorder.close()
    recording = read(path)
    assert recording.inputs == (*INPUTS, Tick(6.0))
    assert recording.anchors == ((len(INPUTS), anchor),)
    assert len(recording.damage) == 1
    assert recording.end is None


def test_the_digest_is_the_hash_of_the_canonical_lines() -> None:
    digest = OutputDigest()
    digest.add(Notice(1.5, "info", "hello", "grüß"))
    text = r'{"code":"hello","level":"info","sensor":null,"t":1.5,"text":"gr\u00fc\u00df"}'
    assert digest.hexdigest() == hashlib.sha256(f"Notice {text}\n".encode()).hexdigest()
    assert digest.count == 1


def test_the_digest_tells_order_and_the_smallest_difference() -> None:
    notices = [Notice(1.0, "info", "a", "x"), Notice(1.0 + 2**-52, "info", "a", "x")]
    digests = set()
    for order in (notices, notices[::-1], notices[:1] * 2):
        digest = OutputDigest()
        for notice in order:
            digest.add(notice)
        digests.add(digest.hexdigest())
    assert len(digests) == 3
