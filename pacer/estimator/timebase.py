"""Maps a sensor's own time onto the engine's: the packet that was fastest tells the offset.

A packet can be late, never early, so the smallest (arrival - sensor time) seen is the best guess of the
offset; it is let go slowly, because crystals drift.
"""

from __future__ import annotations

from dataclasses import dataclass

# Crystals in wearables are good to about 50 ppm each; the smallest offset may rise that fast.
DRIFT = 1e-4
# A lateness beyond this is a clock that was set, not a packet that was late.
JUMP_S = 10.0  # s


@dataclass(frozen=True, slots=True)
class Timebase:
    """Holds the offset of one sensor's clock; `wrap_s` is where that clock falls back to zero, if it does."""

    wrap_s: float | None = None  # s
    offset_s: float | None = None  # s, engine time minus sensor time of the fastest packet
    heard_t: float = 0.0  # s, arrival of the last packet

    def learn(self, t: float, sensor_t: float) -> tuple[Timebase, float]:
        """Learns from a packet that arrived at `t` s; returns how late it was, s, over the fastest one."""
        raw = t - sensor_t
        if self.offset_s is None:
            return Timebase(self.wrap_s, raw, t), 0.0
        if self.wrap_s:
            raw -= self.wrap_s * round((raw - self.offset_s) / self.wrap_s)
        late = raw - (self.offset_s + DRIFT * (t - self.heard_t))
        if late < 0 or late > JUMP_S:
            return Timebase(self.wrap_s, raw, t), 0.0
        return Timebase(self.wrap_s, raw - late, t), late
