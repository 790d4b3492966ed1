"""C1 to C6: a cue is fresh, sure, calm, in order and alone; or there is none.

That C3, C4 and C5 hold is looked at in every test: `tests/support/trace.py`. The rider's page in a browser,
frozen and thawed, is in tests/system/display.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_sim.devices import display
from pacer.audio import score
from pacer.display import feed
from pacer.engine import Post
from pacer.inputs import Notification
from pacer.outputs import Cue, State
from pacer.setup import Target
from tests.promises.promised import Measured, Promise
from tests.support import states
from tests.support.direct import GPS, drive, kit
from tests.support.direct import feed as play
from tests.support.engine import engine
from tests.support.mqtt import running, until
from tests.support.secured import Secured
from tests.support.verdict import STALE_S, stale_cues
from tests.support.wrong import north
from tests.system import test_mqtt_real as real
from tests.unit.audio import test_score as ear
from tests.unit.cue.test_policies import at, said
from tests.unit.display import test_feed as page
from tests.unit.parts import Part, run, strap

C1 = Promise(
    "C1", "a stale cue is neither shown nor spoken", "gone 3.0 s after it was given, whatever the link does"
)
C2 = Promise(
    "C2", "where pacer dies or freezes, displays go blank", "within 2.5 s: a device; 2.0 s: the rider's page"
)
C3 = Promise("C3", "nobody is asked by data that are not trusted", "0 cues while stale, unknown or refused")
C4 = Promise(
    "C4", "it does not nag", "6 s between words, 12 s to the same; at most 6 in an hour about the limit"
)
C5 = Promise(
    "C5", "each cue is given once, and in order", "doubled and older ones are dropped, whatever comes"
)
C6 = Promise(
    "C6", "a sink that hangs delays no other", "every picture at once, one sink hanging all the time"
)

TTL_S = 3.0  # s
FROZEN_S = 4.0  # s, over a cue's ttl
SLACK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Events = list[tuple[float, float, bool]]


@C1
@SLACK
@given(
    events=st.lists(st.tuples(st.floats(0, 8), st.floats(0, 4), st.booleans()), max_size=60),
    now=st.floats(0, 12),
)
def test_c1_no_cue_is_ever_shown_past_its_ttl(events: Events, now: float, measured: Measured) -> None:
    """Delays are at least the smallest of the first 2 s, as they are where the smallest has been seen."""
    heard = page.after(2.0)
    for seq, (t, delay, is_cue) in enumerate(sorted(events, key=lambda e: e[0] + e[1])):
        if t + delay > now:
            break
        output = states.cue(2.0 + t, seq=seq) if is_cue else page.state(2.0 + t)
        heard = feed.hear(heard, page.said(output, page.DELAY_S + delay))
    shown = page.at(heard, 2.0 + now)
    if shown.from_cue:
        assert heard.cue is not None
        assert 2.0 + now - heard.cue.t <= TTL_S + 1e-6
    if shown.standing == "live":
        assert heard.state is not None
        assert 2.0 + now - heard.state.t <= feed.SILENT_S + 1e-6
    measured(C1, "on the page never, 100 links that hold messages back")


@C1
@SLACK
@given(delay_s=st.floats(0.02, 60.0))
def test_c1_no_cue_is_ever_spoken_past_its_ttl(delay_s: float) -> None:
    heard, _ = ear.play(ear.begin(), 102.0, min(delay_s, TTL_S + 1.0))
    _, sounds = score.hear(heard, ear.said(states.cue(102.0, seq=4, to="runner"), delay_s))
    assert bool(sounds) == (delay_s - 0.02 <= TTL_S)


@C1
async def test_c1_a_frozen_broker_brings_no_stale_cue_to_anybody(broker: Secured, measured: Measured) -> None:
    async with real.scene(broker.plain) as (sink, rider, runner):
        broker.plain.freeze()
        for seq in (1, 2):
            sink.offer(real.cue(seq))
            sink.offer(real.cue(10 + seq, "runner"))
            await asyncio.sleep(0.05)
        frozen = real.now()
        await until(lambda: bool(rider.blanked) and bool(runner.blanked))
        await asyncio.sleep(max(0.0, FROZEN_S - (real.now() - frozen)))
        broker.plain.thaw()
        await until(lambda: rider._fresh_at is not None)
        sink.offer(real.cue(20))
        sink.offer(real.cue(21, "runner"))
        await until(lambda: bool(rider.shown) and bool(runner.shown))
        assert (real.seqs(rider), real.seqs(runner)) == ([20], [21])
        assert rider.dropped["late"] + runner.dropped["late"] + sink.dropped >= 4  # for their age
    measured(C1, "a broker frozen for 4 s: 0 of 4 cues")


@C2
@pytest.mark.parametrize("end", ["killed", "frozen"])
async def test_c2_where_pacer_dies_or_freezes_a_display_goes_blank(
    end: str, broker: Secured, measured: Measured
) -> None:
    device = display()
    with engine(broker.plain.port) as one:
        async with running(device.run("127.0.0.1", broker.plain.port, "run")):
            await until(lambda: device._offset.age(real.now(), real.now()) is not None)
            one.cue("press")
            await until(lambda: device.visible(real.now()) is not None)
            one.kill() if end == "killed" else one.freeze()
            silent_t = real.now()
            await until(lambda: bool(device.blanked))
            took = device.blanked[0] - silent_t
            assert device.visible(real.now()) is None
    measured(C2, f"{end}: {{:.1f}} s", took)
    assert took <= 2.5


@C2
@SLACK
@given(st.floats(0.0, 10.0), st.floats(0.0, 0.5))
def test_c2_the_riders_page_shows_no_number_2_s_after_the_last(silence: float, jitter: float) -> None:
    heard = feed.hear(page.after(2.0), page.said(page.state(2.1), page.DELAY_S + jitter))
    shown = page.at(heard, 2.1 + silence)
    if silence > page.GREY_S - 0.25:  # the page looks ten times a second, and hears of it within the rest
        assert shown.standing == "silent"
    if shown.standing != "live":
        assert {shown.gap, shown.asked, shown.ridden, shown.to_go} == {"—"}
        assert (shown.word, shown.cue, shown.bar, shown.lap, shown.big) == (None, None, None, "", "")


DARK = """
title = "solo, and both of the runner's sensors away from 90 to 120 s"
[runner]
time_s = 284.0
leg_m = 200.0
fast_start = 0.0
legs = [272, 274, 296, 311, 304, 286, 274, 270]
[[fault]]
kind = "drop"
sensor = "footpod"
from_s = 90.0
to_s = 120.0
[[fault]]
kind = "{kind}"
sensor = "gps"
from_s = 90.0
to_s = 120.0
"""


@C3
@pytest.mark.parametrize("kind", ["drop", "no_fix"])
def test_c3_nothing_is_said_in_the_dark(tmp_path: Path, kind: str, measured: Measured) -> None:
    file = tmp_path / "dark.toml"
    file.write_text(DARK.format(kind=kind))
    played = drive(str(file), 1)
    assert stale_cues(played) == []
    cues = [one.t - played.gun_t for one in played.of(Cue) if one.to == "runner"]
    assert any(t < 90 for t in cues)
    assert any(t > 120 for t in cues)
    assert not any(90 + STALE_S + 0.5 < t < 120 for t in cues)
    blind = [s for s in played.of(State) if 100 < s.t - played.gun_t < 119]
    assert blind
    assert all(s.runner.speed_mps is None and s.standing.gap_s is None for s in blind)
    end = [s for s in played.of(State) if s.phase == "running"][-1]
    assert end.runner.distance_m is not None
    assert abs(end.runner.distance_m - played.truth_m(end.t)) <= 6.0  # m: found again
    measured(C3, "30 s in the dark: 0 cues")


@C3
def test_c3_nothing_is_said_while_the_only_sensor_is_refused(measured: Measured) -> None:
    """A receiver throws its positions 50 m to the north for a while, in a run far too slow."""
    plain = drive("even", 1, replace(kit(GPS), target=Target(1609.344, 260.0)), limit_s=120.0)
    thrown_t, back_t = next(c.t for c in plain.of(Cue)) + 8.0, 100.0
    odd = north(50.0)
    items = [
        (odd(i) or i) if isinstance(i, Notification) and thrown_t < i.t < back_t else i for i in plain.inputs
    ]
    outputs = play(replace(kit(GPS), target=Target(1609.344, 260.0)), items)
    refused = [s.t for s in outputs if isinstance(s, State) and s.sensors[0].state == "refused"]
    assert len(refused) > 100
    assert not {cue.t for cue in outputs if isinstance(cue, Cue)} & set(refused)
    assert [cue for cue in plain.of(Cue) if cue.t in refused], "with trust it would have spoken"
    measured(C3, "{:.0f} s refused: 0 cues", len(refused) / 10)


@C4
@pytest.mark.parametrize(("name", "gap_s", "off"), [("steady", 0.9, 0.016), ("predicted-gap", 0.8, 0.0)])
def test_c4_noise_about_the_limit_for_an_hour_makes_no_chatter(
    name: str, gap_s: float, off: float, measured: Measured
) -> None:
    """Gap and speed waver by 5 % about what is let go: every 12 s would be three hundred cues."""
    rng = random.Random(1)
    about = [1 + rng.uniform(-0.05, 0.05) for _ in range(7200)]
    count = len(said(name, *(at(gap_s * x, off * x) for x in about)))
    measured(C4, "{:.0f} in an hour about the limit", count)
    assert 1 <= count <= 6


@C5
@SLACK
@given(st.lists(st.integers(1, 9), max_size=30))
def test_c5_each_cue_is_shown_once_and_in_order(seqs: list[int]) -> None:
    """Plays cues again, out of order and twice, to a page, an ear and a device, while they are fresh."""
    heard, listening, shown = page.after(2.0), ear.begin(), list[tuple[str, int]]()
    for seq in seqs:
        heard = feed.hear(heard, page.said(states.cue(2.0, seq=seq)))
        shown += (
            [("page", seq)] if heard.last.seq == seq and heard.counts.shown > _count(shown, "page") else []
        )
        listening, sounds = score.hear(listening, ear.said(states.cue(102.0, seq=seq, to="runner")))
        shown += [("ear", seq)] * len(sounds)
    rising = [seq for i, seq in enumerate(seqs) if seq > max(seqs[:i], default=0)]
    assert [seq for who, seq in shown if who == "page"] == rising
    assert [seq for who, seq in shown if who == "ear"] == rising


def _count(shown: list[tuple[str, int]], who: str) -> int:
    return sum(name == who for name, _ in shown)


@C6
def test_c6_a_sink_that_hangs_delays_nobody(measured: Measured) -> None:
    async def hanging(_post: Post) -> None:
        await asyncio.sleep(1e6)

    listener = Part()
    run(19.95, [Part(strap)], [Part(hanging, "hanging"), listener])

    assert all(heard == state.t for heard, state in listener.states())
    assert len(listener.states()) == 200
    measured(C6, "20 s beside one that hangs: each at once")
