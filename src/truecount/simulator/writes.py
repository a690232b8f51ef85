"""Creating, replacing, patching and deleting records of the simulated PSA; reading is queries.py."""

from typing import Any

from truecount.simulator import refusals
from truecount.simulator.billing import invoiced_until
from truecount.simulator.books import HOMES, Books, Row
from truecount.simulator.checks import (
    Problem,
    Wrong,
    missing,
    read_values,
    required_problems,
    store,
    writable,
)
from truecount.simulator.contract import Kind, schema
from truecount.simulator.names import find
from truecount.simulator.resources import REFERENCES, Resource
from truecount.simulator.rules import FILLS, RULES, SETTLES, note_quantity_change
from truecount.simulator.wire import Refusal

CASCADE = (
    "typeAssociations",
    "sites",
    "components",
    "inventory",
    "adjustments",
    "agreementSites",
    "agreementConfigurations",
)
"""Tables whose rows go with their parent."""


def refuse(books: Books, resource: Resource, problems: list[Problem]) -> None:
    if problems:
        raise Refusal(refusals.invalid_object(books.switches, resource.name, problems))


def create(books: Books, resource: Resource, parent: int | None, body: Any) -> Row:
    """Raises Refusal."""
    row, problems = read_values(books, resource, _object(books, resource, body))
    given = set(row)
    if resource.parent_field is not None and parent is not None:
        row[resource.parent_field] = parent
    if resource.table == "additions" and books.switches["C-24"] == "Billable":
        row.setdefault("billCustomer", "Billable")
    problems += required_problems(schema(resource.schema).values(), row, update=False)
    if not problems:
        problems = _rule_problems(books, resource, row, None, given)
    refuse(books, resource, problems)
    return insert(books, resource.table, row)


def insert(books: Books, table: str, row: Row) -> Row:
    """Adds a row with the system's defaults, and what belongs to it."""
    if table in FILLS:
        FILLS[table](books, row)
    types = row.pop("_types", None) or ()
    books.add(table, row)
    for kind in types:
        books.add("typeAssociations", {"company": row["id"], "type": kind})
    return row


def _object(books: Books, resource: Resource, body: Any) -> dict[str, Any]:
    if isinstance(body, dict):
        return body
    raise Refusal(refusals.bad_request(books.switches, f"{resource.name} object is invalid"))


def _rule_problems(books: Books, resource: Resource, row: Row, before: Row | None, given: set[str]) -> list[Problem]:
    rule = RULES.get(resource.table)
    return rule(books, row, before, given) if rule is not None else []


def replace(books: Books, resource: Resource, before: Row, body: Any) -> None:
    """PUT: what is absent becomes null or the system's default; raises Refusal."""
    changes, problems = read_values(books, resource, _object(books, resource, body))
    kept = {
        name: value
        for name, value in before.items()
        if name == "id" or name.startswith("_") or not writable(resource, name) or name == resource.parent_field
    }
    row = {**kept, **changes}
    problems += required_problems(schema(resource.schema).values(), row, update=True)
    if not problems:
        problems = _rule_problems(books, resource, row, before, set(changes))
    refuse(books, resource, problems)
    row.pop("_types", None)
    if resource.table in FILLS:
        FILLS[resource.table](books, row)
    _commit(books, resource, before, row, set(changes))


def patch(books: Books, resource: Resource, before: Row, body: Any) -> None:
    """PATCH: bare and slashed paths, whole references; raises Refusal."""
    if not isinstance(body, list) or not all(isinstance(operation, dict) for operation in body):
        message = "An array of operations is expected."
        raise Refusal(refusals.bad_request(books.switches, message))
    changes: Row = {}
    problems: list[Problem] = []
    for operation in body:
        try:
            _read_operation(books, resource, operation, changes)
        except Wrong as wrong:
            problems.append(wrong.problem)
    row = {**before, **changes}
    fields = schema(resource.schema)
    problems += [
        missing(fields[name])
        for name, value in changes.items()
        if name in fields and fields[name].required and value in (None, "")
    ]
    if not problems:
        problems = _rule_problems(books, resource, row, before, set(changes))
    refuse(books, resource, problems)
    row.pop("_types", None)
    _commit(books, resource, before, row, set(changes))


def _read_operation(books: Books, resource: Resource, operation: dict[str, Any], changes: Row) -> None:
    """Puts what one operation asks for into `changes`; raises Wrong."""
    op = str(operation.get("op", "")).lower()
    path = str(operation.get("path", "")).removeprefix("/")
    if op not in ("add", "replace", "remove"):
        raise Wrong(Problem(code="InvalidOperation", message=f"op '{op}' is not supported.", field=path))
    name, _, inner = path.partition("/")
    field = schema(resource.schema).get(name)
    if field is None or find({name: field}, name) is None:
        if books.switches["C-19"] == "ignored":
            return
        raise Wrong(Problem(code="InvalidField", message=f"{path} is not a recognized name.", field=path))
    if inner:
        if books.switches["C-18"] == "400":
            message = f"{path} cannot be changed; replace {name} as a whole."
            raise Wrong(Problem(code="InvalidField", message=message, field=path))
        return
    if not writable(resource, name):
        if books.switches["C-20"] == "400":
            raise Wrong(Problem(code="ReadOnlyField", message=f"{name} is read-only.", field=name))
        return
    store(books, resource, changes, field, None if op == "remove" else operation.get("value"))


def _commit(books: Books, resource: Resource, before: Row, row: Row, given: set[str]) -> None:
    """Makes the checked row the stored one."""
    if resource.table == "additions" and before.get("quantity") != row.get("quantity"):
        note_quantity_change(books, row, before)
    parent_field = HOMES[resource.table].parent_field
    if parent_field is not None:
        books[resource.table].adopt(before, row[parent_field])
    before.clear()
    before.update(row)
    if resource.table in SETTLES:
        SETTLES[resource.table](books, before, given)
    books.touch(resource.table, before)


def delete(books: Books, resource: Resource, row: Row) -> None:
    """Raises Refusal."""
    held = books.switches["C-42" if resource.table == "additions" else "C-43"]
    if held == "409" and (reason := _reason_to_keep(books, resource, row)) is not None:
        raise Refusal(refusals.conflict(books.switches, reason))
    for name in CASCADE:
        if HOMES[name].parent == resource.table:
            for child in list(books[name].of(row["id"])):
                books.remove(name, child["id"])
    books.remove(resource.table, row["id"])


def _reason_to_keep(books: Books, resource: Resource, row: Row) -> str | None:
    if resource.table == "additions":
        agreement = books["agreements"].rows.get(row["agreementId"], {})
        until = invoiced_until(books, agreement)
        invoiced = until is not None and str(row.get("effectiveDate") or "")[:10] < until
        return f"Addition {row['id']} has been invoiced." if invoiced else None
    user = referring(books, resource.table, row["id"])
    return None if user is None else f"{resource.thing} {row['id']} is in use by {user}."


def referring(books: Books, table: str, id: int) -> str | None:
    """The first collection with a record that refers to this one."""
    for home in HOMES.values():
        if home.table in CASCADE and home.parent == table:
            continue
        if home.parent == table and books[home.table].children.get(id):
            return home.thing
        names = [
            field.name
            for field in schema(home.schema).values()
            if field.kind is Kind.REFERENCE and REFERENCES.get(str(field.of)) == table
        ]
        if names and any(row.get(name) == id for row in books[home.table].rows.values() for name in names):
            return home.thing
    return None
