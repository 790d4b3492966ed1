"""What a live run taught is on the disk as soon as the run is over."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pacer.calibration_file import read
from pacer.inputs import Input
from pacer.outputs import Learned, Lesson, Output, TrackLearned
from pacer.recording import Anchor, Header
from pacer.setup import SensorSpec, Setup, TrackSpec
from pacer.sinks.lessons import LessonSink

POD = SensorSpec("footpod", "runner", "footpod", address="AA:BB:CC:DD:EE:FF")
RECORDING = Path("my runs/mile.pacer")
HEADER = Header("mile", Setup((POD,)), Anchor("2026-05-01T10:00:00+00:00", 0.0, None))


def ignore(item: Input) -> None:
    raise AssertionError(f"lessons give no commands: {item}")


async def offered(path: Path, *outputs: Output) -> list[str]:
    sink = LessonSink(HEADER, RECORDING, path)
    task = asyncio.create_task(sink.run(ignore))
    for output in outputs:
        sink.offer(output)
    await sink.done.wait()
    task.cancel()
    return sink.words


async def test_lessons_are_written_and_told(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    words = await offered(path, Learned(300.0, (Lesson("footpod", "footpod_scale", 0.967, 0.004, 5.5),)))
    (one,) = read(path)
    assert (one.utc_s, one.of, one.value) == (1_777_629_600.0, POD.address, 0.967)
    assert "learnt: footpod: the footpod reads 0.967" in words[0]


async def test_nothing_learnt_writes_nothing(tmp_path: Path) -> None:
    assert await offered(tmp_path / "calibration.toml", Learned(300.0, ())) == []
    assert read(tmp_path / "calibration.toml") == ()


async def test_trouble_with_the_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text("[[lesson]\n")
    (words,) = await offered(path, Learned(300.0, (Lesson("footpod", "footpod_scale", 0.967, 0.004),)))
    assert "not kept" in words
    assert "calibration.toml" in words


def test_what_is_waiting_at_the_end_is_written_then(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    sink = LessonSink(HEADER, RECORDING, path)
    sink.offer(Learned(300.0, (Lesson("footpod", "footpod_scale", 0.967, 0.004),)))
    assert "learnt" in sink.settle()[0]
    assert len(read(path)) == 1


def test_a_run_that_was_only_quit_is_told_of_its_recording(tmp_path: Path) -> None:
    (words,) = LessonSink(HEADER, RECORDING, tmp_path / "calibration.toml").settle()
    assert "pacer calibrate" in words


def test_a_track_that_was_found_is_told_with_how_to_keep_it(tmp_path: Path) -> None:
    sink = LessonSink(HEADER, RECORDING, tmp_path / "calibration.toml")
    sink.offer(Learned(300.0, ()))
    sink.offer(TrackLearned(300.0, TrackSpec(), 3.96, 403.27, 0.8))
    (words,) = sink.settle()
    assert "4.0 laps of 403.3 m, give or take 1.6" in words
    assert "pacer course learn 'my runs/mile.pacer' keeps it" in words
