"""How a sentence is written down and filled in: the rows of the tables, their placeholders, French typography.

A placeholder is a field's name: `{customer}` shows `customer_name` where the caller resolved it, else the id, and `?`
where there is neither. After a colon comes how it is shown:

    {after:n}               a number, plain, with a decimal comma in French
    {lines:line|lines}      a number and what it counts
    {before:money}          an amount with the field `currency`
    {since:t}               a moment, in the active time zone
    {needed:w}              one of our own codes, as a word (`sentences_words.py`)
    {products_page}         a name of `SCREENS`
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from string import Formatter
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from truecount.core.plan import plain
from truecount.runs.sentences_words import SCREENS, WORDS

FIXED, NARROW = "\u00a0", "\u202f"
UNKNOWN = "?"
LONGEST = 300
"""Of a field in a sentence; what remote systems say may be longer."""

_EMPTY = frozenset({"", UNKNOWN, "–", "None", "{}", "[]", "()"})
"""Also as texts, because a run keeps the fields of its error as text."""
_ALSO = {"name": "setting", "right": "missing", "reason": "why", "choices": "integrations", "field": "name"}
"""The other name that a field may come under."""


class Text(NamedTuple):
    """What a person is told: a title, what happened and where, and what to do."""

    title: str
    sentence: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The texts of one code. `when` is a field, or `field=value|value`; there the row replaces the plain one."""

    code: str
    when: str = ""
    title: str
    title_fr: str
    sentence: str
    sentence_fr: str
    advice: str
    advice_fr: str

    def fits(self, fields: Mapping[str, object]) -> bool:
        name, _, values = self.when.partition("=")
        if not name:
            return True
        told = told_of(fields, name)
        return str(told) in values.split("|") if values else told is not None

    def texts(self, french: bool) -> Text:
        """As they stand in the table."""
        if french:
            return Text(self.title_fr, self.sentence_fr, self.advice_fr)
        return Text(self.title, self.sentence, self.advice)

    def filled(self, fields: Mapping[str, object], french: bool, unknown: str = UNKNOWN) -> Text:
        return Text(*(fill(template, fields, french, unknown) for template in self.texts(french)))


Table = Mapping[str, Sequence[Row]]


def table(*rows: Row) -> Table:
    """By code; the plain row first, and of those with a condition the last one that fits is taken."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.code, []).append(row)
    return found


def choose(rows: Sequence[Row], fields: Mapping[str, object]) -> Row:
    return next((row for row in reversed(rows) if row.fits(fields)), rows[0])


def fill(template: str, fields: Mapping[str, object], french: bool, unknown: str = UNKNOWN) -> str:
    text = _Filler(fields, french, unknown).fill(typeset(template) if french else template)
    return re.sub(rf"\.({FIXED}»|”)?\.$", r"\1.", text)  # what was filled in may end in a full stop of its own


def placeholders(template: str) -> set[tuple[str, str]]:
    """(name, how it is shown)"""
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name}


def typeset(text: str) -> str:
    """French: no-break spaces before ; ! ? (narrow) and : % » and after «."""
    text = re.sub(r" ([;!?])", rf"{NARROW}\1", text)
    return re.sub(r" ([:%»])", rf"{FIXED}\1", text).replace("« ", f"«{FIXED}")


def told_of(fields: Mapping[str, object], name: str) -> object:
    """What a thing is called, else its id; None where nothing was told."""
    told = (fields.get(one) for one in (f"{name}_name", name, _ALSO.get(name, "")))
    return next((value for value in told if not is_empty(value)), None)


def is_empty(value: object) -> bool:
    return value is None or value is False or str(value).strip() in _EMPTY or value in ([], (), set(), frozenset())


class _Filler(Formatter):
    def __init__(self, fields: Mapping[str, object], french: bool, unknown: str) -> None:
        self._fields = fields
        self._french = french
        self._unknown = unknown

    def fill(self, template: str) -> str:
        return self.vformat(template, (), {name: self._told(name) for name, _ in placeholders(template)})

    def _told(self, name: str) -> object:
        if name in SCREENS:
            screen = SCREENS[name].said(self._french)
            return typeset(screen) if self._french else screen
        return told_of(self._fields, name)

    def format_field(self, value: object, format_spec: str) -> str:
        one, several, many = format_spec.partition("|")
        if several:
            return self._counted(value, one, many)
        if value is None:
            return self._unknown
        match format_spec:
            case "n":
                return self._number(value)
            case "money":
                return self._money(value)
            case "t":
                return _moment(value)
            case "w":
                word = WORDS.get(str(value))
                return word.said(self._french) if word else _shown(value)
            case _:
                return _shown(value)

    def _number(self, value: object) -> str:
        number = _decimal(value)
        text = _shown(value) if number is None else plain(number)
        return text.replace(".", ",") if self._french and number is not None else text

    def _counted(self, value: object, one: str, many: str) -> str:
        number = None if value is None else _decimal(value)
        single = number is not None and (abs(number) < 2 if self._french else number == 1)
        shown = self._unknown if value is None else self._number(value)
        return f"{shown}{FIXED if self._french else ' '}{one if single else many}"

    def _money(self, value: object) -> str:
        amount, currency = _decimal(value), self._fields.get("currency")
        text = _shown(value) if amount is None else f"{amount:.2f}"
        text = text.replace(".", ",") if self._french else text
        return text if is_empty(currency) else f"{text}{FIXED}{currency}"


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(value: object) -> str:
    """To the minute. Without settings, before anything is configured, in the zone that it came in."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return _shown(value)
    with suppress(ImproperlyConfigured, ValueError):
        moment = timezone.localtime(moment)
    return f"{moment:%Y-%m-%d %H:%M %Z}".strip()


def _shown(value: object) -> str:
    """On one line; several things separated by commas, named ones as `name: text`."""
    value = _as_mapping(value)
    if isinstance(value, Mapping):
        text = "; ".join(f"{name}: {told}" for name, told in value.items())
    elif isinstance(value, list | set | frozenset) or type(value) is tuple:
        text = ", ".join(str(one) for one in value)
    else:
        text = str(value)
    text = re.sub(r"[ \t\r\n\f\v]+", " ", text).strip()  # no-break spaces stay
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _as_mapping(value: object) -> object:
    """A mapping that was kept as text, back to a mapping."""
    if not (isinstance(value, str) and value.startswith("{") and value.endswith("}")):
        return value
    try:
        read = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
    return read if isinstance(read, dict) else value
