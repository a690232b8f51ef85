"""Rows of mappings, switches and policy ↔ the core's Configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from truecount.core import model
from truecount.core.plan import plain
from truecount.store.models import (
    Customer,
    CustomerMapping,
    CustomerOverride,
    Integration,
    ProductMapping,
    VendorProduct,
)
from truecount.store.settings import policy_of


def load_configuration(integration: Integration) -> model.Configuration:
    """All that people decided for this integration, as it is now."""
    products = list(VendorProduct.objects.filter(integration=integration))
    customers = Customer.objects.filter(integration=integration)
    return model.Configuration(
        products={
            row.code: model.VendorProduct(code=row.code, name=row.name, group=row.group, firewall=row.firewall)
            for row in products
        },
        product_sync={row.code: row.sync for row in products},
        customer_sync={row.vendor_id: False for row in customers.filter(sync=False)},
        bill_anyway=frozenset(customers.filter(bill_anyway=True).values_list("vendor_id", flat=True)),
        product_mappings=load_product_mappings(integration),
        customer_mappings=load_customer_mappings(integration),
        overrides=tuple(
            model.Override(
                customer=row.customer, item=row.item, exclude=row.exclude, fixed=row.fixed, minimum=row.minimum
            )
            for row in CustomerOverride.objects.filter(integration=integration).order_by("customer", "item")
        ),
        policy=policy_of(integration.policy),
    )


def load_product_mappings(integration: Integration) -> tuple[model.ProductMapping, ...]:
    rows = ProductMapping.objects.filter(integration=integration).prefetch_related("codes").order_by("item")
    return tuple(
        model.ProductMapping(
            item=row.item,
            codes=tuple(sorted(member.code for member in row.codes.all())),
            rule=rule_from(row.rule),
            where_none=model.WhereNone(row.where_none),
        )
        for row in rows
    )


def load_customer_mappings(integration: Integration) -> dict[str, model.CustomerMapping]:
    rows = CustomerMapping.objects.filter(integration=integration).prefetch_related("shares").order_by("customer")
    return {
        row.customer: model.CustomerMapping(
            customer=row.customer,
            company=row.company,
            shares=tuple(
                model.Share(agreement=share.agreement, percent=share.percent, first=share.first)
                for share in row.shares.all()
            ),
            by_rule=model.ByRule(row.by_rule) if row.by_rule else None,
            pattern=row.pattern,
        )
        for row in rows
    }


def rule_from(kept: Mapping[str, str]) -> model.Rule:
    return msgspec.convert(dict(kept), model.Rule, strict=False)


def rule_kept(rule: model.Rule) -> dict[str, str]:
    """Only what differs from the plain sum, as text."""
    usual = model.Rule()
    names: Iterable[str] = ("combine", "multiply", "included", "rounding", "step", "minimum", "maximum")
    changed = {name: getattr(rule, name) for name in names if getattr(rule, name) != getattr(usual, name)}
    return {name: plain(value) if isinstance(value, Decimal) else str(value) for name, value in changed.items()}
