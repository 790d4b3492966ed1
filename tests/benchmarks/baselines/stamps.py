"""Says when a reading was true, and drops what is stale: kinder than the apps, which take it as of now.

No algorithm here guesses the receiver's own lag: none of the peers does.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware_sim.constants import GPS_A, GPS_B
from pacer.measurement import Fix, Stride
from pacer.setup import Setup

REACH_S = 3.0  # s, dead reckoning from the stamp to now goes no further than this
# From the stride to the radio: at least 0.35 s, and the mean 0.08 of |N(0, 0.1)| on top; RSC has no stamp.
POD_LATENCY_S = 0.43  # s
# An odometer that falls back by less than this is a late packet; by more, it is a pod that was reset.
POD_RESET_M = 50.0  # m: 3 s of lateness at 6 m/s is 18 m


def reckoned(t: float, stamp: float) -> float:
    """Returns the seconds by which to dead-reckon from a stamp to `t`."""
    return min(max(t - stamp, 0.0), REACH_S)


def latency_s(setup: Setup) -> float:
    """Returns a fix's transport latency in s, by the class of the receiver: a UART means a good one."""
    kinds = {sensor.kind for sensor in setup.sensors}
    return GPS_A.latency_s if "gps_uart" in kinds else GPS_B.latency_s


@dataclass(slots=True)
class FixClock:
    """Maps a receiver's clock onto the engine's by the fastest packet, and remembers the newest fix."""

    latency_s: float = GPS_B.latency_s  # s, of the fastest packet
    offset_s: float | None = None  # s, arrival less sensor time of the fastest packet
    newest: float | None = None  # s, stamp of the newest fix, engine's clock

    def stamp(self, fix: Fix) -> float | None:
        """Returns the engine's time of a fix in s; None for one that is stale or doubled."""
        if fix.sensor_t is None:
            at = fix.t - self.latency_s
        else:
            offset = fix.t - fix.sensor_t
            self.offset_s = offset if self.offset_s is None else min(self.offset_s, offset)
            at = fix.sensor_t + self.offset_s - self.latency_s
        if self.newest is not None and at <= self.newest + 1e-6:  # s, rounding of sums
            return None
        self.newest = at
        return at


@dataclass(slots=True)
class PodClock:
    """Takes a pod's packets as of the mean latency ago, and knows late ones by their odometer."""

    newest_m: float | None = None

    def stamp(self, stride: Stride) -> float | None:
        """Returns the engine's time of a packet in s; None for a stale one."""
        count = stride.distance_m
        if count is not None:
            if self.newest_m is not None and 0 < self.newest_m - count < POD_RESET_M:
                return None
            self.newest_m = count
        return stride.t - POD_LATENCY_S
