"""Replaces fields of frozen values on each input's way: `dataclasses.replace` at a tenth of its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import replace  # its types are checked field by field
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """Makes a copy of a frozen slotted dataclass with some fields changed; AttributeError for others.

        The slots are copied, and `__init__` does not run: a value that was checked stays checked, and what
        replaces a field is not checked again. A body of 22 fields takes 0.5 us so, and 5.2 us otherwise.
        """
        kind = type(value)
        copy = _copiers.get(kind)
        if copy is None:
            copy = _copiers[kind] = _copier(kind)
        return copy(value, changes)


_copiers: dict[type, Callable[[Any, dict[str, Any]], Any]] = {}


def _copier(kind: type) -> Callable[[Any, dict[str, Any]], Any]:
    """Writes the function that copies a class, as dataclasses write `__init__`: a line for each slot.

    Slots of a frozen class can only be set by a call, eight times slower than the plain assignment that its
    unfrozen twin allows; at the end the copy becomes what it is a copy of.
    """
    names: tuple[str, ...] = kind.__slots__  # type: ignore[attr-defined]  # frozen slotted dataclasses only
    twin = type(kind.__name__, (), {"__slots__": names})
    body = [
        "copy = new(twin)",
        *(f"copy.{name} = value.{name}" for name in names),
        "for name, changed in changes.items(): setattr(copy, name, changed)",
        "copy.__class__ = kind",
        "return copy",
    ]
    scope: dict[str, Any] = {"new": object.__new__, "twin": twin, "kind": kind}
    exec("\n ".join(["def copy(value, changes):", *body]), scope)  # noqa: S102 - names of our own slots
    written: Callable[[Any, dict[str, Any]], Any] = scope["copy"]
    return written


__all__ = ["replace"]
