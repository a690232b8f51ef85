"""Routes of the ConnectWise API that are no plain collections: identity, rights, the invoice action, copies."""

from collections.abc import Callable, Mapping
from typing import Any

from truecount.simulator import refusals
from truecount.simulator.billing import NotInvoiced, make_invoice
from truecount.simulator.books import HOMES, ME, Books, Row
from truecount.simulator.bundles import bundle_answer
from truecount.simulator.wire import Answer, Call, json_answer

Special = Callable[[Books, Call, list[int]], Answer]

FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    ("Companies", "Company Maintenance", "companies"),
    ("Companies", "Contacts", "companies"),
    ("Finance", "Agreements", "agreements"),
    ("Finance", "Invoicing", "invoices"),
    ("Procurement", "Product Catalog", "catalog"),
    ("Procurement", "Product Billable Option", "catalog"),
    ("System", "Table Setup", "setup"),
    ("System", "Member Maintenance", "setup"),
    ("System", "My Company", "setup"),
    ("System", "API Reports", "setup"),
)
"""Module, function and the simulator's own module whose rights the row shows."""


def my_security(books: Books, call: Call, ids: list[int]) -> Answer:
    rows = []
    member = books.reference("MemberReference", _me(books)["id"])
    for number, (module, function, own) in enumerate(FUNCTIONS, start=1):
        levels = {
            name: "All" if books.switches.may(own, letter) else "None"
            for name, letter in (("add", "A"), ("edit", "E"), ("delete", "D"), ("inquire", "I"))
        }
        rows.append(
            {
                "id": number,
                **{f"{name}Level": level for name, level in levels.items()},
                "moduleFunctionName": function,
                "moduleFunctionDescription": function,
                "myAllFlag": True,
                "moduleFunctionIdentifier": function.replace(" ", ""),
                "reportFlag": False,
                "restrictFlag": False,
                "customFlag": False,
                "moduleDescription": module,
                "moduleIdentifier": module,
                "moduleName": module,
                "sortOrder": number,
                "member": member,
                "_info": {},
            }
        )
    return json_answer(200, rows)


def _me(books: Books) -> Row:
    return next(row for row in books["members"].rows.values() if row["identifier"] == ME)


def my_members(books: Books, call: Call, ids: list[int]) -> Answer:
    return json_answer(200, books.record("members", "MyMember", _me(books)))


def my_members_info(books: Books, call: Call, ids: list[int]) -> Answer:
    return json_answer(200, books.record("members", "MyMemberInfo", _me(books)))


def system_info(books: Books, call: Call, ids: list[int]) -> Answer:
    info: dict[str, Any] = {
        "version": "v2026.4.126046",
        "isCloud": True,
        "serverTimeZone": "UTC",
        "licenseBits": [{"name": "Agreements", "activeFlag": True}, {"name": "Procurement", "activeFlag": True}],
        "cloudRegion": "EU",
        "maxWorkFlowRecordsAllowed": 1000,
    }
    return json_answer(200, info)


def invoice(books: Books, call: Call, ids: list[int]) -> Answer:
    agreement = books["agreements"].rows.get(ids[0])
    if agreement is None:
        return refusals.not_found(books.switches, "Agreement", ids[0])
    try:
        return json_answer(201, make_invoice(books, agreement, ME)["id"])
    except NotInvoiced as error:
        return refusals.refusal(books.switches, 400, "InvalidObject", str(error))


def bundle(books: Books, call: Call, ids: list[int]) -> Answer:
    return bundle_answer(books, call)


def company_default(books: Books, call: Call, ids: list[int]) -> Answer:
    """The MSP's own company."""
    row = books["companies"].rows[min(books["companies"].rows)]
    return json_answer(200, books.record("companies", HOMES["companies"].schema, row))


def manufacturer_info_count(books: Books, call: Call, ids: list[int]) -> Answer:
    return json_answer(200, {"count": len(books["manufacturers"].rows)})


SPECIALS: Mapping[tuple[str, str], tuple[Special, str | None]] = {
    ("GET", "/system/info"): (system_info, None),
    ("GET", "/system/myMembers"): (my_members, None),
    ("GET", "/system/myMembers/info"): (my_members_info, None),
    ("GET", "/system/mySecurity"): (my_security, None),
    ("POST", "/system/bundles"): (bundle, None),
    ("POST", "/finance/agreements/{id}/invoice"): (invoice, "agreements"),
    ("GET", "/company/companies/default"): (company_default, "companies"),
    ("GET", "/procurement/manufacturers/count/info"): (manufacturer_info_count, "setup"),
}
"""(verb, template) → what answers, and whose right is asked."""
