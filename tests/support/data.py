"""The one place that knows where real recordings lie, and what must be there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Beside the checkout; the recordings are other people's and never part of the project.
DATA = Path(os.environ.get("PACER_DATA") or Path(__file__).parents[2].parent / "shared" / "data").resolve()


def required(part: str) -> bool:
    """Tells whether PACER_REQUIRE (words split by commas or spaces) names a part that may not be missing."""
    return part in os.environ.get("PACER_REQUIRE", "").replace(",", " ").split()


def missing(part: str, reason: str) -> None:
    """Skips the test and says why; fails it where PACER_REQUIRE names the part."""
    if required(part):
        pytest.fail(f"{reason}, but PACER_REQUIRE names {part!r}")
    pytest.skip(reason)


def recording(path: str) -> Path:
    """Returns the path of a real recording ("track_runs/x.gpx"); skips or fails where it is missing."""
    found = DATA / path
    if not found.exists():
        missing("data", f"real recording {path} is not in {DATA} (set PACER_DATA)")
    return found


def recordings(pattern: str) -> list[Path]:
    """Returns all real recordings that match a glob pattern, sorted; skips or fails where there is none."""
    found = sorted(DATA.glob(pattern))
    if not found:
        missing("data", f"no real recording matches {pattern} in {DATA} (set PACER_DATA)")
    return found


def names(pattern: str) -> list[str]:
    """Lists recordings relative to the data folder, for parametrising; one stand-in where there are none.

    The stand-in is the pattern itself: `recording()` then skips or fails inside the test, where it is seen.
    """
    return [str(p.relative_to(DATA)) for p in sorted(DATA.glob(pattern))] or [pattern]
