"""Real footpods: their scale is found within 2 km, and one that drifts is followed."""

from __future__ import annotations

from functools import cache

import pytest

from pacer.activity import Activity
from pacer.files import read_activity
from tests.benchmarks.footpods import DRIFT, judge_pod
from tests.support.data import recording

STRYD = "footpod_runs/mit_stryd_app_gps_6.8km.fit"  # its pod reads a steady 0.973 of the file's own distance


@cache
def stryd() -> Activity:
    return read_activity(recording(STRYD))


def test_the_scale_is_found_within_2_km_and_the_distance_agrees() -> None:
    row = judge_pod("stryd", stryd(), 0.0)
    assert row.true_scale == pytest.approx(0.973, abs=0.001)
    assert row.scale == pytest.approx(row.true_scale, abs=0.01)
    assert abs(row.counted_error) < 0.007
    assert abs(row.scale - row.true_scale) < 2 * row.scale_sd
    assert abs(row.live_error) < 0.007


def test_a_pod_that_drifts_is_followed() -> None:
    row = judge_pod("stryd", stryd(), DRIFT)
    assert row.true_scale > 0.99
    assert row.followed < 0.01
    assert abs(row.live_error) < 0.007
