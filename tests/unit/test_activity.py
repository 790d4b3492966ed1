from __future__ import annotations

import math

import pytest

from pacer.activity import Activity, Record, inputs, sensors
from pacer.inputs import Measured
from pacer.measurement import Fix, HeartRate, Stride


def activity(*records: Record, utc: float | None = 1e9) -> Activity:
    return Activity("fit", "running", utc, records)


def test_a_watch_with_a_footpod_speaks_for_three_sensors() -> None:
    record = Record(2.0, 47.0, 8.0, 400.0, 10.0, 3.0, 90.0, 4.0, 150, 88.0, 257.0, 2.9)
    run = activity(Record(0.0, 47.0, 8.0), record)
    assert list(inputs(run)) == [
        Measured(0.0, "gps", Fix(0.0, 47.0, 8.0, sensor_t=1e9)),
        Measured(2.0, "gps", Fix(2.0, 47.0, 8.0, 3.0, 90.0, 400.0, 4.0, None, 1e9 + 2)),
        Measured(2.0, "footpod", Stride(2.0, 2.9, 88.0, None, 257.0, None, 1e9 + 2)),
        Measured(2.0, "heart_rate", HeartRate(2.0, 150, None)),
    ]
    assert [(s.name, s.kind) for s in sensors(run)] == [
        ("gps", "gps"),
        ("footpod", "footpod"),
        ("heart_rate", "heart_rate"),
    ]


def test_without_positions_speed_and_distance_are_the_footpods() -> None:
    run = activity(Record(0.0, distance_m=1.5, speed_mps=3.0, cadence_spm=80.0), utc=None)
    assert list(inputs(run)) == [Measured(0.0, "footpod", Stride(0.0, 3.0, 80.0, None, 1.5, None))]
    assert [s.name for s in sensors(run)] == ["footpod"]


def test_a_watch_without_a_footpod_invents_none() -> None:
    run = activity(Record(0.0, 47.0, 8.0, distance_m=0.0, speed_mps=3.0, cadence_spm=80.0))
    assert [item.sensor for item in inputs(run) if isinstance(item, Measured)] == ["gps"]


def test_a_lost_position_leaves_the_speed() -> None:
    run = activity(Record(0.0, 47.0, 8.0), Record(1.0, speed_mps=3.0), Record(2.0, distance_m=5.0))
    assert list(inputs(run))[1:] == [Measured(1.0, "gps", Fix(1.0, None, None, 3.0, sensor_t=1e9 + 1))]


@pytest.mark.parametrize(
    ("distances", "own"),
    [
        ((0.0, 3.0, 6.0), 6.0),
        ((247.0, 250.0, 253.0), 6.0),  # a counter starts anywhere
        ((0.0, 247.0, 250.0), 3.0),  # and jumps: no runner does 247 m in a second
        ((100.0, 103.0, 1.0, 4.0), 6.0),  # and falls back
        ((0.0, None, 6.0), 6.0),
    ],
)
def test_own_distance_is_what_the_counter_counted(distances: tuple[float | None, ...], own: float) -> None:
    run = activity(*(Record(float(n), 47.0, 8.0, distance_m=d) for n, d in enumerate(distances)))
    assert run.own_distance_m == pytest.approx(own)


def test_own_distance_is_the_path_where_nothing_counted() -> None:
    """One minute of arc along a meridian is a sea mile, 1852 m, to 0.3 % on the ellipsoid."""
    run = activity(
        Record(0.0, 47.0, 8.0), Record(1.0), Record(2.0, 47.0 + 1 / 120, 8.0), Record(3.0, 47 + 1 / 60, 8.0)
    )
    assert run.own_distance_m == pytest.approx(1852.0, rel=3e-3)


def test_a_path_over_the_date_line_is_short() -> None:
    run = activity(Record(0.0, 0.0, 179.9999), Record(1.0, 0.0, -179.9999))
    assert run.own_distance_m == pytest.approx(math.radians(0.0002) * 6371008.8)
