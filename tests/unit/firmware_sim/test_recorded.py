from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from firmware_sim import encode
from firmware_sim.recorded import LEAD_S, RecordedError, firmware
from pacer.inputs import Notification, Tick
from pacer.recorder import Recorder
from pacer.recording import Anchor, Header
from pacer.setup import Kind, SensorSpec, Setup
from tests.support import data
from tests.unit.firmware_sim import wire

GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="http://x/v1"><trk><trkseg>
<trkpt lat="47.1" lon="8.1"><ele>400.5</ele><time>2026-05-01T10:00:00Z</time>
<extensions><x:TrackPointExtension><x:hr>150</x:hr></x:TrackPointExtension></extensions></trkpt>
<trkpt lat="47.2" lon="8.2"><time>2026-05-01T10:00:04Z</time></trkpt>
<trkpt lat="9999" lon="8.2"><time>2026-05-01T10:00:05Z</time></trkpt>
</trkseg></trk></gpx>"""

TCX = """<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
<Activity><Lap><Track><Trackpoint><Time>2026-05-01T10:00:00Z</Time><Position><LatitudeDegrees>47.1</LatitudeDegrees>
<LongitudeDegrees>8.1</LongitudeDegrees></Position><HeartRateBpm><Value>151</Value></HeartRateBpm></Trackpoint>
</Track></Lap></Activity></Activities></TrainingCenterDatabase>"""


def test_gpx_becomes_positions_and_heart_rates_at_their_times(tmp_path: Path) -> None:
    (tmp_path / "run.gpx").write_text(GPX)
    world, played = firmware(tmp_path / "run.gpx")
    assert played.names == ("gps", "heart_rate")
    packets = played.advance(world.end_t)
    fixes = wire.records(packets)
    assert [(f.t, f.location) for f in fixes] == [(LEAD_S, (47.1, 8.1)), (LEAD_S + 4, (47.2, 8.2))]
    assert {f.speed_mps for f in fixes} == {None}  # what the file does not say is not made up
    assert [(p.t, p.data) for p in packets if p.char == "2a37"] == [(LEAD_S, b"\x00\x96")]


def test_tcx_that_begins_with_blanks(tmp_path: Path) -> None:
    (tmp_path / "run.tcx").write_text(" " * 10 + '<?xml version="1.0"?>' + TCX)
    world, played = firmware(tmp_path / "run.tcx")
    packets = played.advance(world.end_t)
    assert [f.location for f in wire.records(packets)] == [(47.1, 8.1)]
    assert [p.data for p in packets if p.char == "2a37"] == [b"\x00\x97"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("run.csv", "", "kind '.csv' is unknown; allowed: .fit, .gpx, .tcx, .pacer"),
        ("run.gpx", "<gpx", "cannot be read"),
        ("run.pacer", "no", "holds no position, heart rate, footpod or wheel"),
        ("run.fit", "no", "cannot be read"),
        ("run.gpx", GPX.replace("time>", "when>"), "holds no sample with a time"),
        ("run.gpx", GPX.replace("2026-05-01", "0001-01-01"), "holds no sample with a time"),
        (
            "run.gpx",
            GPX.replace("2026-05-01T10", "9999-12-31T23").replace("Z<", "-14:00<"),
            "holds no sample",
        ),
    ],
)
def test_unusable_file_is_named_with_the_reason(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RecordedError, match=rf"{name}: {says}"):
        firmware(tmp_path / name)


@pytest.mark.parametrize("name", ["none.fit", "none.pacer"])
def test_missing_file(name: str) -> None:
    with pytest.raises(RecordedError, match=rf"{name}: cannot be read"):
        firmware(Path(name))


def own_recording(path: Path, gps: SensorSpec) -> list[Notification]:
    """Records as pacer does, in two pieces with a boot in between and a torn line; returns what was sent."""
    setup = Setup(sensors=(SensorSpec("my pod", "runner", "footpod", address="a"), gps))
    utc = "2026-05-01T10:00:{:02d}+00:00"
    recorder = Recorder(path, Header("test", setup, Anchor(utc.format(0), 500.0, "boot 1")))
    char = "2a67" if gps.kind == "gps" else encode.NUS_TX
    sent = [
        Notification(501.0, "my pod", "2a53", b"\1\2\3\4"),
        Notification(501.5, gps.name, char, b"\5"),
        Notification(502.0, "my pod", "2a54", b"\6"),  # a feature: read, never sent
        Notification(12.0, "my pod", "2a19", b"\7"),
    ]
    for item in sent[:3]:
        recorder.append(item)
    recorder.append(Tick(503.0))
    recorder.resume(Anchor(utc.format(20), 10.0, "boot 2"))
    recorder.append(sent[3])
    recorder.close()
    path.write_bytes(path.read_bytes() + b"0000000 torn")
    return sent


@pytest.mark.parametrize("kind", ["gps", "gps_uart"])
def test_a_recording_of_pacer_is_sent_again_byte_by_byte(tmp_path: Path, kind: Kind) -> None:
    sent = own_recording(tmp_path / "a.pacer", SensorSpec("watch", "runner", kind, address="b"))

    world, played = firmware(tmp_path / "a.pacer")

    assert world.uart == (kind == "gps_uart")
    packets = [p for p in played.advance(world.end_t) if p.t >= LEAD_S]
    assert [(p.sensor, p.char, p.data) for p in packets] == [
        ("footpod", "2a53", sent[0].data),
        ("gps", sent[1].char, sent[1].data),
        ("footpod", "2a19", sent[3].data),
    ]
    # the first at 10:00:01, the last at 10:00:22, after the boot
    assert [p.t - LEAD_S for p in packets] == pytest.approx([0.0, 0.5, 21.0], abs=1e-5)


@pytest.mark.parametrize(
    "body",
    [b'{"k":"t","t":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"k":"a","utc":"0001-01-01","t":1}', b"["],
    ids=["nested", "of the year 1", "no JSON"],
)
def test_a_sound_line_of_nonsense_is_skipped(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a.pacer"
    own_recording(path, SensorSpec("watch", "runner", "gps", address="b"))
    world, played = firmware(path)
    whole = played.advance(world.end_t)
    path.write_bytes(path.read_bytes() + b"\n%08x %s\r\n" % (zlib.crc32(body), body))
    world, played = firmware(path)
    assert played.advance(world.end_t) == whole


def test_real_pod_recording_plays_its_own_distance() -> None:
    world, played = firmware(data.recording("footpod_runs/mit_stryd_app_gps_6.8km.fit"))
    packets = played.advance(world.end_t)
    strides = wire.strides_without_length(packets)
    # the pod's counter jumps from 0 to 247 m at the second sample, and ends at 6814 m
    assert (strides[0], strides[1], strides[-1]) == (0.0, 247.0, 6814.0)
    assert len(wire.records(packets)) == len(strides)


def test_real_track_run_keeps_every_position() -> None:
    path = data.recording("track_runs/mit_track_2km_5laps_lowest_noise.gpx")
    world, played = firmware(path)
    fixes = wire.records(played.advance(world.end_t))
    assert fixes[0].location == pytest.approx((31.472965035357674, 120.25462778268071), abs=6e-8)
    assert len(fixes) == path.read_text().count("<trkpt ")


def test_sample_between_two_steps_is_not_late(tmp_path: Path) -> None:
    (tmp_path / "run.gpx").write_text(GPX.replace("10:00:04Z", "10:00:04.030Z"))
    _, played = firmware(tmp_path / "run.gpx")
    played.advance(LEAD_S + 4.02)
    assert [p.t for p in played.advance(LEAD_S + 4.04)] == pytest.approx([LEAD_S + 4.03], abs=1e-6)
