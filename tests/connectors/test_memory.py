"""The vendor and the PSA in memory: what the contracts don't ask of them, and tests that use them rely on."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.stages import MemoryStage, MemoryVendor
from truecount.connectors.memory import Failure, MemoryPsa, MemorySource, Written
from truecount.core.errors import ErrorCode, NotReady, Refused, RetryLater, Trouble, Unexpected
from truecount.core.model import AgreementState
from truecount.core.period import Period
from truecount.core.ports import AdditionEdit, ItemEdit, NewAddition


@pytest.fixture
def stage() -> MemoryStage:
    return MemoryStage()


def create(stage: MemoryStage, **fields: Any) -> None:
    given = {"agreement": stage.agreement, "item": stage.item, "quantity": Decimal(1), "effective": stage.effective}
    stage.psa.create_addition(NewAddition(**{**given, **fields}), deadline=time.monotonic() + 5)


def test_it_works(stage: MemoryStage) -> None:
    create(stage)
    assert stage.psa.writes == stage.psa.attempts == 1
    assert stage.psa.written == [Written(method="POST", addition=max(stage.psa.additions))]


@pytest.mark.parametrize(
    ("failure", "kind", "certain", "lines"),
    [
        (Failure.REFUSED, Refused, None, 0),
        (Failure.MISSING_RIGHT, Refused, None, 0),
        (Failure.WRONG_CREDENTIALS, RetryLater, True, 0),
        (Failure.CERTAIN, RetryLater, True, 0),
        (Failure.UNREACHABLE, RetryLater, True, 0),
        (Failure.UNCERTAIN_NOT_DONE, RetryLater, False, 0),
        (Failure.UNCERTAIN_DONE, RetryLater, False, 1),
        (Failure.MALFORMED, RetryLater, False, 1),
    ],
)
def test_failures_of_a_write(
    stage: MemoryStage, failure: Failure, kind: type[Trouble], certain: bool | None, lines: int
) -> None:
    stage.psa.fail_next(failure)
    with pytest.raises(kind) as caught:
        create(stage)
    assert getattr(caught.value, "certain", None) is certain
    assert len(stage.psa.additions) == stage.psa.writes == lines
    create(stage)
    assert len(stage.psa.additions) == lines + 1


@pytest.mark.parametrize("failure", list(Failure))
def test_failures_of_a_read(stage: MemoryStage, failure: Failure) -> None:
    stage.psa.fail_next_read(failure, times=2)
    for _ in range(2):
        with pytest.raises((Refused, RetryLater, Unexpected)):
            stage.psa.list_companies()
    assert stage.psa.list_companies()
    source = MemoryVendor().source
    source.fail_next(failure)
    with pytest.raises((Refused, RetryLater, Unexpected)):
        source.list_customers()


def test_failures_can_be_forgotten(stage: MemoryStage) -> None:
    stage.psa.fail_next(Failure.REFUSED, times=3)
    stage.psa.fail_next_read(Failure.REFUSED)
    stage.psa.works_again()
    create(stage)
    assert stage.psa.list_companies()
    source = MemoryVendor().source
    source.fail_next(Failure.CUT_SHORT)
    source.works_again()
    assert source.list_customers()


def test_refused_for_the_same_reasons_as_connectwise(stage: MemoryStage) -> None:
    psa = stage.psa
    bundle, inactive = psa.add_item(item_class="Bundle"), psa.add_item(active=False)
    for item in (bundle.id, inactive.id, 12345):
        with pytest.raises(Refused) as caught:
            create(stage, item=item)
        assert caught.value.fields["errors"]
    with pytest.raises(Refused):
        create(stage, agreement=stage.ended)
    psa.agreements[stage.agreement] = replace(psa.agreements[stage.agreement], billing_starts=date(2026, 11, 2))
    with pytest.raises(Refused) as caught:
        create(stage)
    assert caught.value.fields["errors"] == {
        "effective": "effectiveDate cannot be less than the agreement billing start date"
    }
    assert psa.writes == 0


def test_changes_by_hand_are_no_writes(stage: MemoryStage) -> None:
    line = stage.psa.add_line(stage.agreement, stage.item, quantity=Decimal(4))
    stage.psa.edit_line(line.id, cancelled=date(2026, 12, 1))
    assert stage.psa.list_additions([stage.agreement])[stage.agreement][0].cancelled == date(2026, 12, 1)
    assert stage.psa.writes == 0


def test_ids_do_not_come_back(stage: MemoryStage) -> None:
    line = stage.psa.add_line(stage.agreement, stage.item)
    del stage.psa.additions[line.id]
    assert stage.psa.add_line(stage.agreement, stage.item).id > line.id


def test_a_line_of_another_agreement_is_not_found(stage: MemoryStage) -> None:
    other = stage.psa.add_agreement(next(iter(stage.psa.companies))).id
    line = stage.psa.add_line(other, stage.item)
    with pytest.raises(Refused) as caught:
        stage.psa.update_addition(
            stage.agreement, line.id, AdditionEdit(quantity=Decimal(1)), deadline=time.monotonic() + 5
        )
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_its_own_clock_may_be_another() -> None:
    stage = MemoryStage()
    stage.psa = MemoryPsa(now=lambda: 100.0)
    with pytest.raises(RetryLater):
        stage.psa.create_addition(
            NewAddition(agreement=1, item=1, quantity=Decimal(1), effective=stage.effective), deadline=100.0
        )
    assert stage.psa.attempts == 0


def test_an_item_too_long_is_refused(stage: MemoryStage) -> None:
    with pytest.raises(Refused) as caught:
        stage.psa.create_catalog_item(ItemEdit(identifier="x" * 76, description="x", subcategory=1, type=1))
    assert caught.value.fields["errors"] == {"identifier": "must be a string with a maximum length of 75."}
    with pytest.raises(Refused) as caught:
        stage.psa.create_catalog_item(ItemEdit())
    assert "subcategory" in str(caught.value.fields["errors"])


def test_a_vendor_from_nothing() -> None:
    source = MemorySource()
    source.add_customer("a")
    assert [one.name for one in source.list_customers()] == ["a"]
    with pytest.raises(NotReady):
        source.list_usage(Period(2026, 11))
    source.reports[Period(2026, 11)] = []
    assert source.list_usage(Period(2026, 11)) == []
    source.close()


def test_many_threads_make_many_lines(stage: MemoryStage) -> None:
    def work() -> None:
        for _ in range(20):
            create(stage)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stage.psa.additions) == stage.psa.writes == 100
    assert stage.psa.agreements[stage.ended].state is AgreementState.EXPIRED
    stage.psa.close()
