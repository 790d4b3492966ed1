"""Lists the constants that the filter is given: each figure of `pacer.estimator`, and what a run begins with.

They are read from the modules as they run, so that none can be forgotten or printed wrong; the reason of each
stands beside it in its module.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType

from pacer import estimator
from pacer.setup import Calibration

# By name, a dot before a field: PHONE.slow_sd_m; another's name where it is that one: RUNNER.receiver.
Constants = dict[str, float | str]
WIDTH = 110  # columns of the text


def given() -> dict[str, Constants]:
    """Returns the constants in SI units by the module that they stand in; a new run's as "calibration"."""
    modules = sorted(
        pkgutil.iter_modules(estimator.__path__), key=lambda info: (info.name != "process", info.name)
    )
    found: dict[str, Constants] = {}
    names: dict[int, str] = {}  # of values that stand by themselves, by identity
    for info in modules:
        module = importlib.import_module(f"{estimator.__name__}.{info.name}")
        mine = {name: getattr(module, name) for name in _named(module)}
        names |= {id(value): name for name, value in mine.items() if is_dataclass(value)}
        figures = dict(pair for name, value in mine.items() for pair in _figures(name, value, names))
        if figures:
            found[info.name] = figures
    return {**found, "calibration": dict(_fields("", Calibration(), names))}


def text(constants: dict[str, Constants]) -> str:
    """Lays the constants out, a paragraph a module."""
    lines = ["the filter is given (SI units; the reasons stand in pacer/estimator):"]
    for module, values in constants.items():
        words = ", ".join(
            f"{name}~{value if isinstance(value, str) else format(value, '.6g')}"  # ~ keeps a pair in a line
            for name, value in values.items()
        )
        lines += textwrap.wrap(f"{module}: {words}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines).replace("~", " ")


def _named(module: ModuleType) -> Iterator[str]:
    """Yields the constants that a module itself defines; places in a vector, and their number, are none."""
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.Assign(value=ast.Call(func=ast.Name(id="range"))):
                continue
            case ast.Assign(targets=targets):
                found = [one for target in targets for one in ast.walk(target)]
            case ast.AnnAssign(target=target):
                found = [target]
            case _:
                continue
        yield from (
            one.id for one in found if isinstance(one, ast.Name) and one.id.isupper() and len(one.id) > 1
        )


def _figures(name: str, value: object, names: dict[int, str]) -> Iterator[tuple[str, float | str]]:
    """Yields the figures in a value: its own, or those of its fields or elements."""
    if isinstance(value, tuple):
        for i, one in enumerate(value):
            yield from _figures(f"{name}.{i}", one, names)
    elif is_dataclass(value):
        yield from _fields(f"{name}.", value, names)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, float(value)


def _fields(prefix: str, value: object, names: dict[int, str]) -> Iterator[tuple[str, float | str]]:
    for field in fields(value):  # type: ignore[arg-type]  # it is a dataclass
        one = getattr(value, field.name)
        if id(one) in names:
            yield f"{prefix}{field.name}", names[id(one)]
        else:
            yield from _figures(f"{prefix}{field.name}", one, names)
