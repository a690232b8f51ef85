"""Routes of the ConnectWise API that are no plain collections: identity, rights, the invoice action, copies."""

from collections.abc import Callable, Mapping
from typing import Any

from truecount.simulator import refusals
from truecount.simulator.billing import NotInvoiced, make_invoice
from truecount.simulator.bodies import read_body
from truecount.simulator.books import HOMES, ME, Books, Row
from truecount.simulator.bundles import bundle_answer
from truecount.simulator.checks import Problem
from truecount.simulator.copies import copy_agreement, copy_catalog_item, pricing
from truecount.simulator.documents import invoice_lines, pdf
from truecount.simulator.queries import link_header, one_page, read_query
from truecount.simulator.resources import Resource
from truecount.simulator.uses import counted, listed, used_resources
from truecount.simulator.wire import JSON_TYPE, Answer, Call, json_answer

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


def bundle_count(books: Books, call: Call, ids: list[int]) -> Answer:
    return bundle_answer(books, call, count_only=True)


def catalog_pricing(books: Books, call: Call, ids: list[int]) -> Answer:
    return pricing(books, call, ids, read_body(books.switches, call))


def invoice_pdf(books: Books, call: Call, ids: list[int]) -> Answer:
    row = books["invoices"].rows.get(ids[0])
    if row is None:
        return refusals.not_found(books.switches, "Invoice", ids[0])
    return Answer(status=200, body=pdf(invoice_lines(books, row)), headers=[(b"content-type", b"application/pdf")])


def add_configuration(books: Books, call: Call, ids: list[int]) -> Answer:
    """Configurations themselves are not simulated: any id or device identifier is taken as one that exists."""
    if ids[0] not in books["agreements"].rows:
        return refusals.not_found(books.switches, "Agreement", ids[0])
    body = read_body(books.switches, call)
    table = books["agreementConfigurations"]
    id = body.get("id") if isinstance(body, dict) else None
    device = body.get("deviceIdentifier") if isinstance(body, dict) else None
    if not isinstance(id, int) and not device:
        problem = Problem(code="MissingRequiredField", message="id or deviceIdentifier is required.", field="id")
        return refusals.invalid_object(books.switches, "configuration", [problem])
    row: Row = {"agreementId": ids[0]}
    row |= {"id": id} if isinstance(id, int) else {}
    row |= {"deviceIdentifier": str(device)} if device else {}
    if isinstance(id, int) and id in table.rows:
        books.remove(table.name, id)
    books.add(table.name, row)
    body_text = books.text(table.name, "ConfigurationReference", row)
    return Answer(status=201, body=body_text, headers=[JSON_TYPE])


def tabs_count(books: Books, call: Call, ids: list[int]) -> Answer:
    if ids[0] not in books["agreements"].rows:
        return refusals.not_found(books.switches, "Agreement", ids[0])
    tables = {"additions": "additions", "adjustments": "adjustments", "sites": "agreementSites"}
    tables["configurations"] = "agreementConfigurations"
    return json_answer(200, {name: len(books[table].children.get(ids[0], ())) for name, table in tables.items()})


def _uses(resource: Resource, *, each: bool) -> Special:
    def uses(books: Books, call: Call, ids: list[int]) -> Answer:
        row = books[resource.table].rows.get(ids[-1])
        if row is None or (resource.parent_field is not None and row[resource.parent_field] != ids[0]):
            return refusals.not_found(books.switches, resource.thing, ids[-1])
        if not each:
            return json_answer(200, counted(books, resource.table, ids[-1]))
        query = read_query(call, books)
        rows = listed(books, resource.table, ids[-1])
        page = one_page(books, rows, query)
        link = link_header(call, books, query, len(rows), page)
        return json_answer(200, page, *([link] if link is not None else []))

    return uses


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
    ("POST", "/system/bundles/count"): (bundle_count, None),
    ("POST", "/finance/agreements/{id}/copy"): (copy_agreement, "agreements"),
    ("POST", "/finance/agreements/{id}/configurations"): (add_configuration, "agreements"),
    ("GET", "/finance/agreements/{id}/quickAccess/count"): (tabs_count, "agreements"),
    ("GET", "/finance/invoices/{id}/pdf"): (invoice_pdf, "invoices"),
    ("POST", "/procurement/catalog/{id}/copy"): (copy_catalog_item, "catalog"),
    ("POST", "/procurement/catalog/{id}/pricing"): (catalog_pricing, None),
    **{
        ("GET", f"{resource.path}/{{id}}/usages{tail}"): (_uses(resource, each=bool(tail)), resource.module)
        for resource in used_resources()
        for tail in ("", "/list")
    },
}
"""(verb, template) → what answers, and whose right is asked."""
