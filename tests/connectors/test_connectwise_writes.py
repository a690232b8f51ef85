"""ConnectWise on a fake transport: what is sent, once, and what refusals say."""

from __future__ import annotations

import base64
import json
from datetime import date
from decimal import Decimal

import httpx2
import pytest

from tests.connectors.contracts import soon
from tests.connectors.fakes import (
    API,
    SECRET,
    FakeConnectWise,
    Time,
    answer,
    invalid,
    line_row,
    raw,
    throttled,
    told,
)
from tests.connectors.stages import connectwise_on, refusal
from truecount.core.errors import ErrorCode, RetryLater
from truecount.core.ports import AdditionEdit, Exchange, ItemEdit, NewAddition

NEW = NewAddition(agreement=1, item=77, quantity=Decimal("1E+1"), effective=date(2026, 11, 1))


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
