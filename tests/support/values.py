"""Hypothesis strategies for our dataclasses, with finite numbers only: what may enter a recording."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from pacer.inputs import Input

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Returns values of a type: one of our dataclasses, or what its fields may be."""
    if hint is float:
        return FINITE
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{f.name: any_of(hints[f.name]) for f in dataclasses.fields(hint)})
    inside = get_args(hint)
    if get_origin(hint) is tuple and inside[-1] is ...:
        return st.lists(any_of(inside[0]), max_size=3).map(tuple)
    if get_origin(hint) is tuple:
        return st.tuples(*map(any_of, inside))
    if any(option is float or dataclasses.is_dataclass(option) for option in inside):
        return st.one_of([any_of(option) for option in inside])
    return st.from_type(hint)  # plain types and Literal


any_input: st.SearchStrategy[Input] = st.one_of([any_of(kind) for kind in get_args(Input)])
