"""What was promised beside what was measured: on the terminal, and in README."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.promises.ledger import Entry
from tests.promises.promised import Promise, rank

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- promises: python -m tests.promises --readme -->\n", "<!-- end of promises -->\n"
HEAD = "| | promise | promised | measured |\n| --- | --- | --- | --- |\n"

Row = tuple[str, str, str, str]  # id, sentence, promised, measured


def report(entries: Iterable[Entry]) -> str:
    """Returns a paragraph a promise, for a terminal."""
    return "\n".join(
        f"{one.promise.id:<4}{one.outcome:<9}{one.promise.sentence}\n"
        f"             promised  {one.promise.figure}\n"
        f"             measured  {one.measured or '-'}\n"
        for one in entries
    )


def row(promise: Promise, measured: str) -> Row:
    """Returns a promise's row; a bar would end its cell."""
    cells = promise.id, promise.sentence, promise.figure, measured
    id_, *rest = (cell.replace("|", "/") for cell in cells)
    return id_, *rest  # type: ignore[return-value]  # four cells, as above


def rows(readme: str) -> list[Row]:
    """Reads the table out of README's text."""
    _, table, _ = _parts(readme)
    return [tuple(cell.strip() for cell in line.split("|")[1:5]) for line in table.splitlines()[2:]]  # type: ignore[misc]  # four of them


def rewritten(readme: str, entries: Iterable[Entry], promises: Iterable[Promise]) -> str:
    """Returns README with the rows of what ran anew, and without those of what is promised no longer."""
    entries = [one for one in entries if one.outcome != "in part"]
    ran, declared = {one.promise.id for one in entries}, {one.id for one in promises}
    found = [one for one in rows(readme) if one[0] in declared - ran]
    found += [row(one.promise, one.measured) for one in entries if one.outcome == "kept"]
    lines = [f"| {' | '.join(one)} |\n" for one in sorted(found, key=lambda one: rank(one[0]))]
    before, _, after = _parts(readme)
    return "".join((before, BEGIN, HEAD, *lines, END, after))


def _parts(readme: str) -> tuple[str, str, str]:
    before, rest = readme.split(BEGIN)
    table, after = rest.split(END)
    return before, table, after
