"""The continuous signal: how far a speed is from the one asked for, as the place of a bar."""

from __future__ import annotations

from pacer.units import STANDING_MPS

# The end of the bar, as a part of the speed asked for: 3.5 s a lap at 4:41. Farther off, the way to move is
# all that matters.
FULL = 0.05


def bar(speed_mps: float | None, asked_mps: float | None) -> float | None:
    """Places a speed beside the one asked for: 0 right as it is, +1 too fast by `FULL` or more, -1 too slow.

    None where either is unknown, or where nobody is asked to move.
    """
    if speed_mps is None or asked_mps is None or asked_mps < STANDING_MPS:
        return None
    return min(max((speed_mps / asked_mps - 1) / FULL, -1.0), 1.0)
