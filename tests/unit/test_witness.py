from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from pacer import witness
from pacer.health import Health
from pacer.measurement import Fix, HeartRate, Measurement, NoFix, Stride, WheelRevolution
from pacer.outputs import Notice
from pacer.setup import SensorSpec
from tests.support.direct import FOOTPOD, GPS, HEART_RATE, WHEEL

RIDER_GPS = replace(GPS, name="rider gps", role="rider")


def pod(t: float, speed_mps: float, distance_m: float | None = 100.0) -> Stride:
    return Stride(t, speed_mps, 18 * speed_mps, None, distance_m, running=speed_mps > 2)


def fix(t: float, speed_mps: float | None, lat_deg: float | None = 47.0) -> Fix:
    return Fix(t, lat_deg, 8.0, speed_mps)


def told(spec: SensorSpec, said: Iterable[Measurement], *beside: Health, scale: float = 1.0) -> list[Notice]:
    """Lets a sensor speak, and returns what is said of it."""
    health, notices = Health(spec), list[Notice]()
    for m in said:
        health = health.hear(m.t)
        health, more = witness.judge(replace(health, said=health.said.take(m)), beside, m.t, scale)
        notices += more
    return notices


def heard(spec: SensorSpec, said: Iterable[Measurement]) -> Health:
    health = Health(spec)
    for m in said:
        health = replace(health.hear(m.t), said=health.said.take(m))
    return health


def beat(t: float, *rr_s: float) -> HeartRate:
    return HeartRate(t, 150, contact=True, rr_s=rr_s)


SECONDS = [float(t) for t in range(15)]
RUNS = heard(FOOTPOD, [pod(t, 5.0, 5 * t) for t in SECONDS])
ALONE: tuple[Health, ...] = ()


@pytest.mark.parametrize(
    ("spec", "said", "beside", "frozen"),
    [
        (FOOTPOD, [pod(t, 5.0) for t in SECONDS], ALONE, True),  # speed without way
        (FOOTPOD, [pod(t, 5.0, 5 * t) for t in SECONDS], ALONE, False),
        (FOOTPOD, [pod(t, 5.0, None) for t in SECONDS], ALONE, False),  # a coarse one may go on and on
        (FOOTPOD, [pod(t, 0.0) for t in SECONDS], ALONE, False),
        (FOOTPOD, [pod(t, 0.0) for t in SECONDS], (heard(GPS, [fix(t, 4.0) for t in SECONDS]),), True),
        (FOOTPOD, [pod(t, 0.0) for t in SECONDS], (heard(GPS, [fix(t, 0.4) for t in SECONDS]),), False),
        (FOOTPOD, [pod(t, 0.0) for t in SECONDS], (heard(GPS, [fix(t, 4.0) for t in SECONDS[8:]]),), False),
        (GPS, [fix(t, 5.0) for t in SECONDS], ALONE, True),
        (GPS, [fix(t, 5.0, 47.0 + t / 1e4) for t in SECONDS], ALONE, False),
        (GPS, [fix(t, 5.0, None) for t in SECONDS], ALONE, False),
        (GPS, [fix(t, 0.0) for t in SECONDS], ALONE, False),  # held fast, as receivers do at a standstill
        (GPS, [fix(t, 0.0) for t in SECONDS], (RUNS,), True),
        (GPS, [NoFix(t, "searching") for t in SECONDS], (RUNS,), False),  # that is said as it is
        (HEART_RATE, [beat(t, 0.4, 0.41) for t in SECONDS], ALONE, True),
        (HEART_RATE, [beat(t, 0.4, 0.41 + t / 1024) for t in SECONDS], ALONE, False),
        (HEART_RATE, [beat(t, 0.4, 0.4) for t in SECONDS], (RUNS,), False),
        (HEART_RATE, [beat(t) for t in SECONDS], (RUNS,), False),
        (WHEEL, [WheelRevolution(t, 7, 3.0) for t in SECONDS], ALONE, False),
        (
            WHEEL,
            [WheelRevolution(t, 7, 3.0) for t in SECONDS],
            (heard(RIDER_GPS, [fix(t, 5.0) for t in SECONDS]),),
            True,
        ),
    ],
)
def test_who_repeats_himself_is_frozen_where_it_cannot_be_so(
    spec: SensorSpec,
    said: list[Measurement],
    beside: tuple[Health, ...],
    frozen: bool,  # noqa: FBT001 - a table of cases
) -> None:
    assert [(one.t, one.code) for one in told(spec, said, *beside)] == (
        [(10.0, "sensor-frozen")] if frozen else []
    )


def test_a_witness_that_is_itself_frozen_or_gone_does_not_count() -> None:
    stands, runs = [pod(t, 0.0) for t in SECONDS], heard(GPS, [fix(t, 4.0) for t in SECONDS])
    assert told(FOOTPOD, stands, replace(runs, frozen=True)) == []
    assert told(FOOTPOD, [pod(t + 20, 0.0) for t in SECONDS], runs) == []


def test_a_thawed_sensor_is_back_and_may_freeze_again() -> None:
    said = [pod(t, 5.0) for t in SECONDS] + [pod(t + 15, 4.0) for t in SECONDS]
    assert [(one.t, one.code) for one in told(FOOTPOD, said)] == [
        (10.0, "sensor-frozen"),
        (15.0, "sensor-back"),
        (25.0, "sensor-frozen"),
    ]


def paces(pod_mps: float, gps_mps: float, scale: float = 1.0) -> list[str]:
    receiver = heard(GPS, [fix(t, gps_mps, 47.0 + t / 1e4) for t in SECONDS])
    return [
        one.text for one in told(FOOTPOD, [pod(t, pod_mps, 5 * t) for t in SECONDS], receiver, scale=scale)
    ]


def test_a_pod_that_is_too_far_off_is_named_with_its_receiver() -> None:
    assert paces(6.0, 5.0) == ["footpod and gps disagree: footpod is 20 % faster than gps; check footpod"]
    assert paces(4.0, 5.0) == ["footpod and gps disagree: footpod is 20 % slower than gps; check footpod"]


@pytest.mark.parametrize(
    ("pod_mps", "gps_mps", "scale"),
    [
        (5.6, 5.0, 1.0),  # within what pods are
        (2.8, 2.3, 1.0),  # a receiver of a wrist watch may be as far off
        (1.9, 1.4, 1.0),  # pods read walks too long
        (6.0, 5.0, 1.2),  # known of this one
    ],
)
def test_what_is_usual_is_not_worth_a_word(pod_mps: float, gps_mps: float, scale: float) -> None:
    assert paces(pod_mps, gps_mps, scale) == []


def test_while_speed_changes_the_two_may_differ() -> None:
    speeds = [5.0 - 0.25 * t for t in SECONDS]
    receiver = heard(GPS, [fix(t, v, 47.0 + t / 1e4) for t, v in zip(SECONDS, speeds, strict=True)])
    late = [pod(t, v + 1.2, 5 * t) for t, v in zip(SECONDS, speeds, strict=True)]
    assert told(FOOTPOD, late, receiver) == []


def test_agreement_is_told_once_it_is_close() -> None:
    receiver = heard(GPS, [fix(t, 5.0, 47.0 + t / 1e4) for t in SECONDS])
    off = [pod(t, 6.0, 5 * t) for t in SECONDS]
    health, _ = witness.judge(heard(FOOTPOD, off), [receiver], 14.0, 1.0)
    assert health.disagrees == "20 % faster than gps"
    near, notices = witness.judge(
        replace(health, said=heard(FOOTPOD, [pod(t, 5.3, 5 * t) for t in SECONDS]).said),
        [receiver],
        14.0,
        1.0,
    )
    assert [one.code for one in notices] == ["sensors-agree"]
    assert near.disagrees == ""
