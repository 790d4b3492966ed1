"""Simulated sensors as a phone or an engine meets them."""

from __future__ import annotations

import pytest

from firmware_sim.gatt import Characteristic, Peripheral, Service, advertising_data, scan_response
from firmware_sim.peripherals import footpod, gps, heart_rate, wheel

UART = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"


def test_the_advertisement_is_what_the_specification_says() -> None:
    # flags 06; complete list of 16-bit UUIDs: 1814; appearance 0441, all little-endian
    assert advertising_data(footpod()) == bytes.fromhex("020106 03031418 03194104")
    assert scan_response(footpod()) == b"\x0c\x09Sim Footpod"


def test_a_128_bit_service_is_advertised_in_reverse_byte_order() -> None:
    assert bytes.fromhex("1107 9ecadc240ee5a9e093f3a3b50100406e") in advertising_data(gps("ubx"))


@pytest.mark.parametrize("peripheral", [footpod(), gps("ln"), gps("ubx"), heart_rate(), wheel()])
def test_every_sensor_fits_into_legacy_advertising(peripheral: Peripheral) -> None:
    assert len(advertising_data(peripheral)) <= 31
    assert len(scan_response(peripheral)) <= 31


def test_what_does_not_fit_is_refused_with_its_size() -> None:
    services = tuple(Service(uuid, (), advertised=True) for uuid in (UART, UART.replace("1", "2")))
    with pytest.raises(ValueError, match="Too much: advertisement of 37 bytes; at most 31"):
        advertising_data(Peripheral("Too much", "C0:00:00:00:00:01", services))
    with pytest.raises(ValueError, match="scan response of 32 bytes"):
        scan_response(Peripheral("x" * 30, "C0:00:00:00:00:01", ()))


def test_characteristics_are_described_by_value_not_identity() -> None:
    assert Characteristic("2a19", b"\x01", read=True) == Characteristic("2a19", b"\x01", read=True)
