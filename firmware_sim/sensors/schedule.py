"""Says when a sensor samples: its own clock, with its own phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Schedule:
    """Gives the sample times phase, phase + period, ... without accumulating rounding."""

    __slots__ = ("_count", "_period_s", "_phase_s")

    def __init__(self, period_s: float, phase_s: float = 0.0) -> None:
        self._period_s = period_s
        self._phase_s = phase_s
        self._count = 0

    def due(self, t: float) -> Iterator[float]:
        """Yields the sample times not yet given, up to `t`."""
        while (at := self._phase_s + self._count * self._period_s) <= t:
            self._count += 1
            yield at
