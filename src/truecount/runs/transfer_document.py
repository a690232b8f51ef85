"""An integration's configuration as one document, and its YAML text; neither rows nor reading are here.

The text is the same for the same decisions: entries have an order, and nothing in it depends on the day or on the
integration it came from. Ids count; names of the PSA's things stand in comments, because only the PSA gives them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TypeVar

from truecount.core import model
from truecount.core.plan import plain

FORMAT = 1
SIDES = ("vendor", "psa")
SECTIONS = ("connections", "policy", "products", "mappings", "customers", "overrides")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
SWITCHES = {"on": True, "off": False}
HEAD = "# Configuration of a Truecount integration. Ids count; names and comments are for reading.\n"


# --- values ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`identity` is what the remote system said of itself; for reading only."""

    kind: str
    fields: Mapping[str, str]
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """`turned_off_by`: *person* keeps Sync off through a new mapping, *itself* does not, empty is nobody."""

    code: str
    name: str
    group: str = ""
    firewall: bool = False
    sync: bool = False
    turned_off_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """`gone` is not told by a document: the vendor no longer has the customer."""

    id: str
    name: str
    sync: bool = True
    bill_anyway: bool = False
    mapping: model.CustomerMapping | None = None
    gone: bool = False

    @property
    def decided(self) -> bool:
        return self.mapping is not None or self.bill_anyway or not self.sync


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Connections by side, settings by name as text, the others by their ids."""

    connections: Mapping[str, Connection] = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    mappings: Mapping[int, model.ProductMapping] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)
    overrides: Mapping[tuple[str, int], model.Override] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        """Vendor products that are mapped."""
        return frozenset(code for mapping in self.mappings.values() for code in mapping.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What the things are called, as far as it is known here."""

    customers: Mapping[str, str] = field(default_factory=dict)
    companies: Mapping[int, str] = field(default_factory=dict)
    agreements: Mapping[int, str] = field(default_factory=dict)
    items: Mapping[int, str] = field(default_factory=dict)


NO_LABELS = Labels()


# --- as a tree of texts, numbers, lists and keys ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Noted:
    """An id with its name."""

    value: str | int
    note: str


Id = TypeVar("Id", str, int)
Tree = Noted | str | int | Decimal | bool | Sequence["Tree"] | Mapping[str, "Tree"]
Entry = dict[str, Tree]


def tree_of(document: Document, labels: Labels = NO_LABELS) -> Entry:
    """The whole document. Customers that are gone and undecided are left out."""
    own = {customer for customer, _item in document.overrides}
    customers = [one for one in document.customers.values() if not one.gone or one.decided or one.id in own]
    customers.sort(key=lambda one: (one.name.casefold(), one.id))
    return {
        "truecount": FORMAT,
        "connections": [connection_told(document.connections[side]) for side in SIDES if side in document.connections],
        "policy": {name: _setting(text) for name, text in document.policy.items()},
        "products": [{"code": code, **product_told(one)} for code, one in sorted(document.products.items())],
        "mappings": [
            {"item": _noted(item, labels.items), **mapping_told(one)} for item, one in sorted(document.mappings.items())
        ],
        "customers": [{"id": one.id, "name": one.name, **customer_told(one, labels)} for one in customers],
        "overrides": [
            {"customer": _noted(customer, labels.customers), "item": _noted(item, labels.items), **override_told(one)}
            for (customer, item), one in sorted(document.overrides.items())
        ],
    }


def connection_told(connection: Connection) -> Entry:
    told: Entry = {"kind": connection.kind, "fields": dict(connection.fields)}
    return told | ({"identity": connection.identity} if connection.identity else {})


def product_told(product: Product) -> Entry:
    told: Entry = {"name": product.name}
    if product.group:
        told["group"] = product.group
    if product.firewall:
        told["firewall"] = True
    told["sync"] = product.sync
    if product.turned_off_by:
        told["turned_off_by"] = product.turned_off_by
    return told


def mapping_told(mapping: model.ProductMapping) -> Entry:
    return {"codes": list(mapping.codes), **rule_told(mapping.rule, mapping.where_none)}


def rule_told(rule: model.Rule, where_none: model.WhereNone) -> Entry:
    told: Entry = {}
    if changed := _changed(rule, model.Rule()):
        told["rule"] = changed
    if where_none is not model.WhereNone.CREATE:
        told["where_none"] = str(where_none)
    return told


def customer_told(customer: Customer, labels: Labels = NO_LABELS) -> Entry:
    """Switches and mapping, without id and name."""
    told: Entry = {"sync": customer.sync}
    if customer.bill_anyway:
        told["bill_anyway"] = True
    mapping = customer.mapping
    if mapping is None:
        return told
    told["company"] = _noted(mapping.company, labels.companies)
    if mapping.shares:
        told["agreements"] = [_share_told(share, labels) for share in mapping.shares]
    if mapping.by_rule is not None:
        told["by_rule"] = str(mapping.by_rule)
    if mapping.pattern:
        told["pattern"] = mapping.pattern
    return told


def _share_told(share: model.Share, labels: Labels) -> Entry:
    told: Entry = {"agreement": _noted(share.agreement, labels.agreements)}
    if share.percent is not None:
        told["percent"] = share.percent
    if share.first is not None:
        told["first"] = share.first
    return told


def override_told(override: model.Override) -> Entry:
    usual = model.Override(customer=override.customer, item=override.item)
    return _changed(override, usual)


def _changed(value: model.Rule | model.Override, usual: model.Rule | model.Override) -> Entry:
    """The fields that differ from the usual ones; choices as text."""
    told: Entry = {}
    for one in fields(value):
        own = getattr(value, one.name)
        if own != getattr(usual, one.name):
            told[one.name] = own if isinstance(own, bool | Decimal) else str(own)
    return told


def _noted(ident: Id, names: Mapping[Id, str]) -> Tree:
    name = names.get(ident)
    return Noted(ident, name) if name else ident


def _setting(text: str) -> Tree:
    """A setting's text as what it looks like, so that numbers and switches stand without quotes."""
    if NUMBER.fullmatch(text) and plain(Decimal(text)) == text:
        return Decimal(text)
    return SWITCHES.get(text, text)


def json_of(tree: Tree) -> object:
    """As JSON has it: no notes, quantities as texts."""
    match tree:
        case Noted():
            return tree.value
        case Decimal():
            return plain(tree)
        case str() | bool() | int():
            return tree
        case Mapping():
            return {key: json_of(value) for key, value in tree.items()}
        case _:
            return [json_of(value) for value in tree]


# --- as text --------------------------------------------------------------------------------------

_PLAIN = re.compile(
    r"[^\W\d_](?:[\w ./()+&'-]*[\w.)+])?"  # words, as names and choices are
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|https?://[\w./:-]*[\w/]"
)
_NOT_PLAIN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that YAML 1.1 reads as something else than a text."""
_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not print, or takes for the end of a line."""


def text_of(tree: Entry) -> str:
    """A tree as YAML."""
    blocks = ["\n".join(_lines(key, value, 0)) for key, value in tree.items()]
    return HEAD + "\n\n".join(blocks) + "\n"


def _lines(key: str, value: Tree, depth: int) -> Iterator[str]:
    start = f"{'  ' * depth}{key}:"
    match value:
        case Mapping() if value:
            yield start
            for inner, one in value.items():
                yield from _lines(inner, one, depth + 1)
        case Mapping():
            yield f"{start} {{}}"
        case [Mapping(), *_]:
            yield start
            for entry in value:
                yield from _entry(entry, depth + 1)
        case _:
            yield f"{start} {_inline(value)}"


def _entry(entry: Tree, depth: int) -> Iterator[str]:
    """One of a list: its first line begins with a dash."""
    assert isinstance(entry, Mapping)
    lines = [line for key, value in entry.items() for line in _lines(key, value, depth + 1)]
    yield f"{'  ' * depth}- {lines[0].lstrip()}"
    yield from lines[1:]


def _inline(value: Tree) -> str:
    match value:
        case Noted():
            return f"{_inline(value.value)}  # {_comment(value.note)}"
        case bool():
            return "on" if value else "off"
        case int():
            return str(value)
        case Decimal():
            return plain(value)
        case str():
            return _quoted(value)
        case _:
            return f"[{', '.join(map(_inline, _items(value)))}]"


def _items(value: Tree) -> Iterable[Tree]:
    assert isinstance(value, Sequence)
    return value


def _quoted(text: str) -> str:
    """As it is where no reader of YAML can take it for anything but a text, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN and not _UNPRINTABLE.search(text):
        return text
    return _UNPRINTABLE.sub(lambda found: _escape(found[0]), json.dumps(text, ensure_ascii=False))


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}"


def _comment(name: str) -> str:
    return _UNPRINTABLE.sub("?", " ".join(name.split()))


def in_short(tree: Tree | None) -> str:
    """In one line, for people."""
    if isinstance(tree, Mapping):
        return ", ".join(f"{key}: {_short(value)}" for key, value in tree.items()) or "–"
    return "–" if tree is None else _short(tree)


def _short(tree: Tree) -> str:
    match tree:
        case Noted():
            return f"{tree.value} ({tree.note})"
        case Mapping():
            return f"{{{in_short(tree)}}}"
        case str():
            return tree or "–"
        case bool() | int() | Decimal():
            return _inline(tree)
        case _:
            return f"[{', '.join(map(_short, tree))}]"
