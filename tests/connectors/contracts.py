"""What every connector is held to: subclass a contract and give it a stage in a fixture of that name."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Protocol

import pytest

from truecount.core.errors import ErrorCode, NotReady, Refused, RetryLater, Stale
from truecount.core.model import Bill
from truecount.core.period import Period
from truecount.core.ports import AdditionEdit, ItemEdit, NewAddition, Psa, UsageSource


class VendorStage(Protocol):
    """A vendor to test, and the strings to pull."""

    source: UsageSource
    ready: Period
    not_ready: Period
    unassigned: str
    """Serial number of a firewall licence that is assigned to nobody."""

    def with_wrong_secret(self) -> UsageSource: ...

    def hide(self, customer: str) -> None:
        """From now on this customer's licences can't be read."""

    def break_down(self) -> None:
        """From now on nothing is answered but 500."""


class UsageSourceContract:
    def test_it_works(self, vendor: VendorStage) -> None:
        checked = vendor.source.check()
        assert checked.identity
        assert checked.missing == ()

    def test_customers_have_ids_of_their_own(self, vendor: VendorStage) -> None:
        customers = vendor.source.list_customers()
        assert customers
        assert len({one.id for one in customers}) == len(customers)
        assert all(one.name for one in customers)

    def test_the_report_is_whole_and_exact(self, vendor: VendorStage) -> None:
        lines = vendor.source.list_usage(vendor.ready)
        assert lines
        assert all(line.code for line in lines)
        assert all(line.billable is None or isinstance(line.billable, Decimal) for line in lines)
        known = {one.id for one in vendor.source.list_customers()}
        assert {line.customer for line in lines if line.customer} & known

    def test_a_month_without_a_report_is_not_ready(self, vendor: VendorStage) -> None:
        with pytest.raises(NotReady) as caught:
            vendor.source.list_usage(vendor.not_ready)
        assert caught.value.code is ErrorCode.NOT_READY
        assert caught.value.fields["period"] == vendor.not_ready

    def test_live_lines_are_of_those_asked_for(self, vendor: VendorStage) -> None:
        asked = [one.id for one in vendor.source.list_customers()][:2]
        live = vendor.source.list_live_usage(asked)
        assert live.unread == frozenset()
        assert {line.customer for line in live.lines} <= set(asked)
        assert live.lines

    def test_nobody_asked_nobody_read(self, vendor: VendorStage) -> None:
        assert vendor.source.list_live_usage([]).lines == ()

    def test_one_customer_fails_alone(self, vendor: VendorStage) -> None:
        first, second = [one.id for one in vendor.source.list_customers()][:2]
        vendor.hide(first)
        live = vendor.source.list_live_usage([first, second])
        assert live.unread == {first}
        assert {line.customer for line in live.lines} == {second}

    def test_a_firewall_may_belong_to_nobody(self, vendor: VendorStage) -> None:
        firewalls = {one.serial: one for one in vendor.source.list_firewalls()}
        assert firewalls[vendor.unassigned].customer is None
        assert any(one.customer for one in firewalls.values())

    def test_wrong_credentials_are_named(self, vendor: VendorStage) -> None:
        with pytest.raises(Refused) as caught:
            vendor.with_wrong_secret().list_customers()
        assert caught.value.code is ErrorCode.WRONG_CREDENTIALS
        assert caught.value.fields["system"]

    def test_an_outage_is_a_later(self, vendor: VendorStage) -> None:
        vendor.break_down()
        with pytest.raises(RetryLater):
            vendor.source.list_usage(vendor.ready)


class PsaStage(Protocol):
    """A PSA to test, and the strings to pull. `agreement` is active, `ended` is not, `item` can be billed."""

    psa: Psa
    agreement: int
    ended: int
    gone: int
    item: int
    effective: date

    def with_wrong_keys(self) -> Psa: ...

    def fail_next_write(self, kind: str) -> None:
        """`certain`, `uncertain-done`, `uncertain-not-done`."""

    def edit_item_by_hand(self, item: int) -> None: ...


def soon() -> float:
    return time.monotonic() + 20


class PsaContract:
    def test_it_works(self, stage: PsaStage) -> None:
        checked = stage.psa.check()
        assert checked.identity == stage.psa.identity()
        assert checked.missing == ()

    def test_agreements_belong_to_companies(self, stage: PsaStage) -> None:
        companies = {one.id for one in stage.psa.list_companies()}
        agreements = stage.psa.list_agreements()
        assert stage.agreement in {one.id for one in agreements}
        assert {one.company for one in agreements} <= companies

    def test_gone_agreements_are_left_out(self, stage: PsaStage) -> None:
        read = stage.psa.list_additions([stage.agreement, stage.gone, stage.agreement])
        assert set(read) == {stage.agreement}
        assert stage.psa.list_additions([]) == {}

    def test_a_new_line_takes_the_catalog_price(self, stage: PsaStage) -> None:
        before = stage.psa.list_additions([stage.agreement])[stage.agreement]
        made = self._create(stage, Decimal("12.5"))
        item = stage.psa.get_catalog_item(stage.item)
        assert (made.agreement, made.item, made.quantity) == (stage.agreement, stage.item, Decimal("12.5"))
        assert made.unit_price == item.price > 0
        assert made.effective == stage.effective
        assert made.bill is Bill.BILLABLE
        after = stage.psa.list_additions([stage.agreement])[stage.agreement]
        assert {line.id for line in after} - {line.id for line in before} == {made.id}

    @pytest.mark.parametrize("quantity", ["0.1", "10.0", "1E+2", "0", "1234567.89"])
    def test_quantities_are_exact(self, stage: PsaStage, quantity: str) -> None:
        made = self._create(stage, Decimal(quantity))
        assert self._read(stage, made.id).quantity == Decimal(quantity)

    def test_an_update_changes_what_it_names(self, stage: PsaStage) -> None:
        made = self._create(stage, Decimal(3))
        edited = stage.psa.update_addition(
            stage.agreement, made.id, AdditionEdit(quantity=Decimal("4.25")), deadline=soon()
        )
        assert edited == replace(made, quantity=Decimal("4.25"))
        assert self._read(stage, made.id) == replace(self._read(stage, made.id), quantity=Decimal("4.25"))

    def test_a_line_is_ended_and_opened_again(self, stage: PsaStage) -> None:
        made = self._create(stage, Decimal(3))
        ended = stage.psa.update_addition(
            stage.agreement, made.id, AdditionEdit(cancelled=date(2027, 2, 1)), deadline=soon()
        )
        assert ended.cancelled == date(2027, 2, 1)
        opened = stage.psa.update_addition(
            stage.agreement, made.id, AdditionEdit(quantity=Decimal(5), reopen=True), deadline=soon()
        )
        assert (opened.cancelled, opened.quantity) == (None, Decimal(5))
        assert self._read(stage, made.id).cancelled is None

    def test_after_the_deadline_nothing_is_sent(self, stage: PsaStage) -> None:
        before = stage.psa.list_additions([stage.agreement])
        with pytest.raises(RetryLater) as caught:
            self._create(stage, Decimal(3), deadline=time.monotonic() - 0.001)
        assert caught.value.certain
        assert stage.psa.list_additions([stage.agreement]) == before

    def test_a_certain_failure_did_nothing(self, stage: PsaStage) -> None:
        before = stage.psa.list_additions([stage.agreement])
        stage.fail_next_write("certain")
        with pytest.raises(RetryLater) as caught:
            self._create(stage, Decimal(3))
        assert caught.value.certain
        assert stage.psa.list_additions([stage.agreement]) == before

    @pytest.mark.parametrize(("kind", "lines"), [("uncertain-done", 1), ("uncertain-not-done", 0)])
    def test_an_uncertain_failure_says_so_and_is_not_sent_again(self, stage: PsaStage, kind: str, lines: int) -> None:
        before = stage.psa.list_additions([stage.agreement])[stage.agreement]
        stage.fail_next_write(kind)
        with pytest.raises(RetryLater) as caught:
            self._create(stage, Decimal(3))
        assert not caught.value.certain
        after = stage.psa.list_additions([stage.agreement])[stage.agreement]
        assert len(after) - len(before) == lines

    def test_a_bad_line_names_its_field(self, stage: PsaStage) -> None:
        with pytest.raises(Refused) as caught:
            self._create(stage, Decimal(-1))
        assert caught.value.code is ErrorCode.INVALID
        assert list(_errors(caught.value)) == ["quantity"]

    def test_an_unknown_agreement_takes_no_line(self, stage: PsaStage) -> None:
        new = NewAddition(agreement=stage.gone, item=stage.item, quantity=Decimal(1), effective=stage.effective)
        with pytest.raises(Refused) as caught:
            stage.psa.create_addition(new, deadline=soon())
        assert caught.value.code is ErrorCode.NOT_FOUND

    def test_an_unknown_line_is_not_found(self, stage: PsaStage) -> None:
        with pytest.raises(Refused) as caught:
            stage.psa.update_addition(stage.agreement, 999_999, AdditionEdit(quantity=Decimal(1)), deadline=soon())
        assert caught.value.code is ErrorCode.NOT_FOUND

    def test_items_are_found_by_part_of_their_name(self, stage: PsaStage) -> None:
        item = stage.psa.get_catalog_item(stage.item)
        found = stage.psa.find_catalog_items(item.identifier[1:-1].lower())
        assert item.id in {one.id for one in found}
        assert stage.psa.find_catalog_items('nothing has "this" in it') == []
        assert stage.psa.find_catalog_items("  ") == []

    def test_an_item_is_made_and_edited(self, stage: PsaStage) -> None:
        made = stage.psa.create_catalog_item(self._edit(stage, "CONTRACT-1"))
        assert made.customer_description == "Made by a test"
        assert made.price == Decimal("4.20")
        edited = stage.psa.update_catalog_item(
            made.id, ItemEdit(price=Decimal("5.1"), recurring=True), seen=made.updated
        )
        assert (edited.identifier, edited.price) == ("CONTRACT-1", Decimal("5.1"))
        assert stage.psa.get_catalog_item(made.id) == edited

    def test_an_edit_of_what_changed_meanwhile_is_stale(self, stage: PsaStage) -> None:
        seen = stage.psa.get_catalog_item(stage.item).updated
        stage.edit_item_by_hand(stage.item)
        with pytest.raises(Stale) as caught:
            stage.psa.update_catalog_item(stage.item, ItemEdit(price=Decimal(1)), seen=seen)
        assert caught.value.code is ErrorCode.EDITED_MEANWHILE

    def test_a_taken_identifier_is_refused_by_its_field(self, stage: PsaStage) -> None:
        taken = stage.psa.get_catalog_item(stage.item).identifier
        with pytest.raises(Refused) as caught:
            stage.psa.create_catalog_item(self._edit(stage, taken))
        assert caught.value.code is ErrorCode.INVALID
        assert list(_errors(caught.value)) == ["identifier"]

    def test_an_unknown_item_is_not_found(self, stage: PsaStage) -> None:
        with pytest.raises(Refused) as caught:
            stage.psa.get_catalog_item(999_999)
        assert caught.value.code is ErrorCode.NOT_FOUND

    def test_subcategories_know_their_category(self, stage: PsaStage) -> None:
        setup = stage.psa.list_setup()
        assert {one.parent for one in setup.subcategories} <= {one.id for one in setup.categories}
        assert setup.types
        assert setup.units
        assert setup.billing_cycles

    def test_wrong_keys_are_named(self, stage: PsaStage) -> None:
        with pytest.raises(Refused) as caught:
            stage.with_wrong_keys().list_companies()
        assert caught.value.code is ErrorCode.WRONG_CREDENTIALS

    def _create(self, stage: PsaStage, quantity: Decimal, deadline: float | None = None):
        new = NewAddition(agreement=stage.agreement, item=stage.item, quantity=quantity, effective=stage.effective)
        return stage.psa.create_addition(new, deadline=soon() if deadline is None else deadline)

    def _read(self, stage: PsaStage, addition: int):
        lines = stage.psa.list_additions([stage.agreement])[stage.agreement]
        return next(line for line in lines if line.id == addition)

    def _edit(self, stage: PsaStage, identifier: str) -> ItemEdit:
        setup = stage.psa.list_setup()
        return ItemEdit(
            identifier=identifier,
            description="Made by a test",
            subcategory=setup.subcategories[0].id,
            type=setup.types[0].id,
            price=Decimal("4.20"),
            recurring=True,
            billing_cycle=next(one.id for one in setup.billing_cycles if one.name == "Monthly"),
        )


def _errors(refused: Refused) -> dict[str, str]:
    errors = refused.fields["errors"]
    assert isinstance(errors, dict)
    return errors
