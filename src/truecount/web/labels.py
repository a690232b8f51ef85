"""Names by id, read for one page at a time; what has no name is shown by its id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from truecount.store.models import Agreement, CatalogItem, Company, Customer, Integration, VendorProduct


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
    found = {
        row.psa_id: row for row in Agreement.objects.filter(integration=integration, psa_id__in=set(agreements))
    }
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
