"""Copies of agreements and catalog items, and what a product costs a company."""

from typing import Any

from truecount.simulator import refusals
from truecount.simulator.billing import stands
from truecount.simulator.books import Books, Row
from truecount.simulator.checks import Wrong, in_form
from truecount.simulator.clock import moment_text
from truecount.simulator.contract import schema
from truecount.simulator.rules import first_invoice
from truecount.simulator.wire import JSON_TYPE, Answer, Call, Refusal, json_answer

NOT_COPIED = frozenset({"id", "nextInvoiceDate", "cancelledFlag", "dateCancelled", "reasonCancelled"})


def _own(row: Row) -> Row:
    """What a copy takes over: no id, no dates of its own, no history."""
    return {
        name: dict(value) if isinstance(value, dict) else value
        for name, value in row.items()
        if name not in NOT_COPIED and (not name.startswith("_") or name == "_custom")
    }


def copy_agreement(books: Books, call: Call, ids: list[int]) -> Answer:
    """The agreement with the lines that stand, not invoiced yet."""
    source = books["agreements"].rows.get(ids[0])
    if source is None:
        return refusals.not_found(books.switches, "Agreement", ids[0])
    row = _own(source)
    row["name"] = f"{str(row['name'])[:93]} (copy)"
    row.setdefault("billStartDate", row.get("startDate"))
    row["nextInvoiceDate"] = first_invoice(books, row) if row.get("billStartDate") else None
    books.add("agreements", row)
    for line in list(books["additions"].of(ids[0])):
        if stands(line, books.today):
            books.add("additions", {**_own(line), "agreementId": row["id"]})
    return Answer(status=201, body=books.text("agreements", "Agreement", row), headers=[JSON_TYPE])


def copy_catalog_item(books: Books, call: Call, ids: list[int]) -> Answer:
    """The item under an identifier that is free, with its components."""
    source = books["catalog"].rows.get(ids[0])
    if source is None:
        return refusals.not_found(books.switches, "Catalog Item", ids[0])
    taken = {str(row.get("identifier") or "").casefold() for row in books["catalog"].rows.values()}
    base, number = str(source["identifier"])[:66], 1
    while (identifier := f"{base}-copy{number if number > 1 else ''}").casefold() in taken:
        number += 1
    row = books.add("catalog", {**_own(source), "identifier": identifier})
    for part in list(books["components"].of(ids[0])):
        books.add("components", {**_own(part), "parentCatalogItem": row["id"]})
    return Answer(status=200, body=books.text("catalog", "CatalogItem", row), headers=[JSON_TYPE])


def pricing(books: Books, call: Call, ids: list[int], body: Any) -> Answer:
    """The catalog's price; pricing schedules hold no details here."""
    item = books["catalog"].rows.get(ids[0])
    if item is None:
        return refusals.not_found(books.switches, "Catalog Item", ids[0])
    if not isinstance(body, dict):
        return refusals.bad_request(books.switches, "catalogPricing object is invalid")
    fields = schema("CatalogPricing")
    shown: Row = {"catalogItem": books.reference("CatalogItemReference", ids[0])}
    try:
        for name in ("company", "location", "quantity"):
            if body.get(name) is not None:
                shown[name] = books.shown(fields[name], in_form(books, fields[name], body[name]))
    except Wrong as wrong:
        raise Refusal(refusals.invalid_object(books.switches, "catalogPricing", [wrong.problem])) from wrong
    shown.setdefault("quantity", 1)
    shown["date"] = str(body.get("date") or moment_text(books.clock.now()))
    shown["price"] = float(item.get("price") or 0.0)
    return json_answer(200, shown)
