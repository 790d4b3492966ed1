"""What sounds when, in times that are only numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pacer.audio.score import Score, Sound, hear, over, tick
from pacer.heard import Said
from pacer.outputs import Cue, Split, State
from pacer.topics import Presence, Tree, message, status
from pacer.units import MILE_M
from tests.support import states

OFFSET_S = 5000.0  # s, our clock less pacer's
TREE = Tree("run", "0123abcd")
LAP_S = 69.84  # s for 400 m at 4:41


def said(output: State | Cue | Split, delay_s: float = 0.02, *, retain: bool = False) -> Said:
    one = message(output, TREE, 1)
    assert one
    return Said(tuple(one.topic.split("/")[3:]), one.payload, retain, output.t + OFFSET_S + delay_s)


def target(rate: float = 1.0) -> Said:
    one = status(states.state(), Presence(True, "5", rate, 10.0, "0"), TREE, 0, 0.0)  # noqa: FBT003 - online
    return Said(("status",), one.payload, retain=True, now=OFFSET_S)


def play(score: Score, t: float, seconds: float, **changes: Any) -> tuple[Score, list[Sound]]:
    """Hears ten states a second from `t` on, whose gun was at 0."""
    heard: list[Sound] = []
    for i in range(round(seconds * 10) + 1):
        at = t + i / 10
        score, sounds = hear(score, said(replace(states.state(cue=None), t=at, elapsed_s=at, **changes)))
        heard += sounds
    return score, heard


def begin(**options: Any) -> Score:
    score, _ = hear(Score(**options), target())
    return play(score, 100.0, 2.0)[0]


def test_a_fresh_cue_sounds_at_once_and_once() -> None:
    score, sounds = hear(begin(), said(states.cue(102.0, seq=4, to="runner")))
    assert sounds == (Sound(102.0 + OFFSET_S + 0.02, "ease"),)
    score, sounds = hear(score, said(states.cue(102.0, seq=4, to="runner"), 0.5))
    assert sounds == ()
    assert (score.counts.shown, score.counts.last_seq, dict(score.counts.dropped)) == (1, 4, {"old": 1})


@pytest.mark.parametrize(
    ("message_", "reason"),
    [
        (said(states.cue(102.0, to="runner"), 3.5), "late"),
        (said(states.cue(102.0, to="runner"), retain=True), "retained"),
        (Said(("cue", "runner"), b"beep", retain=False, now=0.0), "malformed"),
    ],
)
def test_a_stale_or_false_cue_is_silent(message_: Said, reason: str) -> None:
    score, sounds = hear(begin(), message_)
    assert sounds == ()
    assert dict(score.counts.dropped) == {reason: 1}


def test_cues_to_the_rider_are_for_another_ear() -> None:
    assert hear(begin(), said(states.cue(102.0, to="rider")))[1] == ()


def test_beats_stand_where_the_even_split_passes_each_hundred_metres() -> None:
    score, _ = hear(Score(beat_m=100.0), target())
    score, sounds = play(score, 0.0, 281.0)
    beats = [sound.at - OFFSET_S - 0.02 for sound in sounds if sound.tone == "beat"]
    assert len(beats) == 16
    cruise = MILE_M / (states.TARGET_S - 1.3)  # the standing start costs 1.3 s
    assert beats == pytest.approx([100 * n / cruise + 1.3 for n in range(1, 17)], abs=0.001)
    assert beats[1] - beats[0] == pytest.approx(17.46, abs=0.09)  # 17.46 s at 4:41, less the start's share


def test_who_joins_late_hears_the_next_beat_and_none_of_those_before() -> None:
    score, _ = hear(Score(beat_m=100.0), target())
    _, sounds = play(score, 100.0, 20.0)
    assert len([sound for sound in sounds if sound.tone == "beat"]) == 1


def test_silence_stops_the_beats_and_is_told_once() -> None:
    score = begin(beat_m=100.0)
    heard: list[Sound] = []
    for i in range(600):
        score, sounds = tick(score, 102.1 + OFFSET_S + i / 10)
        heard += sounds
    assert [sound.tone for sound in heard] == ["lost"]
    assert heard[0].at - OFFSET_S - 102.0 < 2.0


def test_no_beat_before_the_start_nor_after_the_end() -> None:
    for phase in ("waiting", "countdown", "finished", "stopped"):
        score, _ = hear(Score(beat_m=100.0), target())
        score, sounds = play(score, 0.0, 60.0, phase=phase)
        assert sounds == []
        assert over(score) == (phase in ("finished", "stopped"))


def test_the_last_lap_is_rung_in_once() -> None:
    score, before = play(begin(), 102.1, 1.0, lap=3, laps=4)
    _, sounds = play(score, 103.2, 5.0, lap=4, laps=4)
    assert before == []
    assert [(sound.tone, sound.words) for sound in sounds] == [("bell", ""), (None, "last lap")]


@pytest.mark.parametrize(("lap", "laps"), [(2, 4), (4, None), (None, None), (1, 1)])
def test_other_laps_are_not(lap: int | None, laps: int | None) -> None:
    score, _ = play(begin(), 102.1, 1.0, lap=None if lap is None else lap - 1, laps=laps)
    assert play(score, 103.2, 2.0, lap=lap, laps=laps)[1] == []


def test_who_joins_in_the_last_lap_has_missed_the_bell() -> None:
    score, _ = hear(Score(), target())
    assert play(score, 240.0, 5.0, lap=4, laps=4)[1] == []


def split(**changes: Any) -> Split:
    return replace(states.split(3, LAP_S, 1.23), t=102.0, **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "69.8, 1.2 ahead"),
        ({"gap_s": -0.46}, "69.8, 0.5 behind"),
        ({"gap_s": 0.04}, "69.8, even"),
        ({"gap_s": None}, "69.8"),
        ({"leg_s": 352.44}, "5 minutes 52.4, 1.2 ahead"),
        ({"final": True, "elapsed_s": 281.41}, "finish, 4 minutes 41.4, 1.2 ahead"),
    ],
)
def test_a_split_is_spoken_with_its_gap(changes: dict[str, Any], words: str) -> None:
    assert [sound.words for sound in hear(begin(), said(split(**changes)))[1]] == [words]


def test_a_late_split_a_lap_and_a_quiet_device_say_nothing() -> None:
    assert hear(begin(), said(split(), 6.0))[1] == ()
    assert hear(begin(), said(split(kind="lap")))[1] == ()
    assert hear(begin(words=False), said(split()))[1] == ()
