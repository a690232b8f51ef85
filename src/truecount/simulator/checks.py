"""Turns request bodies into row values as the contract demands, and collects what is wrong; no rules of business."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from truecount.simulator.billing import field_definitions
from truecount.simulator.books import HOMES, Books, Row
from truecount.simulator.clock import moment_text
from truecount.simulator.contract import Field, Kind, schema
from truecount.simulator.models import older
from truecount.simulator.resources import REFERENCES, Resource

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?P<parts>\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?")
_BREAKS = re.compile(r"\r\n|\r|\n")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One entry of `errors` in a refusal."""

    code: str
    message: str
    field: str

    def listed(self, resource: str) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "resource": resource, "field": self.field}


class Wrong(Exception):
    """A value that is refused."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _wrong(code: str, message: str, field: str) -> Wrong:
    return Wrong(Problem(code=code, message=message, field=field))


def missing(field: Field) -> Problem:
    place = f"{field.name}/id" if field.kind is Kind.REFERENCE else field.name
    return Problem(code="MissingRequiredField", message=f"{field.name} is required.", field=place)


def read_values(books: Books, resource: Resource, body: Mapping[str, Any]) -> tuple[Row, list[Problem]]:
    """The writable values of a body; unknown names, computed fields and `_info` are passed over."""
    row: Row = {}
    problems: list[Problem] = []
    fields = schema(resource.schema)
    for name, value in body.items():
        field = fields.get(name)
        if field is None or not writable(resource, name):
            continue
        try:
            store(books, resource, row, field, value)
        except Wrong as wrong:
            problems.append(wrong.problem)
    return row, problems


def writable(resource: Resource, name: str) -> bool:
    return name not in ("id", "_info") and name not in resource.read_only


def store(books: Books, resource: Resource, row: Row, field: Field, value: Any) -> None:
    """Puts one value into a row in the row's form; raises Wrong."""
    field = older(field, resource.schema, books.model)
    if field.name == "customFields":
        row["_custom"] = custom_values(books, resource.table, value)
    elif field.name == "types" and resource.table == "companies":
        if not isinstance(value, list | None):
            raise _wrong("InvalidField", "The field types must be an array.", "types")
        row["_types"] = [reference_id(books, field, item) for item in value or ()]
    else:
        row[field.name] = None if value is None else in_form(books, field, value)


def custom_values(books: Books, table: str, value: Any) -> dict[int, Any]:
    """The whole array is replaced; entries are found by id or caption."""
    known = {field["id"]: field["caption"] for field in field_definitions(books, table)}
    values: dict[int, Any] = {}
    for entry in value if isinstance(value, list) else ():
        for id, caption in known.items():
            if isinstance(entry, Mapping) and (entry.get("id") == id or entry.get("caption") == caption):
                values[id] = entry.get("value")
    return values


def in_form(books: Books, field: Field, value: Any) -> Any:
    match field.kind:
        case Kind.STRING:
            return text_value(books, field, value)
        case Kind.NUMBER | Kind.INTEGER:
            return number_value(field, value)
        case Kind.BOOLEAN:
            return boolean_value(field, value)
        case Kind.DATE:
            return date_value(books, field, value)
        case Kind.REFERENCE:
            return reference_id(books, field, value)
        case Kind.LIST if not isinstance(value, list):
            raise _wrong("InvalidField", f"The field {field.name} must be an array.", field.name)
    return value


def clean(text: str) -> str:
    """Line breaks become one space, tabs stay."""
    return _CONTROLS.sub("", _BREAKS.sub(" ", text))


def text_value(books: Books, field: Field, value: Any) -> str:
    if isinstance(value, bool | dict | list):
        raise _wrong("InvalidField", f"The field {field.name} must be a string.", field.name)
    text = clean(str(value))
    if field.choices:
        choice = next((choice for choice in field.choices if choice.lower() == text.lower()), None)
        if choice is None:
            message = f"The field {field.name} must be one of {', '.join(field.choices)}."
            raise _wrong("InvalidField", message, field.name)
        return choice
    if field.maximum is None or len(text) <= field.maximum:
        return text
    if books.switches["C-28"] == "truncated":
        return text[: field.maximum]
    message = f"The field {field.name} must be a string with a maximum length of {field.maximum}."
    raise _wrong("MaxLengthField", message, field.name)


def number_value(field: Field, value: Any) -> float | int:
    """Numbers may come as texts."""
    try:
        if isinstance(value, bool | dict | list):
            raise ValueError(value)
        number = float(value)
        if field.kind is Kind.NUMBER and abs(number) != float("inf") and number == number:
            return number
        if number.is_integer():
            return int(number)
    except (ValueError, OverflowError):
        pass
    raise _wrong("InvalidField", f"The field {field.name} must be a number.", field.name)


def boolean_value(field: Field, value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise _wrong("InvalidField", f"The field {field.name} must be true or false.", field.name)
    return text == "true"


def date_value(books: Books, field: Field, value: Any) -> str:
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None or (match["parts"] and books.switches["C-21"] == "400"):
        message = f"The field {field.name} must be a date of the form yyyy-MM-ddTHH:mm:ssZ."
        raise _wrong("InvalidField", message, field.name)
    try:
        moment = datetime.fromisoformat(match.group())
    except ValueError as error:
        raise _wrong("InvalidField", f"The field {field.name} is not a valid date.", field.name) from error
    return moment_text(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))


def reference_id(books: Books, field: Field, value: Any) -> Any:
    """The id that an object with id, identifier or name means; None for an empty one."""
    table = REFERENCES.get(str(field.of))
    given = {"id": value} if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(given, Mapping):
        raise _wrong("InvalidField", f"The field {field.name} must be a reference.", field.name)
    if table is None:
        return {key: item for key, item in given.items() if key != "_info"} or None
    for key in ("id", "identifier", "name"):
        if given.get(key) is not None:
            return _found(books, field, table, key, given[key])
    return None


def _found(books: Books, field: Field, table: str, key: str, wanted: Any) -> int:
    rows = books[table].rows
    if key == "id":
        text = str(wanted)
        if text.isdigit() and int(text) in rows:
            return int(text)
    else:
        text = str(wanted).casefold()
        for row in rows.values():
            held = books.title(table, row) if key == "name" else row.get(key)
            if held is not None and str(held).casefold() == text:
                return int(row["id"])
    thing = HOMES[table].thing
    raise _wrong("NotFound", f"{thing} {wanted} not found", f"{field.name}/{key}")


def required_problems(fields: Iterable[Field], row: Row, *, update: bool) -> list[Problem]:
    """Required fields that hold nothing; those required on updates too where the whole record is replaced."""
    return [
        missing(field)
        for field in fields
        if (field.required or (update and field.required_on_update)) and row.get(field.name) in (None, "")
    ]
