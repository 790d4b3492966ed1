"""The whole path, from sensor bytes to a cue on the rider's display, judged by the simulator's truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from pacer import demo
from pacer.cli import SCENARIOS
from pacer.cue import manners, steady
from pacer.estimator import body as bodies
from pacer.inputs import Notification
from pacer.outputs import Cue, Finished, State
from pacer.run import Run
from tests.promises.test_cues import DARK
from tests.support import direct, scene
from tests.support.played import Scene
from tests.support.twin import twin
from tests.support.verdict import (
    assert_calm,
    assert_even,
    assert_near_truth,
    assert_shown,
    assert_true_splits,
    heard,
    sensor_states,
    stale_cues,
)

SEEDS = range(1, 6)
GONE_S = 3.0  # s, promised: from a sensor's last packet until the screen says that it is gone
BACK_S = 1.0  # s from its first packet until the screen says that it is back
ONE_TICK_S = 0.1 + 1e-6  # s


@pytest.fixture(scope="module")
def over_the_air(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scene]:
    """Plays scenarios over GATT servers, bleak, engine, amqtt and both devices; ten seconds for a mile."""

    @cache
    def played(name: str) -> Scene:
        return scene.play(demo.Options(name, 1), tmp_path_factory.mktemp("recordings"))

    return played


@pytest.mark.parametrize("name", ["paced", "solo", "pod-dropout"])
def test_over_the_air_both_devices_show_every_cue(over_the_air: Callable[[str], Scene], name: str) -> None:
    played = over_the_air(name)

    assert_shown(played)
    assert_calm(played)
    assert_near_truth(played)
    assert_true_splits(played)
    assert stale_cues(played) == []


def test_over_the_air_a_mile_is_paced_evenly(over_the_air: Callable[[str], Scene]) -> None:
    assert_even(over_the_air("paced"))


@pytest.mark.parametrize("name", ["paced", "pod-dropout"])
def test_gatt_and_the_direct_path_give_the_same_run(over_the_air: Callable[[str], Scene], name: str) -> None:
    """Bytes and time stamps to the microsecond, cues, estimates: equal, none of it within a tolerance."""
    played = over_the_air(name)
    direct_one = twin(played, demo.demo_setup(demo.Options(name, 1)))

    assert list(direct_one.inputs) == list(played.inputs)
    assert direct_one.outputs == played.outputs
    assert len(played.of(Cue)) >= 4
    assert len([i for i in played.inputs if isinstance(i, Notification)]) > 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_paced_every_400_m_is_even(seed: int) -> None:
    played = direct.like_the_demo("paced", seed)

    assert_near_truth(played)
    assert_true_splits(played)
    assert_even(played)
    (end,) = played.of(Finished)
    assert played.world.finish_s == pytest.approx(end.elapsed_s, abs=0.8)
    assert end.distance_m == pytest.approx(1609.344)
    assert not end.stopped


@pytest.mark.parametrize("seed", SEEDS)
def test_solo_takes_284_s(seed: int) -> None:
    played = direct.like_the_demo("solo", seed)

    assert played.ledger.finished is not None
    assert abs(played.ledger.finished.elapsed_s - 284.0) <= 1.0
    assert len(played.of(Cue)) > 10
    assert_near_truth(played)


def test_the_cued_mile_is_run_more_evenly_than_the_solo_one() -> None:
    def spread(name: str, seed: int) -> float:
        legs = [split.leg_s for split in direct.like_the_demo(name, seed).splits()[:4]]
        return max(legs) - min(legs)

    for seed in SEEDS:
        assert spread("paced", seed) < spread("solo", seed)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_scenario_finishes_near_the_truth(name: str, seed: int) -> None:
    played = direct.like_the_demo(name, seed)

    assert_near_truth(played)
    assert_true_splits(played)
    assert_calm(played)
    assert stale_cues(played) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_receiver_at_10_hz_is_as_good(seed: int) -> None:
    played = direct.like_the_demo("paced", seed, "ubx")

    assert_near_truth(played)
    assert_true_splits(played)
    assert_even(played)


def test_a_receiver_over_nordic_uart_goes_the_whole_way(tmp_path: Path) -> None:
    played = scene.play(demo.Options("paced", 1, gps="ubx"), tmp_path, limit_s=110.0)

    assert len(heard(played, "gps")) > 10 * 60
    assert_near_truth(played)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_silent_pod_is_gone_within_3_s_and_back_at_once(seed: int) -> None:
    assert_gone_and_back(direct.like_the_demo("pod-dropout", seed))


def test_over_the_air_a_silent_pod_is_gone_within_3_s_and_back_at_once(
    over_the_air: Callable[[str], Scene],
) -> None:
    assert_gone_and_back(over_the_air("pod-dropout"))


def assert_gone_and_back(played: Scene) -> None:
    """Asserts it of the one long silence of the footpod."""
    last, first = max(pairwise(heard(played, "footpod")), key=lambda two: two[1] - two[0])
    assert 100 < first - last < 125
    gone = [t for t, state in sensor_states(played, "footpod") if state == "gone"]
    assert last < gone[0] <= last + GONE_S
    assert first - ONE_TICK_S <= gone[-1] <= first + BACK_S
    assert len(gone) == pytest.approx((gone[-1] - gone[0]) * 10 + 1, abs=1)  # never "ok" in between
    dark = [state for state in played.of(State) if gone[0] <= state.t < first]
    assert all(state.cadence_spm is None for state in dark)
    assert all(state.runner.distance_m is not None for state in dark)  # the receiver carries on


@pytest.mark.parametrize("seed", SEEDS)
def test_a_receiver_without_position_says_no_fix(seed: int) -> None:
    played = direct.like_the_demo("gps-outage", seed)
    lost, back = played.gun_t + 60.0, played.gun_t + 150.0  # s, from the scenario

    shown = [t for t, state in sensor_states(played, "gps") if state == "no fix"]
    assert lost < shown[0] <= lost + GONE_S
    assert back - GONE_S <= shown[-1] <= back + GONE_S
    assert len(shown) == pytest.approx((shown[-1] - shown[0]) * 10 + 1, abs=1)


@pytest.mark.untraced("it speaks in the dark, to show that this is noticed")
def test_that_check_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "trusts", lambda _run, _role: True)
    monkeypatch.setattr(bodies, "fresh", lambda _body, _t: True)
    monkeypatch.setattr(bodies, "BLIND_S", 60.0)
    monkeypatch.setattr(manners, "MAX_GAP_SD_S", 60.0)
    monkeypatch.setattr(steady, "SURE_SIGMA", 0.0)
    file = tmp_path / "dark.toml"
    file.write_text(DARK.format(kind="drop"))

    assert stale_cues(direct.drive(str(file), 1))
