"""Tells whether a runner could hold the even speed behind a rider who keeps close to him all the way.

A runner who follows leaves the pace that he would run alone by `Following.limit` at most. One who is slower
than that allows falls behind even the best of riders, and one who is faster cannot be held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_sim.constants import STEP_S, RunnerBody
from firmware_sim.people import Following, Gains
from firmware_sim.runner import even_speed
from firmware_sim.straying import Straying

if TYPE_CHECKING:
    from firmware_sim.scenario import Scenario

_BODY, _FOLLOWING = RunnerBody(), Following()
_AS_THEY_ARE = Gains()


def best_s(scenario: Scenario, seed: int, gains: Gains = _AS_THEY_ARE) -> float | None:
    """Returns how late (+) or early (-) in s a runner finishes who does all he can to keep to the even speed.

    He has the draft all the way, and makes good what he lost as soon as he can. Left out are the bends, the
    wind and the unevenness of a stride or two, which mean nothing over a lap. None for a runner without a
    temper, or one who follows nobody.
    """
    temper = scenario.runner.temper
    if temper is None or scenario.runner.follows != "rider":
        return None
    even = even_speed(scenario)
    straying, late_m = Straying(temper, seed), 0.0
    for step in range(1, round((scenario.distance_m / even + _BODY.start_tau_s) / STEP_S) + 1):
        t = step * STEP_S
        own = even * (1 + straying.step(t, min(even * t / scenario.distance_m, 1.0)))
        if t > _FOLLOWING.after_s:
            close = own * (1 + gains.draft * _FOLLOWING.draft)
            wanted = even + late_m / STEP_S
            speed = min(max(wanted, close * (1 - _FOLLOWING.limit)), close * (1 + _FOLLOWING.limit))
            late_m += (even - speed) * STEP_S
    return late_m / even
