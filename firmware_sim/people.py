"""Holds how people run, ride, hear and obey: the one place with their figures, frozen.

[P] the closed-loop study of cue policies that pacer's aims were taken from, whose own assumptions these are;
[L] a figure from the literature; [D] derived as told; [A] an assumption without a direct source. Literature:
  Foster   Foster 2014, IJSPP 9:715: lap CV 1.5-3 % in record miles
  Zouhal   Zouhal 2015, IJSPP 10:147: 3000 m in 544.7 s behind others for 2000 m, 553.6 s alone
  Casado   Casado 2025, IJSPP 20:149: behind a cyclist the last 500 m were faster, with less effort
  Rio      Rio, Rhea & Warren 2014, J. Vision 14(2):4: who follows a person matches his speed
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Temper:
    """Holds how a runner strays from the pace that he wants, as shares of speed."""

    bias: float  # standard deviation of his idea of the pace
    fast_start: float  # too fast at the gun by this, settling with `fast_start_s` of his body
    fatigue: float  # slower at the finish by this, growing with the distance done
    uneven: float  # standard deviation of his slow wandering ...
    uneven_s: float  # s, ... and its correlation time


TemperName = Literal["trained", "recreational", "erratic"]
# [P], in the order of the fields. Their laps vary by 1.1, 2.2 and 2.8 %, Foster's record miles by 1.5 to 3 %.
TEMPERS: dict[TemperName, Temper] = {
    "trained": Temper(0.01, 0.015, 0.02, 0.011, 50.0),
    "recreational": Temper(0.02, 0.035, 0.045, 0.022, 50.0),
    "erratic": Temper(0.02, 0.035, 0.035, 0.045, 35.0),
}
# People tire differently: between nothing and twice the usual [A]. With nobody different the gaps without
# cues come out 12 % smaller than in [P], with this 5 %, and the splits' variation within 3 %.
FATIGUE_RANGE = (0.0, 2.0)
# The unevenness of a stride or two that nobody can help [P]; m/s and s.
WOBBLE = ((0.07, 10.0),)


@dataclass(frozen=True, slots=True)
class Obedience:
    """Holds how a person obeys cues."""

    delay_s: tuple[float, float]  # s, uniform range from the cue to acting
    delay_tail_s: float  # s, mean of an exponential on top
    gain: tuple[float, float]  # uniform range of a run: share of the asked change that is made
    gain_spread: float  # lognormal standard deviation per cue
    obeyed: float  # probability that a cue is obeyed at all ...
    habituation_s: float  # s, ... times 1 - exp(-time since the last cue / this)
    press_gain: float  # factor on being asked to go faster
    ramp_s: float  # s, over which the change is made
    forgetting_s: float  # s, time constant with which it fades
    limit: float  # greatest share of speed by which cues move a person
    unsized: float  # share of speed meant by a cue without a size


# [P] throughout: sound itself takes 0.15 s [L], deciding and changing the stride the rest.
RUNNER_AUDIO = Obedience((1.0, 3.0), 0.3, (0.5, 1.2), 0.35, 0.9, 8.0, 0.8, 2.0, 90.0, 0.07, 0.02)
# Sight 0.18-0.20 s [L], then hands, legs and a bike: 0.7-2 s in all [A]. A rider has little else to do.
RIDER_DISPLAY = Obedience((0.7, 2.0), 0.1, (0.7, 1.1), 0.15, 0.98, 2.0, 1.0, 1.0, 120.0, 0.06, 0.015)
HEADPHONES_S = 0.15  # s: Bluetooth headphones add 0.1 to 0.2 [L], broker and device a few milliseconds


@dataclass(frozen=True, slots=True)
class Following:
    """Holds how a runner runs behind a body that he sees all the time."""

    delay_s: float = 0.6  # s, sight 0.18-0.20 simple reaction [L], acting on pace takes longer [A]
    gain: float = 0.15  # 1/s, speed per metre of gap to the place behind the bike [A]; the speed itself: Rio
    after_s: float = 3.0  # s after the gun: until then he just starts [A]
    limit: float = 0.07  # he leaves the pace that he would run alone by no more than this share [A]
    audio: float = 0.25  # share of an audio cue that he still hears while he follows a bike [A]
    own_mind: float = 0.2  # share of his own straying that he keeps while he follows [A]
    # What he gains of speed at the same effort while he is close behind: (553.6 - 544.7) / 553.6, of which
    # two thirds were run behind others, Zouhal [D].
    draft: float = 0.024
    draft_m: float = 4.0  # m between them, beyond which nothing of that is left [A]


@dataclass(frozen=True, slots=True)
class Shown:
    """Holds how a rider rides the speed that a display asks for, beside the speed that it says he rides.

    He knows no pace of his own: what he sees is a difference, and he takes it off the speed that he rides.
    """

    delay_s: tuple[float, float] = (0.7, 2.0)  # s, uniform range of a run, as `RIDER_DISPLAY` [A]
    # Share of the difference that he makes at each look, uniform range of a run [A]: people keep the gain of
    # such a loop low enough for their delay not to swing it, McRuer & Jex 1967, IEEE Trans. HFE 8:231 [L].
    gain: tuple[float, float] = (0.5, 0.8)
    after_s: float = 10.0  # s after the gun: until then he gets going, by his speedometer [A]
    glance_s: float = 0.5  # s from acting to the next look: one thing at a time [A]
    misread_mps: float = 0.03  # m/s, standard deviation: a step of the number shown is 0.1 km/h [D]


@dataclass(frozen=True, slots=True)
class Gains:
    """Holds factors on what is known least, so that a result can be told at half and at double of it."""

    following: float = 1.0  # on `Following.gain`
    draft: float = 1.0  # on `Following.draft`
    rider: float = 1.0  # on `Shown.gain`
    audio: float = 1.0  # on `RUNNER_AUDIO.gain`
