"""Rows of what the two systems call things ↔ core values; what people decided about them is in `configurations.py`."""

from __future__ import annotations

from typing import Any

from truecount.core import model
from truecount.store.models import Agreement, CatalogItem, Company, Customer, VendorProduct

_NAME, _DESCRIPTION = 300, 300
"""What the columns hold of texts that come without an end."""

# --- from rows ------------------------------------------------------------------------------------


def vendor_product_from(row: VendorProduct) -> model.VendorProduct:
    return model.VendorProduct(code=row.code, name=row.name, group=row.group, firewall=row.firewall)


def customer_from(row: Customer) -> model.Customer:
    return model.Customer(id=row.vendor_id, name=row.name, billing=model.BillingType(row.billing), active=row.active)


def company_from(row: Company) -> model.Company:
    return model.Company(id=row.psa_id, identifier=row.identifier, name=row.name, active=row.active)


def agreement_from(row: Agreement) -> model.Agreement:
    return model.Agreement(
        id=row.psa_id,
        name=row.name,
        company=row.company,
        type=row.type,
        state=model.AgreementState(row.state),
        next_invoice=row.next_invoice,
        currency=row.currency,
    )


def item_from(row: CatalogItem) -> model.CatalogItem:
    return model.CatalogItem(
        id=row.psa_id,
        identifier=row.identifier,
        description=row.description,
        category=row.category,
        item_class=row.item_class,
        vendor_sku=row.vendor_sku,
        part_number=row.part_number,
        price=row.price,
        active=row.active,
    )


# --- to the columns of rows -----------------------------------------------------------------------


def customer_kept(customer: model.Customer) -> dict[str, Any]:
    return {
        "name": customer.name[:_NAME],
        "billing": str(customer.billing),
        "active": customer.active,
        "gone_since": None,
    }


def company_kept(company: model.Company) -> dict[str, Any]:
    return {"identifier": company.identifier, "name": company.name, "active": company.active, "gone_since": None}


def agreement_kept(agreement: model.Agreement) -> dict[str, Any]:
    return {
        "name": agreement.name,
        "company": agreement.company,
        "type": agreement.type,
        "state": str(agreement.state),
        "next_invoice": agreement.next_invoice,
        "currency": agreement.currency,
        "gone_since": None,
    }


def item_kept(item: model.CatalogItem) -> dict[str, Any]:
    return {
        "identifier": item.identifier,
        "description": item.description[:_DESCRIPTION],
        "category": item.category,
        "item_class": item.item_class,
        "vendor_sku": item.vendor_sku,
        "part_number": item.part_number,
        "price": item.price,
        "active": item.active,
        "gone_since": None,
    }
