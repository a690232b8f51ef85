"""The simulated world itself, without HTTP: sizes, determinism, and that the first plan of a new user is a calm one."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from truecount.simulator.billing import ext_price, stands
from truecount.simulator.clock import read_moment
from truecount.simulator.connectwise import ConnectWise
from truecount.simulator.options import SimulatorOptions
from truecount.simulator.server import build
from truecount.simulator.sophos import Sophos
from truecount.simulator.world_products import BY_CODE, VENDOR_ITEMS


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Usage and standing line of one customer and product."""

    billed: float
    standing: float | None
    price: float


def systems(**options: Any) -> tuple[ConnectWise, Sophos]:
    connectwise, sophos = build(SimulatorOptions(**options))
    assert isinstance(connectwise.system, ConnectWise)
    assert isinstance(sophos.system, Sophos)
    return connectwise.system, sophos.system


def pairs(psa: ConnectWise, vendor: Sophos) -> list[Pair]:
    """What a first plan compares: usage of monthly customers with what stands on their first agreement."""
    usage: Counter[tuple[str, str]] = Counter()
    for _, line in vendor.vendor.report(vendor.world.base):
        if "accountId" in line:
            usage[line["accountId"], line["productCode"]] += line["billableQuantity"]
    customers = {customer.id: customer for customer in vendor.world.customers}
    companies = {row["name"]: row["id"] for row in psa.books["companies"].rows.values() if not row.get("deletedFlag")}
    items = {row["identifier"]: row for row in psa.books["catalog"].rows.values()}
    found = []
    for (account, code), quantity in usage.items():
        customer, item = customers[account], items.get(BY_CODE[code].identifier)
        if customer.billing_type != "usage" or item is None:
            continue
        company = companies[customer.psa_name]
        agreement = min(row["id"] for row in psa.books["agreements"].rows.values() if row["company"] == company)
        standing = [
            row
            for row in psa.books["additions"].of(agreement)
            if row["product"] == item["id"] and (stands(row, psa.books.today) or not row.get("cancelledDate"))
        ]
        found.append(Pair(billed=quantity, standing=standing[0]["quantity"] if standing else None, price=item["price"]))
    return found


def _far(billed: float, standing: float) -> bool:
    """More than triple or under a third, as the product's guard counts it."""
    low, high = sorted((billed, standing))
    return high >= 5 and high > 3 * low


@pytest.mark.parametrize(("seed", "customers"), [(1, 120), (2, 120), (3, 120), (1, 500), (1, 40)])
def test_the_first_plan_is_calm(seed: int, customers: int) -> None:
    found = [pair for pair in pairs(*systems(seed=seed, customers=customers)) if pair.billed or pair.standing]
    standing = [pair for pair in found if pair.standing is not None]
    equal = sum(pair.billed == pair.standing for pair in standing)
    down = sum(pair.billed < (pair.standing or 0) for pair in standing)
    up = len(standing) - equal - down
    far = sum(_far(pair.billed, pair.standing or 0) for pair in standing)
    before = sum((pair.standing or 0) * pair.price for pair in standing)
    after = sum(pair.billed * pair.price for pair in found)
    assert 0.8 <= len(standing) / len(found) <= 0.9
    assert 0.65 <= equal / len(standing) <= 0.75
    assert down / len(standing) < 0.2
    assert 0.6 < up / down < 1.7
    assert far / len(standing) < 0.03
    assert abs(after - before) / before < 0.15


@pytest.mark.parametrize("customers", [1, 4, 12])
def test_small_worlds(customers: int) -> None:
    psa, vendor = systems(customers=customers)
    assert len(vendor.vendor.visible_tenants()) == customers
    found = pairs(psa, vendor)
    assert customers * 2 <= len(found) <= customers * 8
    if customers == 4:
        assert 10 <= len(found) <= 18


def test_numbers_are_met() -> None:
    psa, vendor = systems(customers=50, agreements=75, additions=400)
    assert len(vendor.vendor.visible_tenants()) == 50
    assert len(psa.books["agreements"].rows) == 75
    assert len(psa.books["additions"].rows) == 400
    few, _ = systems(customers=50, agreements=50, additions=100)
    assert (len(few.books["agreements"].rows), len(few.books["additions"].rows)) == (50, 100)


def state(psa: ConnectWise, vendor: Sophos) -> tuple[object, object]:
    tables = {
        name: [
            psa.books.text(name, "Addition" if name == "additions" else "Agreement", row) for row in table.rows.values()
        ]
        for name, table in psa.books.tables.items()
        if name in ("additions", "agreements")
    }
    return tables, [vendor.vendor.report(period) for period in vendor.vendor.known_periods()]


def test_the_same_arguments_make_the_same_world() -> None:
    assert state(*systems(customers=30, seed=5)) == state(*systems(customers=30, seed=5))
    assert state(*systems(customers=30, seed=5)) != state(*systems(customers=30, seed=6))


def test_the_order_of_looking_changes_nothing() -> None:
    """Months are made when they are asked for."""
    _, forward = systems(customers=30)
    _, backward = systems(customers=30)
    periods = forward.vendor.known_periods()
    first = {period: forward.vendor.report(period) for period in periods}
    second = {period: backward.vendor.report(period) for period in reversed(periods)}
    assert first == second


def test_every_oddity_is_there() -> None:
    psa, vendor = systems()
    books, lines = psa.books, vendor.vendor.report("2026-11")
    agreements, catalog = books["agreements"].rows.values(), books["catalog"].rows.values()
    status = Counter(books.value("agreements", row, "agreementStatus") for row in agreements)
    assert min(status[name] for name in ("Active", "Expired", "Cancelled", "Inactive")) >= 2
    assert any(row.get("parentAgreement") for row in agreements)
    assert any(row.get("prorateFlag") for row in agreements)
    assert {row["periodType"] for row in agreements} == {"Current", "Future"}
    assert len({row["billingCycle"] for row in agreements}) >= 3
    assert len({row["currency"] for row in agreements}) == 2
    assert any(row.get("inactiveFlag") for row in catalog)
    assert any(row["productClass"] == "Bundle" for row in catalog)
    assert sum(row["price"] == 0 for row in catalog) == 1
    names = Counter(row["name"] for row in books["companies"].rows.values())
    assert max(names.values()) > 1
    assert len({line["productCode"] for _, line in lines}) >= 14
    assert any(line["billableQuantity"] == 0 for _, line in lines)
    assert any(line["billableQuantity"] != line["actualQuantity"] for _, line in lines)
    seen = Counter((line.get("accountId"), line["productCode"]) for _, line in lines)
    assert sum(count > 1 for count in seen.values()) >= 5, "split orders"
    billing = {tenant.row["id"]: tenant.row["billingType"] for tenant in vendor.vendor.tenants.values()}
    assert {billing[line["accountId"]] for _, line in lines if "accountId" in line} == {"usage", "trial", "term"}
    additions = books["additions"].rows.values()
    assert any(row.get("cancelledDate", "") > "2026-11-26" for row in additions)
    assert any("" < row.get("cancelledDate", "") < "2026-11-26" for row in additions)
    slots = Counter((row["agreementId"], row["product"]) for row in additions if not row.get("cancelledDate"))
    assert max(slots.values()) == 1, "nothing to clear up before the first run; tests make duplicates themselves"
    assert {row["billCustomer"] for row in additions} == {"Billable", "NoCharge", "DoNotBill"}


def test_names_of_the_catalog_fit_the_vendors_products() -> None:
    psa, _ = systems()
    skus = {row.get("vendorSku") for row in psa.books["catalog"].rows.values()}
    sold = [item for item in VENDOR_ITEMS if item.identifier]
    assert len([item for item in sold if item.code in skus]) >= len(sold) - 3
    assert all(len(item.description) <= 60 and len(item.identifier) <= 75 for item in sold)


def test_a_start_before_the_25th_has_last_months_report() -> None:
    _, vendor = systems(customers=20, now=read_moment("2027-01-10T00:00:00Z"))
    assert vendor.world.base == "2026-12"
    months = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]
    assert [vendor.vendor.has_report(month) for month in months] == [False, True, True, True, False]


def test_amounts_are_exact() -> None:
    psa, _ = systems(customers=12)
    row = {"id": 1, "agreementId": 100, "quantity": 3.0, "unitPrice": 0.1}
    assert ext_price(psa.books, row) == 0.3
