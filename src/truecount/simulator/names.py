"""What the names in conditions, orderBy and fields stand for in a table, and the queries made of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from truecount.simulator.billing import custom_fields
from truecount.simulator.books import Books, Row
from truecount.simulator.conditions import (
    BadCondition,
    Habits,
    Name,
    Node,
    Op,
    Predicate,
    Term,
    compiled,
    parse,
    paths,
)
from truecount.simulator.contract import Field, Kind, schema
from truecount.simulator.defaults import DEFAULTS
from truecount.simulator.resources import REFERENCES
from truecount.simulator.switches import Switches

Tree = dict[str, "Tree"]
"""The names of `fields`, nested; an empty one asks for all."""


def unknown(path: str) -> BadCondition:
    return BadCondition(f"{path} is not a recognized name.")


def find(fields: Mapping[str, Field], name: str) -> Field | None:
    """By exact name, else without regard to case."""
    field = fields.get(name)
    if field is None:
        field = next((field for key, field in fields.items() if key.lower() == name.lower()), None)
    return field


def habits(switches: Switches, today: str) -> Habits:
    return Habits(
        dates=switches["C-15"],
        ignore_case=switches["C-16"] == "case-insensitive",
        backslash=switches["C-17"] == "accepted",
        and_first=switches["C-49"] == "and before or",
        today=today,
    )


def name_of(books: Books, table: str, schema_name: str, path: str) -> Name:
    """What a path means for rows of a table; raises BadCondition."""
    first, *rest = path.split("/")
    if first.lower() in ("lastupdated", "_info"):
        return _info_name(first, rest, path)
    field = find(schema(schema_name), first)
    if field is None or field.kind is Kind.LIST:
        raise unknown(path)
    read = reader(books, table, field.name)
    if field.kind is Kind.REFERENCE:
        return _reference_name(books, field, rest, read, path)
    if rest:
        raise unknown(path)
    return Name(kind=field.kind, choices=field.choices, read=read)


def _info_name(first: str, rest: list[str], path: str) -> Name:
    keys = {"lastupdated": ("_updated", Kind.DATE), "updatedby": ("_by", Kind.STRING)}
    wanted = rest[0].lower() if rest else first.lower()
    if wanted not in keys or len(rest) > 1:
        raise unknown(path)
    key, kind = keys[wanted]
    return Name(kind=kind, read=lambda row: row.get(key))


def reader(books: Books, table: str, name: str) -> Callable[[Row], Any]:
    """Reads one field; the short way where nothing is computed."""
    computed = books.computed.get(table, {}).get(name)
    if computed is not None:
        return lambda row: computed(books, row)
    default = DEFAULTS.get(table, {}).get(name)
    if default is None:
        return lambda row: row.get(name)
    return lambda row: default if (value := row.get(name)) is None else value


def _reference_name(books: Books, field: Field, rest: list[str], read: Callable[[Row], Any], path: str) -> Name:
    of = str(field.of)
    if not rest:
        return Name(kind=Kind.INTEGER, read=lambda row: _id_of(read(row)))
    inner = find(schema(of), rest[0])
    if inner is None or len(rest) > 1:
        raise unknown(path)
    if inner.name == "id":
        return Name(kind=Kind.INTEGER, read=lambda row: _id_of(read(row)))
    table = REFERENCES.get(of)

    def read_inner(row: Row) -> Any:
        value = read(row)
        if isinstance(value, dict):
            return value.get(inner.name)
        target = books.target(table, value) if table is not None and value is not None else None
        return None if target is None or table is None else books.label(table, target, of, inner.name)

    return Name(kind=inner.kind, choices=inner.choices, read=read_inner)


def _id_of(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value


def row_filter(books: Books, table: str, schema_name: str, text: str) -> Predicate:
    """`conditions`; raises BadCondition."""
    held = habits(books.switches, books.today)
    return compiled(parse(text, held), lambda path: name_of(books, table, schema_name, path), held)


def child_filter(books: Books, table: str, schema_name: str, text: str) -> Predicate:
    """`childConditions`: one element of an array fulfils the whole condition; raises BadCondition."""
    held = habits(books.switches, books.today)
    node = parse(text, held)
    _refuse_in(node)
    arrays = {path.split("/")[0] for path in paths(node)}
    field = find(schema(schema_name), next(iter(arrays)))
    if len(arrays) > 1 or field is None or field.kind is not Kind.LIST or field.items is Kind.STRING:
        raise unknown(paths(node)[0])
    read = reader(books, table, field.name)
    test = compiled(node, lambda path: _child_name(books, field, path), held)
    return lambda row: any(test(child) for child in read(row) or ())


def _child_name(books: Books, field: Field, path: str) -> Name:
    rest = path.split("/")[1:]
    inner = find(schema(str(field.of)), rest[0]) if len(rest) == 1 else None
    if inner is None:
        raise unknown(path)
    if field.items is not Kind.REFERENCE:
        return Name(kind=inner.kind, choices=inner.choices, read=lambda child: child.get(inner.name))
    return _reference_name(books, field, rest, lambda child: child, path)


def custom_filter(books: Books, table: str, text: str) -> Predicate:
    """`customFieldConditions`; raises BadCondition."""
    held = habits(books.switches, books.today)
    node = parse(text, held)
    _refuse_in(node)
    fields = schema("CustomFieldValue")

    def lookup(path: str) -> Name:
        field = find(fields, path)
        if field is None:
            raise unknown(path)
        kind = Kind.STRING if field.kind is Kind.ANY else field.kind
        return Name(kind=kind, choices=field.choices, read=lambda child: child.get(field.name))

    test = compiled(node, lookup, held)
    return lambda row: any(test(child) for child in custom_fields(books, table, row) or ())


def _refuse_in(node: Node) -> None:
    if isinstance(node, Term):
        if node.op is Op.IN:
            raise BadCondition("in is not supported here.")
        return
    for part in node.parts:
        _refuse_in(part)


def ordered(books: Books, table: str, schema_name: str, rows: Iterable[Row], text: str) -> list[Row]:
    """`orderBy=field asc|desc,field2`; nulls are lowest; raises BadCondition."""
    found = list(rows)
    for part in reversed([part.strip() for part in text.split(",") if part.strip()]):
        path, _, direction = part.partition(" ")
        if direction.strip().lower() not in ("", "asc", "desc"):
            raise BadCondition(f"orderBy '{part}' is invalid.")
        read = name_of(books, table, schema_name, path).read
        found.sort(key=lambda row: _sortable(read(row)), reverse=direction.strip().lower() == "desc")
    return found


def _sortable(value: Any) -> tuple[bool, Any]:
    if value is None:
        return (False, 0)
    return (True, value.casefold() if isinstance(value, str) else value)


def field_tree(schema_name: str, text: str, *, strict: bool) -> Tree:
    """The names of `fields`; unknown ones raise BadCondition or are left out (C-13)."""
    tree: Tree = {}
    for path in (part.strip().strip("/") for part in text.split(",") if part.strip()):
        names = _known_path(schema_name, path.split("/"))
        if names is None:
            if strict:
                raise unknown(path)
            continue
        at = tree
        for name in names:
            at = at.setdefault(name, {})
    return tree


def _known_path(schema_name: str, names: list[str]) -> list[str] | None:
    """The path with the names' own spelling; None where the schema does not know it."""
    field = find(schema(schema_name), names[0])
    if field is None:
        return None
    if len(names) == 1 or field.name == "_info":
        return [field.name, *names[1:]]
    if field.of is None:
        return None
    rest = _known_path(field.of, names[1:])
    return None if rest is None else [field.name, *rest]


def partial(books: Books, table: str, schema_name: str, row: Row, tree: Tree) -> dict[str, Any]:
    """A record with the asked fields only."""
    record: dict[str, Any] = {}
    fields = schema(schema_name)
    for name, inner in tree.items():
        shown: Any = books.info(table, row) if name == "_info" else None
        if name != "_info":
            shown = books.shown(fields[name], books.value(table, row, name))
        if shown is not None:
            record[name] = _pruned(shown, inner)
    return record


def _pruned(shown: Any, tree: Tree) -> Any:
    if not tree:
        return shown
    if isinstance(shown, list):
        return [_pruned(item, tree) for item in shown]
    if not isinstance(shown, dict):
        return shown
    return {name: _pruned(shown[name], inner) for name, inner in tree.items() if name in shown}
