"""What a run teaches at its end, against the simulator's truth; and what teaches nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from firmware_sim.sensors.footpod import Footpod
from firmware_sim.world import World
from pacer.inputs import Command, Input, Measured
from pacer.lesson import evidence, learned
from pacer.measurement import Fix, WheelRevolution
from pacer.outputs import Finished, Learned, Lesson
from pacer.session import Session
from pacer.setup import Calibration, SensorSpec, Setup, Target
from tests.support.direct import FOOTPOD, GPS, WHEEL, feed, kit, paced
from tests.support.played import Scene

RACE_MPS = 5.7  # m/s
M_PER_DEG = 111_195.0  # m, of latitude, on a sphere of 6371 km


def lessons(mile: Scene) -> dict[str, Lesson]:
    (learned,) = mile.of(Learned)
    return {one.quantity: one for one in learned.lessons}


def pod_scale(world: World) -> float:
    """Returns what the simulated pod really reads at race pace, but for its drift of 0.4 %."""
    return Footpod(world, world.seed).scale_at(RACE_MPS)


def test_evidence_is_what_is_left_when_the_prior_is_taken_out() -> None:
    m0, sd0, z, r = 1.0, 0.03, 0.967, 0.01
    P1 = 1 / (1 / sd0**2 + 1 / r**2)
    after = P1 * (m0 / sd0**2 + z / r**2), math.sqrt(P1)
    assert evidence((m0, sd0), after) == pytest.approx((z, r))


def test_a_belief_that_is_as_it_was_is_no_evidence() -> None:
    assert evidence((1.0, 0.03), (0.99, 0.0295)) is None
    assert evidence((1.0, 0.03), (0.99, 0.05)) is None


def test_a_mile_teaches_the_scale_of_its_pod() -> None:
    mile = paced()
    scale = lessons(mile)["footpod_scale"]
    assert scale.sensor == "footpod"
    assert scale.at_mps == pytest.approx(RACE_MPS, abs=0.2)
    assert scale.value == pytest.approx(pod_scale(mile.world), abs=0.008)
    assert scale.sd < 0.01


def test_a_mile_teaches_where_the_track_lies() -> None:
    mile = paced()
    found, here, there = lessons(mile), kit().course, mile.world.course.placement
    assert here is not None
    east = (there.lon_deg - 8.0) * 111_320 * math.cos(math.radians(47.0))
    north = (there.lat_deg - 47.0) * 111_170
    assert abs(found["map_east_m"].value - east) < 3 * found["map_east_m"].sd
    assert abs(found["map_north_m"].value - north) < 3 * found["map_north_m"].sd
    assert found["map_east_m"].sd < 2.5


def test_a_footpod_alone_teaches_nothing() -> None:
    outputs = feed(kit(FOOTPOD), [*only(paced(), "footpod"), Command(400.0, "stop")])
    (learned,) = (o for o in outputs if isinstance(o, Learned))
    assert learned.lessons == ()


def only(mile: Scene, *names: str) -> list[Input]:
    """Keeps the inputs of some sensors, and what is nobody's."""
    return [item for item in mile.inputs if getattr(item, "sensor", names[0]) in names]


def half(inputs: Sequence[Input]) -> list[Input]:
    """Stops a mile after two and a half minutes."""
    return [*(item for item in inputs if item.t < 170.0), Command(170.0, "stop")]


def test_gps_alone_teaches_of_itself_alone() -> None:
    (learned,) = (o for o in feed(kit(GPS), half(only(paced(), "gps"))) if isinstance(o, Learned))
    assert {one.sensor for one in learned.lessons} == {"gps"}


def test_a_run_that_is_stopped_teaches_too() -> None:
    mile = paced()
    outputs = feed(kit(), half(mile.inputs))
    assert [type(o) for o in outputs[-2:]] == [Finished, Learned]
    (learned,) = (o for o in outputs if isinstance(o, Learned))
    scale = next(one for one in learned.lessons if one.quantity == "footpod_scale")
    assert scale.value == pytest.approx(pod_scale(mile.world), abs=0.015)


def test_a_start_that_the_first_step_gave_dates_no_positions() -> None:
    mile = paced()
    inputs: list[Input] = [item for item in mile.inputs if not isinstance(item, Command)]
    (learned,) = (o for o in feed(kit(start="first_step"), half(inputs)) if isinstance(o, Learned))
    assert "fix_late_s" not in {one.quantity for one in learned.lessons}


def test_what_was_believed_before_is_not_in_a_lesson() -> None:
    mile = paced()
    true = pod_scale(mile.world)
    wrong = Calibration(footpod_scale=true * 1.05, footpod_scale_sd=0.005)
    (learned,) = (
        o for o in feed(replace(kit(), calibration=wrong), half(mile.inputs)) if isinstance(o, Learned)
    )
    scale = next(one for one in learned.lessons if one.quantity == "footpod_scale")
    assert scale.value == pytest.approx(true, abs=0.015)


def test_a_rider_with_gps_teaches_his_wheel() -> None:
    """Ten minutes straight on at 5.3 m/s; without the rider's own fixes nothing tells the wheel's size."""
    turn_m, mps = 2.15, 5.3
    gps = SensorSpec("phone", "rider", "gps", address="e")
    turns = [(float(t), math.floor(mps * t / turn_m)) for t in range(600)]
    wheel = [Measured(t, "wheel", WheelRevolution(t, n, n * turn_m / mps % 64)) for t, n in turns]
    fixes = [Measured(t, "phone", Fix(t, 47.0 + mps * t / M_PER_DEG, 8.0, mps)) for t, _ in turns]
    start, stop = Command(5.0, "start", at=5.0, origin="engine"), Command(600.0, "stop")
    for heard in ([*wheel, *fixes], wheel):
        inputs: list[Input] = sorted([*heard, start, stop], key=lambda item: item.t)
        outputs = feed(Setup((WHEEL, gps), target=Target(10_000.0, 1900.0)), inputs)
        (learned,) = (o for o in outputs if isinstance(o, Learned))
        if heard is wheel:
            assert learned.lessons == ()
        else:
            (lesson,) = learned.lessons
            assert (lesson.sensor, lesson.quantity) == ("wheel", "wheel_circumference_m")
            assert lesson.value == pytest.approx(turn_m, rel=0.01)
            assert lesson.sd == pytest.approx(0.01 * turn_m, rel=0.5)


def test_positions_that_were_doubted_say_nothing_of_the_map() -> None:
    session = Session(kit(GPS))
    for item in half(only(paced(), "gps"))[:-1]:
        session.step(item)
    run = session._run
    assert run is not None
    assert "map_east_m" in {one.quantity for one in learned(run).lessons}
    tally = run.tallies["runner"]
    doubted = run.with_tally("runner", replace(tally, bias_m2=tally.places * 1e4))
    assert "map_east_m" not in {one.quantity for one in learned(doubted).lessons}
