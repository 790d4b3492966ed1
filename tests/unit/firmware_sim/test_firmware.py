from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from firmware_sim.constants import GPS_B
from firmware_sim.firmware import AFTER_S, GUN_T, Firmware, Packet, play
from firmware_sim.scenario import load
from firmware_sim.sensors.gps import Wire
from firmware_sim.world import World
from tests.unit.firmware_sim import wire


@pytest.mark.parametrize("gps", ["ln", "ubx"])
def test_same_scenario_and_seed_give_the_same_bytes(gps: Wire) -> None:
    first = list(play("pod-dropout", 1, gps))
    assert first == list(play("pod-dropout", 1, gps))
    assert first != list(play("pod-dropout", 2, gps))


def test_bytes_do_not_depend_on_how_time_is_cut() -> None:
    world = World(load("paced"), 2)
    world.gun(GUN_T)
    firmware = Firmware.of(world)
    got: list[Packet] = []
    to_t, step = 0.0, 0
    while to_t < 100:
        step = (step * 7 + 3) % 11  # 0 to 0.43 s, in no order
        to_t += step * 0.043
        got += firmware.advance(to_t)
    assert got == [p for p in play("paced", 2) if p.t <= to_t]


def test_packets_come_in_order_and_never_before_their_time() -> None:
    world = World(load("paced"), 3)
    world.gun(GUN_T)
    firmware = Firmware.of(world, "ubx")
    before = 0.0
    for k in range(1, 400):
        to_t = 0.1 * k
        packets = firmware.advance(to_t)
        assert all(a.t <= b.t for a, b in pairwise(packets))
        assert all(before < p.t <= to_t or p.t == 0 for p in packets)
        assert world.t <= to_t + 1e-9
        before = to_t


def test_going_back_in_time_gives_nothing() -> None:
    firmware = Firmware.of(World(load("even"), 1))
    firmware.advance(5.0)
    assert firmware.advance(4.0) == []


def test_a_played_run_goes_from_standing_to_after_the_finish() -> None:
    packets = list(play("solo", 1))
    assert packets[-1].t == pytest.approx(GUN_T + 284.0 + AFTER_S, abs=2)
    sent = Counter(p.sensor for p in packets)
    assert set(sent) == {"footpod", "gps", "heart_rate", "wheel"}
    seconds = packets[-1].t
    for sensor, count in sent.items():  # once a second, less the losses
        assert 0.93 * seconds < count < 1.02 * seconds, sensor
    fixes_before_gun = [r for r in wire.records(packets) if r.t < GUN_T and r.status == 1]
    assert len(fixes_before_gun) >= 15


def test_every_sensor_tells_its_battery_once() -> None:
    levels = [(p.sensor, p.data) for p in play("even", 1) if p.char == "2a19"]
    assert sorted(levels) == [(s, b"\x57") for s in ("footpod", "gps", "heart_rate", "wheel")]


def test_footpod_is_silent_in_its_dropout_and_counts_on() -> None:
    world = World(load("pod-dropout"), 1)
    world.gun(GUN_T)
    firmware = Firmware.of(world)
    packets = [p for _ in range(300) for p in firmware.advance(world.t + 1)]
    strides = wire.strides(packets)
    assert not [s for s in strides if 80 <= s.t - GUN_T < 200]
    last = max((s for s in strides if s.t - GUN_T < 80), key=lambda s: s.t)
    first = min((s for s in strides if s.t - GUN_T >= 200), key=lambda s: s.t)
    assert last.t - GUN_T > 77
    assert first.t - GUN_T < 203
    true_m = world.runner_at(first.t).path_m - world.runner_at(last.t).path_m
    assert first.distance_m - last.distance_m == pytest.approx(true_m, rel=0.08)
    # the others are as in the run without the fault
    others = [p for p in packets if p.sensor != "footpod"]
    assert others == [p for p in play("paced", 1) if p.sensor != "footpod"][: len(others)]


def test_receiver_says_that_it_has_no_fix_and_goes_on_sending() -> None:
    records = wire.records(play("gps-outage", 1))
    during = [r for r in records if GUN_T + 60 <= round(r.t - GPS_B.latency_s, 6) < GUN_T + 150]
    assert len(during) > 80
    assert not [r for r in during if r.status == 1]
    # first the last known position, standing still, then none
    known = [r for r in during if r.status == 3]
    assert len({r.location for r in known}) == 1
    assert {r.location for r in during if r.status == 0} == {None}
    assert {r.status for r in records if r not in during} == {1}


def test_receiver_without_a_fix_in_ubx() -> None:
    frames = wire.frames(play("gps-outage", 1, "ubx"))
    without = [f for f in frames if not f.gnssFixOk]
    assert len(without) == pytest.approx(900, abs=40)
    assert {f.fixType for f in without} == {0}
    assert {f.fixType for f in frames if f.gnssFixOk} == {3}


def test_ubx_frames_are_cut_at_the_mtu_and_join_again() -> None:
    packets = [p for p in play("even", 1, "ubx") if p.sensor == "gps" and p.char != "2a19"]
    assert {len(p.data) for p in packets} == {61, 39}
    frames = wire.frames(packets)
    assert len(frames) == pytest.approx(10 * packets[-1].t, rel=0.03)
    assert all(0 < b.iTOW - a.iTOW <= 400 for a, b in pairwise(frames))
