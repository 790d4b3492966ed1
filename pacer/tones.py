"""The sounds that the rider's page and the audio device share: pitch and pattern say what to do; pure data.

    ease    low and falling, two long tones      you are ahead: slower
    hold    one tone in the middle               right as it is
    press   high and rising, three short tones   you are behind: faster

Whoever cannot hear the pitch counts: one, two, three. All lie between 500 and 2000 Hz, where small speakers
and headphones are loud and wind is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Name = Literal["ease", "hold", "press", "beat", "bell", "lost"]


@dataclass(frozen=True, slots=True)
class Note:
    """Holds one sine: its frequency, when it begins within the pattern, and how long it lasts."""

    hz: float
    at_s: float  # s
    s: float  # s
    level: float = 1.0  # 0 to 1
    rings: bool = False  # dies away as something struck does; else it is held


# s between strokes of the bell: a hand bell is swung about three times a second
STROKE_S = 0.34
# A bell's partials over its strike note, and how loud: hum, prime, tierce, quint, nominal.
PARTIALS = ((0.5, 0.3), (1.0, 1.0), (1.2, 0.5), (1.5, 0.3), (2.0, 0.6))
STRIKE_HZ = 1046.5  # C6, small enough a bell to be shaken by hand


def _bell(strokes: int) -> tuple[Note, ...]:
    return tuple(
        Note(STRIKE_HZ * ratio, STROKE_S * n, 0.9, level, rings=True)
        for n in range(strokes)
        for ratio, level in PARTIALS
    )


# The notes are a fourth or more apart, so that nobody needs a trained ear to tell them.
TONES: dict[Name, tuple[Note, ...]] = {
    "ease": (Note(784.0, 0.0, 0.22), Note(523.3, 0.28, 0.34)),  # G5, C5
    "hold": (Note(880.0, 0.0, 0.30),),  # A5
    "press": (Note(880.0, 0.0, 0.09), Note(1174.7, 0.14, 0.09), Note(1568.0, 0.28, 0.14)),  # A5, D6, G6
    "beat": (Note(1760.0, 0.0, 0.05, 0.5),),  # A6, so short that it is no tone
    "bell": _bell(6),
    "lost": (Note(523.3, 0.0, 0.08), Note(523.3, 0.16, 0.08)),  # as a telephone that is engaged
}
