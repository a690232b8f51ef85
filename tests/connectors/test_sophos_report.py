"""Sophos' billing report on a fake transport: whole or an error, exact, whose it is, odd lines, firewalls' products."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import (
    TENANT,
    FakeSophos,
    answer,
    raw,
    report_line,
    tenant,
)
from tests.connectors.stages import sophos_on
from truecount.connectors.sophos_records import is_firewall
from truecount.core.errors import ErrorCode, NotReady, Refused, Unexpected
from truecount.core.model import UsageLine
from truecount.core.period import Period

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
