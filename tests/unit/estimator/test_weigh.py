from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firmware_sim.firmware import GUN_T
from pacer.estimator import body as bodies
from pacer.estimator import model, readings
from pacer.estimator.body import Body
from pacer.estimator.weigh import use
from pacer.inputs import Notification
from pacer.outputs import State
from pacer.session import Session
from tests.benchmarks.pace import timeline
from tests.benchmarks.runs import Array
from tests.benchmarks.scripted import CRUISE_MPS, ScriptedRun, simulate

AT_S = 60.0  # s after the gun: somebody's speed changes at once, as no body can


def stepped(before_mps: float, after_mps: float, seed: int, kit: str) -> ScriptedRun:
    """Simulates who runs at one speed, then at another, seen by `kit`."""
    run = simulate(
        lambda elapsed_s: (before_mps if elapsed_s < AT_S else after_mps) / CRUISE_MPS,
        seed,
        AT_S + 15.0,
        footpod=kit != "gps",
    )
    if kit != "footpod":
        return run
    sensors = tuple(spec for spec in run.setup.sensors if spec.name == "footpod")
    heard = tuple(i for i in run.inputs if not isinstance(i, Notification) or i.sensor == "footpod")
    return replace(run, setup=replace(run.setup, sensors=sensors), inputs=heard)


def speeds(run: ScriptedRun) -> Array:
    """Returns the estimate's speed at the ticks, m/s; nan is unknown."""
    session, found = Session(run.setup), []
    for item in timeline(run):
        for output in session.step(item):
            if isinstance(output, State):
                v = output.runner.speed_mps
                found.append(np.nan if v is None else v)
    return np.array(found)


@pytest.mark.parametrize("seed", [70001, 70002])
@pytest.mark.parametrize(
    ("kit", "before_mps", "after_mps", "within_s"),
    [
        ("gps", 3.0, 6.0, 4.0),  # a third fix that says so, and a second of lag
        ("gps", 6.0, 3.0, 4.0),
        ("gps and footpod", 3.0, 6.0, 4.0),
        ("footpod", 3.0, 6.0, 6.0),  # a pod smooths for seconds
        ("footpod", 6.0, 3.0, 6.0),
    ],
)
def test_from_a_jog_to_a_repetition_the_new_speed_is_known_in_seconds(
    kit: str, before_mps: float, after_mps: float, within_s: float, seed: int
) -> None:
    run = stepped(before_mps, after_mps, seed, kit)
    v = speeds(run)
    t = run.t[: len(v)] - GUN_T - AT_S
    scale = np.nanmedian(v[(t > -10) & (t < 0)]) / before_mps  # of an uncalibrated pod alone
    half = (before_mps + after_mps) / 2 * scale
    there = (t > 0) & ((v > half) if after_mps > before_mps else (v < half))
    assert t[there][0] <= within_s


def told(offs_mps: list[float]) -> Body:
    """Makes a body that runs at 5 m/s, and hears a receiver say so much more, once a second."""
    body = bodies.in_flight(bodies.begin(0.0, None, 1.0, 0.03))
    for second in range(30 + len(offs_mps)):
        body = bodies.advance(body, float(second))
        off = 0.0 if second < 30 else offs_mps[second - 30]
        reading = readings.doppler(body.belief, 5.0 + off, bodies.ago(body, 0.0), 0.2)
        body, _ = use(body, "speed", reading, (model.V,))
    return body


def test_readings_off_both_ways_are_noise_however_long_they_last() -> None:
    body = told([4.0, -4.0] * 10)
    assert float(body.belief.x[model.V]) == pytest.approx(5.0, abs=0.7)


def test_two_wrong_readings_are_not_believed_the_third_is() -> None:
    assert float(told([4.0, 4.0]).belief.x[model.V]) == pytest.approx(5.0, abs=0.3)
    assert float(told([4.0, 4.0, 4.0]).belief.x[model.V]) == pytest.approx(9.0, abs=0.5)
