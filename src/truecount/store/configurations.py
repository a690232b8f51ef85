"""What people decided, rows ↔ core values: mappings, rules, splits, exceptions, switches and policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from truecount.core import model
from truecount.core.plan import plain
from truecount.store.labels import vendor_product_from
from truecount.store.models import (
    Customer,
    CustomerMapping,
    CustomerOverride,
    CustomerShare,
    Integration,
    ProductMapping,
    ProductMappingCode,
    VendorProduct,
)
from truecount.store.settings import policy_of

_BATCH = 1000


def load_configuration(integration: Integration) -> model.Configuration:
    """All that people decided for this integration, as it is now."""
    products = list(VendorProduct.objects.filter(integration=integration))
    customers = Customer.objects.filter(integration=integration)
    return model.Configuration(
        products={row.code: vendor_product_from(row) for row in products},
        product_sync={row.code: row.sync for row in products},
        customer_sync={row.vendor_id: False for row in customers.filter(sync=False)},
        bill_anyway=frozenset(customers.filter(bill_anyway=True).values_list("vendor_id", flat=True)),
        product_mappings=load_product_mappings(integration),
        customer_mappings=load_customer_mappings(integration),
        overrides=load_overrides(integration),
        policy=policy_of(integration.policy),
    )


# --- product mappings -----------------------------------------------------------------------------


def load_product_mappings(integration: Integration) -> tuple[model.ProductMapping, ...]:
    rows = ProductMapping.objects.filter(integration=integration).prefetch_related("codes").order_by("item")
    return tuple(_product_mapping_from(row) for row in rows)


def load_product_mapping(integration: Integration, item: int) -> model.ProductMapping | None:
    row = ProductMapping.objects.filter(integration=integration, item=item).first()
    return _product_mapping_from(row) if row else None


def save_product_mappings(integration: Integration, wanted: Mapping[int, model.ProductMapping | None]) -> None:
    """By item, in place of what stands for these items; None takes a mapping away."""
    ProductMapping.objects.filter(integration=integration, item__in=list(wanted)).delete()
    mappings = [one for one in wanted.values() if one is not None]
    rows = ProductMapping.objects.bulk_create(
        (
            ProductMapping(
                integration=integration, item=one.item, rule=rule_kept(one.rule), where_none=str(one.where_none)
            )
            for one in mappings
        ),
        batch_size=_BATCH,
    )
    ProductMappingCode.objects.bulk_create(
        (
            ProductMappingCode(mapping=row, code=code)
            for row, one in zip(rows, mappings, strict=True)
            for code in one.codes
        ),
        batch_size=_BATCH,
    )


def _product_mapping_from(row: ProductMapping) -> model.ProductMapping:
    return model.ProductMapping(
        item=row.item,
        codes=tuple(sorted(member.code for member in row.codes.all())),
        rule=_rule_from(row.rule),
        where_none=model.WhereNone(row.where_none),
    )


def _rule_from(kept: Mapping[str, str]) -> model.Rule:
    return msgspec.convert(dict(kept), model.Rule, strict=False)


def rule_kept(rule: model.Rule) -> dict[str, str]:
    """Only what differs from the plain sum, as text."""
    usual = model.Rule()
    names: Iterable[str] = ("combine", "multiply", "included", "rounding", "step", "minimum", "maximum")
    changed = {name: getattr(rule, name) for name in names if getattr(rule, name) != getattr(usual, name)}
    return {name: plain(value) if isinstance(value, Decimal) else str(value) for name, value in changed.items()}


# --- customer mappings ----------------------------------------------------------------------------


def load_customer_mappings(integration: Integration) -> dict[str, model.CustomerMapping]:
    rows = CustomerMapping.objects.filter(integration=integration).prefetch_related("shares").order_by("customer")
    return {row.customer: _customer_mapping_from(row) for row in rows}


def load_customer_mapping(integration: Integration, customer: str) -> model.CustomerMapping | None:
    row = CustomerMapping.objects.filter(integration=integration, customer=customer).first()
    return _customer_mapping_from(row) if row else None


def save_customer_mappings(integration: Integration, wanted: Mapping[str, model.CustomerMapping | None]) -> None:
    """By customer, in place of what stands for these customers; None takes a mapping away."""
    CustomerMapping.objects.filter(integration=integration, customer__in=list(wanted)).delete()
    mappings = [one for one in wanted.values() if one is not None]
    rows = CustomerMapping.objects.bulk_create(
        (
            CustomerMapping(
                integration=integration,
                customer=one.customer,
                company=one.company,
                by_rule=str(one.by_rule or ""),
                pattern=one.pattern,
            )
            for one in mappings
        ),
        batch_size=_BATCH,
    )
    CustomerShare.objects.bulk_create(
        (
            CustomerShare(
                mapping=row, position=position, agreement=share.agreement, percent=share.percent, first=share.first
            )
            for row, one in zip(rows, mappings, strict=True)
            for position, share in enumerate(one.shares)
        ),
        batch_size=_BATCH,
    )


def _customer_mapping_from(row: CustomerMapping) -> model.CustomerMapping:
    return model.CustomerMapping(
        customer=row.customer,
        company=row.company,
        shares=tuple(
            model.Share(agreement=share.agreement, percent=share.percent, first=share.first)
            for share in row.shares.all()
        ),
        by_rule=model.ByRule(row.by_rule) if row.by_rule else None,
        pattern=row.pattern,
    )


# --- customers' exceptions ------------------------------------------------------------------------


def load_overrides(
    integration: Integration, *, customer: str | None = None, items: Iterable[int] | None = None
) -> tuple[model.Override, ...]:
    """In the order of customers and items; of one customer or of some items where they are named."""
    rows = CustomerOverride.objects.filter(integration=integration).order_by("customer", "item")
    if customer is not None:
        rows = rows.filter(customer=customer)
    if items is not None:
        rows = rows.filter(item__in=items)
    return tuple(_override_from(row) for row in rows)


def load_override(integration: Integration, customer: str, item: int) -> model.Override | None:
    return next(iter(load_overrides(integration, customer=customer, items=[item])), None)


def save_overrides(integration: Integration, wanted: Mapping[tuple[str, int], model.Override | None]) -> None:
    """By customer and item, in place of what stands for these; None takes an exception away."""
    lost = {key for key, one in wanted.items() if one is None}
    rows = CustomerOverride.objects.filter(integration=integration, customer__in={customer for customer, _ in lost})
    CustomerOverride.objects.filter(pk__in=[row.pk for row in rows if (row.customer, row.item) in lost]).delete()
    CustomerOverride.objects.bulk_create(
        [
            CustomerOverride(
                integration=integration,
                customer=one.customer,
                item=one.item,
                exclude=one.exclude,
                fixed=one.fixed,
                minimum=one.minimum,
            )
            for one in wanted.values()
            if one is not None
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["integration", "customer", "item"],
        update_fields=["exclude", "fixed", "minimum"],
    )


def _override_from(row: CustomerOverride) -> model.Override:
    return model.Override(
        customer=row.customer, item=row.item, exclude=row.exclude, fixed=row.fixed, minimum=row.minimum
    )
