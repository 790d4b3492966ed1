from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.cue import LAST_M, MAX_GAP_SD_S, QUIET_START_S, Decision, Memory, Situation, decide
from pacer.outputs import Cue
from pacer.setup import PolicySpec
from tests.support.direct import GUN_T, drive

POLICY = PolicySpec()
NOW = Situation(
    t=100.0,
    elapsed_s=80.0,
    gap_s=0.0,
    gap_sd_s=0.2,
    speed_mps=5.75,
    speed_sd_mps=0.08,
    cruise_mps=5.75,
    remaining_m=900.0,
)

trace = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            Situation,
            t=st.just(0.0),
            elapsed_s=st.floats(0, 300),
            gap_s=st.floats(-20, 20),
            gap_sd_s=st.floats(0.01, 2),
            speed_mps=st.floats(0, 9),
            speed_sd_mps=st.floats(0.01, 1),
            cruise_mps=st.floats(2, 7),
            remaining_m=st.floats(-5, 1600),
        ),
    ),
    max_size=80,
)


@given(trace)
def test_the_rules_hold_over_any_trace(situations: list[Situation | None]) -> None:
    memory, last_t, last_word = Memory(), float("-inf"), None
    for i, situation in enumerate(situations):
        now = situation and replace(situation, t=float(i))
        memory, said = decide(POLICY, memory, now)
        if said is None:
            continue
        assert now is not None
        assert now.elapsed_s > QUIET_START_S
        assert now.gap_sd_s < MAX_GAP_SD_S
        assert now.t - last_t >= POLICY.spacing_s
        assert abs(said.change_mps) <= POLICY.max_change * now.cruise_mps + 1e-12
        assert said.word == "press" or now.remaining_m >= LAST_M
        ahead = now.gap_s + POLICY.look_ahead_s * (now.speed_mps / now.cruise_mps - 1)
        match said.word:
            case "hold":
                assert last_word in ("ease", "press")
                assert abs(ahead) < POLICY.rearm_s
            case "ease":
                assert ahead >= POLICY.dead_band_s
                assert said.change_mps < 0
            case "press":
                assert ahead <= -POLICY.dead_band_s
                assert said.change_mps > 0
        last_t, last_word = now.t, said.word


def test_inside_the_dead_band_nothing_is_said() -> None:
    assert decide(POLICY, Memory(), replace(NOW, gap_s=0.9))[1] is None


def test_behind_is_pressed_and_by_how_much() -> None:
    # 2 s behind at even speed, spread over 20 s would be 10 %: the most that is asked for is 2 %
    _, said = decide(POLICY, Memory(), replace(NOW, gap_s=-2.0))
    assert said is not None
    assert said.word == "press"
    assert said.change_mps == pytest.approx(0.02 * 5.75)


def test_a_gap_that_closes_by_itself_needs_no_cue() -> None:
    assert decide(POLICY, Memory(), replace(NOW, gap_s=3.0, speed_mps=5.75 * 0.8))[1] is None


def test_a_prediction_no_better_than_its_doubt_is_kept_to_oneself() -> None:
    assert decide(POLICY, Memory(), replace(NOW, gap_s=-1.3, gap_sd_s=0.7))[1] is None


def test_what_was_heeded_is_confirmed_once() -> None:
    memory, said = decide(POLICY, Memory(), replace(NOW, gap_s=-2.0))
    memory, held = decide(POLICY, memory, replace(NOW, t=120.0, gap_s=-0.1))
    assert said is not None
    assert held == Decision("hold", 0.0)
    assert decide(POLICY, memory, replace(NOW, t=150.0, gap_s=-0.1))[1] is None


def test_no_policy_says_nothing() -> None:
    assert decide(PolicySpec(name="none"), Memory(), replace(NOW, gap_s=-9.0))[1] is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cues_point_the_right_way_in_the_simulators_truth(seed: int) -> None:
    """Asks of the erratic runner, whom nobody hears, where he was 15 s later."""
    mile = drive("solo", seed)
    even, right, count = 1609.344 / 279.7, 0, 0
    for cue in mile.of(Cue):
        if cue.to != "runner" or cue.word == "hold":
            continue
        then = cue.t + POLICY.look_ahead_s
        gap = mile.world.runner_at(then).distance_m / even - (then - GUN_T - 1.3)
        right += (gap > 0) == (cue.word == "ease")
        count += 1
    assert count >= 8
    assert right >= 0.8 * count
