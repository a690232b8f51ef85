"""Which permissions a ConnectWise member needs here, and which of those it has are missing or too many.

Facts: ConnectWise §9 (the matrix) and `/system/mySecurity` of the API definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from truecount.connectors.values import Row, text
from truecount.core.ports import Right

COMPANIES = ("Companies", "Company Maintenance")
AGREEMENTS = ("Finance", "Agreements")
INVOICING = ("Finance", "Invoicing")
CATALOG = ("Procurement", "Product Catalog")
TABLES = ("System", "Table Setup")

Function = tuple[str, str]
NEEDED: Mapping[Function, tuple[str, ...]] = {
    COMPANIES: ("Inquire",),
    AGREEMENTS: ("Inquire", "Add", "Edit"),
    CATALOG: ("Inquire", "Add", "Edit"),
}
NOT_NEEDED: Mapping[Function, tuple[str, ...]] = {
    COMPANIES: ("Add", "Edit", "Delete"),
    AGREEMENTS: ("Delete",),
    CATALOG: ("Delete",),
    INVOICING: ("Add", "Edit", "Delete"),
}
RECOMMENDED = Right(module=TABLES[0], function=TABLES[1], verb="Inquire")
"""Set-up tables are often readable without it (facts: ConnectWise §9)."""
ADMINISTRATOR = Right(module="System", function="Security Roles", verb="Administrator")

LEVELS = {"Inquire": "inquireLevel", "Add": "addLevel", "Edit": "editLevel", "Delete": "deleteLevel"}


class Rights(NamedTuple):
    missing: tuple[Right, ...]
    excess: tuple[Right, ...]
    recommended: bool
    """Whether the set-up tables may be read."""


def judge(rows: Iterable[Row]) -> Rights:
    """Needed rights count at level All only: with less, records of others stay unseen and look gone."""
    levels = _levels(rows)
    missing = [right for right in _expand(NEEDED) if _level(levels, right) != "all"]
    excess = [right for right in _expand(NOT_NEEDED) if _level(levels, right) not in ("", "none")]
    return Rights(tuple(missing), tuple(excess), _level(levels, RECOMMENDED) not in ("", "none"))


def _expand(table: Mapping[Function, tuple[str, ...]]) -> Iterable[Right]:
    for (module, function), verbs in table.items():
        for verb in verbs:
            yield Right(module=module, function=function, verb=verb)


def _level(levels: Mapping[tuple[str, str], Row], right: Right) -> str:
    function = _plain(right.function)
    row = levels.get((_plain(right.module), function)) or levels.get(("", function)) or {}
    return text(row, LEVELS[right.verb]).lower()


def _levels(rows: Iterable[Row]) -> Mapping[tuple[str, str], Row]:
    """By module and function under each of the names that a row gives them, and by the function alone."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        for module in {*_names(row, "module"), ""}:
            for function in _names(row, "moduleFunction"):
                found.setdefault((module, function), row)
    return found


def _names(row: Row, start: str) -> set[str]:
    told = (text(row, f"{start}{end}") for end in ("Name", "Description", "Identifier"))
    return {_plain(name) for name in told if name}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
