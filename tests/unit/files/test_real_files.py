from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pacer.errors import InputError
from pacer.files import read_activity
from tests.support.data import names, recording


@pytest.mark.parametrize("path", names("broken_files/*"))
def test_every_broken_file_gives_an_activity_or_an_input_error(path: str) -> None:
    try:
        run = read_activity(recording(path))
    except InputError as error:
        told = str(error).splitlines()
        assert len(told) == 1
    else:
        assert run.records


# What the files' own summaries say, or their makers: FIT session total_distance, the manifest's wheel.
OWN_M = {
    "footpod_runs/mit_stryd_app_gps_6.8km.fit": 6753.99,
    "footpod_runs/mit_stryd_fr920_16.8km_pauses.fit": 16773.34,
    "footpod_runs/apache_stryd_offline_1km.fit": 1057.61,
    "footpod_runs/apache_stryd_offline_sportfield_lap.fit": 553.56,
    "broken_files/mit_fit_no_timestamps_fr70.fit": 10248.67,
    "cycling/mit_igpsport_22km.fit": 22024.1,
    "cycling/mit_elemnt_wheelspeed_79km.fit": 78940,
}
COUNTS = {  # of the manifest
    "track_runs/mit_track_2km_5laps_lowest_noise.gpx": (812, 811.4),
    "track_runs/mit_track_10km_24laps.gpx": (3836, 3835.5),
    "footpod_runs/mit_stryd_app_gps_6.8km.fit": (3424, 3423.0),
    "footpod_runs/mit_stryd_fr920_16.8km_pauses.fit": (6874, 8630.0),
}


@pytest.mark.parametrize("path", OWN_M)
def test_own_distance_is_what_the_files_summary_says(path: str) -> None:
    assert read_activity(recording(path)).own_distance_m == pytest.approx(OWN_M[path], rel=2e-4)


@pytest.mark.parametrize("path", COUNTS)
def test_records_and_length_are_the_manifests(path: str) -> None:
    run = read_activity(recording(path))
    count, seconds = COUNTS[path]
    assert len(run.records) == count
    assert run.records[-1].t_s == pytest.approx(seconds, abs=0.06)  # the manifest rounds


def test_pauses_are_as_long_as_the_files_summary_says() -> None:
    """Its session says 8629.4 s elapsed and 6856.0 s of timer."""
    (note,) = read_activity(recording("footpod_runs/mit_stryd_fr920_16.8km_pauses.fit")).notes
    assert "17 times" in note
    told = re.search(r"for (\d+) s in all", note)
    assert told
    assert float(told[1]) == pytest.approx(8629.4 - 6856.0, abs=1.0)


def test_the_footpods_scale_against_gps_is_the_known_one() -> None:
    """The pod of this run reads a steady 0.967 of GPS; its counter jumps from 0 to 247 m at the start."""
    run = read_activity(recording("footpod_runs/mit_stryd_app_gps_6.8km.fit"))
    assert run.has_footpod
    first, last = run.records[1], run.records[-1]
    pod = (last.pod_distance_m or 0) - (first.pod_distance_m or 0)
    path = replace(run, records=tuple(replace(r, distance_m=None) for r in run.records)).own_distance_m
    assert pod / path == pytest.approx(0.967, abs=0.003)


def test_backward_and_doubled_times_of_a_real_file_are_put_in_order() -> None:
    run = read_activity(recording("hilly_runs/mit_fenix2_multisport_755m_range.fit"))
    told = [r.t_s for r in run.records]
    assert told == sorted(set(told))
    assert "2 records running backwards in time left out" in run.notes
