"""Maps a sensor's own time onto the engine's: the packet that was fastest tells the offset.

A packet can be late, never early, so the smallest (arrival - sensor time) of the last while is the best guess
of the offset. It is sought anew all the time, because crystals drift and clocks are set.
"""

from __future__ import annotations

from dataclasses import dataclass

# The fastest packet of this window and the one before it counts: among 30 packets one is fast, drift is 3 ms
# (50 ppm), and a clock that was wrong for a moment is forgotten after a minute.
WINDOW_S = 30.0  # s
# A lateness beyond this is a clock that was set, not a packet that was late.
JUMP_S = 10.0  # s


@dataclass(frozen=True, slots=True)
class Timebase:
    """Holds the offset of one sensor's clock; `wrap_s` is where that clock falls back to zero, if it does."""

    wrap_s: float | None = None  # s
    offset_s: float | None = None  # s, engine time minus sensor time of the fastest packet
    window_s: float = 0.0  # s, the same within this window alone
    window_t: float = 0.0  # s, when this window began

    def learn(self, t: float, sensor_t: float) -> tuple[Timebase, float]:
        """Learns from a packet that arrived at `t` s; returns how late it was, s, over the fastest one."""
        raw = t - sensor_t
        if self.offset_s is None:
            return Timebase(self.wrap_s, raw, raw, t), 0.0
        if self.wrap_s:
            raw -= self.wrap_s * round((raw - self.offset_s) / self.wrap_s)
        if raw - self.offset_s > JUMP_S:
            return Timebase(self.wrap_s, raw, raw, t), 0.0
        window, offset, began = min(self.window_s, raw), min(self.offset_s, raw), self.window_t
        if t - began > WINDOW_S:
            window, offset, began = raw, window, t
        return Timebase(self.wrap_s, offset, window, began), raw - offset
