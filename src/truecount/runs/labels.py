"""The local copy of what both systems call things: refreshed by every reading, with a note of each new name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from truecount.core.model import Billing, Finding, FindingKind, Source, Usage
from truecount.core.model import CatalogItem as PsaItem
from truecount.core.model import Customer as VendorCustomer
from truecount.runs.audit import record
from truecount.store.labels import agreement_kept, company_kept, customer_kept, item_kept
from truecount.store.models import (
    Agreement,
    CatalogItem,
    Company,
    Customer,
    CustomerMapping,
    Integration,
    ProductMapping,
    ProductMappingCode,
    VendorProduct,
)

Row = TypeVar("Row", bound=models.Model)


def refresh(integration: Integration, usage: Usage, billing: Billing, now: datetime) -> list[Finding]:
    """Bring all labels up to date; returns one finding per renamed mapped thing and per Sync turned off."""
    found = refresh_customers(integration, usage.customers, now)
    found += _vendor_products(integration, usage, now)
    found += refresh_psa(integration, billing, now)
    return found


def refresh_psa(integration: Integration, billing: Billing, now: datetime) -> list[Finding]:
    """The PSA's side alone."""
    found = refresh_companies(integration, billing, now)
    found += _items(integration, billing, now)
    return found + turn_off_lost(integration, now)


def refresh_companies(integration: Integration, billing: Billing, now: datetime) -> list[Finding]:
    """Companies and agreements alone."""
    found = _companies(integration, billing, now)
    _agreements(integration, billing, now)
    return found


def _sync(
    rows: Mapping[Any, Row], wanted: Mapping[Any, dict[str, Any]], make: type[Row], fixed: dict[str, Any], key: str
) -> list[tuple[Row, dict[str, Any]]]:
    """Create what is new and save what differs; returns the changed rows with their old values."""
    new, changed, old = [], [], []
    names: set[str] = set()
    for ident, values in wanted.items():
        row = rows.get(ident)
        if row is None:
            new.append(make(**fixed, **{key: ident}, **values))
            continue
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        if before:
            for name in before:
                setattr(row, name, values[name])
            names |= before.keys()
            changed.append(row)
            old.append((row, before))
    objects = make._default_manager
    objects.bulk_create(new, batch_size=2000)
    if changed:
        objects.bulk_update(changed, sorted(names), batch_size=500)
    return old


def _gone(rows: Mapping[Any, Any], wanted: Iterable[Any], now: datetime) -> None:
    """Mark what a full reading no longer has."""
    there = set(wanted)
    for ident, row in rows.items():
        if ident not in there and row.gone_since is None:
            row.gone_since = now.date()
            row.save(update_fields=["gone_since"])


def refresh_customers(integration: Integration, customers: Iterable[VendorCustomer], now: datetime) -> list[Finding]:
    """The vendor's customers alone."""
    rows = {row.vendor_id: row for row in Customer.objects.filter(integration=integration)}
    wanted = {customer.id: customer_kept(customer) for customer in customers}
    changed = _sync(rows, wanted, Customer, {"integration": integration}, "vendor_id")
    _gone(rows, wanted, now)
    mapped = set(CustomerMapping.objects.filter(integration=integration).values_list("customer", flat=True))
    return [
        Finding(kind=FindingKind.RENAMED_CUSTOMER, customer=row.vendor_id, fields=_names(before["name"], row.name))
        for row, before in changed
        if "name" in before and row.vendor_id in mapped
    ]


def _vendor_products(integration: Integration, usage: Usage, now: datetime) -> list[Finding]:
    """Names come from the newest invoice; lines of one code may differ, so any of them keeps the name."""
    names: dict[str, set[str]] = {}
    groups: dict[str, str] = {}
    firewalls: set[str] = set()
    for line in usage.lines:
        names.setdefault(line.code, set()).add(line.name)
        groups.setdefault(line.code, line.group)
        if line.firewall:
            firewalls.add(line.code)
    rows = {row.code: row for row in VendorProduct.objects.filter(integration=integration)}
    mapped = set(ProductMappingCode.objects.filter(mapping__integration=integration).values_list("code", flat=True))
    wanted, period = {}, str(usage.period)
    for code, told in names.items():
        row = rows.get(code)
        newest = usage.source is Source.INVOICE and (row is None or row.named_in <= period)
        keep = row is not None and (row.name in told or not newest)
        name = row.name if row is not None and keep else min(told)
        values = {"name": name[:300], "seen_at": now}
        if newest:
            values["named_in"] = period
        if row is None:
            values |= {"group": groups[code], "firewall": code in firewalls}
        wanted[code] = values
    changed = _sync(rows, wanted, VendorProduct, {"integration": integration}, "code")
    return [
        Finding(kind=FindingKind.RENAMED_PRODUCT, product=row.code, fields=_names(before["name"], row.name))
        for row, before in changed
        if "name" in before and row.code in mapped
    ]


def _companies(integration: Integration, billing: Billing, now: datetime) -> list[Finding]:
    rows = {row.psa_id: row for row in Company.objects.filter(integration=integration)}
    wanted = {company.id: company_kept(company) for company in billing.companies.values()}
    changed = _sync(rows, wanted, Company, {"integration": integration}, "psa_id")
    _gone(rows, wanted, now)
    mapped = set(CustomerMapping.objects.filter(integration=integration).values_list("company", flat=True))
    return [
        Finding(kind=FindingKind.RENAMED_COMPANY, company=row.psa_id, fields=_names(before["name"], row.name))
        for row, before in changed
        if "name" in before and row.psa_id in mapped
    ]


def _agreements(integration: Integration, billing: Billing, now: datetime) -> None:
    rows = {row.psa_id: row for row in Agreement.objects.filter(integration=integration)}
    wanted = {agreement.id: agreement_kept(agreement) for agreement in billing.agreements.values()}
    _sync(rows, wanted, Agreement, {"integration": integration}, "psa_id")
    _gone(rows, wanted, now)


def _items(integration: Integration, billing: Billing, now: datetime) -> list[Finding]:
    rows = {row.psa_id: row for row in CatalogItem.objects.filter(integration=integration)}
    wanted = {item.id: item_kept(item) for item in billing.items.values()}
    changed = _sync(rows, wanted, CatalogItem, {"integration": integration}, "psa_id")
    _gone(rows, wanted, now)
    mapped = set(ProductMapping.objects.filter(integration=integration).values_list("item", flat=True))
    return [
        Finding(
            kind=FindingKind.RENAMED_ITEM,
            item=row.psa_id,
            fields=_names(
                str(before.get("identifier", row.identifier)) if "identifier" in before else str(before["description"]),
                row.identifier if "identifier" in before else row.description,
            ),
        )
        for row, before in changed
        if ("identifier" in before or "description" in before) and row.psa_id in mapped
    ]


def keep_items(integration: Integration, items: Iterable[PsaItem], *, own: bool = False) -> None:
    """Items that were read between two readings. Those that are mapped are left to the next reading, which tells of
    their new names and turns off what was lost; not so `own` ones, which somebody here just made or edited."""
    mapped = ProductMapping.objects.filter(integration=integration).values_list("item", flat=True)
    left = set() if own else set(mapped)
    kept = {item.id: item_kept(item) for item in items if item.id not in left}
    CatalogItem.objects.bulk_create(
        [CatalogItem(integration=integration, psa_id=ident, **values) for ident, values in kept.items()],
        update_conflicts=True,
        unique_fields=["integration", "psa_id"],
        update_fields=sorted({name for values in kept.values() for name in values}),
    )


def turn_off_lost(integration: Integration, now: datetime) -> list[Finding]:
    """Sync goes off by itself where a mapped item was deleted or made inactive (product rules §4)."""
    items = {row.psa_id: row for row in CatalogItem.objects.filter(integration=integration)}
    found = []
    for member in ProductMappingCode.objects.filter(mapping__integration=integration).select_related("mapping"):
        item = items.get(member.mapping.item)
        if item is not None and item.active and item.gone_since is None:
            continue
        product = VendorProduct.objects.filter(integration=integration, code=member.code, sync=True).first()
        if product is None:
            continue
        product.sync, product.switched_off_by = False, "itself"
        product.save(update_fields=["sync", "switched_off_by"])
        record(
            "switch_product",
            member.code,
            by=None,
            now=now,
            integration=integration,
            before={"sync": True},
            after={"sync": False},
        )
        found.append(Finding(kind=FindingKind.SYNC_TURNED_OFF, product=member.code, item=member.mapping.item))
    return found


def _names(before: str, after: str) -> tuple[tuple[str, str], ...]:
    return (("before", before), ("after", after))
