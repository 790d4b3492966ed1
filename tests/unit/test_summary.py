"""The end of a demo and of a replay, for programs and for people."""

from __future__ import annotations

import json
from typing import Any

from pacer import summary
from pacer.hindsight import Hindsight
from pacer.ledger import Ledger
from pacer.setup import PolicySpec, Setup
from tests.support import states
from tests.support.states import EVEN_MPS, T0


def finished_ledger() -> Ledger:
    kept = Ledger()
    for n in range(1, 5):
        kept.offer(states.split(n, 69.84, gap_s=0.0))
    for seq, to in ((1, "rider"), (2, "runner"), (3, "rider"), (4, "runner")):
        kept.offer(states.cue(seq=seq, to=to))
    kept.offer(states.cue(seq=5, to="rider"))
    kept.offer(states.state(100.0))
    kept.offer(states.finished(281.437))
    return kept


def outcome(ledger: Ledger) -> dict[str, Any]:
    """Lays a run beside a truth that is a tenth of a second late at each mark."""
    after = Hindsight((), tuple(states.split(n, 69.93) for n in range(1, 4)))
    return summary.outcome(
        ledger, lambda m: m / EVEN_MPS + 0.1 * m / 400, lambda t: EVEN_MPS * (t - T0), after
    )


def test_splits_stand_beside_the_truth() -> None:
    rows = outcome(finished_ledger())["splits"]

    assert [row["distance_m"] for row in rows] == [400.0, 800.0, 1200.0, 1600.0]
    assert [row["split_s"] for row in rows] == [69.84] * 4
    assert [row["truth_split_s"] for row in rows] == [69.94] * 4
    assert [row["smoothed_split_s"] for row in rows] == [69.93] * 3 + [None]  # ends before the last mark


def test_cues_are_counted_by_who_got_them_and_times_rounded() -> None:
    found = outcome(finished_ledger())

    assert found["cues_sent"] == {"rider": 3, "runner": 2}
    assert found["time_s"] == 281.44
    assert found["distance_m"] == 1609.344
    assert found["error_m"]["max"] == abs(round(820.2 - EVEN_MPS * 100.0, 2))


def test_what_is_not_known_is_null() -> None:
    ledger = finished_ledger()
    found = summary.outcome(ledger, lambda _: None, None)

    assert found["error_m"] is None
    assert {row["truth_split_s"] for row in found["splits"]} == {None}
    empty = summary.outcome(Ledger(), lambda _: None, None)
    assert (empty["time_s"], empty["distance_m"], empty["splits"]) == (None, None, [])
    json.dumps(found, allow_nan=False)


def test_a_mark_that_was_not_truly_reached_spoils_only_its_neighbours() -> None:
    found = summary.outcome(finished_ledger(), lambda m: None if m == 800.0 else m / EVEN_MPS, None)

    assert [row["truth_split_s"] is None for row in found["splits"]] == [False, True, True, False]


def test_the_demo_s_table_says_all_a_person_asks() -> None:
    found = {
        "scenario": "paced",
        "seed": 3,
        "target_s": 281.0,
        "truth_time_s": 281.2,
        **outcome(finished_ledger()),
        "cues_shown": {"display": 3, "audio": 1},
        "recording": "/home/x/run.pacer",
    }

    text = summary.table(found)

    assert "paced, seed 3: 4:41.4 (truth 4:41.2, target 4:41.0)" in text
    assert "rider's cues: 3 sent, 3 shown" in text
    assert "runner's cues: 2 sent, 1 played" in text
    assert "/home/x/run.pacer" in text
    assert [line.split() for line in text.splitlines()[2:4]] == [
        ["400.0", "1:09.8", "1:09.8", "1:09.9", "1:09.9"],
        ["800.0", "2:19.7", "1:09.8", "1:09.9", "1:09.9"],
    ]


def test_the_replay_s_table_counts_the_cues_to_the_runner() -> None:
    after = Hindsight((), (states.split(1, 69.93), states.split(2, 69.93)))
    text = summary.replay_table(finished_ledger(), Setup(policy=PolicySpec("predicted-gap")), after)

    rows = [line.split() for line in text.splitlines()[3:6]]
    assert [row[4:] for row in rows] == [["1:09.9", "1:09.9"], ["2:19.9", "1:09.9"], ["--:--", "--:--"]]
    assert "finished after 4:41.4, 1609.3 m" in text
    assert "target 4:41 over 1609.3 m" in text
    assert "predicted-gap" in text
    assert "2 ease" in text


def test_a_replay_that_ended_early_says_so() -> None:
    ledger = Ledger()
    assert summary.replay_table(ledger, Setup()).startswith("did not reach the distance")

    ledger.offer(states.finished(100.0, stopped=True))
    assert summary.replay_table(ledger, Setup()).startswith("stopped after 1:40.0")
    assert "none" in summary.replay_table(ledger, Setup())
