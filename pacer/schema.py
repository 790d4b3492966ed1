"""Turns frozen dataclasses into plain data for JSON and TOML, and back with every value checked.

    dataclass        <->  table (dict), one key per field; a field with a default may be left out
    A | B            <->  a table with a key "type" that names the class, where there are two or more
    tuple            <->  list
    bytes            <->  lower-case hexadecimal text
    float            <->  finite number (a whole number is taken too)
    int str bool None Literal   as they are

Pure, and without a library: configuration, recordings and their headers are all read through here.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Iterable
from functools import cache, partial
from reprlib import Repr
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pacer.errors import ConfigError

T = TypeVar("T")

_short = Repr()
_short.maxstring = _short.maxother = 60  # characters: what is wrong is seen, and it stays one line


class Problems(Exception):  # noqa: N818 - it carries errors, it is none itself
    """Carries every `ConfigError` found in one piece of data, first to last."""

    def __init__(self, found: list[ConfigError]) -> None:
        super().__init__(found)
        self.found = found


def encode(obj: Any, *, tagged: bool = False) -> Any:
    """Returns `obj` as data that JSON can hold; `tagged` adds the key "type" to a dataclass."""
    if isinstance(obj, (str, float, int, bool)) or obj is None:
        return obj
    if isinstance(obj, tuple):
        return [encode(item, tagged=tagged) for item in obj]
    if isinstance(obj, bytes):
        return obj.hex()
    head = {"type": type(obj).__name__} if tagged else {}
    kind: Any = type(obj)
    return head | {f.name: encode(getattr(obj, f.name), tagged=f.tagged) for f in _fields(kind)}


def decode(cls: type[T], data: object, where: str) -> T:
    """Returns `data` as a `cls`; `where` begins every message, such as a file's name.

    Raises:
        ConfigError: the first thing wrong; `decode_all` tells the others.
    """
    try:
        return decode_all(cls, data, where)
    except Problems as problems:
        raise problems.found[0] from None


def decode_all(cls: type[T], data: object, where: str, key: str = "") -> T:
    """Returns `data` as a `cls`, or raises `Problems` with everything that is wrong in it."""
    kind: Any = cls
    fields = {f.name: f for f in _fields(kind)}
    if not isinstance(data, dict):
        raise problem(where, key, data, "a table of " + ", ".join(fields))
    names = [*data, *(n for n, f in fields.items() if f.required and n not in data)]
    prefix = f"{key}." if key else ""
    values = _collect(partial(_field, fields, data, name, where, f"{prefix}{name}") for name in names)
    return cls(**dict(zip(names, values, strict=True)))


def problem(where: str, key: str, value: object, allowed: str) -> Problems:
    """Returns one problem, worded as file, key, value and what is allowed."""
    said = f"{key} = {_short.repr(value)}" if key else _short.repr(value)
    return Problems([ConfigError(f"{where}: {said}: allowed is {allowed}")])


@dataclasses.dataclass(frozen=True, slots=True)
class _Field:
    name: str
    hint: Any
    required: bool
    tagged: bool  # its type is a union of dataclasses, told apart by "type"


@cache
def _fields(cls: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _Field(
            f.name,
            hints[f.name],
            f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING,
            _is_tagged(hints[f.name]),
        )
        for f in dataclasses.fields(cls)
    )


def _is_tagged(hint: Any) -> bool:
    inside = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        return sum(map(dataclasses.is_dataclass, inside)) > 1
    return get_origin(hint) is tuple and any(map(_is_tagged, inside))


def _field(fields: dict[str, _Field], data: dict[str, Any], name: str, where: str, key: str) -> Any:
    if name not in fields:
        allowed = ", ".join(fields)
        said = f"{key:.60}" if key.isprintable() else f"{key!r:.60}"  # a quoted key may hold anything
        raise Problems([ConfigError(f"{where}: {said} is not known here: allowed are {allowed}")])
    if name not in data:
        raise Problems([ConfigError(f"{where}: {key} is missing: it must be {_words(fields[name].hint)}")])
    return _value(fields[name].hint, data[name], where, key)


def _value(hint: Any, value: Any, where: str, key: str) -> Any:
    match get_origin(hint):
        case None if dataclasses.is_dataclass(hint):
            return decode_all(hint, value, where, key)  # type: ignore[arg-type]  # a class, as its origin is None
        case None:
            return _scalar(hint, value, where, key)
        case origin if origin is Literal:
            return _literal(hint, value, where, key)
        case origin if origin is tuple:
            return _tuple(hint, value, where, key)
        case _:
            return _union(hint, value, where, key)


def _scalar(hint: Any, value: Any, where: str, key: str) -> Any:
    try:
        return _SCALARS[hint][0](value)
    except (TypeError, ValueError, OverflowError):
        raise problem(where, key, value, _words(hint)) from None


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError
    return float(value)


def _exactly(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:  # a bool is an int to Python, not to us
            raise TypeError
        return value

    return check


_SCALARS: dict[Any, tuple[Callable[[Any], Any], str]] = {
    float: (_float, "a finite number"),
    bytes: (bytes.fromhex, "hexadecimal text"),
    int: (_exactly(int), "a whole number"),
    str: (_exactly(str), "text"),
    bool: (_exactly(bool), "true or false"),
}


def _literal(hint: Any, value: Any, where: str, key: str) -> Any:
    if isinstance(value, str) and value in get_args(hint):
        return value
    raise problem(where, key, value, _words(hint))


def _tuple(hint: Any, value: Any, where: str, key: str) -> Any:
    inside = get_args(hint)
    size = len(inside) if inside[-1] is not ... else None
    if not isinstance(value, list) or size not in (None, len(value)):
        raise problem(where, key, value, _words(hint))
    hints = inside if size else inside[:1] * len(value)
    return tuple(
        _collect(
            partial(_value, h, v, where, f"{key}[{n}]")
            for n, (h, v) in enumerate(zip(hints, value, strict=True), 1)
        )
    )


def _collect(reads: Iterable[Callable[[], Any]]) -> list[Any]:
    """Calls every one of `reads`, and only then raises what was wrong with them all."""
    values: list[Any] = []
    found: list[ConfigError] = []
    for read in reads:
        try:
            values.append(read())
        except Problems as problems:
            found += problems.found
    if found:
        raise Problems(found)
    return values


def _union(hint: Any, value: Any, where: str, key: str) -> Any:
    options = get_args(hint)
    if value is None and type(None) in options:
        return None
    tables: dict[str, Any] = {o.__name__: o for o in options if dataclasses.is_dataclass(o)}  # type: ignore[union-attr]  # classes
    if isinstance(value, dict) and len(tables) > 1:
        rest = {k: v for k, v in value.items() if k != "type"}
        name = value.get("type")
        if not isinstance(name, str) or name not in tables:
            raise problem(where, f"{key}.type", name, " or ".join(tables))
        return _value(tables[name], rest, where, key)
    if isinstance(value, dict) and tables:
        return _value(next(iter(tables.values())), value, where, key)
    for option in options:
        if option in _SCALARS or get_origin(option) is not None:
            try:
                return _value(option, value, where, key)
            except Problems:
                continue
    raise problem(where, key, value, _words(hint))


def _words(hint: Any) -> str:
    """Says in words what a type allows."""
    if hint in _SCALARS:
        return _SCALARS[hint][1]
    inside = get_args(hint)
    match get_origin(hint):
        case origin if origin is Literal:
            return " or ".join(f'"{option}"' for option in inside)
        case origin if origin is tuple and inside[-1] is ...:
            return f"a list, each {_words(inside[0])}"
        case origin if origin is tuple:
            return f"a list of {len(inside)}: " + ", ".join(map(_words, inside))
        case None:
            return f"a table ({hint.__name__})"
        case _:
            return " or ".join(_words(option) for option in inside if option is not type(None))
