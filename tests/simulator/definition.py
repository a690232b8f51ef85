"""The OpenAPI facts as validators of answers and requests: the whole file beside the clone, else the packaged part."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jsonschema_rs

FACTS = Path(__file__).resolve().parents[2] / ".." / "shared" / "facts"
WHOLE = FACTS / "connectwise-openapi.json"
ANYTHING = {("PatchOperation", "value"), ("CustomFieldValue", "value")}
"""Typed `object` in the definition although any JSON is sent."""
RECORDS_OF_BUNDLES = "IRestIdentifiedItem"
OUTSIDE = frozenset({"/system/bundles/count"})
"""Routes of the facts that the definition does not have."""

BY_SWITCH = frozenset({("/system/bundles", 207)})
"""Answers that the facts tell of and the definition does not (C-48)."""

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`answers`: status → schema, None where an answer has no JSON body."""

    answers: Mapping[int, Json | None]
    body: Json | None = None


def _template(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{id}", path).rstrip("/").lower()


def _with_null(node: Json) -> Json:
    if node.pop("nullable", False):
        if "type" in node:
            node["type"] = [node["type"], "null"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]
    return node


def _plain(node: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type; references are taken as they are."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"].replace("#/components/schemas/", "#/$defs/")}
    return _with_null({key: _plain(value) for key, value in node.items() if not key.startswith("x-")})


def _from_whole() -> tuple[dict[tuple[str, str], Operation], Json]:
    whole = json.loads(WHOLE.read_text(encoding="utf-8"))
    operations: dict[tuple[str, str], Operation] = {}
    for path, node in whole["paths"].items():
        for verb in ("get", "post", "put", "patch", "delete"):
            if verb in node:
                answers: dict[int, Json | None] = {}
                for status, response in node[verb]["responses"].items():
                    kinds = [kind for kind in response.get("content", {}) if "json" in kind]
                    answers[int(status)] = _plain(response["content"][kinds[0]]["schema"]) if kinds else None
                content = node[verb].get("requestBody", {}).get("content", {}).get("application/json")
                body = _plain(content["schema"]) if content else None
                operations.setdefault((verb.upper(), _template(path)), Operation(answers=answers, body=body))
    return operations, {name: _plain(node) for name, node in whole["components"]["schemas"].items()}


KINDS: Mapping[str, Json] = {
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "string": {"type": ["string", "null"]},
    "date": {"type": "string", "format": "date-time"},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
    "any": {},
}
STATUSES = {"GET": 200, "POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204}


def _packaged_field(node: Json) -> Json:
    if node["kind"] == "list":
        of = {"kind": node["items"], **({"of": node["of"]} if "of" in node else {})}
        return {"type": "array", "items": _packaged_field(of)}
    if "of" in node:
        return {"$ref": f"#/$defs/{node['of']}"}
    field = dict(KINDS.get(node["kind"], {}))
    if "choices" in node:
        field["enum"] = [*node["choices"], None]
    return field | ({"maxLength": node["maximum"]} if "maximum" in node else {})


def _from_package() -> tuple[dict[tuple[str, str], Operation], Json]:
    """Less exact: it does not tell a record from a list of records."""
    part = json.loads(files("truecount.simulator").joinpath("contract.json").read_text(encoding="utf-8"))
    schemas = {
        name: {
            "type": "object",
            "properties": {key: _packaged_field(field) for key, field in fields.items()},
            "required": [key for key, field in fields.items() if field.get("required")],
        }
        for name, fields in part["schemas"].items()
    }
    operations = {}
    for path, verbs in part["paths"].items():
        for verb, name in verbs.items():
            record = {"$ref": f"#/$defs/{name}"} if name in schemas else {}
            either = {"anyOf": [{"type": "array", "items": record}, record]}
            if verb == "POST":
                answers: dict[int, Json | None] = dict.fromkeys((200, 201), either)
            else:
                answers = {STATUSES[verb]: None if verb == "DELETE" or path.endswith("/pdf") else either}
            operations[verb, _template(path)] = Operation(answers=answers)
    return operations, schemas


class Definition:
    def __init__(self, *, whole: bool) -> None:
        self.operations, self._schemas = _from_whole() if whole else _from_package()
        for schema, name in ANYTHING:
            if schema in self._schemas:
                self._schemas[schema]["properties"][name] = {}
        self._validators: dict[str, Any] = {}

    def validator(self, node: Json) -> Any:
        key = json.dumps(node, sort_keys=True)
        if key not in self._validators:
            whole = {**node, "$defs": self._schemas}
            self._validators[key] = jsonschema_rs.validator_for(whole, validate_formats=True)
        return self._validators[key]

    def operation(self, verb: str, path: str) -> Operation | None:
        return self.operations.get((verb, _template(re.sub(r"/\d+(?=/|$)", "/{id}", path))))

    def complaints(self, response: httpx2.Response) -> Iterator[str]:
        """What is wrong with an answer, and with the request where it was accepted; empty for what is no API call."""
        root, _, path = urlsplit(str(response.request.url)).path.partition("/apis/3.0")
        if not root.endswith(("v4_6_release", "v2026_4")) or not 200 <= response.status_code < 300 or path in OUTSIDE:
            return
        operation = self.operation(response.request.method, path)
        place = f"{response.request.method} {path}"
        if operation is None:
            yield f"{place} is not in the definition"
            return
        if (path, response.status_code) in BY_SWITCH:
            return
        if response.status_code not in operation.answers:
            yield f"{place} answered {response.status_code}, defined are {sorted(operation.answers)}"
            return
        yield from self._body_complaints(place, response, operation.answers[response.status_code])
        if operation.body is not None and response.request.method == "PATCH":
            sent = json.loads(response.request.content)
            yield from (f"{place}: sent {error}" for error in self.validator(operation.body).iter_errors(sent))

    def _body_complaints(self, place: str, response: httpx2.Response, node: Json | None) -> Iterator[str]:
        partial = "fields=" in str(response.request.url)
        if node is None or partial or "json" not in response.headers.get("content-type", ""):
            return
        for error in self.validator(node).iter_errors(response.json()):
            yield f"{place}: {'/'.join(map(str, error.instance_path))} {error.message[:200]}"


@lru_cache(maxsize=2)
def definition(*, whole: bool = WHOLE.exists()) -> Definition:
    return Definition(whole=whole)


def conforms(response: httpx2.Response) -> None:
    """A hook of a client: fails where an answer is not what the definition says."""
    response.read()
    if "json" in response.headers.get("content-type", ""):
        try:
            response.json()
        except ValueError:
            return  # half a body: a fault that a test asked for
    complaints = list(definition().complaints(response))
    assert not complaints, "\n".join(complaints[:10])
