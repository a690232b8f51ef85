"""The rows of an integration's configuration ↔ a document; which decisions make sense is not judged here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from truecount.connectors.kinds import KINDS
from truecount.core.model import BillingType, Configuration
from truecount.runs.names import Names
from truecount.runs.transfer_check import Known
from truecount.runs.transfer_document import Connection, Customer, Document, Labels, Product, override_told
from truecount.runs.transfer_settle import Difference, Part, same
from truecount.store import models
from truecount.store.configurations import (
    load_configuration,
    save_customer_mappings,
    save_overrides,
    save_product_mappings,
)
from truecount.store.labels import item_from
from truecount.store.models import Integration
from truecount.store.settings import SETTINGS

_BATCH = 1000

# --- from rows ------------------------------------------------------------------------------------


def document_of(integration: Integration) -> Document:
    """All that is decided here, with every product and customer that is known."""
    configuration = load_configuration(integration)
    rows = models.Connection.objects.filter(integration=integration)
    return Document(
        connections={row.side: connection_from(row) for row in rows},
        policy=_policy(integration),
        products=_products(integration, configuration),
        mappings={mapping.item: mapping for mapping in configuration.product_mappings},
        customers=_customers(integration, configuration),
        overrides={(own.customer, own.item): own for own in configuration.overrides if override_told(own)},
    )


def connection_from(row: models.Connection) -> Connection:
    """Fields with their defaults, so that one left empty and one written out are the same."""
    told = {field.name: str(row.fields.get(field.name) or field.default) for field in KINDS[row.kind].plain}
    return Connection(kind=row.kind, fields=told, identity=row.identity)


def _policy(integration: Integration) -> dict[str, str]:
    """What differs from the defaults."""
    kept = integration.policy
    return {
        name: kept[name]
        for name, setting in SETTINGS.items()
        if name in kept and setting.read(kept[name]) != setting.read(setting.default)
    }


def _products(integration: Integration, configuration: Configuration) -> dict[str, Product]:
    mapped = {code for mapping in configuration.product_mappings for code in mapping.codes}
    rows = models.VendorProduct.objects.filter(integration=integration)
    known = {
        row.code: Product(
            code=row.code,
            name=row.name,
            group=row.group,
            firewall=row.firewall,
            sync=row.sync,
            turned_off_by=row.switched_off_by,
        )
        for row in rows
    }
    return {code: Product(code=code, name=code) for code in mapped} | known


def _customers(integration: Integration, configuration: Configuration) -> dict[str, Customer]:
    mappings = configuration.customer_mappings
    rows = models.Customer.objects.filter(integration=integration)
    known = {
        row.vendor_id: Customer(
            id=row.vendor_id,
            name=row.name,
            sync=row.sync,
            bill_anyway=row.bill_anyway,
            mapping=mappings.get(row.vendor_id),
            gone=row.gone_since is not None,
        )
        for row in rows
    }
    named = [*mappings, *(own.customer for own in configuration.overrides)]
    return {ident: Customer(id=ident, name=ident, mapping=mappings.get(ident)) for ident in named} | known


def known_of(integration: Integration) -> Known:
    """Of what is still there."""
    items = models.CatalogItem.objects.filter(integration=integration)
    companies = models.Company.objects.filter(integration=integration)
    agreements = models.Agreement.objects.filter(integration=integration)
    return Known(
        items={row.psa_id: item_from(row) for row in items if row.gone_since is None} if items else None,
        companies=frozenset(row.psa_id for row in companies if row.gone_since is None) if companies else None,
        agreements={row.psa_id: row.company for row in agreements if row.gone_since is None} if agreements else None,
    )


def labels_of(integration: Integration) -> Labels:
    names = Names(integration)
    return Labels(customers=names.customers, companies=names.companies, agreements=names.agreements, items=names.items)


def sealed_for(integration: Integration, wanted: Mapping[str, Connection]) -> dict[str, models.Connection]:
    """By side, a connection of the same partner that has the secret of the wanted one: same kind, same fields."""
    rows = models.Connection.objects.filter(integration__partner=integration.partner_id).order_by("-checked_at", "pk")
    own_first = sorted(rows, key=lambda row: row.integration_id != integration.pk)
    found: dict[str, models.Connection] = {}
    for row in own_first:
        connection = wanted.get(row.side)
        if connection is not None and same(connection, connection_from(row)):
            found.setdefault(row.side, row)
    return found


# --- to rows --------------------------------------------------------------------------------------


def keep(
    integration: Integration,
    wanted: Document,
    changed: Iterable[Difference],
    sealed: Mapping[str, models.Connection],
    now: datetime,
) -> None:
    """Write what differs, and only that."""
    keys: dict[Part, set[Any]] = {part: set() for part in Part}
    for difference in changed:
        keys[difference.part].add(difference.key)
    if keys[Part.SETTING]:
        integration.policy = dict(wanted.policy)
        integration.save(update_fields=["policy"])
    for side in wanted.connections.keys() & keys[Part.CONNECTION]:
        _keep_connection(integration, sealed[side])
    _keep_products(integration, [one for code, one in wanted.products.items() if code in keys[Part.PRODUCT]], now)
    save_product_mappings(integration, {item: wanted.mappings.get(item) for item in keys[Part.MAPPING]})
    customers = [one for ident, one in wanted.customers.items() if ident in keys[Part.CUSTOMER]]
    _keep_customers(integration, customers)
    save_customer_mappings(integration, {one.id: one.mapping for one in customers})
    save_overrides(integration, {key: wanted.overrides.get(key) for key in keys[Part.OVERRIDE]})


def _keep_connection(integration: Integration, sealed: models.Connection) -> None:
    """With the secret and the last check of the connection that it is the same as."""
    copied = ("kind", "fields", "sealed", "checked_at", "identity", "missing", "excess", "notes")
    models.Connection.objects.update_or_create(
        integration=integration, side=sealed.side, defaults={name: getattr(sealed, name) for name in copied}
    )


def _keep_products(integration: Integration, products: Iterable[Product], now: datetime) -> None:
    rows = {row.code: row for row in models.VendorProduct.objects.filter(integration=integration)}
    new: list[models.VendorProduct] = []
    old: list[models.VendorProduct] = []
    for one in products:
        row = rows.get(one.code) or models.VendorProduct(
            integration=integration, code=one.code, name=one.name, group=one.group, seen_at=now
        )
        row.firewall, row.sync, row.switched_off_by = one.firewall, one.sync, one.turned_off_by
        (old if one.code in rows else new).append(row)
    models.VendorProduct.objects.bulk_create(new, batch_size=_BATCH)
    models.VendorProduct.objects.bulk_update(old, ["firewall", "sync", "switched_off_by"], batch_size=_BATCH)


def _keep_customers(integration: Integration, customers: Sequence[Customer]) -> None:
    rows = {row.vendor_id: row for row in models.Customer.objects.filter(integration=integration)}
    new: list[models.Customer] = []
    old: list[models.Customer] = []
    for one in customers:
        row = rows.get(one.id) or models.Customer(
            integration=integration, vendor_id=one.id, name=one.name, billing=str(BillingType.UNKNOWN)
        )
        row.sync, row.bill_anyway = one.sync, one.bill_anyway
        (old if one.id in rows else new).append(row)
    models.Customer.objects.bulk_create(new, batch_size=_BATCH)
    models.Customer.objects.bulk_update(old, ["sync", "bill_anyway"], batch_size=_BATCH)
