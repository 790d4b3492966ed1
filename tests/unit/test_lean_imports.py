"""A small machine without bumble, amqtt, textual and the file libraries runs the engine all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXTRAS = ("bumble", "amqtt", "textual", "textual_plot", "fitdecode", "gpxpy", "lxml", "pynmeagps", "pyubx2")
# Stands first in the list of importers and finds nothing: as if the extras were not installed.
HOOK = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""
ROOT = Path(__file__).parents[2]


def lean(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs code where none of the extras can be imported."""
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", HOOK + code, *args],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def test_the_hook_hides_the_extras() -> None:
    for name in EXTRAS:
        assert f"No module named '{name}'" in lean(f"import {name}").stderr


@pytest.mark.parametrize(
    "module",
    [
        "pacer.engine",
        "pacer.session",
        "pacer.app",
        "pacer.cli",
        "pacer.config",
        "pacer.recording",
        "pacer.replay",
        "pacer.sources.ble",
        "pacer.sources.replay",
        "pacer.sinks.mqtt",
        "pacer.sinks.console",
        "firmware_sim",
    ],
)
def test_it_imports_without_the_extras(module: str) -> None:
    done = lean(f"import {module}")

    assert done.returncode == 0, done.stderr


MAIN = "from pacer.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def no_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the machine's own Bluetooth out of reach."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")


@pytest.mark.usefixtures("no_bus")
@pytest.mark.parametrize("name", ["mile.toml", "road-5k.toml"])
def test_a_headless_run_gets_as_far_as_the_adapter(name: str) -> None:
    done = lean(MAIN, "run", f"configs/{name}", "--headless")

    assert done.returncode == 3, done.stderr
    assert "no Bluetooth adapter" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "extra"),
    [(["demo", "--headless"], "sim"), (["replay", "{gpx}"], "files")],
)
def test_what_needs_an_extra_names_it_in_one_line(args: list[str], extra: str, tmp_path: Path) -> None:
    gpx = tmp_path / "run.gpx"
    gpx.write_text('<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"></gpx>')

    done = lean(MAIN, *(arg.format(gpx=gpx) for arg in args))

    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert f"pacer[{extra}]" in done.stderr
