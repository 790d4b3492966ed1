"""Bytes to measurements, one file per characteristic, written from the specification.

`decode` serves characteristics whose every value stands for itself; GPS over a UART service is a
stream of bytes, which `pacer.gatt.stream` puts together.
"""

from __future__ import annotations

from pacer.errors import DecodeError
from pacer.gatt import battery, csc, heart_rate, ln, rsc
from pacer.measurement import Measurement

RSC_MEASUREMENT = rsc.CHARACTERISTIC
CSC_MEASUREMENT = csc.CHARACTERISTIC
LOCATION_AND_SPEED = ln.CHARACTERISTIC
HEART_RATE_MEASUREMENT = heart_rate.CHARACTERISTIC
BATTERY_LEVEL = battery.CHARACTERISTIC
DECODABLE = (RSC_MEASUREMENT, CSC_MEASUREMENT, LOCATION_AND_SPEED, HEART_RATE_MEASUREMENT, BATTERY_LEVEL)
# The characteristic by which a device with Nordic's UART Service sends: a stream, not for `decode`.
NORDIC_UART_TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"


def decode(char: str, t: float, data: bytes) -> tuple[Measurement, ...]:
    """Decodes one notification of `char` that arrived at `t`; bytes beyond what is known are ignored.

    Raises:
        DecodeError: bytes that the specification forbids, or a characteristic that is not known here.
    """
    match char:
        case rsc.CHARACTERISTIC:
            return (rsc.decode(t, data),)
        case csc.CHARACTERISTIC:
            return csc.decode(t, data)
        case ln.CHARACTERISTIC:
            return ln.decode(t, data)
        case heart_rate.CHARACTERISTIC:
            return (heart_rate.decode(t, data),)
        case battery.CHARACTERISTIC:
            return (battery.decode(t, data),)
        case _:
            raise DecodeError(f"characteristic {char!r:.60} is not known: allowed are {', '.join(DECODABLE)}")
