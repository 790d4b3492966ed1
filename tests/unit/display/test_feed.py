"""What the page may show and when, in times that are only numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacer.display.feed import SILENT_S, Feed, Frame, frame, hear
from pacer.heard import Said
from pacer.outputs import Cue, Estimate, State, Word
from pacer.topics import Presence, Tree, message, status
from tests.support import states

OFFSET_S = 5000.0  # s, our clock less pacer's
DELAY_S = 0.02  # s, the usual way of a message
TREE = Tree("run", "0123abcd")
GREY_S = 2.0  # s: what is promised
UNHURRIED = settings(deadline=None)  # other work may slow us


def said(output: State | Cue, delay_s: float = DELAY_S, tree: Tree = TREE, *, retain: bool = False) -> Said:
    one = message(output, tree, 1)
    assert one
    return Said(tuple(one.topic.split("/")[3:]), one.payload, retain, output.t + OFFSET_S + delay_s)


def state(t: float, **changes: Any) -> State:
    return replace(states.state(cue=None), **changes, t=t)


def after(seconds: float, begin: Feed | None = None, t: float = 0.0, **changes: Any) -> Feed:
    """Hears ten states a second from `t` on."""
    feed = begin or Feed()
    for i in range(round(seconds * 10) + 1):
        feed = hear(feed, said(state(t + i / 10, **changes)))
    return feed


def at(feed: Feed, t: float) -> Frame:
    """Draws at `t` of pacer's clock."""
    return frame(feed, "connected", t + OFFSET_S + DELAY_S)


def test_numbers_are_those_of_the_newest_state() -> None:
    shown = at(after(2.0), 2.0)
    assert (shown.standing, shown.gap, shown.side) == ("live", "+1.2", "s runner ahead")
    assert (shown.asked, shown.ridden, shown.unit) == ("20.7", "20.9", "km/h")
    assert (shown.lap, shown.to_go) == ("LAP 3/4", "789 m")


def test_a_frozen_engine_whose_last_states_come_late_is_not_live() -> None:
    feed = after(2.0)
    for i in range(10):  # ten states sat in a broker for 3 s and come at once
        feed = hear(feed, said(state(2.1 + i / 10), 3.0))
    assert frame(feed, "connected", 3.0 + OFFSET_S + 3.0).standing == "silent"


def test_a_repeated_state_does_not_keep_the_page_alive() -> None:
    feed = after(2.0)
    for i in range(30):
        feed = hear(feed, said(state(2.0), DELAY_S + i / 10))
    assert at(feed, 2.0 + SILENT_S + 0.1).standing == "silent"


def test_a_fresh_cue_shows_for_its_ttl_and_no_longer() -> None:
    feed = hear(after(2.0), said(states.cue(2.0, seq=7)))
    shown = at(feed, 2.0)
    assert (shown.word, shown.from_cue, shown.cue, shown.cue_left_s) == ("ease", True, "0123abcd/7", 3.0)
    feed = after(4.0, feed, 2.1)
    assert at(feed, 4.9).from_cue
    assert not at(feed, 5.1).from_cue
    assert feed.counts.shown == 1


@pytest.mark.parametrize(("delay_s", "fate"), [(2.9, None), (3.2, "late"), (60.0, "late")])
def test_a_stale_cue_is_refused(delay_s: float, fate: str | None) -> None:
    feed = after(delay_s + 2.0)
    feed = hear(feed, said(states.cue(2.0, seq=7), DELAY_S + delay_s))
    assert dict(feed.counts.dropped) == ({fate: 1} if fate else {})
    assert at(feed, 2.0 + delay_s).from_cue is (fate is None)


@pytest.mark.parametrize("slept_s", [61.0, 3600.0])
def test_who_slept_past_the_clocks_window_wakes_to_nothing_old(slept_s: float) -> None:
    """What sat in the socket is as old as the sleep was long, and nothing heard before tells so any more."""
    feed = after(2.0)
    for i in range(20):
        feed = hear(feed, said(state(2.1 + i / 10), slept_s - i / 10))
        assert frame(feed, "connected", 2.1 + slept_s + OFFSET_S).standing == "settling"
    feed = hear(feed, said(states.cue(4.0, seq=7), slept_s - 1.9))
    assert dict(feed.counts.dropped) == {"unsettled": 1}
    feed = after(2.0, feed, 4.0 + slept_s + 1.0)
    assert at(feed, 4.0 + slept_s + 3.0).standing == "live"


def test_a_cue_to_the_rider_goes_when_nobody_rides_any_more() -> None:
    feed = hear(after(2.0), said(states.cue(2.0, seq=7)))
    assert at(feed, 2.0).from_cue
    feed = hear(feed, said(state(2.1, mode="audio", rider=None, rider_gap_m=None, rider_asked_mps=None)))
    assert not at(feed, 2.1).from_cue


def test_a_cue_before_the_clocks_are_known_is_refused() -> None:
    feed = hear(after(0.5), said(states.cue(0.5, seq=1)))
    assert dict(feed.counts.dropped) == {"unsettled": 1}
    assert frame(feed, "connected", 0.6 + OFFSET_S).standing == "settling"


def test_repeated_older_and_retained_cues_are_refused() -> None:
    feed = hear(after(2.0), said(states.cue(2.0, seq=7)))
    for other in (said(states.cue(2.0, seq=7)), said(states.cue(2.0, seq=6, word="press"))):
        feed = hear(feed, other)
    feed = hear(feed, said(states.cue(2.0, seq=9, word="press"), retain=True))
    assert dict(feed.counts.dropped) == {"old": 2, "retained": 1}
    assert at(feed, 2.1).word == "ease"


def test_a_cue_that_nobody_saw_is_counted_so() -> None:
    feed = hear(replace(after(2.0), watched=False), said(states.cue(2.0, seq=7)))
    assert (feed.counts.shown, dict(feed.counts.dropped)) == (0, {"unseen": 1})


def test_cues_to_the_other_person_are_not_shown() -> None:
    feed = hear(after(2.0), said(states.cue(2.0, seq=7, to="runner")))
    assert not at(feed, 2.0).from_cue


def test_a_rider_without_a_sensor_sees_the_runners_cues_and_speeds() -> None:
    nobody: dict[str, Any] = {"mode": "audio", "rider": None, "rider_gap_m": None, "rider_asked_mps": None}
    slow = replace(states.state().runner, speed_mps=5.4)
    feed = after(2.0, **nobody, runner=slow)
    shown = at(feed, 2.0)
    needed = states.state().standing.needed_mps
    assert needed is not None
    assert (shown.asked, shown.ridden, shown.whose) == (f"{needed * 3.6:.1f}", "19.4", "runner")
    assert (shown.word, shown.from_cue) == ("press", False)
    assert (shown.bar or 0) < 0
    feed = hear(feed, said(states.cue(2.0, seq=7, to="runner", word="hold")))
    shown = at(feed, 2.0)
    assert (shown.word, shown.from_cue) == ("hold", True)
    assert at(after(2.0), 2.0).whose == "now"


def test_a_runners_display_is_his_own_in_every_mode() -> None:
    for mode in ("strict", "audio"):
        shown = at(after(2.0, Feed("runner"), mode=mode), 2.0)
        assert shown.side == "s ahead"
        assert (shown.whose, shown.ridden) == ("now", f"{(states.state().runner.speed_mps or 0) * 3.6:.1f}")


def test_a_new_run_forgets_clock_and_cue_of_the_old_one() -> None:
    feed = hear(after(2.0), said(states.cue(2.0, seq=700)))
    new = Tree("run", "89abcdef")
    for i in range(12):  # its clock began elsewhere
        feed = hear(feed, said(state(i / 10 - 4000), DELAY_S, new))
    assert frame(feed, "connected", OFFSET_S - 4000 + 1.1).standing == "live"
    assert not frame(feed, "connected", OFFSET_S - 4000 + 1.1).from_cue
    feed = hear(feed, said(states.cue(-3998.9, seq=1, word="press"), DELAY_S, new))
    assert frame(feed, "connected", OFFSET_S - 3998.8).word == "press"


def rider(mps: float) -> dict[str, Any]:
    return {"rider": Estimate(0.0, 800.0, 1.0, mps, 0.02), "rider_asked_mps": 5.7}


@pytest.mark.parametrize(
    ("speeds", "word"),
    [
        ([5.7], "hold"),
        ([5.7 * 1.015], "hold"),
        ([5.7 * 1.025], "ease"),
        ([5.7 * 0.97], "press"),
        ([5.7 * 1.025, 5.7 * 1.015], "ease"),  # still: it is right again below 1 %
        ([5.7 * 1.025, 5.7 * 1.015, 5.7 * 1.005], "hold"),
        ([5.7 * 1.03, 5.7 * 0.97], "press"),
    ],
)
def test_between_cues_the_word_follows_the_bar_with_hysteresis(speeds: list[float], word: Word) -> None:
    feed = after(2.0)
    for i, mps in enumerate(speeds, 1):
        feed = hear(feed, said(state(2.0 + i / 10, **rider(mps))))
    shown = at(feed, 2.0 + len(speeds) / 10)
    assert (shown.word, shown.from_cue) == (word, False)


def test_unknown_is_a_dash_and_no_word() -> None:
    feed = Feed()
    for i in range(20):
        feed = hear(feed, said(replace(states.unknown_state(), t=i / 10)))
    shown = at(feed, 1.9)
    assert shown.standing == "live"
    assert {shown.gap, shown.asked, shown.ridden, shown.to_go} == {"—"}
    assert (shown.word, shown.bar, shown.lap) == (None, None, "")


def test_without_an_asked_speed_the_cue_in_force_tells_it() -> None:
    feed = hear(after(2.0, rider_asked_mps=None), said(states.cue(2.0, seq=7, speed_mps=5.0)))
    assert at(feed, 2.1).asked == "18.0"
    assert at(after(4.0, feed, 2.1, rider_asked_mps=None), 6.0).asked == "—"


@pytest.mark.parametrize(
    ("changes", "big", "lap"),
    [
        ({"phase": "countdown", "elapsed_s": None, "countdown_s": 2.7, "lap": None}, "3", ""),
        ({"phase": "waiting", "elapsed_s": None, "lap": None}, "READY", ""),
        ({"phase": "finished", "elapsed_s": 281.4, "lap": 4}, "4:41.4", "LAST LAP"),
        ({"lap": 4}, "", "LAST LAP"),
        ({"lap": 2, "laps": None}, "", "LAP 2"),
    ],
)
def test_what_stands_in_place_of_a_word(changes: dict[str, Any], big: str, lap: str) -> None:
    shown = at(after(2.0, **changes), 2.0)
    assert (shown.big, shown.lap) == (big, lap)


def told(*, online: bool, rate: float = 1.0, run: str = "0123abcd") -> Said:
    one = status(None, Presence(online, "5", rate, 10.0, "0"), Tree("run", run), 0, None)
    return Said(("status",), one.payload, retain=True, now=OFFSET_S)


def test_why_nothing_is_shown_is_said_in_words() -> None:
    assert frame(Feed(), "connecting", 0.0).says == "connecting to the broker"
    assert frame(Feed(), "connected", 0.0).standing == "waiting"
    feed = after(2.0)
    assert frame(feed, "reconnecting", 2.0 + OFFSET_S + DELAY_S).standing == "live"  # it is fresh still
    assert frame(feed, "reconnecting", 5.0 + OFFSET_S).standing == "reconnecting"
    assert at(feed, 5.0).says == "pacer is silent for 3 s"
    assert at(hear(feed, told(online=False)), 5.0).standing == "ended"
    # the last will of a run before this one comes late, and says nothing about this one
    assert at(hear(feed, told(online=False, run="89abcdef")), 5.0).standing == "silent"


def test_a_simulation_ten_times_as_fast_ages_its_cues_as_fast() -> None:
    feed = hear(Feed(), told(online=True, rate=10.0))
    for i in range(30):  # a state each 0.1 s of pacer's clock, 0.01 s of ours
        feed = hear(feed, replace(said(state(i / 10)), now=OFFSET_S + i / 100))
    feed = hear(feed, replace(said(states.cue(2.9, seq=1)), now=OFFSET_S + 0.29))
    assert frame(feed, "connected", OFFSET_S + 0.5).from_cue
    assert not frame(feed, "connected", OFFSET_S + 0.6).from_cue
    assert frame(feed, "connected", OFFSET_S + 0.29 + 1.4).standing == "live"
    assert frame(feed, "connected", OFFSET_S + 0.29 + 1.6).standing == "silent"


NONSENSE = (b"[]", b"{}", b'{"v":1}', b'{"v":1,"t":NaN,"run":"x"}', b"x" * 20000)


@UNHURRIED
@given(st.binary(max_size=200) | st.sampled_from(NONSENSE))
def test_nonsense_changes_nothing_but_a_count(payload: bytes) -> None:
    feed = after(2.0)
    for levels in (("state",), ("cue", "rider"), ("status",)):
        feed = hear(feed, Said(levels, payload, retain=False, now=2.0 + OFFSET_S))
    assert at(feed, 2.0).standing == "live"
    assert dict(feed.counts.dropped) == {"malformed": 3}
