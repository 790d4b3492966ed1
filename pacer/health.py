"""Whether a sensor is alive, believed, silent or asleep: judged by what is heard, never by a callback."""

from __future__ import annotations

from dataclasses import dataclass, field

from pacer.evolve import replace
from pacer.inputs import LinkState
from pacer.outputs import Notice, SensorState, SensorStatus
from pacer.said import Said
from pacer.setup import Kind, SensorSpec

# A sensor is gone after 2.5 s of silence: one lost notification at 1 Hz is no alarm, and with the tick of
# 0.1 s the screen says so within 3 s. Sensors that speak more seldom get 2.5 of their own intervals.
SILENCE_S = 2.5  # s
SILENCE_INTERVALS = 2.5
# The usual interval is the median of the last few: lost readings do not stretch it, as they would a mean.
# A pause is not an interval.
INTERVALS = 5
LONGEST_INTERVAL_S = 8.0  # s; smart recording of watches steps up to 5 s
# Pods and wheels stop sending where nothing moves. Once their body moves again, or the gun was fired, they
# wake at the first step or turn: they have as long for it as for any silence.
MAY_REST: tuple[Kind, ...] = ("footpod", "wheel")
# Innovation over gate: weak from here on, refused above 1.
WEAK_RATIO = 0.5


@dataclass(frozen=True, slots=True)
class Health:
    """Holds what is known of one sensor's life."""

    spec: SensorSpec
    heard_t: float | None = None  # s, last notification of any kind
    intervals_s: tuple[float, ...] = ()  # s, the last few
    link: LinkState | None = None
    detail: str = ""
    no_fix: str | None = None  # why the receiver has no position
    ratio: float | None = None  # innovation over gate of the last reading
    refused: int = 0
    believed: bool = True  # the last reading was used
    battery_percent: int | None = None
    gone: bool = False  # said so already
    rested_t: float | None = None  # s, when its body last stood: a pod or a wheel may sleep then
    frozen: bool = False  # it repeats itself, so nothing that it says is used
    over_receiver: float | None = None  # of a footpod: its speed over a receiver's, when last compared
    disagrees: str = ""  # by how much, in words, and with whom
    outvoted_since: float | None = None  # s, since when a receiver is believed in its stead
    said: Said = field(default_factory=Said)

    def hear(self, t: float) -> Health:
        """Notes that the sensor was heard at `t`, s."""
        if self.heard_t == t:
            return self
        if self.heard_t is None or not 0 < t - self.heard_t < LONGEST_INTERVAL_S:
            return replace(self, heard_t=t)
        intervals = (*self.intervals_s[1 - INTERVALS :], t - self.heard_t)
        return replace(self, heard_t=t, intervals_s=intervals)

    def rest(self, t: float) -> Health:
        """Notes that its body stands, at `t` s."""
        return replace(self, rested_t=t) if self.spec.kind in MAY_REST else self

    def silence(self, t: float) -> tuple[Health, Notice | None]:
        """Says once that the sensor is gone, at `t` s; a sleeping one is not gone."""
        if self.gone or self.state(t) != "gone":
            return self, None
        name, age = self.spec.name, t - (self.heard_t or t)
        notice = Notice(t, "warning", "sensor-gone", f"{name} is gone: silent for {age:.1f} s", name)
        return replace(self, gone=True), notice

    def back(self, t: float) -> tuple[Health, Notice | None]:
        """Says once that a sensor that was gone is back, at `t` s."""
        if not self.gone:
            return self, None
        notice = Notice(t, "info", "sensor-back", f"{self.spec.name} is back", self.spec.name)
        return replace(self, gone=False), notice

    def silent(self, t: float) -> bool:
        """Tells whether a sensor that was heard before has been silent for too long at `t`, s."""
        if self.heard_t is None or t - self.heard_t <= SILENCE_S:
            return False
        return t - self.heard_t > self._limit_s()

    def lives(self, t: float) -> bool:
        """Tells whether what it says last may still be so at `t`, s."""
        return self.heard_t is not None and not self.silent(t) and not self.frozen

    def _limit_s(self) -> float:
        usual = sorted(self.intervals_s)[len(self.intervals_s) // 2] if self.intervals_s else 0.0
        return max(SILENCE_S, SILENCE_INTERVALS * usual)

    def state(self, t: float) -> SensorState:
        """Names the state in a word, at `t` s."""
        if self.heard_t is None:
            return "searching"
        if self.silent(t):
            return "gone" if self.rested_t is None or t - self.rested_t > self._limit_s() else "asleep"
        if self.no_fix is not None:
            return "no fix"
        if self.frozen:
            return "frozen"
        if not self.believed:
            return "refused"
        weak = self.disagrees or (self.ratio is not None and self.ratio > WEAK_RATIO)
        return "weak" if weak else "ok"

    def status(self, t: float) -> SensorStatus:
        """Draws the sensor's line for the screen."""
        return SensorStatus(
            name=self.spec.name,
            role=self.spec.role,
            kind=self.spec.kind,
            state=self.state(t),
            age_s=None if self.heard_t is None else round(t - self.heard_t, 3),
            ratio=self.ratio,
            refused=self.refused,
            battery_percent=self.battery_percent,
            open=self.spec.pin == "name",
            detail=self.no_fix or self.disagrees or self.detail,
        )
