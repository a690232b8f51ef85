"""A configuration file → a document, with the line of every thing; all that the file alone can be checked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from truecount.connectors.kinds import KINDS, Kind
from truecount.core import model
from truecount.core.errors import Misused
from truecount.runs.decisions import DECIMALS, PERCENT_DECIMALS, RULE_DECIMALS, rule_fault, split_fault
from truecount.runs.transfer_document import FORMAT, SECTIONS, Connection, Customer, Document, Product
from truecount.runs.transfer_nodes import (
    Keys,
    choice_of,
    id_of,
    keys_of,
    line_of,
    list_of,
    number_of,
    root_of,
    scalar_of,
    switch_of,
    text_of,
    word_of,
)
from truecount.runs.transfer_reasons import Why, bad
from truecount.store.settings import SETTINGS, check_setting

Lines = dict[tuple[object, ...], int]
"""(what, its ids) → line, for what is checked after reading."""

_CODE, _NAME, _GROUP, _PATTERN, _LONG = 100, 300, 50, 200, 500
"""Longest texts: what the columns hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    document: Document
    lines: Lines


def read_file(content: bytes) -> Read:
    """The whole file, or an error with the line of the first thing that is wrong."""
    root = root_of(content)
    version = keys_of(root, "truecount")["truecount"]
    if (told := scalar_of(version, "truecount")) != str(FORMAT):
        raise bad(line_of(version), "truecount", Why.FORMAT, value=told, known=FORMAT)
    top = keys_of(root, "truecount", ("truecount", *SECTIONS))
    lines: Lines = {}
    document = Document(
        connections=_connections(top, lines),
        policy=_policy(top["policy"]),
        products=_products(top, lines),
        mappings=_mappings(top, lines),
        customers=_customers(top, lines),
        overrides=_overrides(top, lines),
    )
    return Read(document=document, lines=lines)


def _entries(top: Keys, section: str, known: Sequence[str]) -> Iterator[Keys]:
    for node in list_of(top[section], section):
        yield keys_of(node, section, known)


def _once(lines: Lines, place: tuple[object, ...], node: yaml.Node, what: str, why: Why = Why.TWICE) -> None:
    """Note where a thing stands; refused where it stood before."""
    if place in lines:
        raise bad(line_of(node), what, why, first=lines[place])
    lines[place] = line_of(node)


# --- connections and policy -----------------------------------------------------------------------


def _connections(top: Keys, lines: Lines) -> dict[str, Connection]:
    found = {}
    for keys in _entries(top, "connections", ("kind", "fields", "identity")):
        kind = KINDS[word_of(keys["kind"], "kind", KINDS)]
        _once(lines, ("connection", kind.side), keys["kind"], "kind")
        identity = text_of(keys["identity"], "identity", _LONG) if "identity" in keys else ""
        found[str(kind.side)] = Connection(kind=kind.name, fields=_fields(keys["fields"], kind), identity=identity)
    return found


def _fields(node: yaml.Node, kind: Kind) -> dict[str, str]:
    """All fields but the secret, which no file has."""
    given = keys_of(node, "fields")
    if (secret := kind.secret.name) in given:
        raise bad(given.lines[secret], secret, Why.SECRET)
    keys = keys_of(node, "fields", [field.name for field in kind.plain])
    return {
        field.name: text_of(keys[field.name], field.name, _LONG)
        if field.name in keys or not field.default
        else field.default
        for field in kind.plain
    }


def _policy(node: yaml.Node) -> dict[str, str]:
    """What differs from the defaults, in the order of the table."""
    keys = keys_of(node, "policy")
    given = {name: _setting(keys, name) for name in keys.nodes}
    return {
        name: given[name]
        for name, setting in SETTINGS.items()
        if name in given and setting.read(given[name]) != setting.read(setting.default)
    }


def _setting(keys: Keys, name: str) -> str:
    if name not in SETTINGS:
        raise bad(keys.lines[name], name, Why.UNKNOWN_SETTING)
    text = text_of(keys[name], name, _LONG, may_be_empty=True)
    try:
        return check_setting(name, text)
    except (Misused, OSError):  # a folder of time zones, such as Europe, is found but can't be read
        raise bad(keys.lines[name], name, Why.SETTING, value=text, choices=SETTINGS[name].choices) from None


# --- products -------------------------------------------------------------------------------------


def _products(top: Keys, lines: Lines) -> dict[str, Product]:
    known = ("code", "name", "group", "firewall", "sync", "turned_off_by")
    found = {}
    for keys in _entries(top, "products", known):
        code = text_of(keys["code"], "code", _CODE)
        _once(lines, ("product", code), keys["code"], "code")
        lines["sync", code] = line_of(keys["sync"])
        found[code] = _product(keys, code)
    return found


def _product(keys: Keys, code: str) -> Product:
    sync, turned_off_by = switch_of(keys["sync"], "sync"), ""
    if "turned_off_by" in keys:
        turned_off_by = word_of(keys["turned_off_by"], "turned_off_by", ("person", "itself"))
        if sync:
            raise bad(keys.lines["turned_off_by"], "turned_off_by", Why.NOT_WITH, other="sync: on")
    return Product(
        code=code,
        name=_text(keys, "name", _NAME, code),
        group=_text(keys, "group", _GROUP, ""),
        firewall=_switch(keys, "firewall"),
        sync=sync,
        turned_off_by=turned_off_by,
    )


def _mappings(top: Keys, lines: Lines) -> dict[int, model.ProductMapping]:
    found = {}
    for keys in _entries(top, "mappings", ("item", "codes", "rule", "where_none")):
        item = id_of(keys["item"], "item")
        _once(lines, ("item", item), keys["item"], "item", Why.TWO_RULES)
        found[item] = model.ProductMapping(
            item=item,
            codes=_codes(keys["codes"], item, lines),
            rule=_rule(keys["rule"]) if "rule" in keys else model.Rule(),
            where_none=_where_none(keys),
        )
    return found


def _codes(node: yaml.Node, item: int, lines: Lines) -> tuple[str, ...]:
    codes = []
    for one in list_of(node, "codes"):
        code = text_of(one, "codes", _CODE)
        _once(lines, ("code", item, code), one, "codes")
        codes.append(code)
    if not codes:
        raise bad(line_of(node), "codes", Why.NO_VALUE)
    return tuple(sorted(codes))


def _where_none(keys: Keys) -> model.WhereNone:
    if "where_none" not in keys:
        return model.WhereNone.CREATE
    return choice_of(keys["where_none"], "where_none", model.WhereNone)


def _rule(node: yaml.Node) -> model.Rule:
    numbers = ("multiply", "included", "step", "minimum", "maximum")
    keys = keys_of(node, "rule", ("combine", "rounding", *numbers))
    given: dict[str, Any] = {name: number_of(keys[name], name, RULE_DECIMALS) for name in numbers if name in keys}
    if "combine" in keys:
        given["combine"] = choice_of(keys["combine"], "combine", model.Combine)
    if "rounding" in keys:
        given["rounding"] = choice_of(keys["rounding"], "rounding", model.Rounding)
    rule = model.Rule(**given)
    if (fault := rule_fault(rule)) is not None:
        raise bad(keys.lines[fault.name], fault.name, fault.why, **fault.fields)
    return rule


# --- customers ------------------------------------------------------------------------------------


def _customers(top: Keys, lines: Lines) -> dict[str, Customer]:
    known = ("id", "name", "sync", "bill_anyway", "company", "agreements", "by_rule", "pattern")
    found = {}
    for keys in _entries(top, "customers", known):
        ident = text_of(keys["id"], "id", _CODE)
        _once(lines, ("customer", ident), keys["id"], "id")
        found[ident] = Customer(
            id=ident,
            name=_text(keys, "name", _NAME, ident),
            sync=switch_of(keys["sync"], "sync"),
            bill_anyway=_switch(keys, "bill_anyway"),
            mapping=_customer_mapping(keys, ident, lines),
        )
    return found


def _customer_mapping(keys: Keys, customer: str, lines: Lines) -> model.CustomerMapping | None:
    if not any(key in keys for key in ("company", "agreements", "by_rule", "pattern")):
        return None
    company = id_of(keys["company"], "company")
    lines["company", customer] = line_of(keys["company"])
    shares = _shares(keys, customer, lines) if "agreements" in keys else ()
    by_rule, pattern = _by_rule(keys)
    if by_rule is not None and "agreements" in keys:
        raise bad(keys.lines["by_rule"], "by_rule", Why.BY_HAND_AND_BY_RULE)
    return model.CustomerMapping(customer=customer, company=company, shares=shares, by_rule=by_rule, pattern=pattern)


def _by_rule(keys: Keys) -> tuple[model.ByRule | None, str]:
    if "by_rule" not in keys and "pattern" not in keys:
        return None, ""
    by_rule = choice_of(keys["by_rule"], "by_rule", model.ByRule)
    if by_rule is not model.ByRule.ONLY_ACTIVE:
        return by_rule, text_of(keys["pattern"], "pattern", _PATTERN)
    if "pattern" in keys:
        raise bad(keys.lines["pattern"], "pattern", Why.NOT_WITH, other=f"by_rule: {by_rule}")
    return by_rule, ""


def _shares(keys: Keys, customer: str, lines: Lines) -> tuple[model.Share, ...]:
    shares: list[model.Share] = []
    for node in list_of(keys["agreements"], "agreements"):
        keys_of_share = keys_of(node, "agreements", ("agreement", "percent", "first"))
        share = _share(keys_of_share)
        _once(lines, ("agreement", customer, share.agreement), keys_of_share["agreement"], "agreement")
        shares.append(share)
    _check_split(shares, customer, keys.lines["agreements"], lines)
    return tuple(shares)


def _share(keys: Keys) -> model.Share:
    if "percent" in keys and "first" in keys:
        raise bad(keys.lines["first"], "first", Why.MIXED)
    return model.Share(
        agreement=id_of(keys["agreement"], "agreement"),
        percent=number_of(keys["percent"], "percent", PERCENT_DECIMALS) if "percent" in keys else None,
        first=number_of(keys["first"], "first", DECIMALS) if "first" in keys else None,
    )


def _check_split(shares: Sequence[model.Share], customer: str, line: int, lines: Lines) -> None:
    fault = split_fault(shares, customer)
    if fault is None:
        return
    if fault.why is Why.BOTH_REST:
        places = [lines["agreement", customer, int(str(fault.fields[name]))] for name in ("first", "value")]
        raise bad(places[1], "agreement", Why.TWO_RESTS, first=places[0])
    raise bad(line, fault.name, fault.why, **fault.fields)


def _overrides(top: Keys, lines: Lines) -> dict[tuple[str, int], model.Override]:
    found = {}
    for keys in _entries(top, "overrides", ("customer", "item", "exclude", "fixed", "minimum")):
        customer, item = text_of(keys["customer"], "customer", _CODE), id_of(keys["item"], "item")
        _once(lines, ("override", customer, item), keys["item"], "item")
        lines["override of", customer, item] = line_of(keys["customer"])
        override = model.Override(
            customer=customer,
            item=item,
            exclude=_switch(keys, "exclude"),
            fixed=number_of(keys["fixed"], "fixed", DECIMALS) if "fixed" in keys else None,
            minimum=number_of(keys["minimum"], "minimum", DECIMALS) if "minimum" in keys else None,
        )
        if override == model.Override(customer=customer, item=item):
            raise bad(keys.line, "overrides", Why.SAYS_NOTHING)
        found[customer, item] = override
    return found


# --- what may be left out -------------------------------------------------------------------------


def _text(keys: Keys, key: str, longest: int, otherwise: str) -> str:
    return text_of(keys[key], key, longest, may_be_empty=True) if key in keys else otherwise


def _switch(keys: Keys, key: str) -> bool:
    return switch_of(keys[key], key) if key in keys else False
