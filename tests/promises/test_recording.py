"""R1 to R4: what is on record is never lost."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pacer.clock import LoopClock, run_virtual
from pacer.engine import Engine
from pacer.errors import InputError
from pacer.inputs import Input, Notification, Tick
from pacer.outputs import Cue, Notice, Output, State
from pacer.recorder import Recorder
from pacer.recording import Anchor, Header, parse, read
from pacer.session import Session
from pacer.setup import Setup
from pacer.sources.replay import ReplaySource
from tests.promises import goldens
from tests.promises.promised import Measured, Promise
from tests.support.scene import Witness

R1 = Promise(
    "R1", "nothing acknowledged is lost when pacer is killed", "0 lost in 100 kills at random moments"
)
R2 = Promise(
    "R2", "a power cut costs at most the last second", "forced to disk within 1 s; all that was is read back"
)
R3 = Promise(
    "R3", "a full disk stops neither run nor cues", "told within 1 s; only what did not fit is missing"
)
R4 = Promise("R4", "a damaged byte costs at most two lines", "for every cut and every byte of a recording")

HEADER = Header("run", Setup(), Anchor(goldens.UTC, 0.0, None))
KILLS = 100
DAMAGES = 3000
BLOCK = 64  # bytes
PACED = goldens.FOLDER / "paced.pacer"


def inputs(seconds: float) -> list[Input]:
    """Lists what a run with two sensors of 4 Hz records."""
    ticks: list[Input] = [Tick(n / 10) for n in range(int(seconds * 10))]
    heard = [Notification(n / 8, "pod", "2a53", bytes([n % 251] * 8)) for n in range(int(seconds * 8))]
    return sorted([*ticks, *heard], key=lambda item: item.t)


def in_order(found: Sequence[Input], all_of: Sequence[Input]) -> bool:
    """Tells whether nothing was made up: what was found was written, in this order."""
    left = iter(all_of)
    return all(item in left for item in found)


@R1
def test_r1_no_acknowledged_input_is_lost_on_kill(tmp_path: Path, measured: Measured) -> None:
    command = [sys.executable, "-m", "tests.promises.crash_child", str(tmp_path), str(KILLS)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    kills = [line.split() for line in told.stdout.splitlines()]
    assert len(kills) == KILLS
    for name, count in kills:
        acknowledged = int(count)
        try:
            recording = read(tmp_path / name)
        except InputError:  # killed before its first line was whole, or before there was a file
            assert acknowledged == 0
            continue
        assert recording.inputs[:acknowledged] == tuple(Tick(n / 10) for n in range(acknowledged))
        assert len(recording.inputs) <= acknowledged + 1
        assert len(recording.damage) <= 1
    assert sum(int(count) > 0 for _, count in kills) > KILLS / 2, "the kills came before anything was written"
    measured(R1, f"0 of {sum(int(count) for _, count in kills)} inputs lost in {KILLS} kills")


def _drop(rng: random.Random, data: bytearray, at: int) -> None:
    del rng, data[at : at + BLOCK]


def _zero(rng: random.Random, data: bytearray, at: int) -> None:
    del rng
    data[at : at + BLOCK] = bytes(len(data[at : at + BLOCK]))


def _shuffle(rng: random.Random, data: bytearray, at: int) -> None:
    block = list(data[at : at + BLOCK])
    rng.shuffle(block)
    data[at : at + BLOCK] = bytes(block)


def _cut(rng: random.Random, data: bytearray, at: int) -> None:
    del data[at + rng.randrange(BLOCK) :]


@R2
def test_r2_power_loss_costs_only_what_was_not_synced(tmp_path: Path, measured: Measured) -> None:
    """Damages what came after the last sync in 3000 ways; all before it is read back, nothing is made up."""
    path, items = tmp_path / "a.pacer", inputs(1.5)
    recorder = Recorder(path, HEADER)
    for item in items:
        if item.t == 1.0 and isinstance(item, Tick):
            recorder.sync()
            synced, safe = path.stat().st_size, len(read(path).inputs)
        recorder.append(item)
    recorder.close()
    whole, rng = path.read_bytes(), random.Random(2)
    for _ in range(DAMAGES):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            damage = rng.choice((_drop, _zero, _shuffle, _cut))
            damage(rng, data, rng.randrange(synced, max(len(data), synced + 1)))
        found = parse(bytes(data), "f").inputs
        assert found[:safe] == tuple(items[:safe])
        assert in_order(found, items)
    measured(R2, f"what was synced is read past {DAMAGES} damages of the rest")


@dataclass(slots=True)
class Disk:
    """Writes to a file, and fails while it is full."""

    full: Callable[[], bool] = lambda: False

    def __call__(self, fd: int, data: bytes) -> int:
        return os.write(fd, data[: len(data) // 3] if self.full() else data)


class SyncedRecorder(Recorder):
    """Notes what was appended since the last sync, and for how long that was at most."""

    oldest: float | None = None
    worst_s: float = 0.0

    def append(self, item: Input) -> None:
        super().append(item)
        self.oldest = asyncio.get_running_loop().time() if self.oldest is None else self.oldest

    def sync(self) -> None:
        super().sync()
        if self.oldest is not None:
            self.worst_s = max(self.worst_s, asyncio.get_running_loop().time() - self.oldest)
        self.oldest = None


def virtual_run(items: Sequence[Input], recorder: Recorder) -> list[Output]:
    """Plays inputs at life's pace in virtual time, records them, and returns what a sink heard."""
    witness = Witness()

    async def run() -> None:
        source = ReplaySource(items, 1.0)
        parts = Engine(
            Session(read(PACED).header.setup), (source,), (witness,), LoopClock(), recorder, ticking=False
        )
        await parts.run()

    run_virtual(run())
    return witness.outputs


@R2
def test_r2_what_is_on_record_is_forced_to_disk_within_a_second(tmp_path: Path, measured: Measured) -> None:
    recorder = SyncedRecorder(tmp_path / "a.pacer", read(PACED).header)
    virtual_run(read(PACED).inputs[:300], recorder)
    assert 0.5 < recorder.worst_s <= 1.0
    measured(R2, "on disk after {:.1f} s", recorder.worst_s)


@R3
def test_r3_a_full_disk_never_stops_the_run_or_the_cues(tmp_path: Path, measured: Measured) -> None:
    """Fills the disk for 20 s in the middle of a run: half-written lines, then room again."""
    items, path = read(PACED).inputs, tmp_path / "a.pacer"
    now = [0.0]
    from_t, to_t = 30.0, 50.0

    class Told(Recorder):
        def append(self, item: Input) -> None:
            now[0] = item.t
            super().append(item)

    heard = virtual_run(items, Told(path, read(PACED).header, Disk(lambda: from_t <= now[0] < to_t)))
    trouble = [said for said in heard if isinstance(said, Notice) and said.code == "recording-failed"]
    run = [said for said in heard if said not in trouble]
    assert run == list(goldens.outputs(PACED))
    assert sum(isinstance(said, Cue) for said in run) > 0
    assert len(trouble) == 1, "said once"
    assert "only" in trouble[0].text
    states = [said.t for said in heard[: heard.index(trouble[0])] if isinstance(said, State)]
    assert states[-1] - from_t <= 1.0, "said within a second"
    recording = read(path)
    assert recording.inputs == tuple(item for item in items if not from_t <= item.t < to_t)
    assert recording.end is not None
    assert recording.end.lost == len(items) - len(recording.inputs)
    measured(R3, "told after {:.1f} s", states[-1] - from_t)
    measured(R3, f"{recording.end.lost} inputs did not fit in 20 s, no other is missing")


@pytest.fixture(scope="module")
def two_seconds(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, tuple[Input, ...]]:
    path, items = tmp_path_factory.mktemp("r4") / "a.pacer", inputs(2.0)
    recorder = Recorder(path, HEADER)
    for item in items:
        recorder.append(item)
    recorder.close()
    return path.read_bytes(), tuple(items)


@R4
def test_r4_a_cut_at_any_byte_costs_one_line(
    two_seconds: tuple[bytes, tuple[Input, ...]], measured: Measured
) -> None:
    whole, items = two_seconds
    body = whole.rindex(b'"k":"h"')
    for cut in range(body, len(whole)):
        found = parse(whole[:cut], "f").inputs
        lines = whole[body:cut].count(b"\n") - 1
        assert found[: max(lines, 0)] == items[: max(lines, 0)]
        assert len(found) <= max(lines, 0) + 1  # the last line may lack its end alone
    measured(R4, f"{len(whole) - body} cuts: the line that was cut alone")


@R4
def test_r4_a_flipped_byte_costs_at_most_two_lines(
    two_seconds: tuple[bytes, tuple[Input, ...]], measured: Measured
) -> None:
    (whole, items), worst = two_seconds, 0
    for i in range(len(whole)):
        flip = 1 << i % 8 if i % 3 else whole[i] ^ 0x0A or 0xFF  # each bit, and a line's end out of anything
        recording = parse(whole[:i] + bytes([whole[i] ^ flip]) + whole[i + 1 :], "f")
        assert recording.header == HEADER
        assert len(recording.inputs) >= len(items) - 2
        assert recording.damage
        assert in_order(recording.inputs, items)
        worst = max(worst, len(items) - len(recording.inputs))
    measured(R4, f"{len(whole)} bytes changed: at most {worst} lines")
