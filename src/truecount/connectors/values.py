"""JSON text ↔ values without losing a digit, and careful reading of single fields; nothing about any system."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import NoReturn, TypeVar

from truecount.core.errors import ErrorCode, Unexpected

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | Decimal | bool | None
Row = Mapping[str, Json]
T = TypeVar("T")

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
MOST_DIGITS = 30
"""Nobody counts or pays with more; an exponent beyond it would only fill memory when printed."""


class Puzzling(ValueError):
    """A field that does not hold what it should; `understood` adds where it was found."""

    def __init__(self, field: str, value: object) -> None:
        super().__init__(field)
        self.field = field
        self.value = value


# --- text -----------------------------------------------------------------------------------------


def parse(text: bytes | str) -> Json:
    """Numbers with a point or exponent arrive as Decimal, digit by digit; NaN and Infinity are refused."""
    try:
        value: Json = json.loads(text, parse_float=Decimal, parse_constant=_not_a_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def write(value: Json) -> str:
    """JSON text in which Decimals are plain numbers: 10, never 1E+1 or 10.0."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{write(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(write, value)) + "]"
    return json.dumps(value)


def plain(value: Decimal) -> str:
    """No exponent, no zeros at the end, no sign on zero; exact whatever the context's precision."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a quantity")
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


# --- fields ---------------------------------------------------------------------------------------


def text(row: Row, field: str, default: str = "") -> str:
    """A text or a whole number as text; `default` where it is absent or null."""
    value = row.get(field)
    if value is None:
        return default
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Puzzling(field, value)


def needed_text(row: Row, field: str) -> str:
    return text(row, field) or _missing(row, field)


def number(row: Row, field: str) -> Decimal | None:
    """A finite number, also as text of digits; None where it is absent or null, which is not 0."""
    value = row.get(field)
    if value is None:
        return None
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not _is_sensible(value):
        raise Puzzling(field, row[field])
    return value


def _is_sensible(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DIGITS and value.adjusted() < MOST_DIGITS


def whole(row: Row, field: str) -> int | None:
    value = number(row, field)
    if value is not None and value != value.to_integral_value():
        raise Puzzling(field, row[field])
    return None if value is None else int(value)


def needed_whole(row: Row, field: str) -> int:
    value = whole(row, field)
    return _missing(row, field) if value is None else value


def flag(row: Row, field: str) -> bool:
    value = row.get(field)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise Puzzling(field, value)


def day(row: Row, field: str) -> date | None:
    """The date of a date or date-time; None where it is absent, null or empty."""
    value = text(row, field)
    if not value:
        return None
    with suppress(ValueError):
        return date.fromisoformat(value[:10])
    raise Puzzling(field, value)


def inner(row: Row, field: str) -> Row:
    """The object in a field, empty where it is absent or null."""
    value = row.get(field)
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise Puzzling(field, value)


def rows(row: Row, field: str) -> Sequence[Row]:
    """The objects in a field that holds a list; empty where it is absent or null."""
    value = row.get(field)
    return [] if value is None else objects(value, field)


def objects(value: Json, field: str) -> Sequence[Row]:
    """A list of objects, or Puzzling."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Puzzling(field, value)
    found = [one for one in value if isinstance(one, Mapping)]
    if len(found) != len(value):
        raise Puzzling(field, value)
    return found


def _missing(row: Row, field: str) -> NoReturn:
    raise Puzzling(field, row.get(field))


def understood(found: Iterable[Row], make: Callable[[Row], T], *, name: str, system: str, route: str) -> list[T]:
    """Every row made into a value; the first that can't be is named by its field and its `name`."""
    made = []
    for position, row in enumerate(found, start=1):
        try:
            made.append(make(row))
        except Puzzling as puzzle:
            raise Unexpected(
                ErrorCode.NOT_UNDERSTOOD,
                system=system,
                route=route,
                what=puzzle.field,
                line=_named(row, name) or str(position),
                excerpt=_short(puzzle.value),
            ) from puzzle
    return made


def _named(row: Row, name: str) -> str:
    value = row.get(name)
    return str(value)[:100] if isinstance(value, str | int) else ""


def _short(value: object) -> str:
    return "nothing" if value is None else str(value)[:100]
