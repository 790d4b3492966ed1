"""A coach with perfect knowledge, half a second late: what good cues do to the two people."""

from __future__ import annotations

from firmware_sim.constants import STEP_HZ
from firmware_sim.scenario import load
from firmware_sim.world import World

GUN_T = 20.0
_LATE_S = 0.5


def finished(name: str, seed: int, *, cues: bool = False) -> World:
    """Runs a scenario to its finish, with or without cues."""
    world = World(load(name), seed)
    world.gun(GUN_T)
    last, armed, steps = -100.0, True, 0
    while world.finish_s is None:
        world.step()
        steps += 1
        if not cues or steps % STEP_HZ or world.elapsed(world.t) < 12:
            continue
        gap, share = standing(world)
        ahead = gap + 15 * share  # s, the gap foreseen in 15 s
        armed |= abs(ahead) < 0.4
        if abs(ahead) > 0.8 and world.t - last > (6 if armed else 12):
            wanted = (
                max(-0.04, min(0.04, -gap / 15 - share)) * world.scenario.distance_m / world.scenario.target_s
            )
            word = "press" if wanted > 0 else "ease"
            world.see(word, abs(wanted))
            world.hear(word, abs(wanted))
            last, armed = world.t, False
    return world


def standing(world: World) -> tuple[float, float]:
    """Returns the gap (s, + ahead) and by what share the runner is too fast, as known to a coach."""
    then = world.t - _LATE_S
    here, before = world.runner_at(then), world.runner_at(then - 3)
    even = world.scenario.distance_m / world.scenario.target_s
    return here.distance_m / even - world.elapsed(then), (here.distance_m - before.distance_m) / 3 / even - 1
