"""Turns whatever a library raises over a damaged file into one `InputError` that names the file."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pacer.errors import InputError, PacerError, printable

T = TypeVar("T")

MAX_BYTES = 64_000_000  # unpacked; a day at 1 Hz is 15 MB of GPX, and a bomb must not fill the memory
MAX_WORDS = 120  # characters of a library's complaint that are passed on


def load(path: Path) -> bytes:
    """Returns a file's bytes, unpacked where it is gzip.

    Raises:
        InputError: it cannot be read, or holds more than `MAX_BYTES`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if data[:2] == b"\x1f\x8b":
            data = _unpack(data)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or words(error)}") from None
    except (EOFError, zlib.error, ValueError) as error:
        raise InputError(f"{path}: damaged gzip, or a name that cannot be: {words(error)}") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: more than {MAX_BYTES // 1_000_000} MB, which is allowed")
    return data


def _unpack(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return file.read(MAX_BYTES + 1)


def until_damage(items: Iterator[T], notes: list[str]) -> Iterator[T]:
    """Yields items up to the first exception, which becomes a note: what was read before it is good."""
    while True:
        try:
            item = next(items)
        except StopIteration:
            return
        except PacerError:
            raise
        except Exception as error:  # noqa: BLE001 - parsers leak struct.error, AssertionError, KeyError and more
            notes.append(f"damaged, read up to there: {words(error)}")
            return
        yield item


def words(error: BaseException) -> str:
    """Returns an exception as short text on one line."""
    said = printable(" ".join(str(error).split()))[:MAX_WORDS]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
