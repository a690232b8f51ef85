"""Both connectors against the live simulator: its faults, its switches, and what it counted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.connectors.stages import SHORT, LiveStage, Simulator, connectwise_at, sophos_at
from truecount.connectors.connectwise import ConnectWisePsa
from truecount.connectors.http import Settings
from truecount.connectors.pace import REAL_TIME
from truecount.connectors.sophos import SophosCentral
from truecount.core.errors import ErrorCode, Refused, RetryLater, Trouble, Unexpected
from truecount.core.period import Period
from truecount.core.ports import AdditionEdit, Exchange, NewAddition

MONTH = Period(2026, 11)
ADDITIONS = "/finance/agreements/{id}/additions"


@pytest.fixture
def kept() -> list[Exchange]:
    return []


@pytest.fixture
def psa(simulator: Simulator, kept: list[Exchange]) -> Iterator[ConnectWisePsa]:
    psa = connectwise_at(simulator, record=kept.append)
    yield psa
    psa.close()


@pytest.fixture
def source(simulator: Simulator, kept: list[Exchange]) -> Iterator[SophosCentral]:
    source = sophos_at(simulator, record=kept.append)
    yield source
    source.close()


@pytest.fixture
def stage(simulator: Simulator) -> Iterator[LiveStage]:
    stage = LiveStage(simulator)
    yield stage
    stage.close()


def test_it_works(simulator: Simulator, psa: ConnectWisePsa, source: SophosCentral) -> None:
    report = simulator.state(simulator.sophos)["usage"]
    of_month = [one for one in report if one["period"] == str(MONTH)]
    lines = source.list_usage(MONTH)
    assert len(lines) == len(of_month)
    assert sum(line.billable or 0 for line in lines) == sum(Decimal(str(one["billableQuantity"])) for one in of_month)
    additions = simulator.state(simulator.connectwise)["additions"]
    read = psa.list_additions(one.id for one in psa.list_agreements())
    assert {line.id for lines in read.values() for line in lines} == {one["id"] for one in additions}


def test_every_request_is_recorded_once(
    simulator: Simulator, psa: ConnectWisePsa, source: SophosCentral, kept: list[Exchange]
) -> None:
    for base in (simulator.connectwise, simulator.sophos):
        simulator.forget_requests(base)
    psa.check()
    psa.list_additions(one.id for one in psa.list_agreements())
    source.check()
    source.list_live_usage(one.id for one in source.list_customers())
    counted = sum(simulator.requests(base)["total"] for base in (simulator.connectwise, simulator.sophos))
    assert len(kept) == counted


def test_over_tls(simulator: Simulator) -> None:
    settings = replace(SHORT, certificates=simulator.certificate)
    psa = connectwise_at(simulator, url=f"https://{simulator.tls}", settings=settings)
    assert psa.list_companies()
    psa.close()


def test_a_certificate_that_is_not_trusted(simulator: Simulator) -> None:
    psa = connectwise_at(simulator, url=f"https://{simulator.tls}", settings=replace(SHORT, tries=1))
    with pytest.raises(RetryLater) as caught:
        psa.list_companies()
    assert caught.value.code is ErrorCode.UNREACHABLE
    assert "CERTIFICATE" in str(caught.value.fields["reason"]).upper()
    psa.close()


@pytest.mark.parametrize("kind", ["429", "500", "drop-before-commit", "drop-after-commit"])
def test_a_read_gets_over_it(simulator: Simulator, psa: ConnectWisePsa, kind: str) -> None:
    simulator.fault(simulator.connectwise, route="/company/companies", kind=kind, nth=1)
    assert psa.list_companies()


@pytest.mark.parametrize(
    ("kind", "trouble", "code"),
    [
        ("401", Refused, ErrorCode.WRONG_CREDENTIALS),
        ("409", Refused, ErrorCode.CONFLICT),
        ("malformed", Unexpected, ErrorCode.NOT_UNDERSTOOD),
    ],
)
def test_a_read_does_not_get_over_that(
    simulator: Simulator, psa: ConnectWisePsa, kind: str, trouble: type[Trouble], code: ErrorCode
) -> None:
    simulator.fault(simulator.connectwise, route="/company/companies", kind=kind, nth=1)
    with pytest.raises(trouble) as caught:
        psa.list_companies()
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("kind", "certain", "lines"),
    [
        ("401", True, 0),
        ("429", True, 0),
        ("500", False, 0),
        ("timeout", False, 0),
        ("drop-before-commit", False, 0),
        ("drop-after-commit", False, 1),
        ("malformed", False, 1),
    ],
)
def test_what_a_write_knows_of_itself(
    simulator: Simulator, stage: LiveStage, kind: str, certain: bool, lines: int
) -> None:
    psa = connectwise_at(simulator, settings=replace(SHORT, write_timeout=0.5))
    new = NewAddition(agreement=stage.agreement, item=stage.item, quantity=Decimal("2.5"), effective=stage.effective)
    before = psa.list_additions([stage.agreement])[stage.agreement]
    simulator.fault(simulator.connectwise, route=ADDITIONS, method="POST", kind=kind, nth=1, seconds=1)
    with pytest.raises(RetryLater) as caught:
        psa.create_addition(new, deadline=time.monotonic() + 5)
    assert caught.value.certain is certain
    assert len(psa.list_additions([stage.agreement])[stage.agreement]) - len(before) == lines
    assert simulator.requests(simulator.connectwise)["by_route"][f"POST {ADDITIONS}"] == 1
    psa.close()


def test_an_ended_agreement_refuses(stage: LiveStage) -> None:
    new = NewAddition(agreement=stage.ended, item=stage.item, quantity=Decimal(1), effective=stage.effective)
    with pytest.raises(Refused) as caught:
        stage.psa.create_addition(new, deadline=time.monotonic() + 5)
    assert caught.value.code is ErrorCode.INVALID


def test_missing_rights(simulator: Simulator, psa: ConnectWisePsa, stage: LiveStage) -> None:
    simulator.switch(simulator.connectwise, permissions={"agreements": "IA"})
    assert [str(right) for right in psa.check().missing] == ["Finance / Agreements / Edit"]
    line = psa.list_additions([stage.agreement])[stage.agreement][0]
    with pytest.raises(Refused) as caught:
        psa.update_addition(stage.agreement, line.id, AdditionEdit(quantity=Decimal(1)), deadline=time.monotonic() + 5)
    assert caught.value.code is ErrorCode.MISSING_RIGHT


@pytest.mark.parametrize(
    ("switch", "value"),
    [
        ("C-04", "404"),
        ("C-05", "404"),
        ("C-06", "boolean"),
        ("C-08", "400"),
        ("C-09", "absent"),
        ("C-10", "absent"),
        ("C-11", "absent"),
        ("C-12", "unordered"),
        ("C-13", "left out"),
        ("C-15", "no times"),
        ("C-16", "case-sensitive"),
        ("C-19", "ignored"),
        ("C-44", "empty"),
    ],
)
def test_open_questions_about_the_server_make_no_difference(
    simulator: Simulator, psa: ConnectWisePsa, switch: str, value: str
) -> None:
    def read() -> object:
        agreements = [one.id for one in psa.list_agreements()]
        return psa.list_companies(), psa.list_catalog_items(), psa.list_additions([*agreements, 999_999])

    expected = read()
    simulator.switch(simulator.connectwise, **{switch: value})
    assert read() == expected


def test_the_vendors_limits_are_kept(simulator: Simulator) -> None:
    """With the connector's own rates and the real clock, not one request is refused."""
    simulator.switch(simulator.sophos, **{"S-26": "on"})
    source = sophos_at(simulator, settings=Settings(tries=1), ticker=REAL_TIME)
    customers = [one.id for one in source.list_customers()]
    assert source.list_live_usage(customers).unread == frozenset()
    assert "429" not in simulator.requests(simulator.sophos)["by_status"]
    source.close()


def test_a_codebase_that_changes(simulator: Simulator, psa: ConnectWisePsa, stage: LiveStage) -> None:
    before = psa.list_companies()
    simulator.switch(simulator.connectwise, **{"C-52": "codebase change"})
    assert psa.list_companies() == before
    assert psa.list_additions([stage.agreement])[stage.agreement]


def test_a_token_that_is_refused_once_is_renewed(simulator: Simulator, source: SophosCentral) -> None:
    source.check()
    simulator.fault(simulator.sophos, route="/partner/v1/tenants", kind="401", nth=1)
    assert len(source.list_customers()) == 12
    assert simulator.requests(simulator.sophos)["by_route"]["POST /api/v2/oauth2/token"] == 2


@pytest.mark.parametrize("body", ["errorCode", "oauth"])
def test_a_wrong_secret_whatever_the_body_says(simulator: Simulator, body: str) -> None:
    simulator.switch(simulator.sophos, **{"S-33": body})
    source = sophos_at(simulator, secret="wrong")
    with pytest.raises(Refused) as caught:
        source.check()
    assert caught.value.code is ErrorCode.WRONG_CREDENTIALS
    source.close()


@pytest.mark.parametrize("answer", ["401", "UserNotAuthenticated", "404", "no answer"])
def test_wrong_keys_whatever_the_answer(simulator: Simulator, answer: str) -> None:
    """Only what the server tells can be told: a server that hides wrong keys shows a missing record or nothing."""
    simulator.switch(simulator.connectwise, **{"C-02": answer})
    psa = connectwise_at(simulator, private_key="wrong", settings=replace(SHORT, tries=1, read_timeout=1))
    codes = {"404": ErrorCode.NOT_FOUND, "no answer": ErrorCode.UNREACHABLE}
    with pytest.raises((Refused, RetryLater)) as caught:
        psa.list_companies()
    assert caught.value.code is codes.get(answer, ErrorCode.WRONG_CREDENTIALS)
    with pytest.raises((Refused, RetryLater)) as caught:
        psa.check()
    assert caught.value.code in (ErrorCode.WRONG_CREDENTIALS, ErrorCode.UNREACHABLE)
    psa.close()


@pytest.mark.parametrize("route", ["/api/v2/oauth2/token", "/whoami/v1", "/partner/v1/tenants"])
@pytest.mark.parametrize("kind", ["429", "500", "drop-before-commit"])
def test_the_vendor_is_asked_again(simulator: Simulator, source: SophosCentral, route: str, kind: str) -> None:
    simulator.fault(simulator.sophos, route=route, kind=kind, nth=1)
    assert len(source.list_customers()) == 12


def test_half_a_report_is_no_report(simulator: Simulator, source: SophosCentral) -> None:
    simulator.fault(simulator.sophos, route="/partner/v1/billing/usage/{year}/{month}", kind="malformed", nth=1)
    with pytest.raises(Unexpected):
        source.list_usage(MONTH)


def test_text_instead_of_a_quantity(simulator: Simulator, source: SophosCentral) -> None:
    line = simulator.state(simulator.sophos)["usage"][0]
    simulator.change(simulator.sophos, "usage", line["id"], billableQuantity="twelve", netPrice=0)
    with pytest.raises(Unexpected) as caught:
        source.list_usage(Period.parse(line["period"]))
    assert caught.value.fields["what"] == "billableQuantity"


def test_many_lines_are_read_page_by_page(simulator: Simulator, source: SophosCentral) -> None:
    before = len(source.list_usage(MONTH))
    line = next(one for one in simulator.state(simulator.sophos)["usage"] if one["period"] == str(MONTH))
    fields = {name: value for name, value in line.items() if name != "id"}
    for number in range(60):
        simulator.add(simulator.sophos, "usage", **{**fields, "orderLineItemNumber": f"T-{number}"})
    assert len(source.list_usage(MONTH)) == before + 60
