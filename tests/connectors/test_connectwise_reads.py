"""ConnectWise on a fake transport: what its records mean, and what is not understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.fakes import (
    FakeConnectWise,
    agreement_row,
    item_row,
    line_row,
    raw,
    told,
)
from tests.connectors.stages import SHORT, connectwise_on
from truecount.connectors.connectwise import containing
from truecount.connectors.connectwise_records import one_cycle_earlier
from truecount.core.errors import RetryLater, Unexpected
from truecount.core.model import Agreement, AgreementState, Bill


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
