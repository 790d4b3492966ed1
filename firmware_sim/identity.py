"""Says who the simulated sensors are: names, battery, Device Information, and what can be read from them.

Made up, like the sensors. Company names of real makers are not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim import encode

if TYPE_CHECKING:
    from firmware_sim.sensors.gps import Wire

# Device Information Service 0x180A: characteristic numbers of its strings (GATT Specification Supplement)
MANUFACTURER, MODEL, SERIAL, FIRMWARE, HARDWARE = "2a29", "2a24", "2a25", "2a26", "2a27"

# Sensor Location 0x2A5D and Body Sensor Location 0x2A38, assigned numbers
_TOP_OF_SHOE, _REAR_WHEEL, _CHEST = 1, 12, 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Holds what one sensor says about itself."""

    advertised: str  # the name in its advertisement
    model: str
    serial: str
    battery_percent: int


IDENTITIES: dict[str, Identity] = {
    "footpod": Identity("Sim Footpod", "SIM-RSC-1", "000101", 87),
    "gps": Identity("Sim GPS", "SIM-LN-1", "000201", 64),
    "heart_rate": Identity("Sim HR", "SIM-HR-1", "000301", 92),
    "wheel": Identity("Sim Wheel", "SIM-CSC-1", "000401", 78),
}


def readable(sensor: str, gps: Wire = "ln") -> dict[str, bytes]:
    """Returns every readable characteristic of a sensor with its value: features, battery, information."""
    who = IDENTITIES[sensor]
    return {
        **_features(sensor, gps),
        encode.BATTERY_LEVEL: encode.battery_level(who.battery_percent),
        MANUFACTURER: b"pacer firmware_sim",
        MODEL: who.model.encode(),
        SERIAL: who.serial.encode(),
        FIRMWARE: b"1.0.0",
        HARDWARE: b"simulated",
    }


def _features(sensor: str, gps: Wire) -> dict[str, bytes]:
    match sensor:
        case "footpod":
            return {encode.RSC_FEATURE: encode.rsc_feature(), encode.SENSOR_LOCATION: bytes((_TOP_OF_SHOE,))}
        case "wheel":
            return {encode.CSC_FEATURE: encode.csc_feature(), encode.SENSOR_LOCATION: bytes((_REAR_WHEEL,))}
        case "heart_rate":
            return {encode.BODY_SENSOR_LOCATION: bytes((_CHEST,))}
        case "gps" if gps == "ln":
            # a class B receiver's typical error, in metres
            return {
                encode.LN_FEATURE: encode.ln_feature(),
                encode.POSITION_QUALITY: encode.position_quality(3.0),
            }
        case _:
            return {}
