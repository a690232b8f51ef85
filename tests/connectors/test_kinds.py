"""The table of connector kinds and what opens a connection."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.stages import GUID, Simulator
from truecount.connectors.connectwise import ConnectWisePsa
from truecount.connectors.http import Settings
from truecount.connectors.kinds import KINDS, Kind, Side, lines_in, open_psa, open_source, usage_routes
from truecount.connectors.pace import Rate
from truecount.connectors.sophos import SophosCentral
from truecount.connectors.values import write
from truecount.core.errors import ErrorCode, Misused, RetryLater
from truecount.core.ports import AdditionEdit, Psa, UsageSource

CONNECTWISE = {"url": "https://na.myconnectwise.net", "company": "acme", "public_key": "pub", "client_id": GUID}


def test_it_works(simulator: Simulator) -> None:
    urls = {"auth_url": simulator.sophos, "api_url": simulator.sophos, "client_id": "sim"}
    source: UsageSource = open_source("sophos", urls, "secret", record=lambda _: None)
    psa: Psa = open_psa(
        "connectwise",
        {**CONNECTWISE, "url": simulator.connectwise, "company": "sim"},
        "priv",
        record=lambda _: None,
    )
    assert len(source.list_customers()) == 12
    assert psa.list_agreements()
    source.close()
    psa.close()


def test_kept_answers_give_the_same_lines_again() -> None:
    report, live = usage_routes("sophos")
    row = {"productCode": "A", "accountId": "c1", "billableQuantity": "2.50", "orderLineItemNumber": "L1"}
    (kept, line), *others = lines_in("sophos", report, write({"items": [row]}).encode())
    assert (kept, others) == (row, [])
    assert (line.customer, line.code, line.billable, line.order_line) == ("c1", "A", Decimal("2.5"), "L1")
    licence: Any = {
        "type": "usage",
        "licenseIdentifier": "L2",
        "product": {"code": "B"},
        "usage": {"current": {"count": 3}},
    }
    found = lines_in("sophos", live, write({"licenses": [{"type": "term"}, licence]}).encode())
    assert [(told["licenseIdentifier"], one.code, one.billable) for told, one in found] == [("L2", "B", 3)]
    assert lines_in("sophos", "GET /partner/v1/tenants", b"{}") == []
    assert lines_in("memory", report, b"{}") == []
    assert usage_routes("memory") == ()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_kind_has_one_secret_and_labels(kind: Kind) -> None:
    assert sum(field.secret for field in kind.fields) == 1
    assert kind.secret not in kind.plain
    assert all(field.label.startswith("connection.") for field in kind.fields)
    assert len({field.name for field in kind.fields}) == len(kind.fields)


def test_sophos_addresses_are_known() -> None:
    source = open_source("sophos", {"client_id": " x "}, "s", record=lambda _: None)
    assert isinstance(source, SophosCentral)
    source.close()


@pytest.mark.parametrize("missing", ["url", "company", "public_key", "client_id"])
def test_a_missing_field_is_named(missing: str) -> None:
    with pytest.raises(Misused) as caught:
        open_psa("connectwise", {**CONNECTWISE, missing: " "}, "priv", record=lambda _: None)
    assert (caught.value.code, caught.value.fields["field"]) == (ErrorCode.BAD_VALUE, missing)


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(Misused) as caught:
        open_source("sophos", {"client_id": "x"}, "", record=lambda _: None)
    assert caught.value.fields["field"] == "client_secret"


@pytest.mark.parametrize("kind", ["autotask", "connectwise", ""])
def test_only_vendors_are_sources(kind: str) -> None:
    with pytest.raises(Misused) as caught:
        open_source(kind, {}, "x", record=lambda _: None)
    assert caught.value.fields["field"] == "kind"
    assert {one.side for one in KINDS.values()} == set(Side)


def test_two_connectors_of_one_account_share_their_pace() -> None:
    """The second may start nothing before the window of the first has passed: a write that can't wait says so."""
    settings = Settings(rates=(Rate(1, 3600),), tries=1, connect_timeout=1)
    fields = {**CONNECTWISE, "url": "http://127.0.0.1:9/v4_6_release/apis/3.0", "company": "shared"}
    first = open_psa("connectwise", fields, "priv", record=lambda _: None, settings=settings)
    second = open_psa("connectwise", fields, "priv", record=lambda _: None, settings=settings)
    assert isinstance(second, ConnectWisePsa)
    with pytest.raises(RetryLater):
        first.get_catalog_item(1)
    with pytest.raises(RetryLater) as caught:
        second.update_addition(1, 1, AdditionEdit(quantity=Decimal(1)), deadline=time.monotonic() + 5)
    assert caught.value.code is ErrorCode.RATE_LIMITED
    assert caught.value.certain
    first.close()
    second.close()
