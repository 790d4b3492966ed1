"""The simulated rider's display and the simulated audio device: MQTT clients that know the protocol from its
AsyncAPI document alone.

    broker ─▶ Device.hear ─▶ ClockOffset (how old is it?) ─▶ CueFilter (fresh, newer?) ─▶ shown, on_cue
"""  # noqa: D205 - a picture of the path

from firmware_sim.devices.device import Device, OnCue, Shown
from firmware_sim.people import HEADPHONES_S

__all__ = ["Device", "OnCue", "Shown", "audio", "display"]


def display(device_id: str = "display") -> Device:
    """Makes the display on the rider's handlebar."""
    return Device(device_id, "display", "rider")


def audio(device_id: str = "audio") -> Device:
    """Makes the audio device in the runner's ear."""
    return Device(device_id, "audio", "runner", HEADPHONES_S)
