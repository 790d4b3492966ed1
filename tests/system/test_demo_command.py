"""`pacer demo` as a new user gives it: it ends by itself, with a summary and a recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import OK, pacer


def test_the_demo_ends_by_itself_with_a_summary() -> None:
    done = pacer("demo", "--headless", "--rate", 10, "--seed", 1)

    assert done.returncode == OK, done.stderr
    lines = [json.loads(text) for text in done.stdout.splitlines()]
    found = lines[-1]
    assert [line.get("event") for line in lines].count("summary") == 1
    assert found["event"] == "summary"
    assert found["distance_m"] == pytest.approx(1609.344)
    assert found["time_s"] == pytest.approx(found["truth_time_s"], abs=1.0)
    assert found["cues_shown"]["display"] == found["cues_sent"]["rider"]
    assert found["cues_shown"]["audio"] == found["cues_sent"]["runner"]
    assert found["error_m"]["max"] <= 6.0
    assert [row["distance_m"] for row in found["splits"]] == [400.0, 800.0, 1200.0, 1600.0, 1609.344]
    for row in found["splits"][:4]:
        assert row["split_s"] == pytest.approx(69.84, abs=2.0)
        assert row["split_s"] == pytest.approx(row["truth_split_s"], abs=1.0)
    assert assert_verifies(Path(found["recording"]))
    assert "mqtt://127.0.0.1:" in done.stderr


def assert_verifies(recording: Path) -> bool:
    """Asserts that the demo's recording gives the demo's outputs again."""
    done = pacer("replay", recording, "--verify")
    assert done.returncode == OK, done.stderr
    return True
