"""RSC Measurement, 0x2A53: what a footpod sends (GATT Specification Supplement, RSC Measurement)."""

from __future__ import annotations

from pacer.gatt.fields import Fields
from pacer.measurement import Stride

CHARACTERISTIC = "2a53"  # Assigned Numbers, section 3.8; written as in `Notification.char`
_STRIDE_LENGTH_PRESENT = 0x01
_DISTANCE_PRESENT = 0x02
_RUNNING = 0x04  # else walking; bits 3 to 7 are reserved and ignored


def decode(t: float, data: bytes) -> Stride:
    """Decodes one value; cadence stays as sent, strides or steps a minute.

    Raises:
        DecodeError: fewer bytes than the flags announce.
    """
    fields = Fields("RSC Measurement", data)
    flags = fields.unsigned(1)
    speed = fields.unsigned(2) / 256  # 1/256 m/s
    cadence = fields.unsigned(1)  # 1/min
    stride = fields.unsigned(2) / 100 if flags & _STRIDE_LENGTH_PRESENT else None  # cm
    distance = fields.unsigned(4) / 10 if flags & _DISTANCE_PRESENT else None  # dm
    return Stride(t, speed, float(cadence), stride, distance, bool(flags & _RUNNING))
