"""The comparison without a course: what its kits leave out, and that the doubt is honest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacer import gatt
from pacer.inputs import Notification
from pacer.measurement import Fix
from tests.benchmarks.metrics import errors
from tests.benchmarks.no_course import FileRow, equipped, files_text, simulated
from tests.benchmarks.play import OURS, play
from tests.benchmarks.runs import SimRun


@pytest.fixture(scope="module")
def run() -> SimRun:
    return simulated(7100)


def fixes(run: SimRun) -> list[Fix]:
    heard = [i for i in run.inputs if isinstance(i, Notification) and i.char == gatt.LOCATION_AND_SPEED]
    return [m for i in heard for m in gatt.decode(i.char, i.t, i.data) if isinstance(m, Fix)]


def test_a_kit_without_doppler_sends_the_same_positions(run: SimRun) -> None:
    plain, bare = fixes(equipped(run, "no-course-gps")), fixes(equipped(run, "no-course-places"))
    assert all(fix.speed_mps is not None for fix in plain)
    assert bare == [replace(fix, speed_mps=None) for fix in plain]
    assert run.setup.course is None


@pytest.mark.parametrize("kit", ["no-course-gps", "no-course-places"])
def test_the_way_is_counted_to_half_a_percent_and_the_doubt_tells_it(run: SimRun, kit: str) -> None:
    found = errors(run, play(equipped(run, kit), OURS))
    assert abs(found.finish_m) < 25  # raw positions: 60 to 80 m too long
    assert found.covered > 0.8


def test_files_are_told_as_they_are() -> None:
    text = files_text([FileRow("a", None, 1000.0, 990.0, 5.0), FileRow("b", 1000.0, 1010.0, 1000.0, 5.0)])
    assert "-1.0%" in text
    assert "+0.0%" in text
