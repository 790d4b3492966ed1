"""The AsyncAPI document as an independent judge of what goes over the wire."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parents[2] / "configs" / "asyncapi.yaml"


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return loaded


@cache
def validator(schema: str) -> Any:
    """Returns a validator for one of components.schemas; references are resolved in the whole document."""
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document()["components"]}
    )


def channel(topic: str) -> str:
    """Finds the one channel whose address fits a topic."""
    fits = [
        name
        for name, one in document()["channels"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[A-Za-z0-9_-]{1,32}", one["address"]), topic)
    ]
    assert len(fits) == 1, f"{topic} fits {fits or 'no channel'}"
    return str(fits[0])


def operation(topic: str) -> dict[str, Any]:
    """Finds the operation on a topic, with its MQTT bindings."""
    name = f"#/channels/{channel(topic)}"
    (one,) = [o for o in document()["operations"].values() if o["channel"]["$ref"] == name]
    found: dict[str, Any] = one
    return found


def check(topic: str, payload: bytes) -> dict[str, Any]:
    """Asserts that a payload is what the document says of its topic; returns it decoded."""
    (name,) = document()["channels"][channel(topic)]["messages"]
    body: dict[str, Any] = json.loads(payload)
    problems = [f"{topic} {list(e.path)}: {e.message}" for e in validator(name).iter_errors(body)]
    assert not problems, problems
    return body
