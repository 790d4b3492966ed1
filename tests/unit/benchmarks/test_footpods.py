"""A real footpod that drifts is followed; how its scale is found is promise E8."""

from __future__ import annotations

from functools import cache

from pacer.activity import Activity
from pacer.files import read_activity
from tests.benchmarks.footpods import DRIFT, judge_pod
from tests.support.data import recording

STRYD = "footpod_runs/mit_stryd_app_gps_6.8km.fit"  # its pod reads a steady 0.973 of the file's own distance


@cache
def stryd() -> Activity:
    return read_activity(recording(STRYD))


def test_a_pod_that_drifts_is_followed() -> None:
    row = judge_pod("stryd", stryd(), DRIFT)
    assert row.true_scale > 0.99
    assert row.followed < 0.01
    assert abs(row.live_error) < 0.007
