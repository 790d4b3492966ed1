"""Holds the sensors' firmware: each reads the truth as its hardware would, and encodes what it believes.

A sensor has a `name` and `step(t)`, called after every physics step: it returns the packets it decided on,
each with the time `t` at which it leaves the radio, which may lie a little ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from firmware_sim.packet import Packet


class Sensor(Protocol):
    """Says what the firmware asks of a sensor."""

    @property
    def name(self) -> str:
        """Returns the sensor's name, as in its packets."""
        ...

    def step(self, t: float) -> list[Packet]:
        """Lets the sensor live up to world time `t` (s); returns what it sends."""
        ...
