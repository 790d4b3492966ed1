"""What the rider's display asks for in a simulation: the even split, with a lead, in his own line.

It knows of the rider what a wheel sensor tells that was calibrated over some laps of this track: how far he
is, to a share of its scale, and how fast he rode a moment ago.
"""

from __future__ import annotations

from firmware_sim.constants import RiderBody
from firmware_sim.firmware import GUN_T
from firmware_sim.gauss_markov import stream
from firmware_sim.world import World
from pacer.setup import Target
from pacer.target import even_split

# A circumference from ten laps, each tapped to 0.2 s at 5.7 m/s: 1.1 m times the root of 2 over 4000 m.
SCALE_SD = 0.0004
# A wheel event is 0.2 s old on average and comes once a second; the filter follows within another half.
SHOWN_DELAY_S = 1.0  # s
# A place that is wrong is made good within so long, and by no more than that share of speed: the runner is
# led, not pulled.
CLOSE_S, CLOSE_MOST = 15.0, 0.02  # s
_BODY = RiderBody()


class Ride:
    """Holds how wrong the wheel's scale is, and asks."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._even = even_split(Target(world.scenario.distance_m, world.scenario.target_s))
        self._scale = 1 + SCALE_SD * float(stream(world.seed, "rider", "scale").standard_normal())

    def ask(self, now: float) -> None:
        """Shows the rider what to ride, beside what he rides, m/s of his own path."""
        if now < GUN_T:
            return
        even_m = self._even.distance_at(now - GUN_T)
        here = self._world.rider_at(now)
        ahead_m = here.distance_m * self._scale - _BODY.lead_m - even_m
        back = min(max(ahead_m / (CLOSE_S * self._even.cruise_mps), -CLOSE_MOST), CLOSE_MOST)
        wider = 1 + self._world.course.curvature(here.distance_m) * _BODY.lateral_m
        shown = self._world.rider_at(now - SHOWN_DELAY_S).path_mps * self._scale
        self._world.ask(self._even.cruise_mps * (1 - back) * wider, shown)
