"""Rules of business for writes, one function per table; forms and lengths are checks.py."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from truecount.simulator.billing import agreement_status, invoiced_until, prorated, stands
from truecount.simulator.books import Books, Row
from truecount.simulator.checks import Problem
from truecount.simulator.clock import date_text, day_of, months_later

BILLING_START = "effectiveDate cannot be less than the agreement billing start date"
ALREADY_INVOICED = (
    "Since this period has already been invoiced there will not be an invoice generated for additional products "
    "for this period. Please prorate the agreement or update the start date to on or after the Next Invoice Date."
)
ADDRESS = ("addressLine1", "addressLine2", "city", "state", "zip", "country")

Rule = Callable[[Books, Row, Row | None, set[str]], list[Problem]]
"""(books, the row as it would be, the row as it is, names that were given) → what is wrong."""
Fill = Callable[[Books, Row], None]


def _problem(code: str, message: str, field: str) -> Problem:
    return Problem(code=code, message=message, field=field)


def addition_problems(books: Books, row: Row, before: Row | None, given: set[str]) -> list[Problem]:
    agreement = books["agreements"].rows[row["agreementId"]]
    problems = _agreement_ended(books, agreement)
    if row.get("product") is not None and (before is None or before.get("product") != row["product"]):
        problems += _product_problems(books, row)
    if "quantity" in given:
        problems += _quantity_problems(books, row)
    if "effectiveDate" in given and row.get("effectiveDate"):
        problems += _date_problems(books, agreement, row, before)
    cancelled = row.get("cancelledDate")
    until = invoiced_until(books, agreement)
    ended = "cancelledDate" in given and cancelled and until and cancelled[:10] < until
    if ended and books.switches["C-41"] == "400":
        problems.append(_problem("InvalidObject", "cancelledDate is in an invoiced period.", "cancelledDate"))
    return problems


def _agreement_ended(books: Books, agreement: Row) -> list[Problem]:
    status = agreement_status(books, agreement)
    if status not in ("Cancelled", "Expired") or books.switches["C-30"] == "accepted":
        return []
    return [_problem("InvalidObject", f"Agreement {agreement['id']} is {status.lower()}.", "agreementId")]


def _product_problems(books: Books, row: Row) -> list[Problem]:
    product = books["catalog"].rows[row["product"]]
    problems = []
    label = product.get("identifier")
    if books.value("catalog", product, "inactiveFlag") and books.switches["C-29"] == "400":
        problems.append(_problem("InvalidObject", f"Product {label} is inactive.", "product/id"))
    if books.value("catalog", product, "productClass") == "Bundle" and books.switches["C-31"] == "400":
        message = f"Product {label} is of class Bundle and cannot be an addition."
        problems.append(_problem("InvalidObject", message, "product/id"))
    if books.switches["C-32"] == "400" and any(
        other["id"] != row.get("id") and other.get("product") == product["id"] and stands(other, books.today)
        for other in books["additions"].of(row["agreementId"])
    ):
        problems.append(_problem("ObjectExists", f"Product {label} already exists.", "product/id"))
    if books.switches["C-50"] == "400" and _currency_differs(books, row):
        problems.append(_problem("InvalidObject", "Currency of the agreement differs.", "product/id"))
    return problems


def _currency_differs(books: Books, row: Row) -> bool:
    """The catalog is in the default currency."""
    currency = books["agreements"].rows[row["agreementId"]].get("currency")
    return currency is not None and currency != min(books["currencies"].rows)


def _quantity_problems(books: Books, row: Row) -> list[Problem]:
    quantity = Decimal(str(row.get("quantity") or 0))
    if quantity < 0 and books.switches["C-34"] == "400":
        return [_problem("OutOfRange", "The field quantity must not be negative.", "quantity")]
    if quantity == 0 and books.switches["C-33"] == "400":
        return [_problem("OutOfRange", "The field quantity must not be 0.", "quantity")]
    if books.switches["C-35"] == "rounded":
        row["quantity"] = float(round(quantity))
    return []


def _date_problems(books: Books, agreement: Row, row: Row, before: Row | None) -> list[Problem]:
    effective = row["effectiveDate"]
    if before is not None and before.get("effectiveDate") == effective:
        return []
    start = agreement.get("billStartDate") or agreement.get("startDate")
    if start and effective[:10] < start[:10] and books.switches["C-37"] == "400":
        return [_problem("InvalidObject", BILLING_START, "effectiveDate")]
    until = invoiced_until(books, agreement)
    prorates = books.value("agreements", agreement, "prorateFlag")
    if until and effective[:10] < until and not prorates and books.switches["C-38"] == "400":
        return [_problem("InvalidObject", ALREADY_INVOICED, "effectiveDate")]
    return []


def fill_addition(books: Books, row: Row) -> None:
    product = books["catalog"].rows.get(row.get("product") or 0, {})
    if row.get("effectiveDate") is None and books.switches["C-25"] == "today":
        row["effectiveDate"] = date_text(books.clock.today())
    for name, source in (("unitPrice", "price"), ("unitCost", "cost")):
        if row.get(name) is None:
            row[name] = product.get(source) or 0.0 if books.switches["C-26"] == "from the catalog" else 0.0
    if row.get("quantity") is None:
        row["quantity"] = 1.0
    if row.get("billCustomer") is None and books.switches["C-24"] == "Billable":
        row["billCustomer"] = "Billable"
    if row.get("taxableFlag") is None:
        row["taxableFlag"] = bool(product.get("taxableFlag"))
    if row.get("invoiceDescription") is None:
        row["invoiceDescription"] = product.get("customerDescription")
    if row.get("sequenceNumber") is None:
        others = list(books["additions"].of(row["agreementId"]))
        row["sequenceNumber"] = max((other.get("sequenceNumber") or 1.0 for other in others), default=0.0) + 1.0
    _fill_proration(books, row)


def _fill_proration(books: Books, row: Row) -> None:
    """A line that begins inside a month of a prorating agreement gets the part of its price."""
    agreement = books["agreements"].rows[row["agreementId"]]
    effective = row.get("effectiveDate")
    if not books.value("agreements", agreement, "prorateFlag") or not effective or effective[8:10] == "01":
        return
    day = day_of(effective)
    for name, source in (("proratePrice", "unitPrice"), ("prorateCost", "unitCost")):
        if row.get(name) is None:
            row[name] = float(prorated(books, agreement, day, Decimal(str(row.get(source) or 0))))


def note_quantity_change(books: Books, row: Row, before: Row) -> None:
    """C-39: the difference of the rest of the month goes on the next invoice of a prorating agreement."""
    agreement = books["agreements"].rows[row["agreementId"]]
    if books.switches["C-39"] != "delta" or not books.value("agreements", agreement, "prorateFlag"):
        return
    change = Decimal(str(row.get("quantity") or 0)) - Decimal(str(before.get("quantity") or 0))
    part = prorated(books, agreement, books.clock.today(), Decimal(str(row.get("unitPrice") or 0)))
    row["_delta"] = float(Decimal(str(row.get("_delta") or 0)) + change * part)


def agreement_problems(books: Books, row: Row, before: Row | None, given: set[str]) -> list[Problem]:
    start, end = row.get("startDate"), row.get("endDate")
    if start and end and end < start and not row.get("noEndingDateFlag"):
        return [_problem("InvalidObject", "endDate must not be before startDate.", "endDate")]
    return []


def fill_agreement(books: Books, row: Row) -> None:
    kind = books["agreementTypes"].rows.get(row.get("type") or 0, {})
    row.setdefault("startDate", date_text(books.clock.today().replace(day=1)))
    row.setdefault("billStartDate", row["startDate"])
    row.setdefault("noEndingDateFlag", row.get("endDate") is None)
    row.setdefault("billingCycle", kind.get("billingCycle") or min(books["billingCycles"].rows))
    row.setdefault("billingTerms", min(books["billingTerms"].rows))
    row.setdefault("currency", min(books["currencies"].rows))
    row.setdefault("location", min(books["locations"].rows))
    row.setdefault("department", min(books["departments"].rows))
    row.setdefault("billToCompany", row.get("company"))
    if row.get("nextInvoiceDate") is None and row.get("billStartDate"):
        row["nextInvoiceDate"] = first_invoice(books, row)


def first_invoice(books: Books, row: Row) -> str:
    """The first of the month after today, or of the billing start if that is later."""
    start = day_of(row["billStartDate"])
    upcoming = months_later(books.clock.today().replace(day=1), 1)
    if start <= upcoming:
        return date_text(upcoming)
    return date_text(start if start.day == 1 else months_later(start.replace(day=1), 1))


def catalog_problems(books: Books, row: Row, before: Row | None, given: set[str]) -> list[Problem]:
    problems = []
    if "identifier" in given and books.switches["C-27"] == "400" and _taken(books, "catalog", row):
        problems.append(_problem("ObjectExists", "Product ID already in use.", "identifier"))
    recurs = row.get("recurringBillCycle") is not None or row.get("recurringOneTimeFlag")
    if "recurringFlag" in given and row.get("recurringFlag") and not recurs:
        message = "recurringBillCycle or recurringOneTimeFlag is required."
        problems.append(_problem("MissingRequiredField", message, "recurringOneTimeFlag"))
        problems.append(_problem("MissingRequiredField", message, "recurringBillCycle/id"))
    return problems


def _taken(books: Books, table: str, row: Row) -> bool:
    wanted = str(row.get("identifier") or "").casefold()
    return any(
        other["id"] != row.get("id") and str(other.get("identifier") or "").casefold() == wanted
        for other in books[table].rows.values()
    )


def fill_catalog(books: Books, row: Row) -> None:
    subcategory = books["subcategories"].rows.get(row.get("subcategory") or 0, {})
    row.setdefault("category", subcategory.get("category"))
    row.setdefault("unitOfMeasure", min(books["unitOfMeasures"].rows))
    row.setdefault("productClass", "NonInventory")


def company_problems(books: Books, row: Row, before: Row | None, given: set[str]) -> list[Problem]:
    problems = []
    if "identifier" in given and row.get("identifier") and _taken(books, "companies", row):
        problems.append(_problem("ObjectExists", "Company ID already in use.", "identifier"))
    if not any(row.get(name) for name in ADDRESS):
        message = "At least one address field is required."
        problems.append(_problem("MissingRequiredField", message, "addressLine1"))
    year = row.get("yearEstablished")
    if year is not None and not 1900 <= year <= 9999:
        message = "The field yearEstablished must be between 1900 and 9999."
        problems.append(_problem("OutOfRange", message, "yearEstablished"))
    if before is not None and "_types" in given and books.switches["C-23"] == "on":
        problems.append(_problem("InvalidObject", "typeIds can only be used when creating", "types"))
    return problems


def fill_company(books: Books, row: Row) -> None:
    row.setdefault("status", min(books["statuses"].rows))
    row.setdefault("currency", min(books["currencies"].rows))
    row.setdefault("territory", min(books["locations"].rows))


def component_problems(books: Books, row: Row, before: Row | None, given: set[str]) -> list[Problem]:
    parent = books["catalog"].rows[row["parentCatalogItem"]]
    if books.value("catalog", parent, "productClass") == "Bundle":
        return []
    message = "Components are only allowed for products of class Bundle."
    return [_problem("InvalidObject", message, "parentCatalogItem/id")]


CALLBACK_TYPES = frozenset(
    (
        "activity",
        "agreement",
        "company",
        "configuration",
        "contact",
        "expense",
        "invoice",
        "member",
        "opportunity",
        "productcatalog",
        "project",
        "purchaseorder",
        "scheduleentry",
        "site",
        "ticket",
        "timeentry",
    )
)
"""Documented types of callbacks, without spaces and plural."""


def callback_problems(books: Books, row: Row, before: Row | None, given: set[str]) -> list[Problem]:
    problems = []
    if not str(row.get("url") or "").lower().startswith(("http://", "https://")):
        problems.append(_problem("InvalidField", "The field url must be an address.", "url"))
    if callback_type(str(row.get("type"))) not in CALLBACK_TYPES:
        problems.append(_problem("InvalidField", f"Type {row.get('type')} is not supported.", "type"))
    return problems


def callback_type(text: str) -> str:
    """`Agreements`, `agreement`, `Product Catalog` → the word of CALLBACK_TYPES."""
    word = text.replace(" ", "").lower()
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def fill_callback(books: Books, row: Row) -> None:
    row.setdefault("memberId", min(books["members"].rows))
    row.setdefault("payloadVersion", "3.0.0")


def fill_field(books: Books, row: Row) -> None:
    row.setdefault("dateCreated", books.stamp())


def settle_agreement(books: Books, row: Row, given: set[str]) -> None:
    """What follows from other fields of an agreement."""
    if "endDate" in given and "noEndingDateFlag" not in given:
        row["noEndingDateFlag"] = row.get("endDate") is None
    if "cancelledFlag" in given and row.get("cancelledFlag") and row.get("dateCancelled") is None:
        row["dateCancelled"] = date_text(books.clock.today())
    books.forget()


def settle_catalog(books: Books, row: Row, given: set[str]) -> None:
    """C-45: a changed price flows into lines that stand, where the product says so."""
    if books.switches["C-45"] != "flows":
        return
    flows = (("price", "unitPrice", "autoUpdateUnitPriceFlag"), ("cost", "unitCost", "autoUpdateUnitCostFlag"))
    for source, name, flag in flows:
        if source in given and row.get(flag):
            for line in books["additions"].rows.values():
                if line.get("product") == row["id"]:
                    line[name] = row[source]
    books.forget()


RULES: Mapping[str, Rule] = {
    "additions": addition_problems,
    "agreements": agreement_problems,
    "callbacks": callback_problems,
    "catalog": catalog_problems,
    "companies": company_problems,
    "components": component_problems,
}

FILLS: Mapping[str, Fill] = {
    "additions": fill_addition,
    "agreements": fill_agreement,
    "callbacks": fill_callback,
    "catalog": fill_catalog,
    "companies": fill_company,
    "userDefinedFields": fill_field,
}

SETTLES: Mapping[str, Callable[[Books, Row, set[str]], None]] = {
    "agreements": settle_agreement,
    "catalog": settle_catalog,
}
