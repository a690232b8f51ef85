"""What to call things: ids to labels, from the local copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from truecount.store.models import Agreement, CatalogItem, Company, Customer, Finding, Integration, VendorProduct


@dataclass(frozen=True)
class Names:
    """The labels of one integration; each kind is read once, when it is first asked for."""

    integration: Integration

    @cached_property
    def customers(self) -> Mapping[str, str]:
        return dict(Customer.objects.filter(integration=self.integration).values_list("vendor_id", "name"))

    @cached_property
    def products(self) -> Mapping[str, str]:
        return dict(VendorProduct.objects.filter(integration=self.integration).values_list("code", "name"))

    @cached_property
    def companies(self) -> Mapping[int, str]:
        return dict(Company.objects.filter(integration=self.integration).values_list("psa_id", "name"))

    @cached_property
    def agreements(self) -> Mapping[int, str]:
        return dict(Agreement.objects.filter(integration=self.integration).values_list("psa_id", "name"))

    @cached_property
    def companies_of_agreements(self) -> Mapping[int, int]:
        return dict(Agreement.objects.filter(integration=self.integration).values_list("psa_id", "company"))

    @cached_property
    def items(self) -> Mapping[int, str]:
        return dict(CatalogItem.objects.filter(integration=self.integration).values_list("psa_id", "identifier"))

    def fields(self, row: Finding) -> dict[str, object]:
        """All that a finding's sentence may name: its fields, ids and labels."""
        told: dict[str, object] = dict(row.fields)
        for name in ("customer", "product", "company", "agreement", "item"):
            ident = getattr(row, name)
            if ident not in (None, ""):
                told[name] = ident
                told[f"{name}_name"] = self._all(name).get(ident, str(ident))
        return told

    def slot(self, agreement: int | None, item: int | None) -> dict[str, object]:
        """What to call an agreement and an item of it."""
        if agreement is None or item is None:
            return {}
        company = self.companies_of_agreements.get(agreement)
        return {
            "agreement": agreement,
            "agreement_name": self.agreements.get(agreement, str(agreement)),
            "company_name": self.companies.get(company, "?") if company is not None else "?",
            "item": item,
            "item_name": self.items.get(item, str(item)),
        }

    def _all(self, name: str) -> Mapping[Any, str]:
        found: dict[str, Mapping[Any, str]] = {
            "customer": self.customers,
            "product": self.products,
            "company": self.companies,
            "agreement": self.agreements,
            "item": self.items,
        }
        return found[name]
