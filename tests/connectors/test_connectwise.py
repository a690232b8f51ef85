"""ConnectWise on a fake transport: where the API is, where keys go, which rights are missing or too many."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.connectors.contracts import soon
from tests.connectors.fakes import (
    API,
    SECRET,
    FakeConnectWise,
    answer,
    raw,
    security_row,
    told,
)
from tests.connectors.stages import GUID, connectwise_on, refusal
from truecount.core.errors import ErrorCode, Misused, RetryLater
from truecount.core.ports import NewAddition

NEW = NewAddition(agreement=1, item=77, quantity=Decimal("1E+1"), effective=date(2026, 11, 1))
COMPANIES = f"{API}/company/companies"


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
