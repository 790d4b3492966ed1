"""What kind of body, receiver and map it is: every figure of the model, with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Speed walks at random: 0.085 m/s per root second follows surges and fatigue of a runner at race pace. With
# 0.08 most of a change by 5 % is in the estimate 0.3 s later, with 0.1 it is 6 % noisier.
Q_V = 0.085**2  # m²/s³
LATERAL_M = 0.25  # m; people run outside the measured line
# A pod's scale drifts by 0.06 % per root second, and is 1 % off per m/s away from its usual speed.
Q_K = 0.0006**2  # 1/s, relative
SPEED_SCALE_SD = 0.01  # s/m, relative
# A pod smooths its speed over 1 to 5 s.
POD_TAU_S = 2.5  # s


@dataclass(frozen=True, slots=True)
class Map:
    """Holds how well a course is known, and how people keep to its line; the defaults are an oval's."""

    place_sd_m: float = 0.9  # m on each axis, for the whole run
    lateral_sd_m: float = 0.5  # m; who runs wide does so for about ...
    lateral_tau_s: float = 60.0  # s
    ahead_sd_m: float = 0.0  # m along the line, for about ...
    ahead_tau_s: float = 1.0  # s

    @property
    def q_l(self) -> float:
        """Returns the noise that keeps l at its standard deviation, m²/s."""
        return 2 * self.lateral_sd_m**2 / self.lateral_tau_s


OVAL = Map()
# A road's line was drawn by hand or from a receiver: off by 1.5 m across for 150 m, and by 2.5 m along for
# 300 m, at the 4 to 5 m/s of a road race.
ROAD = Map(0.0, math.hypot(0.5, 1.5), 35.0, 2.5, 70.0)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Holds how a class of receivers errs; the defaults are a phone at 1 Hz."""

    filter_s: float = 0.3  # s, by which a position is old when it is stamped; then it takes ...
    packet_s: float = 0.3  # s until it comes from a phone, or ...
    wire_s: float = 0.2  # s over a serial line: the sentences of a fix take 0.1 to 0.4 s at 9600 baud
    tag_sd_s: float = 0.16  # s, how well all that is known: phones differ by 0.1 s, and some by 0.3 s
    accuracy_m: float = 3.0  # m, that it reports as a rule
    slow_sd_m: float = 1.17 * 1.8  # m, with 17 % to spare: runs differ by that much, over ...
    slow_tau_s: float = 90.0  # s
    fast_sd_m: float = 1.15 * 0.8  # m, over ...
    fast_tau_s: float = 10.0  # s
    white_sd_m: float = 0.45  # m
    doppler_sd_mps: float = 0.08  # m/s, over ...
    doppler_tau_s: float = 5.0  # s
    doppler_white_mps: float = 0.12  # m/s, with a fifth to spare: receivers tell no doubt of speed


PHONE = Receiver()
# A bare receiver with a good antenna, at 5 Hz or more: smaller errors, the rhythm of the steps in its speed.
BOARD = Receiver(0.05, 0.10, 0.10, 0.04, 1.2, 1.15 * 0.8, 120.0, 1.15 * 0.3, 8.0, 0.30, 0.05, 1.5, 0.16)


@dataclass(frozen=True, slots=True)
class Pull:
    """Draws the speed towards `speed_mps` with time constant `tau_s`: the start."""

    speed_mps: float
    tau_s: float  # s
    q_v: float  # m²/s³


@dataclass(frozen=True, slots=True)
class Model:
    """Holds the process of one body."""

    receiver: Receiver = PHONE
    map: Map = OVAL
    q_v: float = Q_V
    q_k: float = Q_K
    speed_scale_sd: float = SPEED_SCALE_SD
    cruise_mps: float = 5.0  # m/s, where k is meant

    @property
    def bias(self) -> tuple[float, float]:
        """Returns sd and time constant of the slow bias with the map's, which does not wander, in it."""
        sd, off = self.receiver.slow_sd_m, self.map.place_sd_m
        return math.hypot(sd, off), self.receiver.slow_tau_s * (1 + (off / sd) ** 2)


RUNNER = Model()
# A bike brakes and accelerates harder: 0.5 m/s per root second lets 2 m/s² pass for a second or two; its
# wheel keeps its size.
BIKE = Model(q_v=0.5**2, q_k=1e-10, speed_scale_sd=1e-6)
