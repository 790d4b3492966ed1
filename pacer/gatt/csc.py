"""CSC Measurement, 0x2A5B: wheel and crank revolutions (GATT Specification Supplement, CSC Measurement)."""

from __future__ import annotations

from pacer.gatt.fields import Fields
from pacer.measurement import Crank, WheelRevolution

CHARACTERISTIC = "2a5b"  # Assigned Numbers, section 3.8; written as in `Notification.char`
_WHEEL_PRESENT = 0x01
_CRANK_PRESENT = 0x02  # bits 2 to 7 are reserved and ignored
_TICKS_PER_S = 1024  # of both event times, which wrap every 64 s


def decode(t: float, data: bytes) -> tuple[WheelRevolution | Crank, ...]:
    """Decodes one value: wheel, crank, both, or neither.

    Raises:
        DecodeError: fewer bytes than the flags announce.
    """
    fields = Fields("CSC Measurement", data)
    flags = fields.unsigned(1)
    found: tuple[WheelRevolution | Crank, ...] = ()
    if flags & _WHEEL_PRESENT:
        found += (WheelRevolution(t, fields.unsigned(4), fields.unsigned(2) / _TICKS_PER_S),)
    if flags & _CRANK_PRESENT:
        found += (Crank(t, fields.unsigned(2), fields.unsigned(2) / _TICKS_PER_S),)
    return found
