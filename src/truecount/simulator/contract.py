"""The enforced part of the OpenAPI definition as typed tables; no checking of values, that is checks.py."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any


class Kind(StrEnum):
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    STRING = "string"
    DATE = "date"
    REFERENCE = "reference"
    RECORD = "record"
    LIST = "list"
    MAP = "map"
    ANY = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One property of a schema; `of` names the schema of a reference, a record or a list's element."""

    name: str
    kind: Kind
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    required_on_update: bool = False
    of: str | None = None
    items: Kind | None = None


Schema = Mapping[str, Field]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    version: str
    paths: Mapping[str, Mapping[str, str | None]]
    schemas: Mapping[str, Schema]


def _field(name: str, node: Mapping[str, Any]) -> Field:
    return Field(
        name=name,
        kind=Kind(node["kind"]),
        maximum=node.get("maximum"),
        choices=tuple(node.get("choices", ())),
        required=node.get("required", False),
        required_on_update=node.get("update", False),
        of=node.get("of"),
        items=Kind(node["items"]) if "items" in node else None,
    )


@lru_cache(maxsize=1)
def contract() -> Contract:
    text = files("truecount.simulator").joinpath("contract.json").read_text(encoding="utf-8")
    node = json.loads(text)
    schemas = {
        name: {key: _field(key, value) for key, value in fields.items()} for name, fields in node["schemas"].items()
    }
    return Contract(version=node["version"], paths=node["paths"], schemas=schemas)


def schema(name: str) -> Schema:
    return contract().schemas[name]
