from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pacer import evolve
from pacer.estimator.body import Body, begin

BODY = begin(0.0, None, 1.0, 0.03)


def test_it_makes_what_the_standard_library_makes_and_leaves_the_old_value_alone() -> None:
    wanted: dict[str, Any] = {"blind": False, "gun_t": 12.5}
    old, new = dataclasses.replace(BODY), evolve.replace(BODY, **wanted)
    assert isinstance(new, Body)
    assert all(
        getattr(new, f.name) is getattr(BODY, f.name)
        for f in dataclasses.fields(BODY)
        if f.name not in wanted
    )
    assert (new.blind, new.gun_t) == (False, 12.5)
    assert (BODY.blind, BODY.gun_t) == (old.blind, old.gun_t) == (True, None)


def test_a_field_that_is_not_there_is_an_error() -> None:
    wrong: dict[str, Any] = {"blint": False}
    with pytest.raises(AttributeError, match="blint"):
        evolve.replace(BODY, **wrong)
