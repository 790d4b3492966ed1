from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pacer.activity import Lap, Record
from pacer.errors import InputError
from pacer.files import parse_activity, read_activity
from pacer.files.guard import MAX_BYTES
from tests.support.track_files import GPX, START_S, TCX


def test_gpx_gives_positions_extensions_and_all_segments() -> None:
    run = parse_activity(GPX.encode(), "f")
    assert (run.source, run.sport, run.start_utc_s, run.notes) == ("gpx", "running", START_S, ())
    assert run.records == (
        Record(0.0, 47.0, 8.0, 400.5, None, 3.25, 45.0, 4.5, 101, 85.0),
        Record(1.5, 47.00003, 8.0),
        Record(9.0, 47.00006, 8.0),
    )
    assert run.own_distance_m == pytest.approx(6.67, abs=0.01)  # 6e-5 degrees along a meridian


def test_tcx_gives_laps_distance_and_extensions() -> None:
    run = parse_activity(TCX.encode(), "f")
    assert (run.source, run.sport, run.start_utc_s, run.notes) == ("tcx", "Running", START_S, ())
    assert run.records == (
        Record(0.0, 47.0, 8.0, 400.0, 0.0, 3.25, None, None, 120, 86.0),
        Record(2.0, distance_m=6.5),
    )
    assert run.laps == (Lap(0.0, 2.0, 6.5),)


@pytest.mark.parametrize("text", [GPX, TCX])
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b" " * 10 + data,  # as Strava exports TCX
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        gzip.compress,
    ],
    ids=["blanks", "mark", "utf-16", "gzip"],
)
def test_odd_wrappings_change_nothing(tmp_path: Path, text: str, change: object) -> None:
    assert callable(change)
    path = tmp_path / "misnamed.fit"
    path.write_bytes(change(text.encode()))
    assert read_activity(path) == parse_activity(text.encode(), "f")


def test_a_cut_file_gives_the_points_before_the_cut_and_says_so() -> None:
    run = parse_activity(GPX[: GPX.index("</trk>")].encode(), "f")
    assert len(run.records) == 3
    assert run.notes[0].startswith("damaged, read up to there: XMLSyntaxError")


def test_what_a_library_says_of_a_file_is_nothing_that_a_terminal_obeys() -> None:
    """Holds what fuzzing found: a control character in a namespace came through in the parser's words."""
    text = GPX.replace("TrackPointExtension/v2", "TrackPointE\x7ftension/v2", 1)
    said = " ".join(parse_activity(text.encode(), "f").notes)
    assert "TrackPointE?tension" in said
    assert said.isprintable()


def test_points_without_times_are_no_run() -> None:
    text = GPX.replace("<time>", "<when>").replace("</time>", "</when>")
    with pytest.raises(InputError, match="3 records without a time left out"):
        parse_activity(text.encode(), "f")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [f'<!ENTITY l0 "lol">{LAUGHS}', '<!ENTITY l9 SYSTEM "file:///etc/passwd">'],
    ids=["bomb", "file"],
)
@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_entities_are_refused(declared: str, code: str) -> None:
    text = GPX.replace("<gpx", f"<!DOCTYPE gpx [{declared}]><gpx", 1).replace("running", "&l9;")
    with pytest.raises(InputError, match="declares XML entities"):
        parse_activity(text.replace("UTF-8", code).encode(code), "f")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "this is none of them"),
        (b"hello", "this is none of them"),
        (b"<html/>", "'html'"),
        (b"\x0e\x10\x00\x00\x00\x00\x00\x00.FIT", "nothing to replay"),
        (b"\x1f\x8b\x08", "damaged gzip"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], "damaged gzip"),
        (gzip.compress(bytes(MAX_BYTES + 1), mtime=0), "more than 64 MB"),
    ],
)
def test_what_is_no_run_is_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_activity(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
