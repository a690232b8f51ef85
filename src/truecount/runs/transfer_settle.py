"""What a file's document comes to where something stands already, and how the two differ; pure.

A file replaces what it can say: what it does not name goes back to the beginning. What it can't say stays: names, the
secrets of connections, and the switches of products that it does not list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from truecount.runs.transfer_document import (
    NO_LABELS,
    Connection,
    Customer,
    Document,
    Entry,
    Id,
    Labels,
    Product,
    Tree,
    connection_told,
    customer_told,
    mapping_told,
    override_told,
    product_told,
)
from truecount.store.settings import SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """`without_secret` are the file's connections whose secret is not known here; they stay as they are."""

    document: Document
    without_secret: tuple[Connection, ...] = ()


def settle(file: Document, here: Document, sealed: Mapping[str, Connection]) -> Settled:
    """The document after an import. `sealed` has, by side, the file's connections with a secret to be found."""
    without_secret = [
        connection
        for side, connection in file.connections.items()
        if side not in sealed and not same(connection, here.connections.get(side))
    ]
    known = {code: _known_product(one, file, here) for code, one in here.products.items() if code not in file.products}
    return Settled(
        document=Document(
            connections={**here.connections, **_changed(file, here, sealed)},
            policy=file.policy,
            products=known | {code: _product(one, here.products.get(code)) for code, one in file.products.items()},
            mappings=file.mappings,
            customers=_customers(file, here),
            overrides=file.overrides,
        ),
        without_secret=tuple(without_secret),
    )


def same(one: Connection, other: Connection | None) -> bool:
    """Whether one secret serves both."""
    return other is not None and (one.kind, one.fields) == (other.kind, other.fields)


def _changed(file: Document, here: Document, sealed: Mapping[str, Connection]) -> dict[str, Connection]:
    return {side: one for side, one in sealed.items() if not same(file.connections[side], here.connections.get(side))}


def _product(product: Product, known: Product | None) -> Product:
    """Names stay as they were read. Where the file does not say who turned Sync off, it was whoever did here,
    and whoever imports where it is on."""
    if known is None:
        return product
    by = product.turned_off_by
    if not product.sync and not by:
        by = "person" if known.sync else known.turned_off_by
    return replace(product, name=known.name, group=known.group, turned_off_by=by)


def _known_product(product: Product, file: Document, here: Document) -> Product:
    """A product that the file does not list: Sync goes off with its mapping, and comes on with a first one unless a
    person had turned it off."""
    if product.code not in file.codes:
        return replace(product, sync=False, turned_off_by="itself") if product.sync else product
    if product.code in here.codes or product.turned_off_by == "person":
        return product
    return replace(product, sync=True, turned_off_by="")


def _customers(file: Document, here: Document) -> dict[str, Customer]:
    blank = {ident: replace(one, sync=True, bill_anyway=False, mapping=None) for ident, one in here.customers.items()}
    told = {
        ident: replace(one, name=blank[ident].name, gone=blank[ident].gone) if ident in blank else one
        for ident, one in file.customers.items()
    }
    return blank | told


# --- differences ----------------------------------------------------------------------------------


class Part(StrEnum):
    CONNECTION = "connection"
    SETTING = "setting"
    PRODUCT = "product"
    MAPPING = "mapping"
    CUSTOMER = "customer"
    OVERRIDE = "override"


Key = str | int | tuple[str, int]
K = TypeVar("K", str, int, tuple[str, int])
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a thing says before and after, as far as it differs; None where there is no such thing."""

    part: Part
    key: Key
    what: str
    before: Tree | None
    after: Tree | None


def differences(here: Document, wanted: Document, labels: Labels = NO_LABELS) -> list[Difference]:
    """In the order of the document."""
    customers = {ident: one.name for ident, one in wanted.customers.items()}

    def mapping(item: int) -> str:
        return f"mapping of {_called('item', item, labels.items)}"

    def customer(ident: str) -> str:
        return _called("customer", ident, customers)

    def override(key: tuple[str, int]) -> str:
        return f"override of {customer(key[0])}, {_called('item', key[1], labels.items)}"

    def decided(one: Customer) -> Entry:
        return customer_told(one, labels)

    return [
        *_compare(Part.CONNECTION, here.connections, wanted.connections, connection_told, "connection {}".format),
        *_settings(here.policy, wanted.policy),
        *_compare(Part.PRODUCT, here.products, wanted.products, product_told, "product {}".format),
        *_compare(Part.MAPPING, here.mappings, wanted.mappings, mapping_told, mapping),
        *_compare(Part.CUSTOMER, here.customers, wanted.customers, decided, customer),
        *_compare(Part.OVERRIDE, here.overrides, wanted.overrides, override_told, override),
    ]


def _called(what: str, ident: Id, names: Mapping[Id, str]) -> str:
    name = names.get(ident)
    return f"{what} {ident} ({name})" if name else f"{what} {ident}"


def _settings(here: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[Difference]:
    """With the default's own value where a setting is not kept."""
    for name, setting in SETTINGS.items():
        before, after = (policy.get(name, setting.default) for policy in (here, wanted))
        if before != after:
            yield Difference(part=Part.SETTING, key=name, what=f"setting {name}", before=before, after=after)


def _compare(
    part: Part, here: Mapping[K, V], wanted: Mapping[K, V], told: Callable[[V], Entry], name: Callable[[K], str]
) -> Iterator[Difference]:
    keys: list[K] = sorted(here.keys() | wanted.keys())
    for key in keys:
        before = told(here[key]) if key in here else None
        after = told(wanted[key]) if key in wanted else None
        if before == after:
            continue
        if before is not None and after is not None:
            differing = [one for one in before | after if before.get(one) != after.get(one)]
            before, after = ({one: entry[one] for one in differing if one in entry} for entry in (before, after))
        yield Difference(part=part, key=key, what=name(key), before=before, after=after)
