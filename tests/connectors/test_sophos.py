"""Sophos on a fake transport: who calls, tokens, pages that are whole, odd lines, customers that can't be read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import (
    PARTNER,
    SECRET,
    TENANT,
    FakeSophos,
    Time,
    answer,
    error,
    license_row,
    raw,
    report_line,
    tenant,
    throttled,
)
from tests.connectors.stages import SHORT, sophos_on
from truecount.connectors.sophos import api_host
from truecount.connectors.sophos_records import is_firewall, live_line
from truecount.core.errors import ErrorCode, NotReady, Refused, RetryLater, Unexpected
from truecount.core.model import BillingType, UsageLine
from truecount.core.period import Period
from truecount.core.ports import Exchange

MONTH = Period(2026, 11)
REPORT = "/partner/v1/billing/usage/2026/11"


def report(fake: FakeSophos, *lines: dict[str, Any]) -> list[UsageLine]:
    fake.reports["2026/11"] = list(lines)
    return sophos_on(fake).list_usage(MONTH)


def trouble(fake: FakeSophos, *lines: dict[str, Any]) -> Unexpected:
    with pytest.raises(Unexpected) as caught:
        report(fake, *lines)
    return caught.value


def test_it_works(sophos: FakeSophos) -> None:
    lines = sophos_on(sophos).list_usage(MONTH)
    assert lines == [
        UsageLine(
            customer=TENANT.format(1),
            code="CIXA-MSP",
            billable=Decimal(10),
            actual=Decimal(10),
            name="Sophos Endpoint - User MSP Monthly",
            group="User",
            order_line="OrderLine-1",
            serial="1231231",
            unit_price=Decimal("2.5"),
        ),
        replace(lines[0], customer=TENANT.format(2), billable=Decimal(0), actual=Decimal(0), order_line="OrderLine-2"),
    ]


# --- who calls ------------------------------------------------------------------------------------


def test_a_partner_says_so_on_every_call(sophos: FakeSophos) -> None:
    sophos_on(sophos).list_customers()
    login, whoami, *pages = sophos.requests
    assert login.content == f"grant_type=client_credentials&client_id=sim&client_secret={SECRET}&scope=token".encode()
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in login.headers
    assert str(login.url) == "https://id.sophos.com/api/v2/oauth2/token"
    assert "X-Partner-ID" not in whoami.headers
    assert [page.headers["X-Partner-ID"] for page in pages] == [PARTNER] * len(pages)


def test_the_address_of_the_token_may_be_given_in_full(sophos: FakeSophos) -> None:
    sophos_on(sophos, auth_url="https://id.sophos.com/api/v2/oauth2/token").list_customers()
    assert sophos.requests[0].url.path == "/api/v2/oauth2/token"


def test_an_organization_has_its_own_list_and_no_report(sophos: FakeSophos) -> None:
    sophos.who |= {"idType": "organization", "id": "org-1"}
    source = sophos_on(sophos)
    assert len(source.list_customers()) == 3
    assert sophos.requests[-1].url.path == "/organization/v1/tenants"
    assert sophos.requests[-1].headers["X-Organization-ID"] == "org-1"
    with pytest.raises(Refused) as caught:
        source.list_usage(MONTH)
    assert caught.value.code is ErrorCode.MISSING_RIGHT
    assert [str(right) for right in source.check().missing] == ["Sophos Central / Billing usage / Read"]


def test_a_tenants_credentials_are_the_wrong_ones(sophos: FakeSophos) -> None:
    sophos.who |= {"idType": "tenant"}
    with pytest.raises(Refused) as caught:
        sophos_on(sophos).check()
    assert caught.value.code is ErrorCode.WRONG_CREDENTIALS
    assert (caught.value.fields["found"], caught.value.fields["needed"]) == ("tenant", "partner")


@pytest.mark.parametrize("who", [[], {"id": "x"}, {"idType": "partner"}, {"id": 1, "idType": ["partner"]}])
def test_a_strange_whoami_is_not_understood(sophos: FakeSophos, who: Any) -> None:
    sophos.give(answer(who), only="/whoami")
    with pytest.raises(Unexpected):
        sophos_on(sophos).check()


@pytest.mark.parametrize(
    ("configured", "told", "used"),
    [
        ("https://api.central.sophos.com", "http://api-eu.central.sophos.com/", "https://api-eu.central.sophos.com"),
        ("https://api.central.sophos.com", "https://sophos.com.evil.example", "https://api.central.sophos.com"),
        ("https://api.central.sophos.com", "https://evilsophos.com", "https://api.central.sophos.com"),
        ("https://api.central.sophos.com", "", "https://api.central.sophos.com"),
        ("http://127.0.0.1:18081", "https://api.central.sophos.com", "http://127.0.0.1:18081"),
        ("http://127.0.0.1:18081", "http://evil.example", "http://127.0.0.1:18081"),
    ],
)
def test_a_token_goes_to_sophos_or_where_it_was_told(configured: str, told: str, used: str) -> None:
    assert api_host(configured, told) == used


def test_missing_rights_are_named(sophos: FakeSophos) -> None:
    sophos.give(error("forbidden", 403), only="/firewalls")
    checked = sophos_on(sophos).check()
    assert checked.identity == f"partner {PARTNER}"
    assert [str(right) for right in checked.missing] == ["Sophos Central / Firewall licenses / Read"]


# --- tokens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_secret_is_named(sophos: FakeSophos, status: int) -> None:
    body = {"errorCode": "oauth.invalid_client", "message": f"no such client, not {SECRET}", "trackingId": "t-1"}
    sophos.give(answer(body, status), only="/token")
    with pytest.raises(Refused) as caught:
        sophos_on(sophos).list_customers()
    assert caught.value.code is ErrorCode.WRONG_CREDENTIALS
    assert caught.value.fields["system"] == "Sophos Central"
    assert SECRET not in str(caught.value)


def test_a_token_that_expires_between_pages_is_renewed_once(sophos: FakeSophos) -> None:
    sophos.tenants = [tenant(number) for number in range(6)]

    def second(request: httpx2.Request) -> httpx2.Response:
        sophos.expire()
        return sophos.usual(request)

    sophos.give(sophos.usual, second, only="/tenants")
    assert len(sophos_on(sophos).list_customers()) == 6
    assert sophos.paths().count("POST /api/v2/oauth2/token") == 2
    assert sophos.paths().count("GET /partner/v1/tenants") == 4


def test_a_token_is_renewed_before_it_expires(sophos: FakeSophos, moment: Time) -> None:
    source = sophos_on(sophos, ticker=moment.ticker)
    source.list_customers()
    moment.at += 3539
    source.list_customers()
    assert sophos.paths().count("POST /api/v2/oauth2/token") == 1
    moment.at += 2
    source.list_customers()
    assert sophos.paths().count("POST /api/v2/oauth2/token") == 2


def test_a_token_that_is_never_accepted_is_not_asked_for_again_and_again(sophos: FakeSophos) -> None:
    sophos.give(*[error("notAuthorized", 401)] * 20, only="/whoami")
    with pytest.raises(Refused) as caught:
        sophos_on(sophos).list_customers()
    assert caught.value.code is ErrorCode.WRONG_CREDENTIALS
    assert sophos.paths().count("POST /api/v2/oauth2/token") == 2


@pytest.mark.parametrize(
    "body",
    [
        {"errorCode": "success"},
        {"access_token": ""},
        {"access_token": 5.5},
        [],
        {"access_token": "x", "expires_in": "soon"},
    ],
)
def test_an_answer_without_a_token_is_not_understood(sophos: FakeSophos, body: Any) -> None:
    sophos.give(answer(body), only="/token")
    with pytest.raises(Unexpected):
        sophos_on(sophos).list_customers()


def test_a_login_that_fails_is_tried_again_with_the_read(sophos: FakeSophos) -> None:
    sophos.give(raw("", 503), only="/token")
    assert len(sophos_on(sophos).list_customers()) == 3


def test_a_wrong_address_is_not_a_wrong_secret(sophos: FakeSophos) -> None:
    sophos.give(answer({"message": "no route"}, 404), only="/token")
    with pytest.raises(Refused) as caught:
        sophos_on(sophos).list_customers()
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_neither_secret_nor_token_is_kept(sophos: FakeSophos) -> None:
    kept: list[Exchange] = []

    def echo(request: httpx2.Request) -> httpx2.Response:
        return answer({"items": [], "seen": dict(request.headers), "secret": SECRET})

    sophos.give(echo, only="/tenants")
    sophos_on(sophos, record=kept.append).list_customers()
    assert [one.route for one in kept] == ["POST /api/v2/oauth2/token", "GET /whoami/v1", "GET /partner/v1/tenants"]
    everything = b"".join(one.body for one in kept)
    assert b"token-number" not in everything
    assert SECRET.encode() not in everything


# --- customers ------------------------------------------------------------------------------------


def test_customers(sophos: FakeSophos) -> None:
    sophos.tenants = [
        tenant(1, showAs="Renamed"),
        tenant(2, billingType="term", status="suspended"),
        {"id": "x", "name": "Only a name", "billingType": "something new"},
    ]
    one, two, three = sophos_on(sophos).list_customers()
    assert (one.name, one.billing, one.active) == ("Renamed", BillingType.USAGE, True)
    assert (two.billing, two.active) == (BillingType.TERM, False)
    assert (three.name, three.billing, three.active) == ("Only a name", BillingType.UNKNOWN, True)


def test_the_page_count_is_asked_for_once(sophos: FakeSophos) -> None:
    sophos.tenants = [tenant(number) for number in range(4)]
    sophos_on(sophos).list_customers()
    asked = [dict(one.url.params) for one in sophos.requests if one.url.path == "/partner/v1/tenants"]
    assert asked == [{"pageSize": "100", "page": "1", "pageTotal": "true"}, {"pageSize": "100", "page": "2"}]


def test_customers_cut_short(sophos: FakeSophos) -> None:
    sophos.tenants = [tenant(number) for number in range(4)]
    sophos.give(sophos.usual, answer({"items": [tenant(9)], "pages": {"current": 2, "size": 2}}), only="/tenants")
    with pytest.raises(Unexpected) as caught:
        sophos_on(sophos).list_customers()
    assert caught.value.code is ErrorCode.CUT_SHORT
    assert (caught.value.fields["items"], caught.value.fields["read"]) == (4, 3)


def test_the_same_page_again_is_a_loop(sophos: FakeSophos) -> None:
    page = {"items": [tenant(1), tenant(2)], "pages": {"current": 1, "size": 2}}
    sophos.give(*[answer(page)] * 9, only="/tenants")
    with pytest.raises(Unexpected) as caught:
        sophos_on(sophos).list_customers()
    assert caught.value.code is ErrorCode.PAGING_LOOP


@pytest.mark.parametrize("pages", [{}, {"size": 2}, None])
def test_pages_without_figures_end_with_a_short_one(sophos: FakeSophos, pages: Any) -> None:
    first, second = {"items": [tenant(n) for n in range(100)]}, {"items": [tenant(200)]}
    sophos.give(answer({**first, "pages": pages}), answer({**second, "pages": pages}), only="/tenants")
    assert len(sophos_on(sophos).list_customers()) == 101


# --- the report -----------------------------------------------------------------------------------


def test_all_pages_are_read(sophos: FakeSophos) -> None:
    lines = report(sophos, *[report_line(number) for number in range(7)])
    assert [line.order_line for line in lines] == [f"OrderLine-{number}" for number in range(7)]
    asked = [dict(one.url.params) for one in sophos.requests if one.url.path == REPORT]
    assert asked[0] == {"pageSize": "1000", "pageTotal": "true"}
    assert asked[1] == {"pageSize": "1000", "pageFromKey": "2"}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_however_large_the_pages_are(sophos: FakeSophos, size: int) -> None:
    sophos.page_size = size
    assert len(report(sophos, *[report_line(number) for number in range(7)])) == 7
    sophos.tenants = [tenant(number) for number in range(7)]
    assert len(sophos_on(sophos).list_customers()) == 7


def test_an_empty_report_is_a_report(sophos: FakeSophos) -> None:
    assert report(sophos) == []


def test_a_month_that_is_not_there(sophos: FakeSophos) -> None:
    with pytest.raises(NotReady):
        sophos_on(sophos).list_usage(Period(2027, 1))


@pytest.mark.parametrize("body", [raw("<html>no such page</html>", 404), raw("", 404)])
def test_another_404_is_not_a_month_that_is_not_ready(sophos: FakeSophos, body: httpx2.Response) -> None:
    sophos.give(body, only="/billing")
    with pytest.raises((Refused, Unexpected)):
        sophos_on(sophos).list_usage(MONTH)


def pages(*found: tuple[list[dict[str, Any]], dict[str, Any]]) -> list[httpx2.Response]:
    return [answer({"items": items, "pages": about}) for items, about in found]


A, B, C = report_line(1), report_line(2), report_line(3)


@pytest.mark.parametrize(
    "found",
    [
        [([A, B], {"nextKey": "k", "total": 3}), ([C], {})],
        [([A, B], {"nextKey": "k", "total": 3, "items": 3}), ([C], {})],
        [([A, B], {"nextKey": "k", "total": 3, "items": 2}), ([C], {"items": 1})],
        [([A, B], {"nextKey": "k", "total": 2, "items": 3}), ([C], {})],
        [([A, B], {"nextKey": "k", "total": 2, "items": 2}), ([C], {})],
        [([A, B], {"nextKey": "k", "total": 2}), ([C], {})],
        [([A, B], {"nextKey": "k", "items": 3}), ([C], {})],
        [([A, B], {"nextKey": "k", "total": 0}), ([C], {})],
        [([A, B], {"nextKey": "k"}), ([C], {"nextKey": None})],
        [([A, B], {"nextKey": "k"}), ([C], {"nextKey": ""})],
        [([A, B, C], {"total": 1, "items": 3})],
        [([], {"total": 0, "items": 0})],
    ],
    ids=str,
)
def test_figures_that_agree(sophos: FakeSophos, found: Any) -> None:
    sophos.give(*pages(*found), only="/billing")
    assert len(sophos_on(sophos).list_usage(MONTH)) in (0, 3)


@pytest.mark.parametrize(
    "found",
    [
        [([A, B], {"total": 3})],
        [([A, B], {"total": 3, "items": 3})],
        [([A, B], {"total": 3, "items": 2})],
        [([A, B], {"total": 1, "items": 3})],
        [([A, B], {"items": 3})],
        [([A, B], {"nextKey": "k", "total": 4}), ([C], {})],
        [([A, B], {"nextKey": "k", "total": 2, "items": 4}), ([C], {})],
        [([A, B], {"nextKey": "k", "total": 3, "items": 5}), ([C, A], {})],
        [([], {"total": 5, "items": 5})],
    ],
    ids=str,
)
def test_figures_that_tell_of_more(sophos: FakeSophos, found: Any) -> None:
    sophos.give(*pages(*found), only="/billing")
    with pytest.raises(Unexpected) as caught:
        sophos_on(sophos).list_usage(MONTH)
    assert caught.value.code is ErrorCode.CUT_SHORT


def test_a_key_that_comes_again_is_a_loop(sophos: FakeSophos) -> None:
    sophos.give(*pages(*[([A], {"nextKey": "k"})] * 9), only="/billing")
    with pytest.raises(Unexpected) as caught:
        sophos_on(sophos).list_usage(MONTH)
    assert caught.value.code is ErrorCode.PAGING_LOOP


@pytest.mark.parametrize("body", [[], {}, {"items": None, "pages": 5}, {"items": [1]}, {"items": {}}, "text", 5, None])
def test_something_else_than_a_page(sophos: FakeSophos, body: Any) -> None:
    sophos.give(answer(body), only="/billing")
    with pytest.raises(Unexpected) as caught:
        sophos_on(sophos).list_usage(MONTH)
    assert caught.value.code is ErrorCode.NOT_UNDERSTOOD


@pytest.mark.parametrize("field", ["billableQuantity", "actualQuantity", "unitPrice"])
@pytest.mark.parametrize("value", ["twelve", "", True, [], {"count": 1}])
def test_a_quantity_that_is_no_number_names_field_and_line(sophos: FakeSophos, field: str, value: Any) -> None:
    found = trouble(sophos, report_line(1), report_line(2, **{field: value}))
    assert found.code is ErrorCode.NOT_UNDERSTOOD
    assert (found.fields["what"], found.fields["line"]) == (field, "OrderLine-2")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_refused(sophos: FakeSophos, text: str) -> None:
    sophos.give(priced(text), only="/billing")
    with pytest.raises(Unexpected):
        sophos_on(sophos).list_usage(MONTH)


def test_absent_null_and_zero_are_three_things(sophos: FakeSophos) -> None:
    absent = report_line(1)
    del absent["billableQuantity"]
    others = [report_line(number, quantity=value) for number, value in enumerate([None, 0, "12.5", -3], start=2)]
    found = report(sophos, absent, *others)
    assert [line.billable for line in found] == [None, None, 0, Decimal("12.5"), -3]


def test_exact_quantities(sophos: FakeSophos) -> None:
    texts = ("0.1", "10.0", "1E+2", "12345678901234567.8")
    sophos.give(priced(*texts), only="/billing")
    found = [line.billable for line in sophos_on(sophos).list_usage(MONTH)]
    assert found == [Decimal(text) for text in texts]


def priced(*texts: str) -> httpx2.Response:
    """A report with quantities written exactly so."""
    lines = ",".join(f'{{"productCode": "X", "billableQuantity": {text}}}' for text in texts)
    return raw('{"pages": {}, "items": [' + lines + "]}")


def test_whose_line_it_is(sophos: FakeSophos) -> None:
    other = TENANT.format(8)
    found = report(
        sophos,
        report_line(1),
        report_line(2, accountId=None, externalId=other),
        report_line(3, accountId=None, externalId="CUSTOMER-77"),
        report_line(4, accountId="", externalId=None),
    )
    assert [line.customer for line in found] == [TENANT.format(1), other, None, None]


def test_a_line_without_a_code_is_seen_under_its_sku(sophos: FakeSophos) -> None:
    assert report(sophos, report_line(1, productCode=None))[0].code == "CEAZ1CSMG"
    assert trouble(sophos, report_line(1, productCode=None, sku="")).fields["what"] == "productCode"


def test_the_vendors_own_example(sophos: FakeSophos) -> None:
    line = report_line(
        1,
        quantity=20,
        billingEndDate="2021-04-31",
        productDescription="SW/Virtual EnterpriseGuard Plus - UP TO 2 CORES & 4GB RAM - 500-999 DEVICES - MSP Monthly",
        accountNumberOrSerialNumber="C01234ABC1CDEF2",
    )
    found = report(sophos, line)[0]
    assert (found.serial, found.billable, found.firewall) == ("C01234ABC1CDEF2", Decimal(20), True)


@pytest.mark.parametrize(
    ("code", "description"),
    [
        ("xg_email_std", "Firewall Email Protection (standard)"),
        ("xgs_xstream", ""),
        ("X", "XGS 126 Xstream Protection - MSP Monthly"),
        ("X", "SF SW/Virtual - UP TO 2 CORES & 4GB RAM Standard Protection"),
        ("X", "SW/Virtual FullGuard Plus"),
        ("X", "XG 210 TotalProtect"),
        ("X", "Sophos Firewall Web Protection"),
    ],
)
def test_firewalls_are_known_by_code_and_description(code: str, description: str) -> None:
    assert is_firewall(code, description)


@pytest.mark.parametrize(
    ("code", "description"),
    [
        ("CIXA-MSP", "Sophos Endpoint - User MSP Monthly"),
        ("AP6-840-SUP-MSP", "AP6 840 access point support"),
        ("CEMA-MSP", "Sophos Email MSP Monthly"),
        ("FW-PACK", "Central Firewall Integration Pack"),
        ("DNS-MSP", "Sophos DNS Protection"),
        ("CDE-MSP", "Standard Protection"),
        ("", ""),
    ],
)
def test_other_products_are_not(code: str, description: str) -> None:
    assert not is_firewall(code, description)


# --- licences in use ------------------------------------------------------------------------------


def test_live_counts(sophos: FakeSophos) -> None:
    sophos.licenses[TENANT.format(1)] = [
        license_row("CIXA-MSP", 7),
        license_row("CEMA-MSP", None),
        license_row("NDR-MSP", usage=None),
        license_row("CIXA", 99, type="term"),
        license_row("CDE-MSP", 3, product={"code": "CDE-MSP"}),
    ]
    live = sophos_on(sophos).list_live_usage([TENANT.format(1)])
    assert [(line.code, line.billable, line.actual) for line in live.lines] == [
        ("CIXA-MSP", 7, 7),
        ("CEMA-MSP", None, None),
        ("NDR-MSP", None, None),
        ("CDE-MSP", 3, 3),
    ]
    assert live.lines[-1].name == "Central Device Encryption MSP Monthly"
    assert {line.customer for line in live.lines} == {TENANT.format(1)}


def test_a_customers_licences_are_asked_for_in_its_name_alone(sophos: FakeSophos) -> None:
    sophos_on(sophos).list_live_usage([TENANT.format(1)])
    asked = sophos.requests[-1]
    assert asked.headers["X-Tenant-ID"] == TENANT.format(1)
    assert "X-Partner-ID" not in asked.headers
    assert asked.url.host == "api.central.sophos.com"


@pytest.mark.parametrize(
    "failure",
    [
        error("forbidden", 403),
        error("notFound", 404),
        answer({"licenses": [license_row(count="many")]}),
        answer({"licenses": 5}),
        answer({}),
        raw("<html>"),
    ],
)
def test_what_one_customer_fails_with(sophos: FakeSophos, failure: httpx2.Response) -> None:
    sophos.give(failure, only="/licenses/v1/licenses")
    source = sophos_on(sophos, settings=replace(SHORT, threads=1))
    live = source.list_live_usage([TENANT.format(1), TENANT.format(2)])
    assert live.unread == {TENANT.format(1)}
    assert [line.customer for line in live.lines] == [TENANT.format(2)]


def test_an_outage_is_not_waited_for_customer_by_customer(sophos: FakeSophos) -> None:
    everybody = [TENANT.format(number) for number in range(50)]
    sophos.give(sophos.usual, *[raw("", 503)] * 200, only="/licenses/v1/licenses")
    source = sophos_on(sophos, settings=replace(SHORT, threads=1))
    live = source.list_live_usage(everybody)
    assert live.unread == set(everybody[1:])
    assert len(sophos.requests) < 12


def test_no_answer_for_anybody_is_an_error(sophos: FakeSophos) -> None:
    sophos.give(*[raw("", 503)] * 200, only="/licenses/v1/licenses")
    with pytest.raises(RetryLater):
        sophos_on(sophos).list_live_usage([TENANT.format(number) for number in range(9)])


def test_a_secret_that_stops_working_is_an_error(sophos: FakeSophos) -> None:
    source = sophos_on(sophos)
    source.list_customers()
    sophos.expire()
    sophos.secret = "another"
    with pytest.raises(Refused) as caught:
        source.list_live_usage([TENANT.format(1), TENANT.format(2)])
    assert caught.value.code is ErrorCode.WRONG_CREDENTIALS


def test_throttled_reads_go_on(sophos: FakeSophos, moment: Time) -> None:
    sophos.give(throttled("7"), only="/licenses/v1/licenses")
    source = sophos_on(sophos, ticker=moment.ticker, settings=replace(SHORT, threads=1))
    assert source.list_live_usage([TENANT.format(1)]).unread == frozenset()
    assert moment.slept == [7]


def test_a_licence_that_is_not_used_is_not_a_line() -> None:
    assert live_line("x", {"type": "perpetual"}) is None
    assert live_line("x", {}) is None


# --- firewalls ------------------------------------------------------------------------------------


def test_firewalls(sophos: FakeSophos) -> None:
    monthly = [{"type": "usage", "product": {"code": "x"}}]
    sophos.firewalls = [
        {"serialNumber": "A", "model": "XGS126", "tenant": {}, "billingTenant": {"id": "t-1"}, "licenses": monthly},
        {"serialNumber": "B", "tenant": {"id": "t-2"}, "billingTenant": None, "licenses": monthly},
        {"serialNumber": "C", "tenant": {"id": "t-3"}, "licenses": [{"type": "term"}]},
        {"serialNumber": "D", "licenses": [{"type": "term"}]},
        {"serialNumber": "E"},
    ]
    found = sophos_on(sophos).list_firewalls()
    assert [(one.serial, one.customer) for one in found] == [("A", "t-1"), ("B", None), ("C", "t-3"), ("E", None)]


def test_a_firewall_without_a_serial_number_is_not_understood(sophos: FakeSophos) -> None:
    sophos.firewalls = [{"model": "XGS126"}]
    with pytest.raises(Unexpected) as caught:
        sophos_on(sophos).list_firewalls()
    assert caught.value.fields["what"] == "serialNumber"
