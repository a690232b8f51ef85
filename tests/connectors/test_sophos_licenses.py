"""Sophos on a fake transport: licences in use by customer, one of them failing, all of them; firewall licences."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from tests.connectors.fakes import (
    TENANT,
    FakeSophos,
    Time,
    answer,
    error,
    license_row,
    raw,
    throttled,
)
from tests.connectors.stages import SHORT, sophos_on
from truecount.connectors.sophos_records import live_line
from truecount.core.errors import ErrorCode, Refused, RetryLater, Unexpected


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
