"""Checks the encoders against bytes worked out by hand and against other people's decoders."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from bumble.profiles.heart_rate_service import HeartRateService
from pyubx2 import UBXReader

from firmware_sim import encode
from firmware_sim.encode import LocationAndSpeed, NavPvt, PositionStatus
from tests.support import data

UTC_TIME = datetime(2026, 5, 1, 10, 20, 30, 250_000, tzinfo=UTC)


def vector(name: str) -> bytes:
    vectors = json.loads(data.recording("raw_sensor_logs/ble_vectors.json").read_text())["vectors"]
    return bytes.fromhex(next(v["hex"] for v in vectors if v["name"] == name))


def test_rsc_by_hand() -> None:
    # flags 0b111; 5.75 m/s = 1472/256 = 0x05c0; 90 = 0x5a; 382 cm = 0x017e; 12345 dm = 0x3039
    got = encode.rsc_measurement(5.75, 90, running=True, stride_length_m=3.82, distance_m=1234.5)
    assert got.hex() == "07c0055a7e0139300000"


def test_rsc_distance_is_rounded_down_and_wraps() -> None:
    def odometer(distance_m: float) -> int:
        data = encode.rsc_measurement(0, 0, running=False, distance_m=distance_m)
        return int(struct.unpack("<BHBI", data)[3])

    assert odometer(0.3) == 3
    assert odometer(0.39) == 3
    assert odometer(429_496_729.6 + 1.0) == 10


def test_rsc_against_another_projects_vector() -> None:
    assert encode.rsc_measurement(5.0, 80, running=False, distance_m=1684275.1) == vector(
        "RSC distance present"
    )


def test_csc_by_hand_and_wrap() -> None:
    # flags 1; 1000 = 0x3e8; 1.5 s = 1536/1024 = 0x0600
    assert encode.csc_measurement(1000, 1536).hex() == "01e80300000006"
    assert encode.csc_measurement(2**32 + 1, 2**16 + 2).hex() == "01010000000200"


def test_csc_against_another_projects_vector() -> None:
    assert encode.csc_measurement(16842751, 0x9945) == vector("wheel only")


def test_heart_rate_against_other_projects_vectors() -> None:
    assert encode.heart_rate_measurement(257, contact=None) == vector("uint16")
    assert encode.heart_rate_measurement(42, contact=None) == vector("uint8 no contact")


@pytest.mark.parametrize("contact", [None, False, True])
@pytest.mark.parametrize("bpm", [60, 300])
def test_heart_rate_through_bumbles_decoder(*, bpm: int, contact: bool | None) -> None:
    sent = encode.heart_rate_measurement(bpm, contact=contact, rr_s=(0.5, 0.25))
    read = HeartRateService.HeartRateMeasurement.from_bytes(sent)
    assert read.heart_rate == bpm
    assert read.rr_intervals is not None
    assert list(read.rr_intervals) == [0.5, 0.25]
    # bit 2: contact is told at all; bit 1: there is contact
    assert sent[0] >> 1 & 0b11 == {None: 0b00, False: 0b10, True: 0b11}[contact]


def test_location_and_speed_by_hand() -> None:
    record = LocationAndSpeed(
        status=PositionStatus.OK,
        speed_mps=5.73,
        distance_m=1609.3,
        location=(47.1234567, -8.7654321),
        elevation_m=-12.34,
        heading_deg=359.99,
        rolling_s=258,
        utc=UTC_TIME,
    )
    assert encode.location_and_speed(record).hex(" ") == (
        "ff 00 "  # fields 0 to 6, position status 1
        "3d 02 "  # 573 cm/s
        "dd 3e 00 "  # 16093 dm
        "07 78 16 1c "  # 471234567 = 0x1c167807
        "4f 80 c6 fa "  # -87654321: 87654321 = 0x05397fb1
        "2e fb ff "  # -1234 cm
        "9f 8c "  # 35999
        "02 "  # 258 wrapped
        "ea 07 05 01 0a 14 1e"  # 2026-05-01 10:20:30
    )


def test_full_location_and_speed_needs_a_larger_mtu() -> None:
    full = LocationAndSpeed(PositionStatus.OK, 1.0, 1.0, (1.0, 1.0), 1.0, 1.0, 1, UTC_TIME)
    assert len(encode.location_and_speed(full)) == 28


@pytest.mark.parametrize(
    ("status", "flags"), [(PositionStatus.NONE, 0x0000), (PositionStatus.LAST_KNOWN, 0x0180)]
)
def test_position_status_lies_in_bits_7_and_8(status: PositionStatus, flags: int) -> None:
    assert encode.location_and_speed(LocationAndSpeed(status)) == struct.pack("<H", flags)


def test_heading_rounds_to_north_not_to_360_degrees() -> None:
    sent = encode.location_and_speed(LocationAndSpeed(PositionStatus.OK, heading_deg=359.999))
    assert sent[2:] == b"\0\0"


def test_features_tell_what_is_sent() -> None:
    assert encode.rsc_feature() == b"\x07\x00"  # stride length, total distance, walking or running
    assert encode.csc_feature() == b"\x01\x00"  # wheel
    assert encode.ln_feature() == b"\x7f\x20\x10\x00"  # bits 0-6, 13, 20


def test_position_quality_by_hand() -> None:
    assert encode.position_quality(3.0).hex() == "88002c010000"  # EHPE is bit 3; status 1; 300 cm


def test_value_that_does_not_fit_is_an_error_not_a_wrong_number() -> None:
    with pytest.raises(struct.error):
        encode.rsc_measurement(300.0, 90, running=True)
    with pytest.raises(struct.error):
        encode.rsc_measurement(5.0, 300, running=True)


def test_nav_pvt_through_pyubx2() -> None:
    frame = encode.nav_pvt(
        NavPvt(
            utc=UTC_TIME,
            itow_ms=469_248_250,
            fix_type=3,
            fix_ok=True,
            satellites=17,
            lat_deg=47.1234567,
            lon_deg=-8.7654321,
            height_m=401.234,
            h_acc_m=1.2,
            v_acc_m=2.1,
            vel_ned_mps=(4.0, -3.0, 0.5),
            speed_mps=5.0,
            heading_deg=323.13,
            speed_acc_mps=0.06,
            heading_acc_deg=0.7,
            pdop=1.31,
        )
    )
    assert len(frame) == 100
    read: Any = UBXReader.parse(frame)  # checks frame, length and checksum
    assert read.identity == "NAV-PVT"
    told = (read.year, read.month, read.day, read.hour, read.min, read.second, read.nano)
    assert told == (2026, 5, 1, 10, 20, 30, 250_000_000)
    assert (read.iTOW, read.fixType, read.gnssFixOk, read.numSV) == (469_248_250, 3, 1, 17)
    assert (read.validDate, read.validTime, read.fullyResolved) == (1, 1, 1)
    assert (read.lat, read.lon) == pytest.approx((47.1234567, -8.7654321), abs=1e-9)
    assert (read.hMSL, read.hAcc, read.vAcc) == (401_234, 1_200, 2_100)
    assert (read.velN, read.velE, read.velD, read.gSpeed) == (4_000, -3_000, 500, 5_000)
    assert (read.sAcc, read.pDOP) == (60, 1.31)
    assert (read.headMot, read.headAcc) == pytest.approx((323.13, 0.7), abs=1e-5)


def test_ubx_frame_as_a_real_receiver_makes_it() -> None:
    log = data.recording("raw_sensor_logs/bsd_ubx_navpvt_5hz_neom8n.log").read_bytes()
    start = log.index(b"\xb5\x62\x01\x07")
    real = log[start : start + 100]
    assert encode.ubx_frame(0x01, 0x07, real[6:98]) == real
