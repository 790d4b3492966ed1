from __future__ import annotations

import pytest

from pacer.inputs import Measured, Tick
from pacer.measurement import Fix
from pacer.outputs import Finished, Notice
from pacer.session import Session
from pacer.setup import SensorSpec, Setup, StartMode, Target

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
