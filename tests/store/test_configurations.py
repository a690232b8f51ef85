"""Rows ↔ core values, both ways: what is saved is loaded as it was, and nothing beside it is touched."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.store.rows import NOW, integration
from truecount.core.model import (
    Agreement,
    AgreementState,
    BillingType,
    ByRule,
    CatalogItem,
    Combine,
    Company,
    Customer,
    CustomerMapping,
    Override,
    ProductMapping,
    Rounding,
    Rule,
    Share,
    VendorProduct,
    WhereNone,
)
from truecount.store import configurations as kept
from truecount.store import labels, models

pytestmark = pytest.mark.django_db

RULE = Rule(
    combine=Combine.ALL_OF,
    multiply=Decimal("1.5"),
    included=Decimal(3),
    rounding=Rounding.UP,
    step=Decimal("0.5"),
    minimum=Decimal(1),
    maximum=Decimal(99),
)
PRODUCTS = {
    100: ProductMapping(item=100, codes=("A", "B"), rule=RULE, where_none=WhereNone.ADOPT_ONLY),
    200: ProductMapping(item=200, codes=("A",)),
}
SPLIT = (Share(agreement=12, first=Decimal("2.5")), Share(agreement=10), Share(agreement=11, first=Decimal(0)))
CUSTOMERS = {
    "c1": CustomerMapping(customer="c1", company=1, shares=SPLIT),
    "c2": CustomerMapping(customer="c2", company=2, shares=(Share(agreement=10, percent=Decimal("33.3333")),)),
    "c3": CustomerMapping(customer="c3", company=1, by_rule=ByRule.NAME, pattern="serv"),
}
OVERRIDES = {
    ("c1", 100): Override(customer="c1", item=100, exclude=True),
    ("c1", 200): Override(customer="c1", item=200, fixed=Decimal(0)),
    ("c1", 300): Override(customer="c1", item=300, fixed=Decimal(4)),
    ("c2", 100): Override(customer="c2", item=100, minimum=Decimal("0.000001")),
}


def test_decisions_are_loaded_as_they_were_saved() -> None:
    where, other = integration(), integration("other")
    for one in (where, other):
        kept.save_product_mappings(one, PRODUCTS)
        kept.save_customer_mappings(one, CUSTOMERS)
        kept.save_overrides(one, OVERRIDES)
    kept.save_product_mappings(other, dict.fromkeys(PRODUCTS))
    kept.save_customer_mappings(other, dict.fromkeys(CUSTOMERS))
    kept.save_overrides(other, dict.fromkeys(OVERRIDES))
    empty = kept.load_configuration(other)
    assert (empty.product_mappings, empty.customer_mappings, empty.overrides) == ((), {}, ())
    whole = kept.load_configuration(where)
    assert whole.product_mappings == tuple(PRODUCTS.values())
    assert whole.customer_mappings == CUSTOMERS
    assert whole.overrides == tuple(OVERRIDES.values())


def test_one_is_saved_in_place_of_what_stood_and_the_others_stay() -> None:
    where = integration()
    kept.save_product_mappings(where, PRODUCTS)
    kept.save_customer_mappings(where, CUSTOMERS)
    kept.save_overrides(where, OVERRIDES)
    product = ProductMapping(item=100, codes=("C",))
    customer = CustomerMapping(customer="c1", company=2, by_rule=ByRule.ONLY_ACTIVE)
    override = Override(customer="c1", item=200, minimum=Decimal(7))
    kept.save_product_mappings(where, {100: product})
    kept.save_customer_mappings(where, {"c1": customer, "c2": None})
    kept.save_overrides(where, {("c1", 200): override, ("c1", 100): None, ("c9", 900): None})
    assert [kept.load_product_mapping(where, item) for item in (100, 200, 300)] == [product, PRODUCTS[200], None]
    found = [kept.load_customer_mapping(where, ident) for ident in ("c1", "c2", "c3")]
    assert found == [customer, None, CUSTOMERS["c3"]]
    assert kept.load_overrides(where) == (override, OVERRIDES["c1", 300], OVERRIDES["c2", 100])
    assert kept.load_overrides(where, customer="c2") == kept.load_overrides(where, items=[100])
    assert (kept.load_override(where, "c1", 200), kept.load_override(where, "c1", 100)) == (override, None)


def test_what_things_are_called_is_loaded_as_it_was_read() -> None:
    where = integration()
    customer = Customer(id="c1", name="Garage", billing=BillingType.TRIAL, active=False)
    company = Company(id=1, identifier="garage", name="Garage SARL", active=False)
    agreement = Agreement(
        id=10,
        name="Services",
        company=1,
        type="Managed",
        state=AgreementState.EXPIRED,
        next_invoice=date(2026, 12, 1),
        currency="EUR",
    )
    item = CatalogItem(
        id=100,
        identifier="MAIL",
        description="Mail",
        category="Cloud",
        item_class="Bundle",
        vendor_sku="V",
        part_number="P",
        price=Decimal("2.5"),
        active=False,
    )
    assert (
        labels.customer_from(_row(models.Customer, where, vendor_id="c1", **labels.customer_kept(customer))) == customer
    )
    assert labels.company_from(_row(models.Company, where, psa_id=1, **labels.company_kept(company))) == company
    assert (
        labels.agreement_from(_row(models.Agreement, where, psa_id=10, **labels.agreement_kept(agreement))) == agreement
    )
    assert labels.item_from(_row(models.CatalogItem, where, psa_id=100, **labels.item_kept(item))) == item
    product = VendorProduct(code="A", name="Mail Advanced", group="EMAIL", firewall=True)
    row = _row(models.VendorProduct, where, code="A", name="Mail Advanced", group="EMAIL", firewall=True, seen_at=NOW)
    assert labels.vendor_product_from(row) == product


def _row(kind: type[Any], where: models.Integration, **values: Any) -> Any:
    """As the database gives it back."""
    return kind.objects.get(pk=kind.objects.create(integration=where, **values).pk)
