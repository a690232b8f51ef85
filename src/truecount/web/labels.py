"""Names by id, read for one page at a time; what has no name is shown by its id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from truecount.store.models import Agreement, CatalogItem, Company, Customer, Finding, Integration, VendorProduct
from truecount.web.folding import called


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    customers: dict[str, str]
    products: dict[str, str]
    companies: dict[int, str]
    agreements: dict[int, Agreement]
    items: dict[int, CatalogItem]

    def customer(self, ident: str) -> str:
        return self.customers.get(ident, ident)

    def product(self, code: str) -> str:
        return self.products.get(code, code)

    def company(self, ident: int) -> str:
        return self.companies.get(ident, f"#{ident}")

    def agreement(self, ident: int) -> str:
        found = self.agreements.get(ident)
        return found.name if found else f"#{ident}"

    def company_of(self, agreement: int) -> str:
        found = self.agreements.get(agreement)
        return self.company(found.company) if found else ""

    def item(self, ident: int) -> str:
        found = self.items.get(ident)
        return found.identifier if found else f"#{ident}"

    def fields_of(self, finding: Finding) -> dict[str, object]:
        """All that a finding's sentence may name: its own fields, ids, and what these are called."""
        told: dict[str, object] = dict(finding.fields)
        if finding.customer:
            told |= {"customer": finding.customer, "customer_name": self.customer(finding.customer)}
        if finding.product:
            told |= {"product": finding.product, "product_name": self.product(finding.product)}
        if finding.company is not None:
            told |= {"company": finding.company, "company_name": self.company(finding.company)}
        if finding.agreement is not None:
            told |= {"agreement": finding.agreement, "agreement_name": self.agreement(finding.agreement)}
        if finding.item is not None:
            told |= {"item": finding.item, "item_name": self.item(finding.item)}
        return told

    def slot_fields(self, agreement: int | None, item: int | None) -> dict[str, object]:
        """What a hold's sentence may name of the line that waits."""
        if agreement is None or item is None:
            return {}
        return {
            "agreement": agreement,
            "agreement_name": self.agreement(agreement),
            "company_name": self.company_of(agreement),
            "item": item,
            "item_name": self.item(item),
        }

    def item_description(self, ident: int) -> str:
        found = self.items.get(ident)
        return found.description if found else ""


def labels_of(
    integration: Integration,
    *,
    customers: Iterable[str] = (),
    products: Iterable[str] = (),
    companies: Iterable[int] = (),
    agreements: Iterable[int] = (),
    items: Iterable[int] = (),
) -> Labels:
    """Names of the given ids; the companies of the agreements come along."""
    found = {row.psa_id: row for row in Agreement.objects.filter(integration=integration, psa_id__in=set(agreements))}
    wanted = set(companies) | {row.company for row in found.values()}
    own_customers = Customer.objects.filter(integration=integration, vendor_id__in=set(customers))
    own_products = VendorProduct.objects.filter(integration=integration, code__in=set(products))
    own_companies = Company.objects.filter(integration=integration, psa_id__in=wanted)
    own_items = CatalogItem.objects.filter(integration=integration, psa_id__in=set(items))
    return Labels(
        customers=dict(own_customers.values_list("vendor_id", "name")),
        products=dict(own_products.values_list("code", "name")),
        companies=dict(own_companies.values_list("psa_id", "name")),
        agreements=found,
        items={row.psa_id: row for row in own_items},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Ids of all that has a text in its name; agreements also by their company's."""

    customers: QuerySet[Customer, Any]
    products: QuerySet[VendorProduct, Any]
    companies: QuerySet[Company, Any]
    agreements: QuerySet[Agreement, Any]
    items: QuerySet[CatalogItem, Any]


def named(integration: Integration, text: str) -> Named:
    companies = Company.objects.filter(called(text), integration=integration).values_list("psa_id", flat=True)
    agreements = Agreement.objects.filter(called(text) | Q(company__in=companies), integration=integration)
    customers = Customer.objects.filter(called(text), integration=integration)
    products = VendorProduct.objects.filter(called(text), integration=integration)
    items = CatalogItem.objects.filter(called(text), integration=integration)
    return Named(
        customers=customers.values_list("vendor_id", flat=True),
        products=products.values_list("code", flat=True),
        companies=companies,
        agreements=agreements.values_list("psa_id", flat=True),
        items=items.values_list("psa_id", flat=True),
    )
