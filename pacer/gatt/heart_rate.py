"""Heart Rate Measurement, 0x2A37 (GATT Specification Supplement, Heart Rate Measurement)."""

from __future__ import annotations

from pacer.gatt.fields import Fields
from pacer.measurement import HeartRate

CHARACTERISTIC = "2a37"  # Assigned Numbers, section 3.8; written as in `Notification.char`
_TWO_BYTES = 0x01  # the rate is a uint16
_CONTACT = 0x02  # means something only where contact is supported
_CONTACT_SUPPORTED = 0x04
_ENERGY_PRESENT = 0x08
_RR_PRESENT = 0x10  # bits 5 to 7 are reserved and ignored
_RR_PER_S = 1024


def decode(t: float, data: bytes) -> HeartRate:
    """Decodes one value; without skin contact the rate is unknown, whatever number was sent.

    Raises:
        DecodeError: fewer bytes than the flags announce, or half an RR-interval at the end.
    """
    fields = Fields("Heart Rate Measurement", data)
    flags = fields.unsigned(1)
    bpm = fields.unsigned(2 if flags & _TWO_BYTES else 1)
    if flags & _ENERGY_PRESENT:
        fields.unsigned(2)  # kJ since the last reset; pacer has no use for it
    rr = _rr_intervals(fields) if flags & _RR_PRESENT else ()
    contact = bool(flags & _CONTACT) if flags & _CONTACT_SUPPORTED else None
    return HeartRate(t, None if contact is False else bpm, contact, rr)


def _rr_intervals(fields: Fields) -> tuple[float, ...]:
    """Reads the rest of the value as RR-intervals, s: one at least, and only whole ones."""
    count, odd = divmod(fields.left(), 2)
    if odd or not count:
        raise fields.refuse(f"{fields.left()} bytes of RR-intervals, 2 for each of at least one are needed")
    return tuple(fields.unsigned(2) / _RR_PER_S for _ in range(count))
