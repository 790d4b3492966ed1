"""What holds for every policy of pacer's own, and what each says to a runner who stands as he stands."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.cue import POLICIES, Decision, Memory, Situation, decide
from pacer.cue.manners import BELL_M, BELL_RINGS_M, FIRST_M, LAST_M, MAX_GAP_SD_S
from pacer.outputs import Cue
from pacer.setup import PolicySpec
from tests.support.direct import GUN_T, drive, kit

OURS = ("steady", "predicted-gap", "speed-reference")
CRUISE = 5.75
NOW = Situation(
    t=100.0,
    elapsed_s=80.0,
    gap_s=0.0,
    gap_sd_s=0.2,
    speed_mps=CRUISE,
    speed_sd_mps=0.08,
    cruise_mps=CRUISE,
    done_m=460.0,
    remaining_m=1149.0,
)


def at(gap_s: float = 0.0, off: float = 0.0, **more: float) -> Situation:
    """Returns a situation in mid-run: a gap, and a share of speed too fast."""
    return replace(NOW, gap_s=gap_s, speed_mps=CRUISE * (1 + off), **more)


def said(name: str, *situations: Situation, every_s: float = 0.5) -> list[Decision]:
    """Plays situations to a policy, one after the other, and returns all it says."""
    memory, out = Memory(), []
    for k, now in enumerate(situations):
        memory, decision = decide(PolicySpec(name), memory, replace(now, t=100 + k * every_s))
        out += [decision] if decision else []
    return out


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
            done_m=st.floats(0, 1600),
            remaining_m=st.floats(-5, 1600),
        ),
    ),
    max_size=60,
)


@pytest.mark.parametrize("name", OURS)
@given(situations=trace)
def test_the_manners_hold_over_any_trace(name: str, situations: list[Situation | None]) -> None:
    policy = PolicySpec(name)
    memory, last_t, last_word = Memory(), float("-inf"), None
    for i, situation in enumerate(situations):
        now = situation and replace(situation, t=float(i))
        memory, said = decide(policy, memory, now)
        if said is None:
            continue
        assert now is not None
        assert now.done_m > FIRST_M
        assert now.remaining_m > 0
        assert not BELL_M - BELL_RINGS_M < now.remaining_m <= BELL_M
        assert now.gap_sd_s < MAX_GAP_SD_S
        assert now.t - last_t >= (policy.spacing_s if said.word != last_word else policy.spacing_unarmed_s)
        assert abs(said.change_mps) <= policy.max_change * now.cruise_mps + 1e-12
        assert said.word == "press" or now.remaining_m >= LAST_M
        match said.word:
            case "hold":
                assert last_word in ("ease", "press")
            case "ease":
                assert said.change_mps < 0
            case "press":
                assert said.change_mps > 0
        last_t, last_word = now.t, said.word


@pytest.mark.parametrize("name", OURS)
def test_who_is_where_he_should_be_hears_nothing(name: str) -> None:
    assert said(name, *[at(0.3, 0.005)] * 60) == []


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize(("gap_s", "off", "word"), [(-2.0, -0.03, "press"), (2.0, 0.03, "ease")])
def test_who_falls_behind_is_pressed_and_who_runs_away_is_eased(
    name: str, gap_s: float, off: float, word: str
) -> None:
    first, *_ = said(name, at(gap_s, off), at(gap_s, off))
    assert first.word == word
    # at least what brings him to the even speed, but for what people make of "ease" by themselves
    assert abs(first.change_mps) > 0.5 * abs(off) * CRUISE


@pytest.mark.parametrize("name", ["steady", "speed-reference"])
def test_a_gap_that_closes_by_itself_needs_no_cue(name: str) -> None:
    assert said(name, *[at(2.0, -0.025)] * 20) == []


@pytest.mark.parametrize("name", OURS)
def test_a_gap_no_surer_than_its_doubt_is_kept_to_oneself(name: str) -> None:
    sure = at(-1.0, -0.03)
    assert said(name, sure)
    assert said(name, replace(sure, gap_sd_s=MAX_GAP_SD_S)) == []
    assert said(name, replace(sure, speed_sd_mps=0.3)) == []


@pytest.mark.parametrize("name", OURS)
def test_what_was_heeded_is_confirmed_once(name: str) -> None:
    words = [d.word for d in said(name, at(-1.5, -0.03), *[at(0.1, 0.0)] * 120)]
    assert words == ["press", "hold"]


@pytest.mark.parametrize("name", ["steady", "predicted-gap"])
def test_who_cannot_is_not_nagged(name: str) -> None:
    """A runner at his limit, slow and behind for three minutes, hears ever less of it."""
    behind = [at(-3.0 - 0.02 * k, -0.04) for k in range(360)]
    memory, times = Memory(), []
    for k, now in enumerate(behind):
        memory, decision = decide(PolicySpec(name), memory, replace(now, t=k / 2))
        times += [k / 2] if decision else []
    spaces = [after - before for before, after in pairwise(times)]
    assert spaces[0] == 12
    assert spaces == sorted(spaces)
    assert spaces[-1] >= 48
    assert len(times) <= 6  # where one every 12 s would be 15


def test_who_heeds_and_is_slow_again_is_told_again() -> None:
    """Repeats are for him who answers: he gains 2 % in 12 s, and loses it to fatigue in the next 12."""
    tiring = [at(-2.0, -0.04 + 0.02 * (k // 24 % 2)) for k in range(240)]
    assert [d.word for d in said("steady", *tiring)] == ["press"] * 10  # every 12 s for two minutes


@pytest.mark.parametrize("name", OURS)
def test_first_100_m_bell_and_last_100_m(name: str) -> None:
    fast, slow = at(2.0, 0.05), at(-2.0, -0.05)
    assert said(name, replace(slow, done_m=FIRST_M)) == []
    assert said(name, replace(slow, remaining_m=BELL_M - 1)) == []
    assert said(name, replace(slow, remaining_m=BELL_M - BELL_RINGS_M))
    assert said(name, replace(fast, remaining_m=LAST_M - 1)) == []
    assert said(name, replace(slow, remaining_m=LAST_M - 1))[0].word == "press"
    assert said(name, replace(slow, remaining_m=0.0)) == []


def test_steady_lets_a_runner_be_who_is_on_his_way_back() -> None:
    """Behind by 2 s and a little too fast: that is what the way back looks like, 2.2 % at most."""
    assert said("steady", *[at(-2.0, 0.015)] * 10) == []
    assert said("steady", *[at(-2.0, 0.0)] * 10) == []  # nearly
    assert said("predicted-gap", at(-2.0, 0.0)) != []


def test_predicted_gap_asks_for_what_closes_it_in_15_s_up_to_the_limit() -> None:
    (decision,) = said("predicted-gap", at(-0.5, -0.02))
    assert decision.change_mps == pytest.approx((0.5 / 15 + 0.02) * CRUISE)
    (decision,) = said("predicted-gap", at(-3.0, -0.02))
    assert decision.change_mps == pytest.approx(0.06 * CRUISE)


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_speaks_without_knowing(name: str) -> None:
    memory = Memory()
    assert decide(PolicySpec(name), memory, None) == (memory, None)


def test_no_policy_says_nothing() -> None:
    assert said("none", at(-9.0, -0.1)) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cues_point_the_right_way_in_the_simulators_truth(seed: int) -> None:
    """Asks of the erratic runner, whom nobody hears, where he was 15 s later."""
    mile = drive("solo", seed, replace(kit(), policy=PolicySpec("steady")))
    even, right, count = 1609.344 / 279.7, 0, 0
    for cue in mile.of(Cue):
        if cue.to != "runner" or cue.word == "hold":
            continue
        then = cue.t + 15.0
        gap = mile.world.runner_at(then).distance_m / even - (then - GUN_T - 1.3)
        right += (gap > 0) == (cue.word == "ease")
        count += 1
    assert count >= 6
    assert right >= 0.8 * count
