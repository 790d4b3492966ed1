"""The document itself, as far as JSON Schema and its own references can tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from pacer.inputs import VERBS
from pacer.outputs import Phase, SensorState, Word
from pacer.setup import Role
from tests.support.asyncapi import document, validator

SCHEMAS = document()["components"]["schemas"]


def references(node: Any) -> Iterator[str]:
    """Walks the document and yields what it refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from references(child)


@pytest.mark.parametrize("reference", sorted(set(references(document()))))
def test_reference_leads_somewhere(reference: str) -> None:
    node: Any = document()
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", ["state", "cue", "split", "status", "deviceStatus"])
def test_every_field_is_required_so_that_unknown_must_be_said(name: str) -> None:
    schema = SCHEMAS[name]
    assert set(schema["required"]) == set(schema["properties"])
    assert {"v", "seq", "t", "ttl"} <= set(schema["required"])


def test_each_channel_has_its_operation_and_its_parameters() -> None:
    channels = document()["channels"]
    used = [o["channel"]["$ref"].rsplit("/", 1)[1] for o in document()["operations"].values()]
    assert sorted(used) == sorted(channels)
    for one in channels.values():
        assert all(f"{{{name}}}" in one["address"] for name in one["parameters"])
        assert one["address"].count("{") == len(one["parameters"])


def test_words_are_those_of_the_session() -> None:
    assert SCHEMAS["word"]["enum"] == list(get_args(Word))
    assert SCHEMAS["phase"]["enum"] == list(get_args(Phase))
    assert set(SCHEMAS["person"]["enum"]) == set(get_args(Role))
    assert SCHEMAS["command"]["properties"]["verb"]["enum"] == list(VERBS)
    assert SCHEMAS["state"]["properties"]["sensors"]["additionalProperties"]["enum"] == list(
        get_args(SensorState)
    )


def test_examples_are_commands() -> None:
    for example in document()["components"]["messages"]["command"]["examples"]:
        assert validator("command").is_valid(example["payload"])
    assert not validator("command").is_valid({"verb": "explode"})
