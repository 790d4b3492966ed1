from __future__ import annotations

import pytest

from pacer.inputs import Command, Measured, Tick
from pacer.measurement import Fix
from pacer.outputs import Finished, Notice, State
from pacer.session import Session
from pacer.setup import RouteSpec, SensorSpec, Setup, StartMode, Target

M_PER_DEG = 111_195.0  # m, of latitude, on a sphere of 6371 km
V, STOOD_S = 5.0, 20.0  # m/s, s


@pytest.mark.parametrize(
    ("start", "stood_s", "target_s"), [("first_step", STOOD_S, 12.0), ("first_input", 0.0, 30.0)]
)
def test_a_receiver_that_tells_places_alone_and_the_very_same_one_while_its_runner_stands(
    start: StartMode, stood_s: float, target_s: float
) -> None:
    """Runs 60 m at 5 m/s, out of a stand or from a file that begins in full flight."""
    setup = Setup((SensorSpec("gps", "runner", "gps"),), None, Target(60.0, target_s), start=start)
    session, out = Session(setup), []
    for tick in range(450):
        t = tick / 10
        if tick % 10 == 0:
            lat = 47.0 + max(0.0, V * (t - stood_s)) / M_PER_DEG
            out += session.step(Measured(t, "gps", Fix(t, lat, 8.0, None, sensor_t=t)))
        out += session.step(Tick(t))
    [end] = [o for o in out if isinstance(o, Finished)]
    assert end.elapsed_s == pytest.approx(60.0 / V, abs=1.0)
    assert any(isinstance(o, Notice) and o.code == "start" for o in out)


# A straight road north; what is run on it is told as (m/s, s), after the stand on the line.
ROAD = RouteSpec(((47.0, 8.0, None), (47.03, 8.0, None)))


@pytest.mark.parametrize(
    ("legs", "most_m"),
    [
        pytest.param(((5.0, 60.0), (1.5, 40.0), (5.0, 40.0)), 10.0, id="a walk in between"),
        pytest.param(((5.0, 60.0), (0.0, 30.0), (5.0, 30.0)), 13.0, id="a stand"),
        pytest.param(((0.0, 20.0), (5.0, 60.0)), 10.0, id="nobody runs at the gun"),
    ],
)
def test_places_alone_on_a_known_course_follow_an_abrupt_change(
    legs: tuple[tuple[float, float], ...], most_m: float
) -> None:
    """A place errs by a few metres, so it is softened and refused; that must not hide a stop for long.

    A change is told by two fixes, two seconds and up to 10 m later.
    """
    run = Session(Setup((SensorSpec("gps", "runner", "gps"),), ROAD, Target(1000.0, 200.0)))
    ends = [STOOD_S]
    for _, took in legs:
        ends.append(ends[-1] + took)
    worst = 0.0
    for tick in range(round(10 * ends[-1])):
        t = tick / 10
        if tick == round(10 * STOOD_S):
            run.step(Command(t, "start", at=t))
        way = sum(v * min(max(t - a, 0.0), b - a) for (v, _), a, b in zip(legs, ends, ends[1:], strict=False))
        if tick % 10 == 0:
            fix = Fix(t, 47.0 + way / M_PER_DEG, 8.0, None, sensor_t=t)
            run.step(Measured(t, "gps", fix))
        for told in run.step(Tick(t)):
            if isinstance(told, State) and told.runner.distance_m is not None and t > STOOD_S + 10:
                worst = max(worst, abs(told.runner.distance_m - way))
    assert worst < most_m
