"""Makes contract.json, the part of the OpenAPI facts that the simulator enforces; run by hand, not at run time.

python -m truecount.simulator.contract_trim PATH/connectwise-openapi.json
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]
TARGET = Path(__file__).with_name("contract.json")
VERBS = ("get", "post", "put", "patch", "delete")
DATES_WITHOUT_FORMAT = {("Agreement", "nextInvoiceDate")}
"""Fields that the definition calls plain strings although they hold dates."""


def template(path: str) -> str:
    """`/finance/agreements/{parentId}/additions/` becomes `/finance/agreements/{id}/additions`."""
    return re.sub(r"\{[^}]*\}", "{id}", path).rstrip("/")


def reference_name(node: Json) -> str:
    return str(node["$ref"]).rsplit("/", 1)[-1]


def answered_schema(operation: Json) -> str | None:
    """The schema of a record that an operation answers with, of one element where it answers with a list."""
    for status, response in operation.get("responses", {}).items():
        for content in response.get("content", {}).values() if status.startswith("2") else ():
            node = content.get("schema", {})
            node = node.get("items", node)
            if "$ref" in node:
                return reference_name(node)
    return None


def trimmed_field(schema: str, name: str, node: Json) -> Json:
    if "$ref" in node:
        of = reference_name(node)
        return {"kind": "reference" if of.endswith("Reference") else "record", "of": of}
    if node.get("type") == "array":
        item = trimmed_field(schema, name, node["items"])
        return {"kind": "list", "items": item["kind"], **({"of": item["of"]} if "of" in item else {})}
    field: Json = {"kind": node.get("type", "any")}
    if node.get("format") == "date-time" or (schema, name) in DATES_WITHOUT_FORMAT:
        field["kind"] = "date"
    if field["kind"] == "object":
        field["kind"] = "map" if "additionalProperties" in node else "any"
    if "maxLength" in node:
        field["maximum"] = node["maxLength"]
    if "enum" in node:
        field["choices"] = node["enum"]
    if "Required On Updates" in node.get("description", ""):
        field["update"] = True
    return field


def trimmed_schema(name: str, node: Json) -> Json:
    fields = {key: trimmed_field(name, key, value) for key, value in node.get("properties", {}).items()}
    for key in node.get("required", ()):
        fields[key]["required"] = True
    return fields


def reached(schemas: dict[str, Json], roots: set[str]) -> set[str]:
    """The roots and everything their fields refer to."""
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in seen or name not in schemas:
            continue
        seen.add(name)
        waiting += [str(field["of"]) for field in schemas[name].values() if "of" in field]
    return seen


def trim(definition: Json, roots: set[str]) -> Json:
    paths: dict[str, dict[str, str | None]] = {}
    for path, node in definition["paths"].items():
        verbs = paths.setdefault(template(path), {})
        for verb in VERBS:
            if verb in node:
                verbs.setdefault(verb.upper(), answered_schema(node[verb]))
    schemas = {name: trimmed_schema(name, node) for name, node in definition["components"]["schemas"].items()}
    kept = reached(schemas, roots)
    return {
        "version": definition["info"]["version"],
        "paths": dict(sorted(paths.items())),
        "schemas": {name: schemas[name] for name in sorted(kept)},
    }


def main() -> None:
    from truecount.simulator.resources import simulated_schemas

    definition = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    contract = trim(definition, simulated_schemas())
    TARGET.write_text(json.dumps(contract, indent=1, sort_keys=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
