"""README lists exactly what has tests, and the book is kept right."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.promises import table
from tests.promises.ledger import Entry
from tests.promises.mutation import Mutation
from tests.promises.mutations import MUTATIONS
from tests.promises.promised import Figure, Promise, proofs, text

ROWS = "| R1 | one | 1 s | 0.5 s |\n| S2 | two | 2 s | 1 s |\n"
README = f"before\n{table.BEGIN}{table.HEAD}{ROWS}{table.END}after\n"
R1, R2, S2, S10 = (Promise(key, key, "1 s") for key in ("R1", "R2", "S2", "S10"))


def test_readme_lists_exactly_the_promises_that_have_tests_in_their_words() -> None:
    listed = [tuple(cells[:3]) for cells in table.rows(table.README.read_text("utf-8"))]
    assert listed == [table.row(one, "")[:3] for one in proofs()], (
        "run: python -m tests.promises --readme -k ID"
    )


def test_each_promise_has_one_id_and_tests_that_name_it() -> None:
    found = proofs()
    assert [key for key, n in Counter(one.id for one in found).items() if n > 1] == []
    unnamed = [
        (one.id, name) for one, names in found.items() for name in names if f"_{one.id.lower()}_" not in name
    ]
    assert unnamed == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: f"{one.promise}: {one.words}")
def test_each_mutation_still_applies_to_what_it_breaks(mutation: Mutation) -> None:
    text = (table.README.parent / mutation.file).read_text("utf-8")
    assert mutation.applied(text) != text
    assert mutation.promise in {one.id for one in proofs()}


def test_each_promise_has_a_mutation_that_its_tests_must_notice() -> None:
    tried = {one.promise for one in MUTATIONS}
    assert [one.id for one in proofs() if one.id not in tried] == []


def entry(promise: Promise, *outcomes: str) -> Entry:
    return Entry(promise, [Figure("{:.1f} s", 0.7)], set(outcomes))


def test_rows_of_what_ran_are_written_anew_and_the_others_stay() -> None:
    entries = [entry(S10, "kept"), entry(R2, "kept", "in part")]
    told = table.rewritten(README, entries, [R1, R2, S2, S10])
    assert [cells[0] for cells in table.rows(told)] == ["R1", "S2", "S10"]
    assert table.rows(told)[0] == ("R1", "one", "1 s", "0.5 s")
    assert table.rows(told)[2] == ("S10", "S10", "1 s", "0.7 s")
    assert told.startswith("before\n")
    assert told.endswith("after\n")


@pytest.mark.parametrize("outcome", ["broken", "skipped"])
def test_a_promise_that_was_not_kept_or_is_no_longer_made_is_not_listed(outcome: str) -> None:
    told = table.rewritten(README, [entry(R1, "kept", outcome)], [R1])
    assert table.rows(told) == []


def test_of_the_same_words_the_worst_is_told_once() -> None:
    figures = [Figure("{:.1f} s late", 1.0), Figure("{:.1f} s late", 2.64), Figure("equal"), Figure("equal")]
    assert text(figures) == "2.6 s late; equal"
