"""Sophos on a fake transport: who calls, tokens, customers."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import (
    PARTNER,
    SECRET,
    FakeSophos,
    Time,
    answer,
    error,
    raw,
    tenant,
)
from tests.connectors.stages import sophos_on
from truecount.connectors.sophos import api_host
from truecount.core.errors import ErrorCode, Refused, Unexpected
from truecount.core.model import BillingType
from truecount.core.period import Period
from truecount.core.ports import Exchange

MONTH = Period(2026, 11)


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
