"""ConnectWise on a fake transport: where the API is, what records mean, what is sent, what refusals say."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import (
    API,
    SECRET,
    FakeConnectWise,
    Time,
    agreement_row,
    answer,
    invalid,
    item_row,
    raw,
    security_row,
    throttled,
    told,
)
from tests.connectors.stages import GUID, SHORT, connectwise_on
from truecount.connectors.connectwise import containing
from truecount.connectors.connectwise_records import one_cycle_earlier
from truecount.core.errors import ErrorCode, Misused, Refused, RetryLater, Unexpected
from truecount.core.model import Agreement, AgreementState, Bill
from truecount.core.ports import AdditionEdit, Exchange, ItemEdit, NewAddition

NEW = NewAddition(agreement=1, item=77, quantity=Decimal("1E+1"), effective=date(2026, 11, 1))
COMPANIES = f"{API}/company/companies"


def soon() -> float:
    return time.monotonic() + 20


def line_row(id: int, **fields: Any) -> dict[str, Any]:
    return {"id": id, "product": {"id": 77}, "quantity": 10.0, "billCustomer": "Billable", "agreementId": 1, **fields}


def refusal(call: Any, *given: Any, **named: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*given, **named)
    return caught.value


def test_it_works(connectwise: FakeConnectWise) -> None:
    psa = connectwise_on(connectwise)
    assert [one.name for one in psa.list_companies()] == ["Acme"]
    discovery, statuses, companies = connectwise.requests
    assert str(discovery.url) == "https://na.myconnectwise.net/login/companyinfo/sim"
    assert "Authorization" not in discovery.headers
    assert companies.url.host == "api-na.myconnectwise.net"
    assert companies.headers["clientId"] == GUID
    assert companies.headers["Accept"] == "application/vnd.connectwise.com+json; version=2025.1"
    assert companies.headers["pagination-type"] == "forward-only"
    keys = base64.b64decode(statuses.headers["Authorization"].removeprefix("Basic "))
    assert keys == f"sim+pub:{SECRET}".encode()


# --- where the API is -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "identity", "host"),
    [
        ("https://na.myconnectwise.net", "na.myconnectwise.net/sim", "api-na.myconnectwise.net"),
        ("api-na.myconnectwise.net", "na.myconnectwise.net/sim", "api-na.myconnectwise.net"),
        ("https://NA.myconnectwise.net/v4_6_release/apis/3.0/", "na.myconnectwise.net/sim", "api-na.myconnectwise.net"),
        ("https://psa.acme.example:8443", "psa.acme.example:8443/sim", "psa.acme.example:8443"),
        ("http://127.0.0.1:18080", "127.0.0.1:18080/sim", "127.0.0.1:18080"),
    ],
)
def test_every_way_to_write_an_address(connectwise: FakeConnectWise, url: str, identity: str, host: str) -> None:
    psa = connectwise_on(connectwise, url=url, company="Sim")
    assert psa.identity() == identity
    assert psa.list_companies()
    assert connectwise.requests[-1].url.netloc.decode() == host
    assert connectwise.requests[-1].url.path == COMPANIES


def test_an_address_with_its_codebase_is_not_discovered(connectwise: FakeConnectWise) -> None:
    connectwise_on(connectwise, url="https://na.myconnectwise.net/v4_6_release/apis/3.0").list_companies()
    assert not any("companyinfo" in path for path in connectwise.paths())


@pytest.mark.parametrize(
    "discovery",
    [
        raw("<html>", 404),
        raw("", 500),
        raw("not json"),
        answer([]),
        answer({"Codebase": 5}),
        answer({"Codebase": "../evil/"}),
        httpx2.ReadTimeout("slow"),
    ],
)
def test_without_a_discovery_the_usual_codebase_is_used(connectwise: FakeConnectWise, discovery: Any) -> None:
    connectwise.give(discovery, only="/login")
    assert connectwise_on(connectwise).list_companies()
    assert connectwise.paths().count("GET /login/companyinfo/sim") == 1


def test_a_newer_codebase_is_used(connectwise: FakeConnectWise) -> None:
    connectwise.codebase = "v2026_1/"
    assert connectwise_on(connectwise).list_companies()
    assert connectwise.requests[-1].url.path == "/v2026_1/apis/3.0/company/companies"


@pytest.mark.parametrize(
    ("told_host", "used"),
    [("api-eu.myconnectwise.net", "api-eu.myconnectwise.net"), ("evil.example", "api-na.myconnectwise.net")],
)
def test_keys_go_to_the_cloud_or_where_they_were_told(connectwise: FakeConnectWise, told_host: str, used: str) -> None:
    connectwise.give(answer({"Codebase": "v4_6_release/", "SiteUrl": told_host}), only="/login")
    connectwise_on(connectwise).list_companies()
    assert {one.url.host for one in connectwise.requests if "Authorization" in one.headers} == {used}


def test_an_upgrade_is_followed_by_reads(connectwise: FakeConnectWise) -> None:
    psa = connectwise_on(connectwise)
    psa.list_companies()
    connectwise.codebase = "v2026_2/"
    assert psa.list_companies()
    assert connectwise.paths().count("GET /login/companyinfo/sim") == 2


def test_an_upgrade_makes_a_write_a_certain_failure(connectwise: FakeConnectWise) -> None:
    psa = connectwise_on(connectwise)
    psa.list_companies()
    connectwise.codebase = "v2026_2/"
    with pytest.raises(RetryLater) as caught:
        psa.create_addition(NEW, deadline=soon())
    assert caught.value.certain
    assert connectwise.additions[1] == []
    assert psa.create_addition(NEW, deadline=soon()).quantity == 10


def test_an_unknown_company_is_named(connectwise: FakeConnectWise) -> None:
    connectwise.known = False
    connectwise.give(*[told("Unauthorized", "no", 401)] * 3, only="/apis/")
    found = refusal(connectwise_on(connectwise).check)
    assert (found.code, found.fields["field"]) == (ErrorCode.WRONG_CREDENTIALS, "company")


def test_a_route_that_stays_lost_is_the_companys_fault(connectwise: FakeConnectWise) -> None:
    connectwise.give(*[raw("Cannot route. Codebase/company is invalid", 400)] * 3, only="/apis/")
    found = refusal(connectwise_on(connectwise).list_agreements)
    assert (found.code, found.fields["field"]) == (ErrorCode.WRONG_CREDENTIALS, "company")


def test_plain_http_is_for_this_machine_only(connectwise: FakeConnectWise) -> None:
    with pytest.raises(Misused) as caught:
        connectwise_on(connectwise, url="http://psa.acme.example")
    assert caught.value.fields["needed"] == "https"


def test_a_client_id_that_can_not_be_sent(connectwise: FakeConnectWise) -> None:
    with pytest.raises(Misused):
        connectwise_on(connectwise, client_id="line\nbreak")


# --- rights ---------------------------------------------------------------------------------------


def rights(connectwise: FakeConnectWise, **levels: str) -> None:
    given = {"companies": "I", "agreements": "IAE", "invoicing": "I", "catalog": "IAE", "tables": "I", **levels}
    connectwise.records["/system/mySecurity"] = [
        security_row("Companies", "Company Maintenance", given["companies"]),
        security_row("Finance", "Agreements", given["agreements"]),
        security_row("Finance", "Invoicing", given["invoicing"]),
        security_row("Procurement", "Product Catalog", given["catalog"]),
        security_row("System", "Table Setup", given["tables"]),
    ]


def test_the_right_rights(connectwise: FakeConnectWise) -> None:
    checked = connectwise_on(connectwise).check()
    assert (checked.missing, checked.excess, checked.notes) == ((), (), {})


def test_rights_are_named_one_by_one(connectwise: FakeConnectWise) -> None:
    rights(connectwise, companies="IE", agreements="IED", catalog="", invoicing="IA", tables="")
    checked = connectwise_on(connectwise).check()
    assert [str(right) for right in checked.missing] == [
        "Finance / Agreements / Add",
        "Procurement / Product Catalog / Inquire",
        "Procurement / Product Catalog / Add",
        "Procurement / Product Catalog / Edit",
    ]
    assert [str(right) for right in checked.excess] == [
        "Companies / Company Maintenance / Edit",
        "Finance / Agreements / Delete",
        "Finance / Invoicing / Add",
    ]
    assert checked.notes == {"recommended": "System / Table Setup / Inquire"}


def test_level_my_is_not_enough_and_still_too_much(connectwise: FakeConnectWise) -> None:
    row = security_row("Finance", "Agreements", "IAE") | {"editLevel": "My", "deleteLevel": "My"}
    connectwise.records["/system/mySecurity"][1] = row
    checked = connectwise_on(connectwise).check()
    assert [str(right) for right in checked.missing] == ["Finance / Agreements / Edit"]
    assert [str(right) for right in checked.excess] == ["Finance / Agreements / Delete"]


@pytest.mark.parametrize(
    "names",
    [
        {"moduleFunctionDescription": "Agreements", "moduleDescription": "Finance"},
        {"moduleFunctionIdentifier": "agreements", "moduleIdentifier": "finance"},
        {"moduleFunctionName": "Agreements"},
    ],
)
def test_rows_name_their_function_in_several_ways(connectwise: FakeConnectWise, names: dict[str, str]) -> None:
    row = security_row("Finance", "Agreements", "IAE")
    del row["moduleName"], row["moduleFunctionName"]
    connectwise.records["/system/mySecurity"][1] = row | names
    assert connectwise_on(connectwise).check().missing == ()


def test_an_administrator_has_too_many_rights(connectwise: FakeConnectWise) -> None:
    connectwise.records["/system/myMembers"] = [{"id": 5, "securityRole": {"id": 63, "name": "Admin"}}]
    connectwise.give(answer({"id": 63, "name": "Admin", "adminFlag": True}), only="/securityroles")
    assert [str(right) for right in connectwise_on(connectwise).check().excess] == [
        "System / Security Roles / Administrator"
    ]


def test_rights_that_can_not_be_read_are_tried(connectwise: FakeConnectWise) -> None:
    security = "You do not have security permission to perform this action."
    del connectwise.records["/system/mySecurity"]

    def deny(request: httpx2.Request) -> httpx2.Response:
        return told("Security", security, 403) if "catalog" in request.url.path else connectwise.usual(request)

    connectwise.give(connectwise.usual, *[deny] * 6, only="/apis/")
    checked = connectwise_on(connectwise).check()
    assert [str(right) for right in checked.missing] == ["Procurement / Product Catalog / Inquire"]
    assert checked.notes == {"rights": "unreadable"}


def test_a_missing_right_of_one_call(connectwise: FakeConnectWise) -> None:
    psa = connectwise_on(connectwise)
    connectwise.give(told("Security", "You do not have security permission.", 403), only="/agreements")
    found = refusal(psa.list_agreements)
    assert (found.code, found.fields["message"]) == (
        ErrorCode.MISSING_RIGHT,
        "You do not have security permission.",
    )


# --- reading --------------------------------------------------------------------------------------


def test_companies_that_nothing_may_be_written_for(connectwise: FakeConnectWise) -> None:
    connectwise.records["/company/companies"] = [
        {"id": 1, "identifier": "A", "name": "A", "status": {"id": 1, "name": "Active"}},
        {"id": 2, "identifier": "B", "name": "B", "status": {"id": 2, "name": "Former"}},
        {"id": 3, "identifier": "C", "name": "C", "status": {"id": 3, "name": "Inactive (old)"}},
        {"id": 4, "identifier": "D", "name": "D", "deletedFlag": True},
        {"id": 5, "identifier": "E", "name": "E"},
    ]
    assert [one.active for one in connectwise_on(connectwise).list_companies()] == [True, False, False, False, True]


def test_statuses_may_be_unreadable(connectwise: FakeConnectWise) -> None:
    connectwise.give(told("Security", "no", 403), only="/statuses")
    assert connectwise_on(connectwise).list_companies()


def one_agreement(connectwise: FakeConnectWise, **fields: Any) -> Agreement:
    connectwise.records["/finance/agreements"] = [agreement_row(1, **fields)]
    return connectwise_on(connectwise, today=lambda: date(2026, 11, 26)).list_agreements()[0]


def test_an_agreement(connectwise: FakeConnectWise) -> None:
    assert one_agreement(connectwise, prorateFlag=True, parentAgreement={"id": 9}) == Agreement(
        id=1,
        name="Agreement 1",
        company=1,
        type="Managed Services",
        state=AgreementState.ACTIVE,
        since=date(2025, 1, 1),
        billing_starts=date(2025, 1, 1),
        next_invoice=date(2026, 12, 1),
        invoiced_to=date(2026, 12, 1),
        currency="EUR",
        prorates=True,
        parent=9,
    )


@pytest.mark.parametrize(
    ("fields", "state", "since"),
    [
        ({}, "active", date(2025, 1, 1)),
        ({"agreementStatus": None}, "active", date(2025, 1, 1)),
        ({"agreementStatus": "Cancelled", "dateCancelled": "2026-10-01T00:00:00Z"}, "cancelled", date(2026, 10, 1)),
        ({"cancelledFlag": True, "dateCancelled": "2026-10-01T00:00:00Z"}, "cancelled", date(2026, 10, 1)),
        ({"cancelledFlag": True}, "cancelled", None),
        ({"cancelledFlag": True, "dateCancelled": "2027-10-01T00:00:00Z"}, "active", date(2025, 1, 1)),
        ({"agreementStatus": "Expired", "endDate": "2026-10-31T00:00:00Z"}, "expired", date(2026, 10, 31)),
        ({"agreementStatus": None, "endDate": "2026-10-31T00:00:00Z"}, "expired", date(2026, 10, 31)),
        (
            {"agreementStatus": None, "endDate": "2026-10-31T00:00:00Z", "noEndingDateFlag": True},
            "active",
            date(2025, 1, 1),
        ),
        ({"agreementStatus": "Inactive", "startDate": "2027-01-01T00:00:00Z"}, "not_started", date(2027, 1, 1)),
        ({"agreementStatus": None, "startDate": "2027-01-01T00:00:00Z"}, "not_started", date(2027, 1, 1)),
        ({"agreementStatus": "Inactive"}, "inactive", None),
        ({"agreementStatus": "Something new"}, "inactive", None),
    ],
)
def test_the_state_of_an_agreement(
    connectwise: FakeConnectWise, fields: dict[str, Any], state: str, since: date | None
) -> None:
    found = one_agreement(connectwise, **fields)
    assert (found.state, found.since) == (state, since)


@pytest.mark.parametrize(
    ("fields", "arrears", "first_open"),
    [
        ({"periodType": "Current"}, set(), date(2026, 12, 1)),
        ({"periodType": "Undefined"}, {"Current"}, date(2026, 12, 1)),
        ({"periodType": "Current"}, {"Current"}, date(2026, 11, 1)),
        ({"periodType": "Current", "nextInvoiceDate": None}, {"Current"}, None),
        ({"periodType": "Current", "nextInvoiceDate": ""}, {"Current"}, None),
        ({"periodType": "Current", "billingCycle": None}, {"Current"}, date(2026, 12, 1)),
        ({"periodType": "Current", "billingCycle": {"id": 99, "name": "Quarterly"}}, {"Current"}, date(2026, 9, 1)),
    ],
)
def test_the_first_day_that_is_not_invoiced(
    connectwise: FakeConnectWise, fields: dict[str, Any], arrears: set[str], first_open: date | None
) -> None:
    connectwise.records["/finance/agreements"] = [agreement_row(1, **fields)]
    psa = connectwise_on(connectwise, settings=replace(SHORT, arrears=frozenset(arrears)))
    assert psa.list_agreements()[0].invoiced_to == first_open


@pytest.mark.parametrize(
    ("option", "earlier"),
    [
        ("Weekly", date(2026, 3, 24)),
        ("BiWeekly", date(2026, 3, 17)),
        ("Monthly", date(2026, 2, 28)),
        ("BiMonthly", date(2026, 1, 31)),
        ("Quarterly", date(2025, 12, 31)),
        ("SemiAnnual", date(2025, 9, 30)),
        ("Yearly", date(2025, 3, 31)),
        ("NotRecurring", date(2026, 3, 31)),
        ("", date(2026, 3, 31)),
    ],
)
def test_one_billing_cycle_earlier(option: str, earlier: date) -> None:
    assert one_cycle_earlier(date(2026, 3, 31), option) == earlier


def test_lines(connectwise: FakeConnectWise) -> None:
    connectwise.additions[1] = [
        line_row(5, lessIncluded=2.5, unitPrice=4.2, effectiveDate="2026-01-01T00:00:00Z", description="Item"),
        line_row(6, quantity=None, billCustomer="DoNotBill", cancelledDate="2026-06-30T00:00:00Z", agreementId=None),
        line_row(7, billCustomer=None, invoiceDescription="As printed"),
    ]
    one, two, three = connectwise_on(connectwise).list_additions([1])[1]
    assert (one.quantity, one.less_included, one.unit_price) == (Decimal(10), Decimal("2.5"), Decimal("4.2"))
    assert (one.effective, one.description) == (date(2026, 1, 1), "Item")
    assert (two.quantity, two.bill, two.cancelled, two.agreement) == (
        Decimal(0),
        Bill.DO_NOT_BILL,
        date(2026, 6, 30),
        1,
    )
    assert (three.bill, three.description) == (Bill.BILLABLE, "As printed")


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"quantity": "ten"}, "quantity"),
        ({"billCustomer": "Sometimes"}, "billCustomer"),
        ({"product": {}}, "id"),
        ({"product": 77}, "product"),
        ({"cancelledDate": "2026-02-30T00:00:00Z"}, "cancelledDate"),
    ],
)
def test_a_line_that_is_not_understood_is_named(connectwise: FakeConnectWise, fields: Any, what: str) -> None:
    connectwise.additions[1] = [line_row(5), line_row(6, **fields)]
    with pytest.raises(Unexpected) as caught:
        connectwise_on(connectwise).list_additions([1])
    assert (caught.value.fields["what"], caught.value.fields["line"]) == (what, "6")
    assert caught.value.fields["route"] == "GET /finance/agreements/{id}/additions"


def test_gone_is_only_what_the_api_says_is_gone(connectwise: FakeConnectWise) -> None:
    psa = connectwise_on(connectwise)
    assert psa.list_additions([1, 99]) == {1: ()}
    connectwise.give(raw("<html>Not Found</html>", 404), only="/additions")
    with pytest.raises(Unexpected):
        psa.list_additions([1])


def test_one_failure_ends_the_reading_of_lines(connectwise: FakeConnectWise) -> None:
    connectwise.give(*[raw("", 500)] * 2, only="/finance/agreements/2/")
    with pytest.raises(RetryLater):
        connectwise_on(connectwise).list_additions([1, 2])


def test_items(connectwise: FakeConnectWise) -> None:
    item, bundle = connectwise_on(connectwise).list_catalog_items()
    assert (item.price, item.cost, item.subcategory, item.type) == (Decimal("4.2"), Decimal(2), "Security", "Service")
    assert (item.recurring, item.billing_cycle, item.updated) == (True, "Monthly", "2026-01-05T08:00:00Z")
    assert item.billable
    assert not bundle.billable
    connectwise.records["/procurement/catalog"] = [{"id": 1, "identifier": "X", "inactiveFlag": True}]
    bare = connectwise_on(connectwise).list_catalog_items()[0]
    assert (bare.active, bare.item_class, bare.price, bare.updated) == (False, "NonInventory", Decimal(0), "")


def test_the_search_asks_for_what_conditions_can_hold(connectwise: FakeConnectWise) -> None:
    assert containing("XDR") == '(identifier contains "XDR") or (description contains "XDR")'
    assert containing('a"b\\c') == (
        '(identifier contains "a" and identifier contains "b" and identifier contains "c") or '
        '(description contains "a" and description contains "b" and description contains "c")'
    )
    assert containing('"%*"') == "id > 0"
    connectwise.records["/procurement/catalog"] = [
        item_row(1, identifier='19" rack'),
        item_row(2, identifier="19 racks", description='or 19" ones'),
        item_row(3),
    ]
    assert [one.id for one in connectwise_on(connectwise).find_catalog_items(' 19" R')] == [1]


def test_at_most_fifty_are_found(connectwise: FakeConnectWise) -> None:
    connectwise.records["/procurement/catalog"] = [item_row(number) for number in range(100, 300)]
    assert len(connectwise_on(connectwise).find_catalog_items("item")) == 50


def test_set_up_tables(connectwise: FakeConnectWise) -> None:
    setup = connectwise_on(connectwise).list_setup()
    assert (setup.categories[0].default, setup.subcategories[0].parent) == (True, 1)
    assert [one.active for one in setup.units] == [True, False]


# --- paging ---------------------------------------------------------------------------------------


def many(connectwise: FakeConnectWise, number: int) -> None:
    connectwise.page_size = 3
    rows = [{"id": id, "identifier": f"C{id}", "name": f"C{id}"} for id in range(1, number + 1)]
    connectwise.records["/company/companies"] = rows


def ids(connectwise: FakeConnectWise) -> list[int]:
    return [one.id for one in connectwise_on(connectwise).list_companies()]


def asked(connectwise: FakeConnectWise) -> list[str]:
    pages = [one.url.params for one in connectwise.requests if one.url.path == COMPANIES]
    return [page.get("pageId", page.get("page", "")) for page in pages]


@pytest.mark.parametrize("number", [0, 1, 3, 4, 10])
def test_all_pages_are_read_forward(connectwise: FakeConnectWise, number: int) -> None:
    many(connectwise, number)
    assert ids(connectwise) == list(range(1, number + 1))


def test_the_next_address_is_never_followed(connectwise: FakeConnectWise) -> None:
    many(connectwise, 7)
    ids(connectwise)
    assert asked(connectwise) == ["", "3", "6"]
    assert {one.url.host for one in connectwise.requests} == {"na.myconnectwise.net", "api-na.myconnectwise.net"}


def navigable(connectwise: FakeConnectWise) -> None:
    """From now on the server knows page numbers only."""

    def page(request: httpx2.Request) -> httpx2.Response:
        rows = connectwise.records["/company/companies"]
        number, size = int(request.url.params.get("page", "1")), connectwise.page_size
        link = '<https://x/y?a=%2C&page=1>; rel="first"'
        if number * size < len(rows):
            link += f', <https://x/y?pageSize=3&page={number + 1}>; rel="next", <https://x/y?page=9>; rel="last"'
        return answer(rows[(number - 1) * size : number * size], Link=link)

    connectwise.give(*[page] * 30, only=COMPANIES)


def test_a_server_that_only_knows_numbers(connectwise: FakeConnectWise) -> None:
    many(connectwise, 8)
    connectwise.give(answer([]), only="/statuses")
    psa = connectwise_on(connectwise)
    psa.list_companies()
    connectwise.requests.clear()
    navigable(connectwise)
    assert [one.id for one in psa.list_companies()] == list(range(1, 9))
    assert asked(connectwise) == ["", "1", "2", "3"]
    assert connectwise.requests[-1].url.params["orderBy"] == "id asc"


def test_a_server_that_links_nothing(connectwise: FakeConnectWise) -> None:
    rows = [{"id": id} for id in range(1, 1501)]

    def page(request: httpx2.Request) -> httpx2.Response:
        after = int(request.url.params.get("pageId", "0"))
        return answer(rows[after : after + 1000])

    connectwise.give(answer([]), page, page, only="/company/companies")
    assert len(ids(connectwise)) == 1500


def test_numbers_without_links(connectwise: FakeConnectWise) -> None:
    rows = [{"id": id} for id in range(1, 1501)]

    def page(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page", "1"))
        return answer(rows[(number - 1) * 1000 : number * 1000])

    connectwise.give(answer([]), *[page] * 9, only="/company/companies")
    assert len(ids(connectwise)) == 1500


def test_a_page_that_comes_again_is_a_loop(connectwise: FakeConnectWise) -> None:
    page = answer([{"id": 1}, {"id": 2}], Link='<https://x/y?page=2>; rel="next"')
    connectwise.give(answer([]), *[page] * 9, only="/company/companies")
    with pytest.raises(Unexpected) as caught:
        ids(connectwise)
    assert caught.value.code is ErrorCode.PAGING_LOOP


def test_a_key_that_comes_again_is_a_loop(connectwise: FakeConnectWise) -> None:
    pages = [answer([{"id": id}], Link='<https://x/y?pageId=5>; rel="next"') for id in (1, 2, 3)]
    connectwise.give(answer([]), *pages, only="/company/companies")
    with pytest.raises(Unexpected) as caught:
        ids(connectwise)
    assert caught.value.code is ErrorCode.PAGING_LOOP


@pytest.mark.parametrize("body", [{}, "text", [1], [{"name": "no id"}], [{"id": "x"}], 5])
def test_something_else_than_a_list(connectwise: FakeConnectWise, body: Any) -> None:
    connectwise.give(answer([]), answer(body), only="/company/companies")
    with pytest.raises(Unexpected):
        ids(connectwise)


# --- writing --------------------------------------------------------------------------------------


def test_a_new_line_is_sent_with_the_least(connectwise: FakeConnectWise) -> None:
    connectwise_on(connectwise).create_addition(NEW, deadline=soon())
    assert connectwise.requests[-1].content == (
        b'{"product":{"id":77},"quantity":10,"billCustomer":"Billable","effectiveDate":"2026-11-01T00:00:00Z"}'
    )


@pytest.mark.parametrize(
    ("edit", "sent"),
    [
        (AdditionEdit(quantity=Decimal("7.50")), b'[{"op":"replace","path":"quantity","value":7.5}]'),
        (
            AdditionEdit(cancelled=date(2026, 12, 31)),
            b'[{"op":"replace","path":"cancelledDate","value":"2026-12-31T00:00:00Z"}]',
        ),
        (
            AdditionEdit(quantity=Decimal(0), reopen=True),
            b'[{"op":"replace","path":"quantity","value":0},{"op":"remove","path":"cancelledDate"}]',
        ),
    ],
)
def test_an_update_sends_what_it_names(connectwise: FakeConnectWise, edit: AdditionEdit, sent: bytes) -> None:
    connectwise.additions[1] = [line_row(5)]
    connectwise_on(connectwise).update_addition(1, 5, edit, deadline=soon())
    assert connectwise.requests[-1].method == "PATCH"
    assert connectwise.requests[-1].url.path == f"{API}/finance/agreements/1/additions/5"
    assert connectwise.requests[-1].content == sent


@pytest.mark.parametrize("body", [raw('{"id": 5, "prod', 201), answer([], 201), answer({"id": 5}, 201), raw("", 204)])
def test_a_write_whose_answer_is_not_understood_may_be_done(
    connectwise: FakeConnectWise, body: httpx2.Response
) -> None:
    connectwise.give(body, only="/additions")
    with pytest.raises(RetryLater) as caught:
        connectwise_on(connectwise).create_addition(NEW, deadline=soon())
    assert (caught.value.certain, caught.value.code) == (False, ErrorCode.NOT_UNDERSTOOD)


def test_writes_are_sent_once(connectwise: FakeConnectWise) -> None:
    for failure in (raw("", 500), throttled(), told("Unauthorized", "no", 401), httpx2.ReadTimeout("slow")):
        connectwise.requests.clear()
        connectwise.give(failure, only="/additions")
        with pytest.raises(RetryLater):
            connectwise_on(connectwise).create_addition(NEW, deadline=soon())
        assert [path for path in connectwise.paths() if path.startswith("POST")] == [
            f"POST {API}/finance/agreements/1/additions"
        ]


def test_the_next_write_waits_as_long_as_the_server_asked(connectwise: FakeConnectWise, moment: Time) -> None:
    psa = connectwise_on(connectwise, ticker=moment.ticker)
    connectwise.give(throttled("30"), only="/additions")
    with pytest.raises(RetryLater) as caught:
        psa.create_addition(NEW, deadline=moment.at + 60)
    assert caught.value.after == 30
    psa.create_addition(NEW, deadline=moment.at + 60)
    assert moment.slept == [30]


def test_the_servers_reason_reaches_the_person(connectwise: FakeConnectWise) -> None:
    reason = "effectiveDate cannot be less than the agreement billing start date"
    connectwise.give(invalid("addition", "effectiveDate", reason), only="/additions")
    found = refusal(connectwise_on(connectwise).create_addition, NEW, deadline=soon())
    assert found.fields["errors"] == {"effective": reason}
    assert found.fields["message"] == "addition object is invalid"


def test_errors_of_an_item_bear_the_names_of_the_form(connectwise: FakeConnectWise) -> None:
    named = ("recurringBillCycle/id", "unitOfMeasure", "customerDescription", "price", "vendorSku")
    errors = [{"field": field, "message": "bad"} for field in named]
    connectwise.give(told("InvalidObject", "catalogItem object is invalid", 400, errors), only="/catalog")
    found = refusal(connectwise_on(connectwise).create_catalog_item, ItemEdit(identifier="X"))
    assert found.fields["errors"] == dict.fromkeys(
        ("billing_cycle", "unit", "customer_description", "price", "vendor_sku"), "bad"
    )


def test_a_new_item(connectwise: FakeConnectWise) -> None:
    edit = ItemEdit(
        identifier="NEW", description="New", subcategory=1, type=1, unit=1, price=Decimal("4.20"), taxable=False
    )
    connectwise_on(connectwise).create_catalog_item(edit)
    assert json.loads(connectwise.requests[-1].content) == {
        "identifier": "NEW",
        "description": "New",
        "customerDescription": "New",
        "subcategory": {"id": 1},
        "type": {"id": 1},
        "unitOfMeasure": {"id": 1},
        "price": 4.2,
        "taxableFlag": False,
    }


def test_an_item_is_read_before_it_is_edited(connectwise: FakeConnectWise) -> None:
    psa = connectwise_on(connectwise)
    seen = psa.get_catalog_item(77).updated
    connectwise.requests.clear()
    psa.update_catalog_item(77, ItemEdit(recurring=True, price=Decimal(5)), seen=seen)
    assert connectwise.paths() == [f"GET {API}/procurement/catalog/77", f"PATCH {API}/procurement/catalog/77"]
    assert json.loads(connectwise.requests[-1].content) == [
        {"op": "replace", "path": "price", "value": 5},
        {"op": "replace", "path": "recurringFlag", "value": True},
        {"op": "replace", "path": "recurringBillCycle", "value": {"id": 2}},
    ]


def test_an_edit_of_nothing_sends_nothing(connectwise: FakeConnectWise) -> None:
    psa = connectwise_on(connectwise)
    psa.update_catalog_item(77, ItemEdit(), seen="2026-01-05T08:00:00Z")
    assert not any(path.startswith("PATCH") for path in connectwise.paths())


def test_the_private_key_is_nowhere(connectwise: FakeConnectWise) -> None:
    kept: list[Exchange] = []

    def echo(request: httpx2.Request) -> httpx2.Response:
        return answer([{"id": 1, "name": request.headers["Authorization"], "identifier": SECRET}])

    connectwise.give(answer([]), echo, only="/company/companies")
    connectwise_on(connectwise, record=kept.append).list_companies()
    assert kept[-1].route == "GET /company/companies"
    basic = base64.b64encode(f"sim+pub:{SECRET}".encode())
    assert all(SECRET.encode() not in one.body and basic not in one.body for one in kept)
