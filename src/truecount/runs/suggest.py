"""Suggestions over the stored labels, and accepting them as mappings; the scoring is in `core/suggest.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet

from truecount.core import model
from truecount.core.model import Share
from truecount.core.roles import Action
from truecount.core.suggest import CustomerSuggestion, ProductSuggestion, pieces, suggest_customers, suggest_products
from truecount.runs import configure
from truecount.runs.audit import require
from truecount.store.labels import agreement_from, company_from, customer_from, item_from, vendor_product_from
from truecount.store.models import (
    Agreement,
    CatalogItem,
    Company,
    Customer,
    CustomerMapping,
    Integration,
    ProductMappingCode,
    User,
    VendorProduct,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    products: list[ProductSuggestion]
    customers: list[CustomerSuggestion]


def suggest(integration: Integration) -> Suggestions:
    """For everything that is not mapped yet."""
    mapped = ProductMappingCode.objects.filter(mapping__integration=integration)
    items = CatalogItem.objects.filter(integration=integration, gone_since=None)
    products = VendorProduct.objects.filter(integration=integration)
    return Suggestions(
        products=suggest_products(
            [vendor_product_from(row) for row in products],
            [item_from(row) for row in items],
            taken=dict(mapped.values_list("code", "mapping__item")),
        ),
        customers=suggest_companies(integration),
    )


def suggest_company(integration: Integration, vendor_id: str) -> CustomerSuggestion | None:
    """For one customer, mapped or not, among all companies."""
    customer = Customer.objects.get(integration=integration, vendor_id=vendor_id)
    others = CustomerMapping.objects.filter(integration=integration).exclude(customer=vendor_id)
    found = suggest_customers([customer_from(customer)], *_sides(integration), taken=_taken(others))
    return found[0] if found else None


def suggest_companies(integration: Integration) -> list[CustomerSuggestion]:
    """For every customer that is not mapped yet."""
    customers = Customer.objects.filter(integration=integration, gone_since=None)
    mappings = CustomerMapping.objects.filter(integration=integration)
    return suggest_customers([customer_from(row) for row in customers], *_sides(integration), taken=_taken(mappings))


def _sides(integration: Integration) -> tuple[list[model.Company], list[model.Agreement]]:
    companies = Company.objects.filter(integration=integration, gone_since=None)
    agreements = Agreement.objects.filter(integration=integration, gone_since=None)
    return [company_from(row) for row in companies], [agreement_from(row) for row in agreements]


def _taken(mappings: QuerySet[CustomerMapping]) -> dict[str, int]:
    return dict(mappings.values_list("customer", "company"))


@transaction.atomic
def accept_companies(
    integration: Integration, chosen: Iterable[CustomerSuggestion], *, by: User | None, now: datetime
) -> int:
    """Map customers as suggested, all or none; those without a clear agreement are left out. Returns how many."""
    require(by, Action.MAP)
    clear = [one for one in chosen if one.agreement is not None]
    for one in clear:
        shares = (Share(agreement=one.agreement or 0),)
        configure.map_customer(integration, one.customer, one.company, shares, by=by, now=now)
    return len(clear)


def suggest_item(integration: Integration, code: str) -> ProductSuggestion | None:
    """For one product, mapped or not."""
    product = vendor_product_from(VendorProduct.objects.get(integration=integration, code=code))
    near = reduce(or_, (Q(folded__contains=piece) for piece in pieces(product)))
    items = CatalogItem.objects.filter(near, integration=integration, gone_since=None)
    found = suggest_products([product], [item_from(row) for row in items], taken={})
    return found[0] if found else None


@transaction.atomic
def accept(
    integration: Integration, suggestions: Suggestions, above: int, *, by: User | None, now: datetime
) -> tuple[int, int]:
    """Map what scores at least `above`, all or none; customers only where the agreement is clear. Returns both
    numbers."""
    require(by, Action.MAP)
    products = [one for one in suggestions.products if one.score >= above]
    customers = [one for one in suggestions.customers if one.score >= above]
    for product in products:
        configure.map_product(integration, product.code, product.item, by=by, now=now)
    return len(products), accept_companies(integration, customers, by=by, now=now)
