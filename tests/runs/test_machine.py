"""Whatever happens between and during runs: vendor, mappings, PSA and people move, any step fails or dies; what §6 of
the product rules promises stays true.

Real verbs on a real database; the two systems are the connectors in memory.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from threading import Timer
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.e2e.chances import told
from tests.reference import final_quantities
from truecount.connectors.memory import Failure, MemoryPsa, MemorySource
from truecount.core.errors import ErrorCode, Misused, RetryLater
from truecount.core.model import (
    Addition,
    AgreementState,
    Combine,
    Override,
    Rule,
    Share,
    Slot,
    UsageLine,
    WhereNone,
)
from truecount.core.period import Period
from truecount.core.ports import AdditionEdit, NewAddition
from truecount.core.roles import Role
from truecount.runs import clock, configure
from truecount.runs.approve import approve, release, tick
from truecount.runs.flow import begin, execute
from truecount.runs.prepare import prepare_again
from truecount.runs.remote import Doors
from truecount.store.ledger import first_broken, open_intents
from truecount.store.models import Connection, Integration, Managed, Partner, Plan, Run, User
from truecount.store.seals import seal

PERIOD = Period(2026, 11)
START = datetime(2026, 11, 26, 9, tzinfo=UTC)
CODES = ("A", "B", "C")
CUSTOMERS = ("one", "two", "three")
AMOUNTS = (0, 1, 3, 8, 30, None)
RULES = (Rule(), Rule(combine=Combine.MAX, included=Decimal(2)), Rule(combine=Combine.ALL_OF, minimum=Decimal(3)))
NUMBERS = count(1)

FAILURES = (
    "refused",
    "certain",
    "uncertain-not-done",
    "uncertain-done",
    "malformed",
    "done late",
    "dies-before",
    "dies-after",
    "dies-late",
)
"""Of a write; with the last three the process ends, and the late ones are carried out some time afterwards."""
LATE, SETTLE = 0.2, "0.4"
"""Seconds: long enough for another run to come in between, and sooner than the settle time."""


class Died(BaseException):
    """The process ended here."""


class Frail:
    """The PSA as one run sees it: its failures are used up one write after the other."""

    def __init__(self, psa: MemoryPsa, failures: list[str]) -> None:
        self._psa = psa
        self._failures = failures
        self.late: list[Timer] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._psa, name)

    def create_addition(self, new: NewAddition, *, deadline: float) -> Addition:
        return self._write(lambda: self._psa.create_addition(new, deadline=math.inf))

    def update_addition(self, agreement: int, addition: int, edit: AdditionEdit, *, deadline: float) -> Addition:
        return self._write(lambda: self._psa.update_addition(agreement, addition, edit, deadline=math.inf))

    def _write(self, send: Callable[[], Addition]) -> Addition:
        failure = self._failures.pop(0) if self._failures else ""
        if failure == "dies-before":
            raise Died
        if failure in ("done late", "dies-late"):
            self.late.append(Timer(LATE, send))
            self.late[-1].start()
            raise Died if failure == "dies-late" else RetryLater(ErrorCode.TIMED_OUT, certain=False)
        if failure in set(Failure):
            self._psa.fail_next(failure)
        try:
            line = send()
        except RetryLater as later:
            if not later.certain:
                raise
            raise RetryLater(later.code, after=0.001, certain=True, **later.fields) from later
        if failure == "dies-after":
            raise Died
        return line


class Machine(RuleBasedStateMachine):
    """One integration over its lifetime. The clock stands still but for the seconds that a run takes."""

    @initialize(applied=st.booleans())
    def begin(self, applied: bool) -> None:
        self.number = next(NUMBERS)
        self.source = MemorySource(reports={PERIOD: []})
        self.psa = MemoryPsa(name=f"memory/{self.number}")
        for customer in CUSTOMERS:
            self.source.add_customer(customer)
        companies = [self.psa.add_company() for _ in range(2)]
        invoice = date(2026, 12, 1)
        self.agreements = [self.psa.add_agreement(c.id, next_invoice=invoice).id for c in (*companies, companies[0])]
        self.homes = {agreement: self.psa.agreements[agreement].company for agreement in self.agreements}
        self.items = [self.psa.add_item(price=Decimal(2)).id for _ in range(3)]
        self.psa.add_line(self.agreements[0], self.items[0], quantity=Decimal(4))
        self.admin, self.where = _found(self.number)
        for side, identity in (("vendor", "memory"), ("psa", self.psa.identity())):
            Connection.objects.create(
                integration=self.where, side=side, kind="memory", sealed=seal("none"), identity=identity
            )
        self.report({(customer, code): 2 for customer in CUSTOMERS for code in CODES})
        assert self.run("collect", []).state == "done"
        for code, item in zip(CODES, self.items, strict=True):
            configure.map_product(self.where, code, item, by=None, now=clock.now())
        for customer, agreement in zip(CUSTOMERS, self.agreements, strict=True):
            self.map(customer, agreement)
        if applied:
            self.synchronise([], "", "")

    def report(self, counted: dict[tuple[str, str], int | None]) -> None:
        self.source.reports[PERIOD] = [
            UsageLine(customer=customer, code=code, billable=None if amount is None else Decimal(amount))
            for (customer, code), amount in counted.items()
        ]

    def counted(self) -> dict[tuple[str, str], int | None]:
        lines = self.source.reports[PERIOD]
        return {
            (line.customer or "", line.code): None if line.billable is None else int(line.billable) for line in lines
        }

    def map(self, customer: str, *agreements: int) -> None:
        shares = [Share(agreement=one) for one in agreements]
        configure.map_customer(self.where, customer, self.homes[agreements[0]], shares, by=None, now=clock.now())

    def run(self, verb: str, failures: list[str], plan: Plan | None = None) -> Run:
        frail = Frail(self.psa, failures)
        run = begin(self.where, verb, by=self.admin, plan=plan, period=PERIOD)
        with suppress(Died):
            execute(run, doors=Doors(source=lambda *_, **__: self.source, psa=lambda *_, **__: frail))
        self.late = frail.late
        return run

    def apply(self, failures: list[str], plan: Plan) -> Run:
        """Where a process ends with a write still on its way, the next one starts at once."""
        applied = self.run("apply", failures, plan)
        if late := self.late:
            if any(one.is_alive() for one in late):
                applied = self.run("apply", [], plan)
            for one in late:
                one.join()
        return applied

    # --- the world moves --------------------------------------------------------------------------

    @rule(customer=st.sampled_from(CUSTOMERS), code=st.sampled_from(CODES), amount=st.sampled_from(AMOUNTS))
    def use(self, customer: str, code: str, amount: int | None) -> None:
        self.report({**self.counted(), (customer, code): amount})

    @rule(customer=st.sampled_from(CUSTOMERS), code=st.sampled_from(CODES))
    def stop_using(self, customer: str, code: str) -> None:
        self.report({pair: amount for pair, amount in self.counted().items() if pair != (customer, code)})

    @rule(code=st.sampled_from(CODES), item=st.integers(0, 2))
    def map_product(self, code: str, item: int) -> None:
        with suppress(Misused):
            configure.map_product(self.where, code, self.items[item], by=None, now=clock.now())

    @rule(code=st.sampled_from(CODES), item=st.integers(0, 2))
    def map_product_also(self, code: str, item: int) -> None:
        with suppress(Misused):
            configure.map_product(self.where, code, self.items[item], replacing=(), by=None, now=clock.now())

    @rule(item=st.integers(0, 2), wanted=st.sampled_from(RULES))
    def set_rule(self, item: int, wanted: Rule) -> None:
        with suppress(Misused):
            configure.set_rule(self.where, self.items[item], wanted, WhereNone.CREATE, by=None, now=clock.now())

    @rule(customer=st.sampled_from(CUSTOMERS), item=st.integers(0, 2), fixed=st.sampled_from([None, 0, 4]))
    def except_customer(self, customer: str, item: int, fixed: int | None) -> None:
        own = Override(customer=customer, item=self.items[item], exclude=fixed is None)
        if fixed is not None:
            own = replace(own, fixed=Decimal(fixed))
        with suppress(Misused):
            configure.map_override(self.where, own, by=None, now=clock.now())

    @rule(customer=st.sampled_from(CUSTOMERS))
    def split_customer(self, customer: str) -> None:
        """Over both agreements of the first company."""
        parts = zip((self.agreements[0], self.agreements[2]), (60, 40), strict=True)
        shares = [Share(agreement=agreement, percent=Decimal(percent)) for agreement, percent in parts]
        company = self.homes[self.agreements[0]]
        configure.map_customer(self.where, customer, company, shares, by=None, now=clock.now())

    @rule(code=st.sampled_from(CODES), on=st.booleans())
    def switch_product(self, code: str, on: bool) -> None:
        with suppress(Misused):
            configure.switch_product(self.where, code, on, by=None, now=clock.now())

    @rule(customer=st.sampled_from(CUSTOMERS), agreement=st.integers(0, 2))
    def map_customer(self, customer: str, agreement: int) -> None:
        self.map(customer, self.agreements[agreement])

    @rule(customer=st.sampled_from(CUSTOMERS), on=st.booleans())
    def switch_customer(self, customer: str, on: bool) -> None:
        configure.switch_customer(self.where, customer, on, by=None, now=clock.now())

    @rule(agreement=st.integers(0, 2), item=st.integers(0, 2), quantity=st.sampled_from([0, 5]))
    def add_line_by_hand(self, agreement: int, item: int, quantity: int) -> None:
        self.psa.add_line(self.agreements[agreement], self.items[item], quantity=Decimal(quantity))

    @rule(nth=st.integers(0, 20), how=st.sampled_from(["edit", "end", "delete", "end later"]))
    def touch_line_by_hand(self, nth: int, how: str) -> None:
        ids = sorted(self.psa.additions)
        line = ids[nth % len(ids)] if ids else None
        match how:
            case _ if line is None:
                return
            case "edit":
                self.psa.edit_line(line, quantity=Decimal(11))
            case "end":
                self.psa.edit_line(line, cancelled=date(2026, 11, 20))
            case "end later":
                self.psa.edit_line(line, cancelled=date(2027, 3, 31))
            case _:
                del self.psa.additions[line]

    @rule(item=st.integers(0, 2), active=st.booleans())
    def retire_item(self, item: int, active: bool) -> None:
        ident = self.items[item]
        self.psa.items[ident] = replace(self.psa.items[ident], active=active)

    @rule(agreement=st.integers(0, 2), state=st.sampled_from([AgreementState.ACTIVE, AgreementState.EXPIRED]))
    def end_agreement(self, agreement: int, state: AgreementState) -> None:
        ident = self.agreements[agreement]
        self.psa.agreements[ident] = replace(self.psa.agreements[ident], state=state)

    @rule(agreement=st.integers(0, 2), item=st.integers(0, 2))
    def bill_again(self, agreement: int, item: int) -> None:
        with suppress(Misused):  # nothing of ours was there
            configure.bill_again(self.where, self.agreements[agreement], self.items[item], by=None, now=clock.now())

    # --- runs -------------------------------------------------------------------------------------

    @rule(
        failures=st.lists(st.sampled_from(FAILURES), min_size=1, max_size=4),
        read_fails=st.sampled_from(["", "", "", "unreachable", "malformed"]),
        left_out=st.sampled_from(["", "", *CUSTOMERS]),
    )
    def synchronise(self, failures: list[str], read_fails: str, left_out: str) -> None:
        """Sync, release, approve, apply: with failures on the way."""
        if read_fails:
            self.psa.fail_next_read(read_fails)
        planned = self.run("sync", [])
        self.psa.works_again()
        if planned.error:
            return
        self.all_accounted_for(planned)
        plan = self.approved(planned, left_out)
        if plan is None:
            return
        before = Before(self)
        applied = self.apply(list(failures), plan)
        before.compare(self, plan)
        if applied.state != "failed" and not applied.error:
            self.all_accounted_for(applied)
        if applied.converged:
            self.nothing_is_left()

    @rule(failures=st.lists(st.sampled_from(FAILURES), max_size=3))
    def synchronise_by_itself(self, failures: list[str]) -> None:
        """In automatic mode; what is new waits for a person."""
        configure.set_policy(self.where, {"mode": "automatic"}, by=None, now=clock.now())
        before = Before(self)
        run = self.run("sync", list(failures))
        for one in self.late:
            one.join()
        configure.set_policy(self.where, {"mode": "review"}, by=None, now=clock.now())
        before.compare(self, run.plan)
        if run.converged:
            self.nothing_is_left()

    @rule(failures=st.lists(st.sampled_from(FAILURES), max_size=3))
    def apply_again(self, failures: list[str]) -> None:
        """The plan that was cut off goes on."""
        plan = Plan.objects.filter(integration=self.where).order_by("-pk").first()
        if plan is None or plan.state != "approved":
            return
        before = Before(self)
        self.apply(list(failures), plan)
        before.compare(self, plan)

    def approved(self, run: Run, left_out: str = "") -> Plan | None:
        plan = run.plan
        assert plan is not None
        for hold in plan.holds.exclude(kind="duplicate_lines"):
            release(hold, reason="looked at", by=None, now=clock.now())
        if left_out:
            with suppress(Misused):
                tick(plan, [left_out], False, by=None, now=clock.now())
        if plan.state != "open":
            return None
        approve(plan, by=None, now=clock.now())
        return plan

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def no_place_has_two_managed_lines(self) -> None:
        managed = set(self.managed())
        today = clock.now().date()
        lines = [line for line in self.psa.additions.values() if line.id in managed and line.standing(today)]
        assert all(number == 1 for number in Counter((line.agreement, line.item) for line in lines).values())

    @invariant()
    def the_ledger_is_whole(self) -> None:
        assert first_broken(self.where) is None

    def managed(self) -> dict[int, Slot]:
        rows = Managed.objects.filter(integration=self.where)
        return {row.addition: Slot(row.agreement, row.item) for row in rows}

    def all_accounted_for(self, run: Run) -> None:
        """One outcome for every contribution, and for every managed line that nothing is counted into."""
        assert run.plan is not None
        contributions = prepare_again(run.plan).plan.contributions
        alone = set(self.managed().values()) - {one.slot for one in contributions}
        assert sum(run.outcomes.values()) == len(contributions) + len(alone)

    def nothing_is_left(self) -> None:
        """After a run that says so, the next plan proposes nothing that is not held."""
        again = self.run("sync", [])
        assert again.plan is not None
        held = set(again.plan.holds.values_list("agreement", "item"))
        assert [row for row in again.plan.changes.all() if (row.agreement, row.item) not in held] == []

    def teardown(self) -> None:
        """In the end nothing fails: what stands is what a slow calculation says."""
        self.psa.works_again()
        planned = self.run("sync", [])
        assert planned.error is None
        expected = final_quantities(*self.as_rows(), told(self.where, str(PERIOD)))
        if (plan := self.approved(planned)) is not None:
            before = Before(self)
            applied = self.run("apply", [], plan)
            before.compare(self, plan)
            assert applied.error is None
            assert applied.converged
        today = clock.now().date()
        standing: dict[tuple[int, int], list[Decimal]] = {}
        for line in self.psa.additions.values():
            if line.standing(today):
                standing.setdefault((line.agreement, line.item), []).append(line.quantity)
        assert {place: sorted(quantities) for place, quantities in standing.items()} == expected
        assert not open_intents(self.where).exists()

    @property
    def integration(self) -> Integration:
        return self.where

    def as_rows(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Both systems as the simulators' `/_sim/state` would give them."""
        psa = self.psa
        usage = [
            {"accountId": line.customer, "productCode": line.code, "billableQuantity": line.billable}
            for line in self.source.reports[PERIOD]
        ]
        sophos = {"usage": usage, "customers": [{"id": one, "billingType": "usage"} for one in self.source.customers]}
        agreements = [
            {
                "id": one.id,
                "name": one.name,
                "company": {"id": one.company},
                "agreementStatus": "Active" if one.state is AgreementState.ACTIVE else "Expired",
                "nextInvoiceDate": one.next_invoice.isoformat() if one.next_invoice else None,
            }
            for one in psa.agreements.values()
        ]
        additions = [
            {
                "id": one.id,
                "agreementId": one.agreement,
                "product": {"id": one.item},
                "quantity": one.quantity,
                "cancelledDate": one.cancelled.isoformat() if one.cancelled else None,
            }
            for one in psa.additions.values()
        ]
        connectwise = {
            "companies": [{"id": one} for one in psa.companies],
            "agreements": agreements,
            "additions": additions,
            "catalog": [{"id": one.id, "inactiveFlag": not one.active} for one in psa.items.values()],
        }
        return sophos, connectwise


class Before:
    """How the PSA stood before a run, to tell afterwards what the run may not have done."""

    def __init__(self, machine: Machine) -> None:
        self.lines = dict(machine.psa.additions)
        self.managed = set(machine.managed())
        self.standing = self.count(machine)

    def count(self, machine: Machine) -> Counter[Slot]:
        today = clock.now().date()
        lines = machine.psa.additions.values()
        return Counter(Slot(line.agreement, line.item) for line in lines if line.standing(today))

    def compare(self, machine: Machine, plan: Plan | None) -> None:
        adopted = set(plan.changes.filter(kind="adopt").values_list("addition", flat=True)) if plan else set()
        for ident, line in self.lines.items():
            if ident not in self.managed | adopted:
                assert machine.psa.additions[ident] == line, "a line that is not ours was changed"
        for slot, number in self.count(machine).items():
            assert number <= max(1, self.standing[slot]), "something was created where a line stands"
        assert self.lines.keys() <= machine.psa.additions.keys(), "a line was deleted"


def _found(number: int) -> tuple[User, Integration]:
    partner = Partner.objects.create(slug=f"machine-{number}", name="M", made_at=START)
    admin = User.objects.create(email=f"admin@{number}.example", partner=partner, role=Role.ADMIN, made_at=START)
    policy = {"mode": "review", "settle_seconds": SETTLE, "mail": "off", "least_lines": "1000000"}
    where = Integration.objects.create(partner=partner, slug=f"machine-{number}", policy=policy, made_at=START)
    return admin, where


@pytest.mark.django_db(transaction=True)
def test_whatever_happens(settings: Any) -> None:
    settings.TRUECOUNT_CLOCK_OFFSET = (START - datetime.now(UTC)).total_seconds()
    run_state_machine_as_test(
        Machine,
        settings=hypothesis_settings(
            max_examples=25,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
