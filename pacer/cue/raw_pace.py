"""The pace that a phone's running app shows: metres from fix to fix, added up, over the last seconds.

It knows neither course nor footpod. The baselines of the study of policies speak by it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pacer.course import Origin
from pacer.measurement import Fix

# Apps ask for a position once a second; a receiver that is faster is heard no more often.
EVERY_S = 0.95  # s
# Two cascaded windows of 20 s are the longest look back of any baseline, and one sample more.
KEEP = 42


@dataclass(frozen=True, slots=True)
class RawPace:
    """Holds the last samples: (arrival s, metres added up so far)."""

    samples: tuple[tuple[float, float], ...] = ()
    place: tuple[float, float] | None = None  # degrees, of the last fix

    def heard(self, fix: Fix) -> RawPace:
        """Returns it with one more fix, which is taken as true for the time it came."""
        if fix.lat_deg is None or fix.lon_deg is None:
            return self
        here = (fix.lat_deg, fix.lon_deg)
        if self.place is None:
            return RawPace(((fix.t, 0.0),), here)
        t, metres = self.samples[-1]
        if fix.t - t < EVERY_S:
            return self
        metres += math.hypot(*Origin(*self.place).to_enu(*here))
        return RawPace((*self.samples[-KEEP + 1 :], (fix.t, metres)), here)

    def speed_mps(self, now: float, seconds: float) -> float | None:
        """Returns the mean speed over the last `seconds`, m/s; None without samples so old or so new."""
        if not self.samples or now - self.samples[-1][0] > seconds:
            return None
        t, metres = self.samples[-1]
        for then, before in reversed(self.samples):
            if t - then >= seconds - EVERY_S / 2:
                return (metres - before) / (t - then)
        return None
