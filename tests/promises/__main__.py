"""Prints what is promised beside what is measured; the package's docstring has the usage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.promises import mutate, table
from tests.promises.ledger import run
from tests.promises.promised import proofs


def main(argv: Sequence[str] | None = None) -> int:
    """Runs, prints and writes what was asked for; returns 1 where a promise was broken."""
    parser = argparse.ArgumentParser("python -m tests.promises", description=__doc__)
    parser.add_argument("-k", metavar="EXPRESSION", help="only these tests, as pytest has it")
    parser.add_argument("--report", action="store_true", help="print the figures (it always does)")
    parser.add_argument("--readme", action="store_true", help="write README's table, too")
    parser.add_argument("--mutate", action="store_true", help="break the code; -k is then a pattern of ids")
    args = parser.parse_args(argv)
    if args.mutate:
        return mutate.main(args.k)
    entries = run(args.k).told()
    print(table.report(entries))
    if args.readme:
        text = table.rewritten(table.README.read_text("utf-8"), entries, proofs())
        table.README.write_text(text, "utf-8")
    return int(any(one.outcome == "broken" for one in entries))


if __name__ == "__main__":
    sys.exit(main())
