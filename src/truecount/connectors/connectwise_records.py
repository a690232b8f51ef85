"""What ConnectWise's records mean and how ours are sent, as pure functions.

Facts: `ConnectWise §…` are sections of the collected facts about its API.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from truecount.connectors.values import (
    Json,
    Puzzling,
    Row,
    day,
    flag,
    inner,
    needed_text,
    needed_whole,
    number,
    text,
    whole,
)
from truecount.core.model import ZERO, Addition, Agreement, AgreementState, Bill, CatalogItem, Company
from truecount.core.period import Period
from truecount.core.ports import AdditionEdit, Choice, ItemEdit, NewAddition

COMPANY_FIELDS = "id,identifier,name,status,deletedFlag"
AGREEMENT_FIELDS = (
    "id,name,type,company,agreementStatus,cancelledFlag,dateCancelled,startDate,endDate,noEndingDateFlag,"
    "billStartDate,nextInvoiceDate,periodType,billingCycle,currency,prorateFlag,parentAgreement"
)
ADDITION_FIELDS = (
    "id,agreementId,product,quantity,lessIncluded,unitPrice,unitCost,billCustomer,effectiveDate,cancelledDate,"
    "description,invoiceDescription"
)
ITEM_FIELDS = (
    "id,identifier,description,customerDescription,inactiveFlag,productClass,price,cost,vendorSku,"
    "manufacturerPartNumber,integrationXRef,category,subcategory,type,unitOfMeasure,taxableFlag,recurringFlag,"
    "recurringBillCycle,_info/lastUpdated"
)

CYCLE_MONTHS = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12}
CYCLE_DAYS = {"Weekly": 7, "BiWeekly": 14}
"""`billingOptions` of a billing cycle (facts: ConnectWise §6.9)."""


# --- read -----------------------------------------------------------------------------------------


def company(row: Row, inactive_statuses: frozenset[int]) -> Company:
    """Deleted companies stay in the list, and a status tells inactive ones by its own flag or by its name:
    companies have no flag for it (facts: ConnectWise §6.8)."""
    status = inner(row, "status")
    inactive = whole(status, "id") in inactive_statuses or says_inactive(text(status, "name"))
    return Company(
        id=needed_whole(row, "id"),
        identifier=text(row, "identifier"),
        name=text(row, "name"),
        active=not flag(row, "deletedFlag") and not inactive,
    )


def status(row: Row) -> tuple[int, bool]:
    """A company status and whether it means inactive."""
    return needed_whole(row, "id"), flag(row, "inactiveFlag") or says_inactive(text(row, "name"))


def says_inactive(name: str) -> bool:
    return "inactive" in name.lower()


def agreement(row: Row, today: date, arrears: frozenset[str], cycles: Mapping[int, str]) -> Agreement:
    state, since = agreement_state(row, today)
    next_invoice = day(row, "nextInvoiceDate")
    return Agreement(
        id=needed_whole(row, "id"),
        name=text(row, "name"),
        company=needed_whole(inner(row, "company"), "id"),
        type=text(inner(row, "type"), "name"),
        state=state,
        since=since,
        billing_starts=day(row, "billStartDate"),
        next_invoice=next_invoice,
        invoiced_to=invoiced_to(row, next_invoice, arrears, cycles),
        currency=_currency(inner(row, "currency")),
        prorates=flag(row, "prorateFlag"),
        parent=whole(inner(row, "parentAgreement"), "id"),
    )


def agreement_state(row: Row, today: date) -> tuple[AgreementState, date | None]:
    """The server's own word where it gives one: it knows the PSA's date. It has none for an agreement that has
    not started, which is *Inactive* (facts: ConnectWise §6.4, §7.1)."""
    start, end, cancelled = day(row, "startDate"), day(row, "endDate"), day(row, "dateCancelled")
    end = None if flag(row, "noEndingDateFlag") else end
    told = text(row, "agreementStatus")
    if told == "Cancelled" or (flag(row, "cancelledFlag") and (told != "Active" or not _later(cancelled, today))):
        return AgreementState.CANCELLED, cancelled
    if told == "Expired" or (not told and end is not None and end < today):
        return AgreementState.EXPIRED, end
    if told != "Active" and start is not None and _later(start, today):
        return AgreementState.NOT_STARTED, start
    if told in ("Active", ""):
        return AgreementState.ACTIVE, start
    return AgreementState.INACTIVE, None


def _later(moment: date | None, today: date) -> bool:
    return moment is not None and moment > today


def invoiced_to(row: Row, next_invoice: date | None, arrears: frozenset[str], cycles: Mapping[int, str]) -> date | None:
    """The first day that no invoice covers yet.

    The server's own advice for a line that comes too late is a start on or after the next invoice date (facts:
    ConnectWise §3.2), so that date is never refused and is the rule. No source says which `periodType` means
    that a period is billed after its end; a site that bills so names the value in its settings, and the open
    period then began one billing cycle before the next invoice.
    """
    if next_invoice is None or text(row, "periodType") not in arrears:
        return next_invoice
    named = inner(row, "billingCycle")
    option = cycles.get(whole(named, "id") or 0) or text(named, "name")
    return one_cycle_earlier(next_invoice, option)


def one_cycle_earlier(moment: date, option: str) -> date:
    """Unknown cycles, and none at all, leave the date."""
    if option in CYCLE_DAYS:
        return moment - timedelta(days=CYCLE_DAYS[option])
    if option not in CYCLE_MONTHS:
        return moment
    month = Period.of(moment).plus(-CYCLE_MONTHS[option])
    return month.first_day.replace(day=min(moment.day, month.last_day.day))


def _currency(row: Row) -> str:
    return text(row, "currencyCode") or text(row, "currencyIdentifier") or text(row, "name")


def addition(row: Row, parent: int) -> Addition:
    """Numbers that were never set are null, which ConnectWise counts as 0; so is an unset `billCustomer` billable
    (facts: ConnectWise §6.3, §13 C-24)."""
    return Addition(
        id=needed_whole(row, "id"),
        agreement=whole(row, "agreementId") or parent,
        item=needed_whole(inner(row, "product"), "id"),
        quantity=_number(row, "quantity"),
        less_included=_number(row, "lessIncluded"),
        unit_price=_number(row, "unitPrice"),
        unit_cost=_number(row, "unitCost"),
        bill=_bill(text(row, "billCustomer", Bill.BILLABLE)),
        effective=day(row, "effectiveDate"),
        cancelled=day(row, "cancelledDate"),
        description=text(row, "description") or text(row, "invoiceDescription"),
    )


def _bill(told: str) -> Bill:
    try:
        return Bill(told)
    except ValueError as error:
        raise Puzzling("billCustomer", told) from error


def _number(row: Row, field: str) -> Decimal:
    value = number(row, field)
    return ZERO if value is None else value


def catalog_item(row: Row) -> CatalogItem:
    return CatalogItem(
        id=needed_whole(row, "id"),
        identifier=text(row, "identifier"),
        description=text(row, "description"),
        customer_description=text(row, "customerDescription"),
        active=not flag(row, "inactiveFlag"),
        item_class=text(row, "productClass", "NonInventory"),
        price=_number(row, "price"),
        cost=_number(row, "cost"),
        vendor_sku=text(row, "vendorSku"),
        part_number=text(row, "manufacturerPartNumber"),
        cross_reference=text(row, "integrationXRef"),
        category=text(inner(row, "category"), "name"),
        subcategory=text(inner(row, "subcategory"), "name"),
        type=text(inner(row, "type"), "name"),
        unit=text(inner(row, "unitOfMeasure"), "name"),
        taxable=flag(row, "taxableFlag"),
        recurring=flag(row, "recurringFlag"),
        billing_cycle=text(inner(row, "recurringBillCycle"), "name"),
        updated=text(inner(row, "_info"), "lastUpdated"),
    )


def cycle(row: Row) -> tuple[int, str]:
    """A billing cycle and how often it bills."""
    return needed_whole(row, "id"), text(row, "billingOptions")


def choice(row: Row) -> Choice:
    return Choice(
        id=needed_whole(row, "id"),
        name=needed_text(row, "name"),
        parent=whole(inner(row, "category"), "id"),
        active=not flag(row, "inactiveFlag"),
        default=flag(row, "defaultFlag"),
    )


# --- sent -----------------------------------------------------------------------------------------


def midnight(moment: date) -> str:
    """Billing dates are dates; whole seconds, because milliseconds are refused (facts: ConnectWise §5.3)."""
    return f"{moment.isoformat()}T00:00:00Z"


def new_addition(new: NewAddition) -> Row:
    """Price, cost and texts are left out: they come from the catalog (facts: ConnectWise §7.5)."""
    return {
        "product": {"id": new.item},
        "quantity": new.quantity,
        "billCustomer": Bill.BILLABLE.value,
        "effectiveDate": midnight(new.effective),
    }


def addition_patch(edit: AdditionEdit) -> list[Row]:
    """Bare field names (facts: ConnectWise §2.5)."""
    operations: list[Row] = []
    if edit.quantity is not None:
        operations.append(_replace("quantity", edit.quantity))
    if edit.cancelled is not None:
        operations.append(_replace("cancelledDate", midnight(edit.cancelled)))
    elif edit.reopen:
        operations.append({"op": "remove", "path": "cancelledDate"})
    return operations


def item_values(edit: ItemEdit) -> dict[str, Json]:
    """The fields that an edit names, references as whole objects (facts: ConnectWise §2.5, §5.4)."""
    given: dict[str, Json] = {
        "identifier": edit.identifier,
        "description": edit.description,
        "customerDescription": edit.customer_description,
        "category": _reference(edit.category),
        "subcategory": _reference(edit.subcategory),
        "type": _reference(edit.type),
        "productClass": edit.item_class,
        "unitOfMeasure": _reference(edit.unit),
        "price": edit.price,
        "cost": edit.cost,
        "taxableFlag": edit.taxable,
        "recurringFlag": edit.recurring,
        "recurringBillCycle": _reference(edit.billing_cycle),
        "vendorSku": edit.vendor_sku,
    }
    return {name: value for name, value in given.items() if value is not None}


def new_item(edit: ItemEdit) -> Row:
    """The customer description is required too, and what the customer reads is the description unless told."""
    values = item_values(edit)
    if edit.customer_description is None and edit.description is not None:
        values["customerDescription"] = edit.description
    return values


def item_patch(edit: ItemEdit, fresh: Row) -> list[Row]:
    """`recurringFlag` must come with its cycle in the same request (facts: ConnectWise §2.5)."""
    values = item_values(edit)
    present = whole(inner(fresh, "recurringBillCycle"), "id")
    if values.get("recurringFlag") is True and present is not None:
        values.setdefault("recurringBillCycle", _reference(present))
    return [_replace(name, value) for name, value in values.items()]


FORM = {
    "customerDescription": "customer_description",
    "productClass": "item_class",
    "unitOfMeasure": "unit",
    "taxableFlag": "taxable",
    "recurringFlag": "recurring",
    "recurringOneTimeFlag": "recurring",
    "recurringBillCycle": "billing_cycle",
    "vendorSku": "vendor_sku",
    "product": "item",
    "effectiveDate": "effective",
    "cancelledDate": "cancelled",
}


def by_our_fields(errors: Mapping[str, str]) -> Mapping[str, str]:
    """Texts by the fields of `ItemEdit`, `NewAddition` and `AdditionEdit`, so that a form can show them."""
    named = ((name.partition("/")[0], told) for name, told in errors.items())
    return {FORM.get(name, name): told for name, told in named}


def _reference(id: int | None) -> Json:
    return None if id is None else {"id": id}


def _replace(path: str, value: Json) -> Row:
    return {"op": "replace", "path": path, "value": value}
