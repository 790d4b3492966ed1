from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pacer.errors import InputError
from pacer.inputs import Tick
from pacer.recorder import Recorder, anchor_now, folder, new_path
from pacer.recording import Header, OutputDigest, read
from pacer.setup import Setup

HEADER = Header("run", Setup(), anchor_now(0.0))
TICKS = tuple(Tick(n / 10) for n in range(20))


def failing(nth: int, fault: Callable[[int, bytes], int]) -> Callable[[int, bytes], int]:
    """Returns an os.write whose n-th call goes wrong."""
    calls = iter(range(10_000))
    return lambda fd, data: fault(fd, data) if next(calls) == nth else os.write(fd, data)


def full(_fd: int, _data: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def half(fd: int, data: bytes) -> int:
    return os.write(fd, data[: len(data) // 2])


def half_then_full(fd: int, data: bytes) -> int:
    os.write(fd, data[: len(data) // 2])
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def whole_but_unsure(fd: int, data: bytes) -> int:
    os.write(fd, data)
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("fault", [full, half, half_then_full])
@pytest.mark.parametrize("nth", range(len(TICKS)))
def test_a_failing_write_costs_its_own_line_and_is_told(
    tmp_path: Path, nth: int, fault: Callable[[int, bytes], int]
) -> None:
    path = tmp_path / "a.pacer"
    recorder = Recorder(path, HEADER, failing(nth, fault))
    errors = []
    for tick in TICKS:
        recorder.append(tick)
        errors.append(recorder.error)
    digest = OutputDigest()
    recorder.end(9.0, digest)
    recorder.close()
    recording = read(path)
    assert recording.inputs == TICKS[:nth] + TICKS[nth + 1 :]
    assert [n for n, error in enumerate(errors) if error] == [nth]
    assert str(path) in str(errors[nth])
    assert recording.end is not None
    assert recording.end.lost == 1


def test_a_write_that_came_through_though_it_failed_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.pacer"
    recorder = Recorder(path, HEADER, failing(3, whole_but_unsure))
    for tick in TICKS:
        recorder.append(tick)
    recorder.close()
    assert read(path).inputs == TICKS
    assert read(path).damage == ()


def test_a_full_disk_from_the_first_byte_on_never_raises() -> None:
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("no /dev/full on this system")
    recorder = Recorder(device, HEADER)
    for tick in TICKS:
        recorder.append(tick)
        assert recorder.error == "recording /dev/full: No space left on device"
    recorder.sync()
    recorder.close()
    assert recorder.lost == len(TICKS)


def test_a_folder_that_vanishes_and_comes_back_costs_what_fell_between(tmp_path: Path) -> None:
    path = tmp_path / "later" / "a.pacer"
    recorder = Recorder(path, HEADER)
    recorder.append(TICKS[0])
    assert recorder.error is not None
    path.parent.mkdir()
    recorder.append(TICKS[1])
    assert recorder.error is None
    recorder.close()
    assert read(path).inputs == TICKS[1:2]


def test_a_number_that_is_not_finite_is_refused_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pacer"
    recorder = Recorder(path, HEADER)
    for t in (1.0, float("nan"), 2.0):
        recorder.append(Tick(t))
    assert recorder.lost == 1
    recorder.close()
    assert read(path).inputs == (Tick(1.0), Tick(2.0))


def test_each_input_is_one_write(tmp_path: Path) -> None:
    writes: list[bytes] = []

    def spy(fd: int, data: bytes) -> int:
        writes.append(data)
        return os.write(fd, data)

    recorder = Recorder(tmp_path / "a.pacer", HEADER, spy)
    for tick in TICKS:
        recorder.append(tick)
    recorder.close()
    assert len(writes) == len(TICKS)
    assert all(data.count(b"\n") == 1 and data.endswith(b"\n") for data in writes[1:])


def test_recordings_go_to_their_folder_private_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACER_HOME", str(tmp_path / "home"))
    where = folder()
    assert where == tmp_path / "home" / "recordings"
    path = new_path(where, "5 km/früh ../x")
    assert path.parent == where
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-5-km-fr-h-x\.pacer", path.name)
    recorder = Recorder(path, HEADER)
    recorder.append(TICKS[0])
    recorder.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert where.stat().st_mode & 0o077 == 0


def test_two_runs_in_one_second_have_files_of_their_own(tmp_path: Path) -> None:
    paths = {new_path(tmp_path, "run") for _ in range(3)}
    assert len(paths) == 3


def test_the_home_folder_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACER_HOME", raising=False)
    assert folder() == Path.home() / "pacer" / "recordings"
    assert folder("~/runs") == Path.home() / "runs"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="must be a writable folder"):
        new_path(tmp_path / "file" / "recordings", "run")


def test_the_home_of_nobody_is_an_input_error() -> None:
    with pytest.raises(InputError, match="allowed is a path without ~"):
        folder("~nobody-of-this-name/runs")
