"""Checks what footpod, wheel sensor and strap make of one run, against its truth."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from firmware_sim.constants import FootpodErrors, WheelErrors
from firmware_sim.firmware import GUN_T, Firmware, Packet, play, run
from firmware_sim.scenario import load
from firmware_sim.sensors.footpod import strides_per_s
from firmware_sim.world import World
from tests.unit.firmware_sim import wire

SEEDS = range(1, 7)


def played(seed: int) -> tuple[World, list[Packet]]:
    world = World(load("solo"), seed)
    world.gun(GUN_T)
    return world, list(run(world, Firmware.of(world)))


@pytest.fixture(scope="module")
def runs() -> list[tuple[World, list[Packet]]]:
    return [played(seed) for seed in SEEDS]


def test_pod_stands_then_runs(runs: list[tuple[World, list[Packet]]]) -> None:
    for _, packets in runs:
        strides = wire.strides(packets)
        standing = [s for s in strides if s.t < GUN_T]
        assert len(standing) > 15  # it goes on sending
        assert {(s.running, s.speed_mps, s.cadence_spm) for s in standing} == {(False, 0.0, 0)}
        racing = [s for s in strides if GUN_T + 30 < s.t < GUN_T + 280]
        assert all(s.running for s in racing)
        assert np.mean([s.cadence_spm for s in racing]) == pytest.approx(90, abs=3)
        assert np.mean([s.stride_m for s in racing]) == pytest.approx(5.67 / 1.5, rel=0.08)


def test_pods_odometer_starts_anywhere_and_never_falls(runs: list[tuple[World, list[Packet]]]) -> None:
    starts = [wire.strides(packets)[0].distance_m for _, packets in runs]
    assert max(starts) - min(starts) > 1000
    for _, packets in runs:
        assert all(b.distance_m >= a.distance_m for a, b in pairwise(wire.strides(packets)))


def test_pod_reads_each_run_wrong_by_a_scale_of_a_few_per_cent(
    runs: list[tuple[World, list[Packet]]],
) -> None:
    scales = []
    for world, packets in runs:
        strides = [s for s in wire.strides(packets) if GUN_T + 30 < s.t < GUN_T + 280]
        true_m = world.runner_at(strides[-1].t).path_m - world.runner_at(strides[0].t).path_m
        scales.append((strides[-1].distance_m - strides[0].distance_m) / true_m)
    assert all(abs(k - 1) < 0.07 for k in scales)
    assert np.std(scales) > 0.004


def test_pod_loses_packets_and_is_late(runs: list[tuple[World, list[Packet]]]) -> None:
    gaps = np.concatenate([np.diff([s.t for s in wire.strides(packets)]) for _, packets in runs])
    lost = np.sum(np.round(gaps) - 1)
    assert lost / (len(gaps) + lost) == pytest.approx(FootpodErrors().loss, abs=0.012)


def test_pods_speed_lags_behind_a_standing_start(runs: list[tuple[World, list[Packet]]]) -> None:
    for world, packets in runs:
        early = next(s for s in wire.strides(packets) if s.t > GUN_T + 3.5)
        assert early.speed_mps < 0.95 * world.runner_at(early.t).path_mps


@pytest.mark.parametrize(("speed_mps", "per_minute"), [(0.0, 0), (1.4, 55), (5.727, 90)])
def test_cadence_of_standing_walking_and_racing(speed_mps: float, per_minute: float) -> None:
    assert 60 * strides_per_s(speed_mps) == pytest.approx(per_minute, abs=1)


def test_wheels_event_times_give_the_riders_speed(runs: list[tuple[World, list[Packet]]]) -> None:
    for world, packets in runs:
        sent = [w for w in wire.wheel(packets) if GUN_T + 20 < w[0] < GUN_T + 280]
        errors = []
        for before, after in zip(sent, sent[10:], strict=False):
            way_m = ((after[1] - before[1]) % 2**32) * WheelErrors().circumference_m
            took_s = ((after[2] - before[2]) % 2**16) / 1024
            late_s = 0.06  # s, and up to a revolution, 0.37 s: averaged over ten seconds neither matters
            true_m = world.rider_at(after[0] - late_s).path_m - world.rider_at(before[0] - late_s).path_m
            errors.append(way_m / took_s / (true_m / (after[0] - before[0])) - 1)
        assert abs(np.mean(errors)) < 0.02  # the tyre
        assert np.std(errors) < 0.005


def test_standing_wheel_repeats_its_event(runs: list[tuple[World, list[Packet]]]) -> None:
    for _, packets in runs:
        assert len({w[1:] for w in wire.wheel(packets) if w[0] < GUN_T}) == 1


def test_heart_rises_and_its_intervals_fill_the_time(runs: list[tuple[World, list[Packet]]]) -> None:
    for _, packets in runs:
        sent = [(p.t, p.data) for p in packets if p.char == "2a37"]
        assert [d[1] for t, d in sent if t < GUN_T] == [95] * len([1 for t, _ in sent if t < GUN_T])
        assert next(d[1] for t, d in sent if t > GUN_T + 200) > 175
        assert all(d[0] & 0b110 == 0b110 for _, d in sent)  # contact is told, and there is contact
        rr = [int.from_bytes(d[i : i + 2], "little") / 1024 for _, d in sent for i in range(2, len(d), 2)]
        assert sum(rr) == pytest.approx(sent[-1][0] - sent[0][0], rel=0.03)


def test_direct_path_is_the_same_as_a_driven_world(runs: list[tuple[World, list[Packet]]]) -> None:
    assert runs[0][1] == list(play("solo", 1))
