"""The built wheel, installed elsewhere, runs the demo from an empty folder: it carries all it needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pacer.cli import SCENARIOS

ROOT = Path(__file__).parents[2]
HANGING_S = 300.0  # s: building and installing may wait for a slow package index


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds it from what stands here, in a copy, so that nothing is left behind."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pacer", "firmware_sim"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    out = source / "dist"
    run([sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(source), *installer()], source)
    [built] = out.glob("*.whl")
    return built


def installer() -> list[str]:
    """Lets build use uv where there is one: seconds instead of a minute."""
    return ["--installer", "uv"] if shutil.which("uv") else []


def run(command: list[str], where: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command in a folder, without this checkout on its path."""
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(  # noqa: S603 - our own commands
        command, capture_output=True, text=True, timeout=HANGING_S, check=False, cwd=where, env=clean
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


def test_scenarios_and_style_are_in_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    scenarios = {Path(name).stem for name in names if name.startswith("firmware_sim/scenarios/")}
    assert scenarios >= set(SCENARIOS)
    assert "pacer/sinks/tui/coach.tcss" in names
    assert not [name for name in names if name.startswith(("tests/", "configs/"))]


def test_installed_alone_it_runs_the_demo_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    venv, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    python, command = venv / "bin" / "python", venv / "bin" / "pacer"
    install(venv, python, f"{wheel}[sim]")

    done = run([str(command), "demo", "--headless", "--rate", "10"], empty)

    found = json.loads(done.stdout.splitlines()[-1])
    assert found["event"] == "summary"
    assert found["time_s"] == pytest.approx(found["truth_time_s"], abs=1.0)
    # at this rate a cue is stale after 0.3 s of life: a busy machine shows fewer, and none too many
    assert 0 <= found["cues_shown"]["display"] <= found["cues_sent"]["rider"]
    assert 0 <= found["cues_shown"]["audio"] <= found["cues_sent"]["runner"]
    assert list(empty.iterdir()) == []
    where = run([str(python), "-c", "import pacer; print(pacer.__file__)"], empty).stdout
    assert where.startswith(str(venv))


def install(venv: Path, python: Path, what: str) -> None:
    """Installs into a fresh environment, by uv where there is one."""
    if uv := shutil.which("uv"):
        run([uv, "venv", "-q", "--python", sys.executable, str(venv)], venv.parent)
        run([uv, "pip", "install", "-q", "--python", str(python), what], venv.parent)
    else:
        run([sys.executable, "-m", "venv", str(venv)], venv.parent)
        run([str(python), "-m", "pip", "install", "-q", what], venv.parent)
