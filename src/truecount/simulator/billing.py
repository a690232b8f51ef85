"""What the PSA computes: status and amounts of lines, status of agreements, proration, invoices; no HTTP."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from truecount.simulator.books import Books, Computed, Row
from truecount.simulator.clock import date_text, day_of, months_later

CENT = Decimal("0.01")
CYCLE_MONTHS = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12}
CYCLE_DAYS = {"Weekly": 7, "BiWeekly": 14}


class NotInvoiced(ValueError):
    """An agreement that can't be invoiced; the text says why."""


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value or 0))


def _line(books: Books, row: Row, name: str) -> Decimal:
    return _decimal(books.value("additions", row, name))


def _money(value: Decimal) -> float:
    return float(value.quantize(Decimal("0.0001")).normalize() + 0)


def billed_quantity(books: Books, row: Row) -> float:
    """Never below 0, except that a negative line stays what it is."""
    quantity = _line(books, row, "quantity")
    return float(quantity if quantity < 0 else max(quantity - _line(books, row, "lessIncluded"), Decimal(0)))


def ext_price(books: Books, row: Row) -> float:
    counted = "quantity" if books.switches["C-36"] == "quantity" else "billedQuantity"
    quantity = _line(books, row, "quantity") if counted == "quantity" else _decimal(billed_quantity(books, row))
    return _money(quantity * _line(books, row, "unitPrice"))


def ext_cost(books: Books, row: Row) -> float:
    return _money(_line(books, row, "quantity") * _line(books, row, "unitCost"))


def margin(books: Books, row: Row) -> float:
    return _money(_decimal(ext_price(books, row)) - _decimal(ext_cost(books, row)))


def _extended_prorate(name: str) -> Computed:
    return lambda books, row: _money(_line(books, row, "quantity") * _line(books, row, name))


def _product(books: Books, row: Row) -> Row:
    product = row.get("product")
    found = books.target("catalog", product) if isinstance(product, int) else None
    return found or {}


def unit_of_measure(books: Books, row: Row) -> str | None:
    unit = books["unitOfMeasures"].rows.get(_product(books, row).get("unitOfMeasure", 0))
    return unit["name"] if unit else None


def line_status(books: Books, row: Row) -> str:
    """Status of the line itself, after that of its agreement."""
    agreement = books["agreements"].rows.get(row["agreementId"])
    above = agreement_status(books, agreement) if agreement is not None else "Active"
    if above in ("Cancelled", "Expired"):
        return above
    cancelled = row.get("cancelledDate")
    if cancelled is not None and cancelled[:10] <= books.today:
        return "Cancelled"
    effective = row.get("effectiveDate")
    return "Inactive" if effective is not None and effective[:10] > books.today else "Active"


def agreement_status(books: Books, row: Row) -> str:
    if row.get("cancelledFlag"):
        return "Cancelled"
    end = row.get("endDate")
    if end is not None and not row.get("noEndingDateFlag") and end[:10] < books.today:
        return "Expired"
    start = row.get("startDate")
    return "Inactive" if start is not None and start[:10] > books.today else "Active"


def _full_name(books: Books, row: Row) -> str:
    return f"{row.get('firstName', '')} {row.get('lastName', '')}".strip()


PODS: Mapping[int, str] = {1: "companies", 2: "agreements", 3: "additions", 4: "catalog"}
"""Pods in which user-defined fields stand → the table whose records have them as custom fields."""


def field_definitions(books: Books, table: str) -> list[Row]:
    """The custom fields that records of a table have; a row holds its values by id under `_custom`."""
    found = [row for row in books["userDefinedFields"].rows.values() if PODS.get(row.get("podId", 0)) == table]
    return sorted(found, key=lambda row: (row.get("sequenceNumber") or 0, row["id"]))


def custom_fields(books: Books, table: str, row: Row) -> list[Row] | None:
    """All custom fields of a record, None where its table has none; `value` is absent where it is null."""
    values = row.get("_custom") or {}
    shown = []
    for field in field_definitions(books, table):
        entry = {
            "id": field["id"],
            "caption": field["caption"],
            "type": field["fieldTypeIdentifier"],
            "entryMethod": field.get("entryTypeIdentifier") or "EntryField",
            "numberOfDecimals": field.get("numberDecimals") or 0,
        }
        shown.append({**entry, "value": values[field["id"]]} if values.get(field["id"]) is not None else entry)
    return shown or None


def _custom(table: str) -> Computed:
    return lambda books, row: custom_fields(books, table, row)


def _last_invoice(books: Books, row: Row) -> Row:
    """The newest invoice of an agreement, empty where there is none."""
    return books.last_invoices().get(row["id"], {})


def _last_amount(books: Books, row: Row) -> str | None:
    total = _last_invoice(books, row).get("total")
    return None if total is None else f"{total:.2f}"


def _adjusted(books: Books, row: Row) -> float:
    return float(sum(_decimal(entry.get("amount")) for entry in books["adjustments"].of(row["id"])))


def _limit(books: Books, row: Row) -> float:
    return float(_decimal(books.value("agreements", row, "applicationLimit")))


def _available(books: Books, row: Row) -> float:
    return _limit(books, row) + _adjusted(books, row)


def _next_amount(books: Books, row: Row) -> float:
    """What the next invoice would come to today; 0 where none follows."""
    upcoming = row.get("nextInvoiceDate")
    return float(sum(invoice_amounts(books, row, upcoming[:10]))) if upcoming else 0.0


RECAP: Mapping[str, Computed] = {
    "adjustmentAmount": _adjusted,
    "availableAmount": _available,
    "companyName": lambda books, row: books.title("companies", books.target("companies", row["company"]) or {}),
    "isUnlimited": lambda books, row: str(bool(books.value("agreements", row, "applicationUnlimitedFlag"))),
    "lastInvoiceAmount": _last_amount,
    "lastInvoiceDate": lambda books, row: _last_invoice(books, row).get("date"),
    "lastInvoiceNumber": lambda books, row: _last_invoice(books, row).get("invoiceNumber"),
    "nextInvoiceAmount": _next_amount,
    "overrunAmount": lambda books, row: 0.0,
    "remainingAmount": _available,
    "startingAmount": _limit,
    "unbilledOverageAmount": lambda books, row: 0.0,
    "unbilledPeriods": lambda books, row: 1 if row.get("nextInvoiceDate") else 0,
    "usedAmount": lambda books, row: 0.0,
}
"""Fields of the recap of an agreement beyond those of the agreement; nothing is worked against agreements here."""

COMPUTED: Mapping[str, Mapping[str, Computed]] = {
    "additions": {
        "billedQuantity": billed_quantity,
        "extPrice": ext_price,
        "extCost": ext_cost,
        "margin": margin,
        "extendedProratePrice": _extended_prorate("proratePrice"),
        "extendedProrateCost": _extended_prorate("prorateCost"),
        "description": lambda books, row: _product(books, row).get("description"),
        "uom": unit_of_measure,
        "agreementStatus": line_status,
        "customFields": _custom("additions"),
    },
    "agreements": {
        "agreementStatus": agreement_status,
        "customFields": _custom("agreements"),
        **RECAP,
    },
    "companies": {
        "types": lambda books, row: [link["type"] for link in books["typeAssociations"].of(row["id"])],
        "customFields": _custom("companies"),
    },
    "companyTypes": {"isVendor": lambda books, row: books.value("companyTypes", row, "vendorFlag")},
    "members": {"fullName": _full_name},
    "catalog": {
        "calculatedPrice": lambda books, row: books.value("catalog", row, "price"),
        "calculatedCost": lambda books, row: books.value("catalog", row, "cost"),
        "customFields": _custom("catalog"),
    },
}


def next_cycle(books: Books, agreement: Row, day: date) -> date | None:
    """The invoice date after `day`; None for agreements without a cycle."""
    cycle = books["billingCycles"].rows.get(agreement.get("billingCycle", 0))
    options = str(cycle["billingOptions"]) if cycle else "NotRecurring"
    if options in CYCLE_MONTHS:
        return months_later(day, CYCLE_MONTHS[options])
    return day + timedelta(days=CYCLE_DAYS[options]) if options in CYCLE_DAYS else None


def invoiced_until(books: Books, agreement: Row) -> str | None:
    """Start of the first period that is open, as `YYYY-MM-DD`; None where nothing was invoiced yet."""
    upcoming = agreement.get("nextInvoiceDate")
    return str(upcoming)[:10] if agreement.get("_invoiced") and upcoming else None


def stands(row: Row, day: str) -> bool:
    """Whether a line is to be billed on a day."""
    effective, cancelled = row.get("effectiveDate"), row.get("cancelledDate")
    return not (effective and effective[:10] > day) and not (cancelled and cancelled[:10] <= day)


def invoice_amounts(books: Books, agreement: Row, day: str) -> tuple[Decimal, Decimal]:
    """Amount of the agreement itself and of its billable lines."""
    total = Decimal(0)
    for row in books["additions"].of(agreement["id"]):
        if stands(row, day) and books.value("additions", row, "billCustomer") == "Billable":
            total += _decimal(ext_price(books, row)) + _decimal(row.get("_delta"))
    return _decimal(books.value("agreements", agreement, "billAmount")), total.quantize(CENT, ROUND_HALF_UP)


def make_invoice(books: Books, agreement: Row, by: str = "admin1") -> Row:
    """Freezes the agreement's next period; raises NotInvoiced."""
    status = agreement_status(books, agreement)
    if status in ("Cancelled", "Expired"):
        raise NotInvoiced(f"Agreement is {status.lower()} and cannot be invoiced.")
    upcoming = agreement.get("nextInvoiceDate")
    following = next_cycle(books, agreement, day_of(upcoming)) if upcoming else None
    if upcoming is None or following is None:
        raise NotInvoiced("Agreement has no billing cycle and cannot be invoiced.")
    day = day_of(upcoming)
    amount, products = invoice_amounts(books, agreement, upcoming[:10])
    invoice = books["invoices"].put(invoice_row(agreement, day, amount, products, books["invoices"].last_id + 1))
    books.touch("invoices", invoice, by)
    for row in books["additions"].of(agreement["id"]):
        row.pop("_delta", None)
    agreement["nextInvoiceDate"] = date_text(following)
    agreement["_invoiced"] = True
    books.touch("agreements", agreement, by)
    return invoice


def invoice_row(agreement: Row, day: date, amount: Decimal, products: Decimal, id: int) -> Row:
    total = float(amount + products)
    return {
        "id": id,
        "invoiceNumber": f"{10000 + id}",
        "status": {"id": 1, "name": "Open", "isClosed": False},
        "company": agreement["company"],
        "billToCompany": agreement["company"],
        "applyToId": agreement["id"],
        "agreement": agreement["id"],
        "date": date_text(day),
        "dueDate": date_text(day + timedelta(days=30)),
        "billingTerms": agreement.get("billingTerms"),
        "currency": agreement.get("currency"),
        "agreementAmount": float(amount),
        "productTotal": float(products),
        "subtotal": total,
        "total": total,
        "balance": total,
        "_updated": date_text(day),
    }


def invoice_due(books: Books, day: date) -> int:
    """Invoices all agreements that are due on a day; how many."""
    made = 0
    text = date_text(day)
    for agreement in list(books["agreements"].rows.values()):
        try:
            while (upcoming := agreement.get("nextInvoiceDate")) is not None and upcoming <= text:
                make_invoice(books, agreement)
                made += 1
        except NotInvoiced:
            continue
    return made


def prorated(books: Books, agreement: Row, day: date, price: Decimal) -> Decimal:
    """The part of a month's price from a day on (C-40)."""
    first = day.replace(day=1)
    length = (months_later(first, 1) - first).days
    counted = length - day.day + (1 if books.switches["C-40"] == "inclusive" else 0)
    rounding = ROUND_HALF_EVEN if books.switches["C-40"] == "banker's" else ROUND_HALF_UP
    return (price * counted / length).quantize(CENT, rounding)
