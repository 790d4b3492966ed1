from __future__ import annotations

from dataclasses import replace

import pytest

from pacer.activity import Lap, Record
from pacer.errors import InputError
from pacer.files import parse_activity
from tests.support.fit_file import Sample, fit_file

START_S = 1_500_000_000.0  # Unix time
RUN = [
    Sample(START_S + n, 47.0 + n * 3e-5, 8.0, 3.3 * n, 3.3, 140 + n, 88, 247 + 3 * n, 3.25) for n in range(20)
]


def test_every_field_arrives_in_si_units() -> None:
    run = parse_activity(fit_file(RUN, pod=True), "f")
    assert (run.source, run.sport, run.start_utc_s, run.notes) == ("fit", "running", START_S, ())
    assert run.laps == (Lap(0.0, 19.0, 62.7),)
    assert len(run.records) == len(RUN)
    record = run.records[7]
    assert (record.lat_deg, record.lon_deg) == pytest.approx(
        (47.00021, 8.0), abs=1e-7
    )  # a semicircle is 8.4e-8
    told = replace(record, lat_deg=None, lon_deg=None)
    assert told == Record(
        7.0,
        distance_m=23.1,
        speed_mps=3.3,
        heart_rate_bpm=147,
        cadence_spm=88.0,
        pod_distance_m=268.0,
        pod_speed_mps=3.25,
    )


def test_a_file_without_a_pod_has_no_pod_fields() -> None:
    run = parse_activity(fit_file(RUN), "f")
    assert all(r.pod_distance_m is None and r.pod_speed_mps is None for r in run.records)
    assert not run.has_footpod
    assert not run.pod_worn


def test_a_pod_whose_speed_and_distance_are_not_kept_was_worn_all_the_same() -> None:
    data = fit_file(RUN, pod=True, fields=((b"Form Power", b"Watts"), (b"Leg Spring Stiffness", b"kN/m")))
    run = parse_activity(data, "f")
    assert run.pod_worn
    assert not run.has_footpod


def test_invalid_values_are_unknown() -> None:
    run = parse_activity(fit_file([*RUN, Sample(START_S + 20, bpm=150)], pod=True), "f")
    assert run.records[-1] == Record(20.0, heart_rate_bpm=150)


def test_a_cut_file_gives_the_records_before_the_cut() -> None:
    data = fit_file(RUN, pod=True)
    counts = []
    for cut in range(len(data)):
        try:
            counts.append(len(parse_activity(data[:cut], "f").records))
        except InputError:
            counts.append(0)
    assert counts == sorted(counts)
    assert set(counts) == set(range(len(RUN) + 1))


def test_a_wrong_checksum_is_noted_and_the_run_is_kept() -> None:
    data = bytearray(fit_file(RUN))
    data[-1] ^= 1
    run = parse_activity(bytes(data), "f")
    assert run.records == parse_activity(fit_file(RUN), "f").records
    assert run.notes == ("wrong checksum: some values may be wrong",)


def test_a_clock_that_counts_from_the_watchs_start_gives_no_utc() -> None:
    """FIT times below 0x10000000 are seconds since the watch was switched on."""
    samples = [Sample(631065600 + 1000 + n, distance_m=3.0 * n) for n in range(5)]
    run = parse_activity(fit_file(samples), "f")
    assert run.start_utc_s is None
    assert [r.t_s for r in run.records] == [0, 1, 2, 3, 4]


def test_no_records_is_an_input_error_that_says_so() -> None:
    with pytest.raises(InputError, match=r"^f: nothing to replay: .*no records"):
        parse_activity(fit_file([]), "f")
