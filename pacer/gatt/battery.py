"""Battery Level, 0x2A19 (GATT Specification Supplement, Battery Level)."""

from __future__ import annotations

from pacer.gatt.fields import Fields
from pacer.measurement import Battery

CHARACTERISTIC = "2a19"  # Assigned Numbers, section 3.8; written as in `Notification.char`
_FULL = 100  # percent; 101 to 255 are reserved


def decode(t: float, data: bytes) -> Battery:
    """Decodes one value.

    Raises:
        DecodeError: no byte, or a reserved value.
    """
    fields = Fields("Battery Level", data)
    percent = fields.unsigned(1)
    if percent > _FULL:
        raise fields.refuse(f"level {percent} is reserved, 0 to {_FULL} are allowed")
    return Battery(t, percent)
