"""Streams the elements of GPX and TCX files by lxml: no entities, no network, no tree in memory."""

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


def elements(data: bytes, ends: tuple[str, ...], where: str) -> Iterator[tuple[str, str, Any]]:
    """Yields (event, name without its namespace, element): each start, and the ends named in `ends`.

    An element is emptied after its end was handed out. May raise lxml's errors.
    """
    if any(word in data for word in _ENTITY):
        raise InputError(f"{where}: it declares XML entities: not allowed")
    body = data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")  # Strava writes blanks before <?xml
    parsed = etree.iterparse(
        io.BytesIO(body),
        events=("start", "end"),
        tag="{*}*",  # elements only: no comments, no processing instructions
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    for event, element in parsed:
        name = local(element)
        if event == "start" or name in ends:
            yield event, name, element
        if event == "end" and name in ends:
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


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
