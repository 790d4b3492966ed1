"""GPS over UART: real logs, frames made by the libraries' own writers, and every kind of damage."""

import struct
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyubx2 import GET, UBXMessage

import pacer.gatt.stream
from pacer.errors import InputError
from pacer.gatt.stream import BadFrame, Frame, Reassembler, Stream
from pacer.measurement import Fix, NoFix
from tests.support.data import recording
from tests.support.gps_frames import MIXED, VTG, frames, gga, nav_pvt, rmc, sentence

UBX_LOG = "raw_sensor_logs/bsd_ubx_navpvt_5hz_neom8n.log"
NMEA_LOG = "raw_sensor_logs/bsd_nmea_ublox8_1hz.log"
TEN_KNOTS: Any = pytest.approx(18520 / 3600)  # m/s; a knot is 1852 m an hour
NOON = datetime(2024, 5, 6, 12, 0, 0, tzinfo=UTC).timestamp()


def feed(data: bytes, size: int = 1 << 20) -> list[Fix | NoFix | BadFrame]:
    stream = Stream()
    return [found for i in range(0, len(data), size) for found in stream.feed(data[i : i + size], 1.0)]


def names(found: list[Frame | BadFrame]) -> Counter[str]:
    return Counter(f.name for f in found if isinstance(f, Frame))


@pytest.mark.parametrize("size", [1, 20, 244, 1 << 20])
def test_the_ubx_log_gives_24_nav_pvt_and_reports_its_cut_last_frame(size: int) -> None:
    log = recording(UBX_LOG).read_bytes()
    found = frames(log, list(range(0, len(log), size)))
    assert names(found)["NAV-PVT"] == 24
    (bad,) = [f for f in found if isinstance(f, BadFrame)]
    assert found[-1] == bad
    assert "01-20 frame cut short" in bad.reason
    fixes = feed(log, size)
    assert len(fixes) == 24
    assert all(isinstance(f, Fix) for f in fixes)


def test_the_ubx_log_is_where_and_when_its_header_says() -> None:
    fix = feed(recording(UBX_LOG).read_bytes())[0]
    assert isinstance(fix, Fix)
    assert fix.sensor_t == pytest.approx(
        datetime(2017, 7, 19, 8, 50, 0, 800_000, tzinfo=UTC).timestamp(), abs=1e-3
    )
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((-34.9285, 138.6007), abs=0.03)


@pytest.mark.parametrize("size", [1, 20, 244, 1 << 20])
def test_the_nmea_log_gives_72_of_each_sentence_and_one_fix_a_second(size: int) -> None:
    log = recording(NMEA_LOG).read_bytes()
    found = frames(log, list(range(0, len(log), size)))
    assert [names(found)[what] for what in ("RMC", "GGA", "VTG")] == [72, 72, 72]
    *fixes, bad = feed(log, size)
    assert isinstance(bad, BadFrame)  # the last sentence, cut by the log's end
    assert [f.sensor_t for f in fixes if isinstance(f, Fix)] == [
        datetime(2017, 1, 10, 0, 9, 41, tzinfo=UTC).timestamp() + i for i in range(72)
    ]


def test_nav_pvt_gives_every_value_in_si_units() -> None:
    assert feed(nav_pvt()) == [Fix(1.0, 51.5, -0.25, 5.727, 90.0, 12.3, 1.2, 0.15, NOON + 0.2)]


def test_nanoseconds_may_be_negative() -> None:
    (fix,) = feed(nav_pvt(nano=-100_000_000))
    assert isinstance(fix, Fix)
    assert fix.sensor_t == pytest.approx(NOON - 0.1, abs=1e-6)


@pytest.mark.parametrize("invalid", ["validDate", "validTime"])
def test_a_time_not_valid_is_unknown(invalid: str) -> None:
    (fix,) = feed(nav_pvt(**{invalid: 0}))
    assert isinstance(fix, Fix)
    assert fix.sensor_t is None


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"fixType": 0}, "no fix"),
        ({"fixType": 1}, "dead reckoning"),
        ({"fixType": 2}, "2D"),
        ({"fixType": 5}, "time only"),
        ({"fixType": 9}, "9"),
        ({"gnssFixOk": 0}, "not OK"),
        ({"invalidLlh": 1}, "not OK"),
    ],
)
def test_nav_pvt_without_a_good_fix_is_no_fix(changed: dict[str, object], word: str) -> None:
    (no_fix,) = feed(nav_pvt(**changed))
    assert isinstance(no_fix, NoFix)
    assert word in no_fix.reason


@pytest.mark.parametrize(
    "void",
    [
        rmc(status="V", mode="N"),
        rmc(status="V"),
        rmc(mode="E"),
        rmc(mode="S"),
        gga(quality="0"),
        gga(quality="6"),
    ],
)
def test_nmea_without_a_good_fix_is_no_fix(void: bytes) -> None:
    (no_fix,) = feed(void)
    assert isinstance(no_fix, NoFix)


def test_rmc_gives_position_speed_and_time() -> None:
    (fix,) = feed(rmc())
    assert fix == Fix(1.0, 51.5, -0.25, TEN_KNOTS, 90.0, sensor_t=NOON)


def test_each_position_and_speed_is_handed_out_once_an_epoch() -> None:
    first, second = feed(gga() + rmc() + VTG)
    assert isinstance(first, Fix)
    assert isinstance(second, Fix)
    assert (first.lat_deg, first.speed_mps, first.altitude_m) == (51.5, None, 12.3)
    assert (second.lat_deg, second.speed_mps) == (None, TEN_KNOTS)
    assert len(feed(rmc() + VTG + gga())) == 1
    assert len(feed((rmc() + VTG + gga()) * 2)) == 1  # the same second twice is one epoch
    assert len(feed(rmc() + gga("120001.00") + VTG)) == 3


def test_a_sentence_without_date_takes_the_day_of_the_last_rmc() -> None:
    before = datetime(2024, 5, 6, 23, 59, 59, tzinfo=UTC).timestamp()
    fixes = feed(gga("235958.00") + rmc("235959.00") + gga("000000.00"))
    assert [f.sensor_t for f in fixes if isinstance(f, Fix)] == [None, before, before + 1]


def test_a_speed_alone_still_counts() -> None:
    assert feed(VTG) == [Fix(1.0, None, None, TEN_KNOTS, 90.0)]
    assert feed(sentence("VTG", "", "T", "", "M", "", "N", "", "K", "N")) == []


@pytest.mark.parametrize(
    "fields",
    [
        ("120000.00", "A", "", "", "", "", "1.0", "", "060524", "", "", "A"),
        ("120000.00", "A", "9930.0", "N", "00015.0", "W", "1.0", "", "060524", "", "", "A"),
        ("120000.00", "A", "5130.0", "N", "00015.0", "W", "nan", "", "060524", "", "", "A"),
        ("996099.00", "A", "5130.0", "N", "00015.0", "W", "x", "", "060524", "", "", "A"),
    ],
)
def test_a_sentence_of_nonsense_with_a_right_checksum_is_a_value(fields: tuple[str, ...]) -> None:
    text = "GNRMC," + ",".join(fields)
    folded = 0
    for byte in text.encode():
        folded ^= byte
    (bad,) = feed(f"${text}*{folded:02X}\r\n".encode())
    assert isinstance(bad, BadFrame)


def test_a_position_not_on_earth_is_a_value() -> None:
    (bad,) = feed(nav_pvt(lat=95.0))
    assert bad == BadFrame("NAV-PVT: position 95.0, -0.25 is not on Earth")


def test_an_old_short_nav_pvt_is_a_value() -> None:
    (bad,) = feed(UBXMessage("NAV", "NAV-PVT", GET, payload=bytes(20)).serialize())
    assert isinstance(bad, BadFrame)


@pytest.mark.parametrize("i", range(len(MIXED)))
@pytest.mark.parametrize("harm", ["flip", "cut", "grow"])
def test_a_broken_frame_costs_itself_and_nothing_after_it(i: int, harm: str) -> None:
    good = frames(b"".join(MIXED), [])
    assert len(good) == len(MIXED)
    for at in range(6, len(MIXED[i]) - 2):
        frame = MIXED[i]
        broken = {
            "flip": frame[:at] + bytes([frame[at] ^ 0x01]) + frame[at + 1 :],
            "cut": frame[:at],
            "grow": frame[:at] + b"Z" + frame[at:],
        }[harm]
        found = frames(b"".join([*MIXED[:i], broken, *MIXED[i + 1 :]]), [])
        assert [f for f in found if isinstance(f, Frame)] == good[:i] + good[i + 1 :]
        assert any(isinstance(f, BadFrame) for f in found)


@pytest.mark.parametrize("length", [101, 500, 4096, 4097, 65535])
def test_a_wrong_length_holds_frames_up_only_until_the_next_whole_one(length: int) -> None:
    lying = nav_pvt()[:4] + struct.pack("<H", length) + nav_pvt()[6:]
    whole = Reassembler()
    found = whole.feed(lying) + whole.feed(nav_pvt())
    assert [type(f) for f in found] == [BadFrame, Frame]
    assert whole.end() == []


def test_a_frame_forged_around_a_sentence_is_given_up_wherever_it_is_cut() -> None:
    """Holds what fuzzing found: whole, it was believed; cut behind the sentence, the sentence was."""
    forged = UBXMessage("NAV", "NAV-PVT", GET, payload=VTG.ljust(92, b"\0")).serialize()
    for cut in range(len(forged)):
        bad, vtg = frames(forged, [cut])
        assert isinstance(bad, BadFrame)
        assert vtg == Frame("VTG", VTG.rstrip())


def test_the_buffer_is_bounded() -> None:
    whole = Reassembler()
    for _ in range(200):
        whole.feed(b"$" + b"A" * 99)
        whole.feed(b"\xb5\x62\x01\x07\x00\x10" + bytes(400))
        assert len(whole._held) <= 4096 + 8


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=92, max_size=92))
def test_any_payload_of_nav_pvt_gives_one_value(payload: bytes) -> None:
    (found,) = feed(UBXMessage("NAV", "NAV-PVT", GET, payload=payload).serialize())
    assert isinstance(found, Fix | NoFix | BadFrame)


def test_missing_libraries_are_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacer.gatt.stream, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pynmeagps and pyubx2: pip install 'pacer\[uart\]'"):
        Stream()


def test_the_decoders_import_without_the_libraries_for_uart() -> None:
    code = "import pacer.gatt.stream, sys; sys.exit(any(m in sys.modules for m in ('pynmeagps', 'pyubx2')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own words
