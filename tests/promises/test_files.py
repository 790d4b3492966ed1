"""B2 and B6: whatever is in a file, it gives a run or one typed error, and takes no more than a run does."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from pacer.config import check
from pacer.files import fit, parse_activity
from tests.fuzz import targets
from tests.promises.promised import Measured, Promise
from tests.support import data
from tests.support.damage import mutated
from tests.support.fit_file import Sample, fit_file
from tests.support.track_files import GPX, START_S, TCX

B2 = Promise(
    "B2", "any FIT, GPX or TCX file gives a run or one typed error", "0 other errors; 20 MB within 200 MB"
)
B6 = Promise("B6", "no file is a bomb", "refused, or cut to what a run has, within 2 s of CPU and 200 MB")

SMALL_FIT = fit_file(
    [Sample(START_S + n, 47.0, 8.0 + n * 4e-5, 3.0 * n, 3.0, 120, 88, 5 + 3 * n, 3.0) for n in range(9)],
    pod=True,
)
REAL = data.names("*/*.[fgt][ipc][txp]")  # fit, gpx, tcx
NIGHTLY = bool(os.environ.get("PACER_NIGHTLY"))  # 10,490 damaged files, not 1,485
DAMAGES = 2_800 if NIGHTLY else 400  # of each small file
REAL_DAMAGES = 110 if NIGHTLY else 15  # of the beginning of each real one
BEGINNING = 20_000  # bytes: some 500 records, and all that stands before them
MEMORY_MB = 200.0
CPU_S = 2.0


def damage(whole: bytes, times: int, seed: int) -> int:
    """Reads a file damaged in so many ways, and counts those that still gave a run."""
    chance, read = random.Random(seed), 0
    for _ in range(times):
        read += targets.activity(mutated(whole, chance))
    return read


@B2
@pytest.mark.parametrize("whole", [SMALL_FIT, GPX.encode(), TCX.encode()], ids=["fit", "gpx", "tcx"])
def test_b2_any_damage_gives_a_run_or_one_typed_error(whole: bytes, measured: Measured) -> None:
    read = damage(whole, DAMAGES, 4_41)
    assert read > DAMAGES / 16  # the damage was not always fatal, so much more than the first check was tried
    measured(B2, f"3 small files damaged in {DAMAGES} ways each")


@B2
@pytest.mark.parametrize("name", REAL)
def test_b2_damaged_real_files_give_a_run_or_one_typed_error(name: str, measured: Measured) -> None:
    damage(data.recording(name).read_bytes()[:BEGINNING], REAL_DAMAGES, len(name))
    measured(B2, f"{len(REAL)} real ones in {REAL_DAMAGES} each: 0 other errors")


@pytest.fixture(scope="module")
def took(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float, float]]:
    """Returns, for each bomb, what was said, s of CPU and MB."""
    command = [sys.executable, "-m", "tests.promises.bomb_child", str(tmp_path_factory.mktemp("bombs"))]
    told = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    return {name: (said, cpu, mb) for name, said, cpu, mb in map(json.loads, told.stdout.splitlines())}


@B2
def test_b2_a_long_run_takes_little_memory(
    took: dict[str, tuple[str, float, float]], measured: Measured
) -> None:
    said, cpu_s, mb = took["long run (run)"]
    assert int(said) > 100_000
    assert mb <= MEMORY_MB
    measured(B2, "20 MB of GPX: {:.0f} MB", mb)
    measured(B2, "{:.1f} s of CPU for these", cpu_s)


@B6
def test_b6_each_bomb_is_refused_at_once(
    took: dict[str, tuple[str, float, float]], measured: Measured
) -> None:
    bombs = {name: one for name, one in took.items() if "long run" not in name}
    assert len(bombs) == 21
    for name, (said, cpu_s, mb) in bombs.items():
        assert not said.isdigit(), f"{name} gave a run of {said} records"
        assert cpu_s <= CPU_S, name
        assert mb <= MEMORY_MB, name
    measured(B6, f"{len(bombs)} bombs of 8 MB and more, a GB of packed spaces among them")
    measured(B6, "each at most {:.1f} s of CPU", max(cpu_s for _, cpu_s, _ in bombs.values()))
    measured(B6, "{:.0f} MB", max(mb for _, _, mb in bombs.values()))


@B6
def test_b6_messages_of_a_byte_each_are_read_as_far_as_two_days_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "MAX_FIELDS", 20_000)
    good = fit_file([Sample(START_S, 47.0, 8.0), Sample(START_S + 1, 47.0, 8.0)])
    empty = b"\x45\x00\x00\x13\x00\x00"  # defines a lap without fields as local message 5
    body = good[14:-2] + empty + b"\x05" * 30_000
    run = parse_activity(good[:4] + struct.pack("<I", len(body)) + good[8:14] + body, "f")
    assert len(run.records) == 2
    assert "more messages than two days have: the rest is left out" in run.notes


@B6
@pytest.mark.parametrize("name", ["../mile", "/etc/mile", "a/../../b", "..\\mile", "mile\x00"])
def test_b6_a_name_leads_out_of_no_folder(name: str, tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(f"name = {json.dumps(name)}\n")
    (problem, *_) = check(file)
    assert f"name = {name!r}: allowed is 1 to 32 letters" in str(problem)
