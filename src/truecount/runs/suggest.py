"""Suggestions over the stored labels, and accepting them as mappings; the scoring is in `core/suggest.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from truecount.core import model
from truecount.core.model import Share
from truecount.core.suggest import CustomerSuggestion, ProductSuggestion, suggest_customers, suggest_products
from truecount.runs import configure
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
    companies = Company.objects.filter(integration=integration, gone_since=None)
    agreements = Agreement.objects.filter(integration=integration, gone_since=None)
    items = CatalogItem.objects.filter(integration=integration, gone_since=None)
    products = VendorProduct.objects.filter(integration=integration)
    customers = Customer.objects.filter(integration=integration, gone_since=None)
    return Suggestions(
        products=suggest_products(
            [model.VendorProduct(code=r.code, name=r.name, group=r.group, firewall=r.firewall) for r in products],
            [
                model.CatalogItem(
                    id=r.psa_id,
                    identifier=r.identifier,
                    description=r.description,
                    vendor_sku=r.vendor_sku,
                    part_number=r.part_number,
                    active=r.active,
                    item_class=r.item_class,
                    price=r.price,
                )
                for r in items
            ],
            taken=dict(mapped.values_list("code", "mapping__item")),
        ),
        customers=suggest_customers(
            [
                model.Customer(id=r.vendor_id, name=r.name, billing=model.BillingType(r.billing), active=r.active)
                for r in customers
            ],
            [model.Company(id=r.psa_id, identifier=r.identifier, name=r.name, active=r.active) for r in companies],
            [
                model.Agreement(
                    id=r.psa_id, name=r.name, company=r.company, type=r.type, state=model.AgreementState(r.state)
                )
                for r in agreements
            ],
            taken=dict(CustomerMapping.objects.filter(integration=integration).values_list("customer", "company")),
        ),
    )


def accept(
    integration: Integration, suggestions: Suggestions, above: int, *, by: User | None, now: datetime
) -> tuple[int, int]:
    """Map what scores at least `above`; customers only where the agreement is clear. Returns both numbers."""
    products = [one for one in suggestions.products if one.score >= above]
    customers = [one for one in suggestions.customers if one.score >= above and one.agreement is not None]
    for product in products:
        configure.map_product(integration, product.code, product.item, by=by, now=now)
    for customer in customers:
        shares = (Share(agreement=customer.agreement or 0),)
        configure.map_customer(integration, customer.customer, customer.company, shares, by=by, now=now)
    return len(products), len(customers)
