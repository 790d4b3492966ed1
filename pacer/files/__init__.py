"""Foreign files: FIT, GPX and TCX, told apart by what is in them, as an `Activity`.

bytes -> guard (unpacked, bounded) -> fit | gpx | tcx (rows) -> tidy (checked, in order) -> Activity
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pacer.errors import InputError
from pacer.files.guard import load, until_damage, words
from pacer.files.tidy import Raw, Row, tidy

if TYPE_CHECKING:
    from pacer.activity import Activity, Format


def read_activity(path: Path) -> Activity:
    """Reads a FIT, GPX or TCX file, also one packed by gzip; what was mended stands in its notes.

    Raises:
        InputError: there is nothing in it that could be replayed.
    """
    return parse_activity(load(path), str(path))


def parse_activity(data: bytes, where: str) -> Activity:
    """Reads an activity from bytes, see `read_activity`; `where` begins the messages."""
    raw = Raw()
    source, rows = _rows(data, raw, where)
    return tidy(source, until_damage(rows, raw.notes), raw, where)


def _rows(data: bytes, raw: Raw, where: str) -> tuple[Format, Iterator[Row]]:
    try:
        from pacer.files import fit, gpx, markup, tcx  # noqa: PLC0415 - the libraries are an extra
    except ImportError as error:
        raise InputError(f"{where}: reading it needs pip install 'pacer[files]' ({words(error)})") from None
    if fit.is_fit(data):
        return "fit", fit.read(data, raw)
    match _root(markup.elements(data, (), where)):
        case "gpx":
            return "gpx", gpx.read(data, raw, where)
        case "TrainingCenterDatabase":
            return "tcx", tcx.read(data, raw, where)
        case found:
            said = f"an XML file of kind {found[:40]!r}" if found else "none of them"
            raise InputError(f"{where}: allowed are FIT, GPX and TCX files (also .gz): this is {said}")


def _root(elements: Iterator[tuple[str, str, object]]) -> str | None:
    return next((name for _, name, _ in until_damage(elements, [])), None)
