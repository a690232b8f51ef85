"""Fills the PSA's books with agreements and the lines of an MSP that did it by hand; the tables are world_setup.py."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from truecount.simulator.billing import invoice_amounts, invoice_row
from truecount.simulator.books import Books, Row
from truecount.simulator.clock import date_text, day_of, months_later
from truecount.simulator.world import MANY, Customer, World
from truecount.simulator.world_products import BY_CODE, VendorItem
from truecount.simulator.world_setup import (
    CAD,
    MONTHLY,
    ONCE,
    QUARTERLY,
    STAMP,
    YEARLY,
    Filling,
    customer_company,
    fill_catalog,
    own_companies,
    set_up,
)

MISSING, OFF, GHOST = 0.15, 0.30, 0.03
"""Parts of the (customer, product) pairs that nobody bills, whose line is off, and that have a line without usage."""


@dataclass(kw_only=True, slots=True)
class Pair:
    """What one customer used of one product in the first report."""

    customer: Customer
    item: VendorItem
    quantity: int

    @property
    def money(self) -> float:
        return self.quantity * self.item.price


def filler(world: World, agreements: int | None, additions: int | None) -> Callable[[Books], None]:
    def fill(books: Books) -> None:
        rng = random.Random(f"{world.seed}/psa")
        filling = Filling(books=books, world=world, rng=rng, first=world.start.date().replace(day=1))
        set_up(filling)
        fill_catalog(filling)
        own_companies(filling)
        for customer in world.customers:
            customer_company(filling, customer)
        _agreements(filling, agreements)
        _lines_of_pairs(filling)
        _foreign_lines(filling, additions)
        _invoices(filling)

    return fill


def _agreements(filling: Filling, wanted: int | None) -> None:
    customers = filling.world.customers
    frame = None
    for customer in customers:
        row = _main_agreement(filling, customer)
        filling.agreements[customer.index] = row
        if len(customers) < MANY:
            continue
        if customer.index == 6:
            frame = row
        if customer.index in (7, 8) and frame is not None:
            row["parentAgreement"] = frame["id"]
        _odd_agreements(filling, customer)
    table = filling.books["agreements"]
    number = 0
    while wanted is not None and len(table.rows) < wanted:
        customer = customers[number % len(customers)]
        _agreement(filling, customer, f"Agreement {2 + number // len(customers)}", type=1 + number % 3)
        number += 1
    if wanted is not None:
        _drop_agreements(filling, wanted)


def _drop_agreements(filling: Filling, wanted: int) -> None:
    """Down to the asked number: first those beyond a customer's main one, then those of customers not there now."""
    table = filling.books["agreements"]
    present = {customer.index for customer in filling.world.present()}
    absent = {row["id"]: index for index, row in filling.agreements.items() if index not in present}
    mains = {row["id"] for row in filling.agreements.values()}
    for id in [*(id for id in table.rows if id not in mains), *absent]:
        if len(table.rows) > wanted:
            table.drop(id)
            table.gone.pop(id)
            if id in absent:
                del filling.agreements[absent[id]]


def _agreement(filling: Filling, customer: Customer, name: str, **more: Any) -> Row:
    rng = filling.rng
    index = customer.index
    start = date_text(date(rng.randint(2021, 2025), rng.randint(1, 12), 1))
    row: Row = {
        "name": name,
        "type": 1,
        "company": filling.companies[index],
        "contact": filling.contacts[index],
        "location": 1,
        "department": 1,
        "startDate": start,
        "billStartDate": start,
        "noEndingDateFlag": True,
        "billingCycle": MONTHLY,
        "billingTerms": 1,
        "billToCompany": filling.companies[index],
        "currency": 1,
        "periodType": "Future" if rng.random() < 0.6 else "Current",
        "taxable": True,
        "autoInvoiceFlag": False,
    }
    row |= more
    row.setdefault("nextInvoiceDate", _next_invoice(filling, row))
    row.setdefault("_invoiced", row["nextInvoiceDate"] is not None)
    return filling.put("agreements", **row)


def _next_invoice(filling: Filling, row: Row) -> str | None:
    """The first of a month: of the next one for monthly agreements, as this month's are done."""
    cycle = row["billingCycle"]
    if cycle == ONCE:
        return None
    upcoming = months_later(filling.first, 1)
    if cycle == QUARTERLY:
        while upcoming.month % 3 != 1:
            upcoming = months_later(upcoming, 1)
    if cycle == YEARLY:
        month = day_of(row["startDate"]).month
        while upcoming.month != month:
            upcoming = months_later(upcoming, 1)
    return date_text(upcoming)


def _main_agreement(filling: Filling, customer: Customer) -> Row:
    rng, index = filling.rng, customer.index
    many = len(filling.world.customers) >= MANY
    more: Row = {"type": 2 if rng.random() < 0.3 else 1}
    if many and index % 20 in (10, 16):
        more["billingCycle"] = QUARTERLY if index % 20 == 10 else YEARLY
    if many and index % 9 == 4:
        more["prorateFlag"] = True
    if rng.random() < 0.2:
        more |= {"noEndingDateFlag": False, "endDate": date_text(months_later(filling.first, rng.randint(6, 30)))}
    if many and customer.land.code == "CA" and index % 5 == 0:
        more["currency"] = CAD
    name = rng.choice(customer.land.agreements)
    return _agreement(filling, customer, name, **more)


def _odd_agreements(filling: Filling, customer: Customer) -> None:
    """Second active, expired, cancelled and not yet started agreements of some customers."""
    index, first = customer.index, filling.first
    if index % 25 == 2:
        _agreement(filling, customer, "Backup", type=3)
    if index % 20 == 8:
        end = date_text(months_later(first, -2) - timedelta(days=1))
        _agreement(filling, customer, "Maintenance 2024", noEndingDateFlag=False, endDate=end, nextInvoiceDate=None)
    if index % 20 == 3:
        cancelled = date_text(months_later(first, -5))
        more = {"cancelledFlag": True, "dateCancelled": cancelled, "reasonCancelled": "Replaced"}
        _agreement(filling, customer, "Managed Antivirus", **more)
    if index % 30 == 7:
        start = date_text(months_later(first, 2))
        more = {"startDate": start, "billStartDate": start, "nextInvoiceDate": start, "_invoiced": False}
        _agreement(filling, customer, "Renewal", **more)


def _pairs(filling: Filling) -> list[Pair]:
    """Usage of the first report by customer and product, without what nobody is charged for."""
    base = filling.world.base
    found: dict[tuple[int, str], Pair] = {}
    for order in filling.world.orders:
        customer, item = order.customer, filling.items.get(order.code)
        if customer is None or item is None or customer.billing_type != "usage" or not order.there(base):
            continue
        if customer.index not in filling.agreements:
            continue
        pair = found.get((customer.index, order.code))
        if pair is None:
            pair = Pair(customer=customer, item=BY_CODE[order.code], quantity=0)
            found[customer.index, order.code] = pair
        pair.quantity += order.base
    return [found[key] for key in sorted(found)]


def _lines_of_pairs(filling: Filling) -> None:
    """What stands: most as last month's usage was, some a little off, cheap ones forgotten."""
    rng = filling.rng
    pairs = [pair for pair in _pairs(filling) if pair.quantity > 0]
    cheap = sorted(pairs, key=lambda pair: pair.money)[: max(len(pairs) * 11 // 20, 1)]
    missing = {id(pair) for pair in rng.sample(cheap, min(round(len(pairs) * MISSING), len(cheap)))}
    standing = [pair for pair in pairs if id(pair) not in missing]
    small = [pair for pair in standing if pair.quantity >= 3 and not pair.item.firewall]
    off = rng.sample(small, min(round(len(standing) * OFF), len(small)))
    moves = {id(pair): number for number, pair in enumerate(off)}
    for number, pair in enumerate(standing):
        _standing_line(filling, pair, _typed_quantity(pair, moves.get(id(pair)), len(pairs), rng), number)
    _ghosts(filling, len(pairs))


def _typed_quantity(pair: Pair, move: int | None, count: int, rng: random.Random) -> int:
    """The quantity that somebody typed in: as many too high as too low, a few far off."""
    if move is None:
        return pair.quantity
    if count >= 60 and move % 40 in (7, 8) and pair.quantity <= 20:
        return pair.quantity * 4 if move % 40 == 7 else max(pair.quantity // 4, 1)
    step = max(1, round(pair.quantity * rng.uniform(0.02, 0.12)))
    return pair.quantity + (step if move % 2 else -step)


def _standing_line(filling: Filling, pair: Pair, quantity: int, number: int) -> None:
    rng = filling.rng
    agreement = filling.agreements[pair.customer.index]
    row = _line(filling, agreement, filling.items[pair.item.code], float(quantity))
    if rng.random() < 0.12 and row["unitPrice"]:
        row["unitPrice"] = round(row["unitPrice"] * rng.choice((0.9, 0.95, 1.05)), 2)
    if len(filling.world.customers) < MANY:
        return
    if number % 130 == 17:
        row["lessIncluded"] = 1.0
    if number % 170 == 31:
        row["billCustomer"] = "NoCharge"
    if number % 300 == 45:
        row["billCustomer"] = "DoNotBill"
    if number % 90 == 29:
        row["cancelledDate"] = date_text(months_later(filling.first, 3) - timedelta(days=1))
    if number % 110 == 37:
        row["effectiveDate"] = date_text(months_later(filling.first, 1))
    if number % 25 == 11:
        _line(filling, agreement, row["product"], 3.0, cancelledDate=date_text(months_later(filling.first, -3)))


def _ghosts(filling: Filling, count: int) -> None:
    """Lines of products that their customers do not use, and of customers who left."""
    used = {(pair.customer.index, pair.item.code) for pair in _pairs(filling)}
    present = [customer for customer in filling.world.present() if customer.billing_type == "usage"]
    codes = ("CDE-MSP", "CPHISH-MSP", "CMA-MSP", "NDR-MSP")
    for number in range(round(count * GHOST)):
        customer = present[(number * 7 + 1) % len(present)]
        code = codes[number % len(codes)]
        if (customer.index, code) not in used:
            used.add((customer.index, code))
            agreement = filling.agreements[customer.index]
            _line(filling, agreement, filling.items[code], float(filling.rng.randint(2, 12)))
    for customer in filling.world.customers:
        left = customer.last is not None and customer.last < filling.world.base
        if left and customer.index in filling.agreements:
            _line(filling, filling.agreements[customer.index], filling.items["CIXA-MSP"], float(customer.users))


def _line(filling: Filling, agreement: Row, product: int, quantity: float, **more: Any) -> Row:
    item = filling.books["catalog"].rows[product]
    effective = max(
        agreement["startDate"], f"{filling.rng.randint(2023, 2025)}-0{filling.rng.randint(1, 9)}-01T00:00:00Z"
    )
    row: Row = {
        "agreementId": agreement["id"],
        "product": product,
        "quantity": quantity,
        "unitPrice": item.get("price") or 0.0,
        "unitCost": item.get("cost") or 0.0,
        "billCustomer": "Billable",
        "effectiveDate": effective,
        "taxableFlag": True,
        "invoiceDescription": item["customerDescription"],
        "sequenceNumber": float(len(filling.books["additions"].children.get(agreement["id"], ())) + 1),
        "_updated": STAMP,
    }
    row |= more
    return filling.books["additions"].put(row)


def _foreign_lines(filling: Filling, wanted: int | None) -> None:
    """Products of others on the same agreements; to the asked number where one is asked for."""
    rng = filling.rng
    table = filling.books["additions"]
    ours = set(table.rows)
    for index, agreement in filling.agreements.items():
        customer = filling.world.customers[index]
        for item in rng.sample(filling.foreign, rng.randint(2, 5)):
            if wanted is None or len(table.rows) < wanted:
                _line(filling, agreement, item["id"], float(max(1, round(customer.users * rng.uniform(0.1, 1.0)))))
    agreements = list(filling.books["agreements"].rows.values())
    if wanted is None:
        mains = {row["id"] for row in filling.agreements.values()}
        for agreement in agreements:
            if agreement["id"] not in mains:
                _line(filling, agreement, rng.choice(filling.foreign)["id"], float(rng.randint(1, 9)))
        return
    number = 0
    while len(table.rows) < wanted:
        item = filling.foreign[number // len(agreements) % len(filling.foreign)]
        _line(filling, agreements[number % len(agreements)], item["id"], float(1 + number % 30))
        number += 1
    for id in sorted(ours, reverse=True)[: max(len(table.rows) - wanted, 0)]:
        table.drop(id)
        table.gone.pop(id)


def _invoices(filling: Filling) -> None:
    """The invoices of the last period of each agreement that was ever invoiced; all of them in small worlds."""
    books = filling.books
    months = 3 if len(books["agreements"].rows) <= 2000 else 1
    for back in range(months - 1, -1, -1):
        day = date_text(months_later(filling.first, -back))
        for agreement in books["agreements"].rows.values():
            if agreement["_invoiced"] and agreement["billingCycle"] == MONTHLY and not agreement.get("cancelledFlag"):
                amounts = invoice_amounts(books, agreement, day[:10])
                books["invoices"].put(invoice_row(agreement, day_of(day), *amounts, books["invoices"].last_id + 1))
