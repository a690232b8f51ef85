"""Refresh customer details: what both systems call things is read anew, all or nothing; and what a plan counts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.store.rows import NOW, integration
from truecount.connectors.memory import MemoryPsa, MemorySource
from truecount.core.errors import Misused
from truecount.core.model import Share, UsageLine
from truecount.core.period import Period
from truecount.core.roles import Role
from truecount.runs import configure, found
from truecount.runs.flow import begin, execute
from truecount.runs.remote import Doors
from truecount.store.models import (
    Agreement,
    AuditEvent,
    Company,
    Connection,
    Customer,
    CustomerFigure,
    Integration,
    Run,
)
from truecount.store.seals import seal

pytestmark = pytest.mark.django_db(transaction=True)


class Both:
    """An integration and both of its systems in memory."""

    def __init__(self) -> None:
        self.where: Integration = integration()
        self.source, self.psa = MemorySource(), MemoryPsa()
        for side in ("vendor", "psa"):
            Connection.objects.create(integration=self.where, side=side, kind="memory", sealed=seal("none"))
        for ident in ("c1", "c2"):
            self.source.add_customer(ident)
        self.company = self.psa.add_company()
        self.agreement = self.psa.add_agreement(self.company.id)

    def run(self, verb: str, period: Period | None = None) -> Run:
        run = begin(self.where, verb, by=None, period=period)
        return execute(run, doors=Doors(source=lambda *_, **__: self.source, psa=lambda *_, **__: self.psa))


@pytest.fixture
def both() -> Both:
    return Both()


def test_it_works(both: Both) -> None:
    run = both.run("refresh")
    assert (run.state, run.plan, run.snapshot, run.outcomes) == ("done", None, None, {})
    assert AuditEvent.objects.get(action="refresh_customers").after == {
        "customers": 2,
        "new": 2,
        "gone": 0,
        "companies": 1,
        "agreements": 1,
    }
    assert Customer.objects.count() == Company.objects.count() + Agreement.objects.count() == 2


def test_new_gone_and_renamed(both: Both) -> None:
    both.run("refresh")
    del both.source.customers["c1"]
    both.source.add_customer("c3")
    both.source.customers["c2"] = replace(both.source.customers["c2"], name="Another name")
    both.run("refresh")
    told = AuditEvent.objects.filter(action="refresh_customers").latest("pk").after
    assert told is not None
    assert (told["customers"], told["new"], told["gone"]) == (2, 1, 1)
    assert Customer.objects.get(vendor_id="c1").gone_since is not None
    assert Customer.objects.get(vendor_id="c2").name == "Another name"


def test_a_failure_changes_nothing_and_says_why(both: Both) -> None:
    both.psa.fail_next_read("unreachable")
    run = both.run("refresh")
    assert run.state == "failed"
    assert run.error is not None
    assert run.error["code"] == "unreachable"
    assert Customer.objects.count() == 0


def test_a_viewer_may_not(both: Both) -> None:
    viewer = found.create_user(both.where.partner, "v@msp.example", "long-enough-pass", Role.VIEWER, by=None, now=NOW)
    with pytest.raises(Misused):
        begin(both.where, "refresh", by=viewer)


def test_figures_of_the_last_plan_add_up(both: Both) -> None:
    """Two customers share a line of 5 × 3.00: each is shown its part, together the whole; a new plan replaces them."""
    item = both.psa.add_item(price=Decimal(3))
    period = Period(2026, 11)
    lines = [UsageLine(customer=one, code="A", billable=Decimal(units)) for one, units in (("c1", 2), ("c2", 3))]
    both.source.reports[period] = [*lines, UsageLine(customer="c1", code="B", billable=None)]
    both.run("collect", period=period)
    configure.map_product(both.where, "A", item.id, by=None, now=NOW)
    for one in ("c1", "c2"):
        shares = (Share(agreement=both.agreement.id),)
        configure.map_customer(both.where, one, both.company.id, shares, by=None, now=NOW)
    both.run("collect", period=period)
    for _ in range(2):
        assert both.run("plan", period=period).state == "observed"
        figures = {row.customer: (row.units, row.money) for row in CustomerFigure.objects.all()}
        assert figures == {"c1": (2, Decimal("6.00")), "c2": (3, Decimal("9.00"))}
