"""Streams the elements of GPX and TCX files by lxml: no entities, no network, no tree in memory.

A file of 20 MB that is all elements or all attributes would take 600 to 1000 MB of tree: what is of no use is
let go at once, and what no activity has is refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from pacer.errors import InputError
from pacer.files.tidy import Row

# No GPX or TCX declares an entity; a file that does is a bomb or an attempt to read other files.
_ENTITY = tuple("<!ENTITY".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
MAX_INSIDE = 100  # elements in a track point, which has 10 to 20
MAX_BETWEEN = 100_000  # elements of no use in a row; a long list of way points is of use, as they are named
MAX_STRETCH = 50_000  # bytes without a "<": a description may have some 1000, and a start tag a few 100


def elements(data: bytes, ends: tuple[str, ...], where: str) -> Iterator[tuple[str, str, Any]]:
    """Yields (event, name without its namespace, element): each start, and the ends named in `ends`.

    An element that lies in one of `ends` is part of that one: it stays until there, and its end is not told.
    May raise lxml's errors.
    """
    if any(word in data for word in _ENTITY):
        raise InputError(f"{where}: it declares XML entities: not allowed")
    body = data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")  # Strava writes blanks before <?xml
    _refuse_long_stretches(body, where)
    parsed = etree.iterparse(
        io.BytesIO(body),
        events=("start", "end"),
        tag="{*}*",  # elements only: no comments, no processing instructions
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    whole, count = None, 0  # the open element of `ends`; elements since the last one
    for event, element in parsed:
        name = local(element)
        if event == "start":
            count += 1
            if count > (MAX_BETWEEN if whole is None else MAX_INSIDE):
                raise InputError(f"{where}: {count} elements and no track point: no activity has so many")
            if whole is None and name in ends:
                whole, count = element, 0
            yield event, name, element
        elif whole is None:
            _let_go(element)
        elif element is whole:
            yield event, name, element
            _let_go(element)
            whole, count = None, 0


def _let_go(element: Any) -> None:
    """Empties an element, and takes those before it out of the tree."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _refuse_long_stretches(body: bytes, where: str) -> None:
    """Refuses a start tag or a text without end, which would be held in memory, many times as large."""
    at = body.find(b"<")
    while 0 <= at < len(body) - MAX_STRETCH:
        at = body.rfind(b"<", at + 1, at + MAX_STRETCH)
        if at < 0:
            raise InputError(
                f"{where}: a tag or a text of more than {MAX_STRETCH} bytes: no activity has one"
            )


def local(element: Any) -> str:
    """Returns an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def row(element: Any, names: dict[str, str]) -> Row:
    """Returns the numbers below an element by `names` (XML's name -> ours), the first of each."""
    found: Row = {}
    for child in element.iter("{*}*"):
        ours = names.get(local(child))
        if ours is not None and ours not in found:
            value = instant(child.text) if ours == "time" else number(child.text)
            if value is not None:
                found[ours] = value
    return found


def number(text: str | None) -> float | None:
    """Returns a number, None for anything else."""
    try:
        return float(text or "")
    except ValueError:
        return None


def instant(text: str | None) -> float | None:
    """Returns an ISO 8601 instant as Unix time, None for anything else; without a zone it is UTC."""
    try:
        when = datetime.fromisoformat((text or "").strip().upper())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
