"""What people decide about an integration: mappings, switches, policy. Every act is refused or kept whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Share
from truecount.core.roles import Action
from truecount.runs.audit import record, require
from truecount.store.models import (
    Agreement,
    CatalogItem,
    Company,
    Customer,
    CustomerMapping,
    CustomerShare,
    Integration,
    Managed,
    ProductMapping,
    ProductMappingCode,
    User,
    VendorProduct,
)
from truecount.store.settings import check_setting


def _product(integration: Integration, code: str) -> VendorProduct:
    found = VendorProduct.objects.filter(integration=integration, code=code).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_PRODUCT, product=code)
    return found


def _customer(integration: Integration, vendor_id: str) -> Customer:
    found = Customer.objects.filter(integration=integration, vendor_id=vendor_id).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_CUSTOMER, customer=vendor_id)
    return found


def _item(integration: Integration, ident: int) -> CatalogItem:
    """An item that additions can be made of; refused with the reason otherwise."""
    found = CatalogItem.objects.filter(integration=integration, psa_id=ident, gone_since=None).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_ITEM, item=ident)
    if found.item_class == "Bundle":
        raise Misused(ErrorCode.BUNDLE_ITEM, item=ident, item_name=found.identifier)
    if not found.active:
        raise Misused(ErrorCode.INACTIVE_ITEM, item=ident, item_name=found.identifier)
    return found


def items_of(integration: Integration, code: str) -> list[int]:
    """The catalog items that a vendor product is mapped to."""
    rows = ProductMappingCode.objects.filter(mapping__integration=integration, code=code)
    return sorted(rows.values_list("mapping__item", flat=True))


@transaction.atomic
def map_product(
    integration: Integration, code: str, item: int, *, sync: bool | None = None, by: User | None, now: datetime
) -> None:
    """Map a vendor product to one item, away from any other; Sync starts on unless a person had turned it off."""
    require(by, Action.MAP)
    product, _ = _product(integration, code), _item(integration, item)
    before = items_of(integration, code)
    ProductMappingCode.objects.filter(mapping__integration=integration, code=code).exclude(mapping__item=item).delete()
    mapping, _made = ProductMapping.objects.get_or_create(integration=integration, item=item)
    ProductMappingCode.objects.get_or_create(mapping=mapping, code=code)
    _drop_empty(integration)
    if sync is not None:
        _set_sync(product, sync)
    elif product.switched_off_by != "person":
        _set_sync(product, True)
    record(
        "map_product", code, by=by, now=now, integration=integration, before={"items": before}, after={"items": [item]}
    )


@transaction.atomic
def unmap_product(integration: Integration, code: str, *, by: User | None, now: datetime) -> None:
    """Remove a vendor product's mapping; its Sync goes off by itself."""
    require(by, Action.MAP)
    product = _product(integration, code)
    before = items_of(integration, code)
    ProductMappingCode.objects.filter(mapping__integration=integration, code=code).delete()
    _drop_empty(integration)
    if product.sync:
        product.sync, product.switched_off_by = False, "itself"
        product.save(update_fields=["sync", "switched_off_by"])
    record("map_product", code, by=by, now=now, integration=integration, before={"items": before}, after={"items": []})


def _drop_empty(integration: Integration) -> None:
    ProductMapping.objects.filter(integration=integration, codes=None).delete()


def _set_sync(product: VendorProduct, on: bool) -> None:
    product.sync, product.switched_off_by = on, "" if on else "person"
    product.save(update_fields=["sync", "switched_off_by"])


@transaction.atomic
def switch_product(integration: Integration, code: str, on: bool, *, by: User | None, now: datetime) -> None:
    """The Sync switch; it can't be turned on without a mapping to an item that can be billed."""
    require(by, Action.SWITCH)
    product = _product(integration, code)
    if on:
        items = items_of(integration, code)
        if not items:
            raise Misused(ErrorCode.NOT_MAPPED, product=code, product_name=product.name)
        for item in items:
            _item(integration, item)
    if product.sync != on:
        before = product.sync
        _set_sync(product, on)
        record(
            "switch_product",
            code,
            by=by,
            now=now,
            integration=integration,
            before={"sync": before},
            after={"sync": on},
        )


@transaction.atomic
def map_customer(
    integration: Integration,
    vendor_id: str,
    company: int,
    shares: Sequence[Share],
    *,
    by: User | None,
    now: datetime,
) -> None:
    """Map a customer to a company and its agreements, in place of any mapping before."""
    require(by, Action.MAP)
    _customer(integration, vendor_id)
    if not Company.objects.filter(integration=integration, psa_id=company, gone_since=None).exists():
        raise Misused(ErrorCode.UNKNOWN_COMPANY, company=company)
    for share in shares:
        if not Agreement.objects.filter(integration=integration, psa_id=share.agreement, gone_since=None).exists():
            raise Misused(ErrorCode.UNKNOWN_AGREEMENT, agreement=share.agreement)
    before = mapping_told(integration, vendor_id)
    CustomerMapping.objects.filter(integration=integration, customer=vendor_id).delete()
    mapping = CustomerMapping.objects.create(integration=integration, customer=vendor_id, company=company)
    CustomerShare.objects.bulk_create(
        CustomerShare(
            mapping=mapping, position=position, agreement=share.agreement, percent=share.percent, first=share.first
        )
        for position, share in enumerate(shares)
    )
    after = mapping_told(integration, vendor_id)
    record("map_customer", vendor_id, by=by, now=now, integration=integration, before=before, after=after)


@transaction.atomic
def unmap_customer(integration: Integration, vendor_id: str, *, by: User | None, now: datetime) -> None:
    require(by, Action.MAP)
    _customer(integration, vendor_id)
    before = mapping_told(integration, vendor_id)
    CustomerMapping.objects.filter(integration=integration, customer=vendor_id).delete()
    record("map_customer", vendor_id, by=by, now=now, integration=integration, before=before, after=None)


def mapping_told(integration: Integration, vendor_id: str) -> dict[str, Any] | None:
    """A customer mapping as the audit trail keeps it."""
    row = CustomerMapping.objects.filter(integration=integration, customer=vendor_id).first()
    if row is None:
        return None
    shares = [
        {"agreement": share.agreement, "percent": _text(share.percent), "first": _text(share.first)}
        for share in row.shares.all()
    ]
    return {"company": row.company, "shares": shares, "by_rule": row.by_rule, "pattern": row.pattern}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@transaction.atomic
def switch_customer(integration: Integration, vendor_id: str, on: bool, *, by: User | None, now: datetime) -> None:
    """The Usage sync switch."""
    require(by, Action.SWITCH)
    customer = _customer(integration, vendor_id)
    if customer.sync != on:
        customer.sync = on
        customer.save(update_fields=["sync"])
        record(
            "switch_customer",
            vendor_id,
            by=by,
            now=now,
            integration=integration,
            before={"sync": not on},
            after={"sync": on},
        )


@transaction.atomic
def set_policy(integration: Integration, wanted: Mapping[str, str], *, by: User | None, now: datetime) -> None:
    """Change settings of the table in `store/settings.py`; all are checked before any is kept."""
    require(by, Action.SET_POLICY)
    checked = {name: check_setting(name, text) for name, text in wanted.items()}
    integration = Integration.objects.select_for_update().get(pk=integration.pk)
    before = {name: integration.policy.get(name) for name in checked}
    integration.policy = integration.policy | checked
    integration.save(update_fields=["policy"])
    record("set_policy", integration.slug, by=by, now=now, integration=integration, before=before, after=checked)


@transaction.atomic
def bill_again(integration: Integration, agreement: int, item: int, *, by: User | None, now: datetime) -> None:
    """Let a line that somebody else ended be created anew."""
    require(by, Action.MAP)
    Managed.objects.filter(integration=integration, agreement=agreement, item=item).update(bill_again=True)
    record("bill_again", f"{agreement}/{item}", by=by, now=now, integration=integration)
