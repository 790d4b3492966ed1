from __future__ import annotations

import math

import pytest

from firmware_sim.faults import Fault, Faults, Kind
from firmware_sim.packet import Packet
from pacer.gatt import rsc

PACKET = Packet(50.0, "footpod", "2a53", b"\x00\x01\x02\x03")


def faulty(kind: Kind, share: float = 1.0) -> Faults:
    return Faults((Fault(kind, "footpod", 10.0, 20.0, share),), seed=1)


@pytest.mark.parametrize("kind", ["drop", "duplicate", "late", "bad_bytes", "freeze", "impostor"])
@pytest.mark.parametrize("elapsed_s", [-math.inf, 9.99, 20.0])
def test_nothing_happens_outside_the_time(kind: Kind, elapsed_s: float) -> None:
    assert faulty(kind).apply(PACKET, elapsed_s) == [PACKET]


def test_other_sensors_are_spared() -> None:
    other = Packet(50.0, "wheel", "2a5b", b"\x01")
    assert faulty("drop").apply(other, 15.0) == [other]


def test_drop_and_duplicate() -> None:
    assert faulty("drop").apply(PACKET, 15.0) == []
    assert faulty("duplicate").apply(PACKET, 15.0) == [PACKET, PACKET]


def test_late_packets_overtake_each_other() -> None:
    faults = faulty("late")
    times = [faults.apply(PACKET, 15.0)[0].t - PACKET.t for _ in range(100)]
    assert min(times) >= 0.5
    assert max(times) <= 3.0
    assert max(times) - min(times) > 2.0


def test_bad_bytes_are_cut_or_changed() -> None:
    faults = faulty("bad_bytes")
    sent = [faults.apply(PACKET, 15.0)[0].data for _ in range(200)]
    assert PACKET.data not in sent
    assert 60 < sum(len(data) < 4 for data in sent) < 140
    assert all(sum(a != b for a, b in zip(d, PACKET.data, strict=True)) == 1 for d in sent if len(d) == 4)


def test_freeze_repeats_the_last_good_bytes() -> None:
    faults = faulty("freeze")
    before = Packet(9.0, "footpod", "2a53", b"before")
    faults.apply(before, 9.0)
    assert [faults.apply(PACKET, t)[0].data for t in (11.0, 12.0, 19.0)] == [b"before"] * 3
    assert faults.apply(PACKET, 20.0)[0].data == PACKET.data


def test_share_of_packets() -> None:
    faults = faulty("drop", share=0.25)
    assert sum(not faults.apply(PACKET, 15.0) for _ in range(2000)) == pytest.approx(500, abs=80)


def test_no_fix_tells_for_how_long() -> None:
    faults = Faults((Fault("no_fix", "gps", 60.0, 150.0),), seed=1)
    assert [faults.no_fix_since("gps", t) for t in (59.9, 75.0, 150.0, -math.inf)] == [None, 15.0, None, None]
    assert faults.no_fix_since("gps", 60.0) == 0.0


def test_an_impostor_is_another_runner_with_a_counter_of_his_own() -> None:
    sent = [faulty("impostor").apply(PACKET, t)[0].data for t in (10.0, 12.0)]
    strides = [rsc.decode(0.0, data) for data in sent]
    assert [(m.speed_mps, m.distance_m, m.running) for m in strides] == [(7.5, 0.0, True), (7.5, 15.0, True)]
    battery = Packet(50.0, "footpod", "2a19", b"W")
    assert faulty("impostor").apply(battery, 15.0) == [battery]
