"""Decides which lap line a tap means."""

from __future__ import annotations

# A tap that is further from every line than this is none: late taps (1 to 3 s) are up to 17 m off, a pod
# of 5 % error is 20 m off after a lap, and lines are 400 m apart.
GATE_M = 60.0  # m


def line_meant(lines: tuple[float, ...], s_m: float, gate_m: float = GATE_M) -> float | None:
    """Returns the progress in m of the lap line nearest to `s_m`, None where none is near."""
    near = min(lines, key=lambda line: abs(line - s_m), default=None)
    return near if near is not None and abs(near - s_m) <= gate_m else None
