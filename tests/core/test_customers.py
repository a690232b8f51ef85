"""Mapping customers: splits, shared agreements, agreements by rule, and ended things (product rules §5)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.core.builders import (
    AGREEMENTS,
    HERE,
    addition,
    agreement,
    applied,
    billing,
    customer,
    first,
    found,
    kinds,
    line,
    ours,
    override,
    percent,
    product,
    rest,
    told,
    usage,
    world,
)
from truecount.core.model import AgreementState, ByRule, Contribution, FindingKind, Pair, Skip, Slot
from truecount.core.routes import Routes

ENDED_STATES = [state for state in AgreementState if state is not AgreementState.ACTIVE]
THERE = Slot(20, 100)


# --- one customer, several agreements -------------------------------------------------------------

SHARES = [
    pytest.param([percent(10, 60), percent(20, 40)], {10: 7, 20: 4}, id="percent"),
    pytest.param([percent(10, 50), percent(20, 50)], {10: 6, 20: 5}, id="tie by agreement id"),
    pytest.param([percent(20, 50), percent(10, 50)], {10: 6, 20: 5}, id="tie, the other way round"),
    pytest.param([first(10, 3), rest(20)], {10: 3, 20: 8}, id="first N"),
    pytest.param([first(10, 30), rest(20)], {10: 11}, id="first N not reached"),
]


@pytest.mark.parametrize(("shares", "expected"), SHARES)
def test_one_customer_is_split_over_several_agreements(shares, expected):
    plan = world(line(billable=11), customers=[customer("c1", *shares)]).plan()
    assert {change.slot.agreement: change.after for change in plan.changes} == expected
    assert len(plan.contributions) == 2


@pytest.mark.parametrize("step", [1, 5])
def test_parts_are_multiples_of_the_rules_step(step):
    plan = world(
        line(billable=23),
        customers=[customer("c1", percent(10, 50), percent(20, 30), percent(30, 20))],
        products=[product("A", rounding="up", step=step)],
    ).plan()
    parts = [change.after for change in plan.changes]
    assert sum(parts) == {1: 23, 5: 25}[step]
    assert all(part % step == 0 for part in parts)


def test_the_override_comes_before_the_split():
    plan = world(
        line(billable=11),
        customers=[customer("c1", percent(10, 50), percent(20, 50))],
        overrides=[override("c1", fixed=4)],
    ).plan()
    assert [change.after for change in plan.changes] == [2, 2]


def test_parts_finer_than_the_decimals_are_not_lost():
    plan = world(
        line(billable="0.01"),
        customers=[customer("c1", percent(10, 50), percent(20, 50))],
        products=[product("A", step="0.001")],
    ).plan()
    assert told(plan) == [("create", HERE, 0, Decimal("0.01"))]


@pytest.mark.parametrize("state", ENDED_STATES)
def test_one_agreement_of_a_split_that_has_ended_stops_only_its_own_part(state):
    plan = world(
        line(billable=10, unit_price=3),
        psa=billing(agreements=[agreement(20, state=state, since=date(2026, 11, 1))]),
        customers=[customer("c1", percent(10, 60), percent(20, 40))],
    ).plan()
    assert told(plan) == [("create", HERE, 0, 6)]
    skip = Skip.AGREEMENT_NOT_STARTED if state is AgreementState.NOT_STARTED else Skip.AGREEMENT_ENDED
    assert plan.contributions == (
        Contribution("c1", "A", HERE, Decimal(10)),
        Contribution("c1", "A", None, Decimal(10), skip),
    )
    finding = found(plan, FindingKind(skip))
    assert (finding.agreement, finding.money, finding.since) == (20, 12, date(2026, 11, 1))
    assert dict(finding.fields)["quantity"] == "4"


def test_a_line_in_the_ended_agreement_of_a_split_stays():
    there = addition(4, slot=THERE)
    start = world(
        line(billable=20),
        psa=billing(there, agreements=[agreement(20, state="expired")]),
        managed=[ours(there)],
        customers=[customer("c1", percent(10, 60), percent(20, 40))],
    )
    assert told(start.plan()) == [("create", HERE, 0, 12)]
    assert THERE in start.plan().left
    assert applied(start).plan().changes == ()


def test_two_ended_agreements_of_a_split_are_one_contribution_that_reaches_no_slot():
    start = world(
        line(billable=10),
        psa=billing(agreements=[agreement(20, state="expired"), agreement(30, state="expired")]),
        customers=[customer("c1", percent(10, 60), percent(20, 20), percent(30, 20))],
    )
    assert [one.slot for one in start.plan().contributions] == [HERE, None]
    assert dict(found(start.plan(), FindingKind.AGREEMENT_ENDED).fields)["quantity"] == "4"
    routes = Routes(start.configuration, start.billing, start.usage.customers)
    assert routes.slots(Pair("c1", "A")) == (HERE,)


def test_a_share_taken_away_sets_its_line_to_0():
    here, there = addition(6, id=1), addition(4, id=2, slot=THERE)
    plan = world(
        line(billable=10), additions=[here, there], managed=[ours(here), ours(there)], customers=[customer("c1", 10)]
    ).plan()
    assert told(plan) == [("update", HERE, 6, 10), ("zero", THERE, 4, 0)]


# --- several customers, one agreement -------------------------------------------------------------


def test_several_customers_add_up_in_one_agreement():
    plan = world(
        line("c1", "A", 5), line("c2", "A", 3), customers=[customer("c1", 10), customer("c2", 10, company=1)]
    ).plan()
    assert told(plan) == [("create", HERE, 0, 8)]
    assert [contribution.quantity for contribution in plan.contributions] == [5, 3]


def test_one_of_several_customers_that_vanished_lowers_the_line():
    shared = addition(8)
    plan = world(
        line("c1", "A", 5),
        additions=[shared],
        managed=[ours(shared, ("c1", "A"), ("c2", "A"))],
        customers=[customer("c1", 10), customer("c2", 10)],
    ).plan()
    assert told(plan) == [("update", HERE, 8, 5)]


def test_all_of_several_customers_vanished_sets_it_to_0():
    shared = addition(8)
    plan = world(
        line("c3", "B", 0),
        additions=[shared],
        managed=[ours(shared, ("c1", "A"), ("c2", "A"))],
        customers=[customer("c1", 10), customer("c2", 10)],
    ).plan()
    assert told(plan) == [("zero", HERE, 8, 0)]


def test_a_customer_moved_out_of_a_shared_agreement_lowers_the_one_and_creates_the_other():
    shared = addition(8)
    start = world(
        line("c1", "A", 5),
        line("c2", "A", 3),
        additions=[shared],
        managed=[ours(shared, ("c1", "A"), ("c2", "A"))],
        customers=[customer("c1", 10), customer("c2", 20)],
    )
    assert told(start.plan()) == [("update", HERE, 8, 5), ("create", THERE, 0, 3)]
    assert applied(start).plan().changes == ()


def test_a_customer_moved_out_of_a_shared_agreement_to_where_it_waits_stays_in_it():
    shared = addition(8)
    plan = world(
        line("c1", "A", 5),
        line("c2", "A", None),
        additions=[shared],
        managed=[ours(shared, ("c1", "A"), ("c2", "A"))],
        customers=[customer("c1", 10), customer("c2", 20)],
    ).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "unknown_quantity", THERE: "unknown_quantity"}


def test_a_customer_moved_out_of_a_line_that_waits_is_not_billed_twice():
    shared = addition(8)
    plan = world(
        line("c1", "A", None),
        line("c2", "A", 3),
        additions=[shared],
        managed=[ours(shared, ("c1", "A"), ("c2", "A"))],
        customers=[customer("c1", 10), customer("c2", 20)],
    ).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "unknown_quantity", THERE: "unknown_quantity"}


# --- agreement by rule ----------------------------------------------------------------------------

BY_RULE = [
    pytest.param(ByRule.ONLY_ACTIVE, "", [], 10, None, id="the only active one"),
    pytest.param(ByRule.ONLY_ACTIVE, "", [agreement(11, company=1, state="expired")], 10, None, id="ended not counted"),
    pytest.param(ByRule.ONLY_ACTIVE, "", [agreement(11, company=1)], None, Skip.AGREEMENT_UNCLEAR, id="two active"),
    pytest.param(ByRule.ONLY_ACTIVE, "", [agreement(10, state="expired")], None, Skip.NO_AGREEMENT, id="none active"),
    pytest.param(ByRule.TYPE, "Security", [agreement(11, company=1, type="SECURITY")], 11, None, id="type"),
    pytest.param(
        ByRule.TYPE,
        "Security",
        [agreement(11, company=1, type="security"), agreement(12, company=1, type="Security")],
        None,
        Skip.AGREEMENT_UNCLEAR,
        id="two of the type",
    ),
    pytest.param(ByRule.TYPE, "Security", [], None, Skip.NO_AGREEMENT, id="none of the type"),
    pytest.param(
        ByRule.TYPE, "Security", [agreement(21, company=2, type="Security")], None, Skip.NO_AGREEMENT, id="elsewhere"
    ),
    pytest.param(ByRule.NAME, "managed", [agreement(11, company=1, name="Fully MANAGED")], 11, None, id="name"),
    pytest.param(
        ByRule.NAME,
        "managed",
        [agreement(11, company=1, name="Managed A"), agreement(12, company=1, name="Managed B")],
        None,
        Skip.AGREEMENT_UNCLEAR,
        id="two of the name",
    ),
    pytest.param(ByRule.NAME, "managed", [], None, Skip.NO_AGREEMENT, id="none of the name"),
]


@pytest.mark.parametrize(("rule", "pattern", "agreements", "expected", "skip"), BY_RULE)
def test_agreement_by_rule(rule, pattern, agreements, expected, skip):
    plan = world(
        line(unit_price=3),
        psa=billing(agreements=agreements),
        customers=[customer("c1", by_rule=rule, pattern=pattern)],
    ).plan()
    assert told(plan) == ([("create", Slot(expected, 100), 0, 5)] if expected else [])
    assert plan.contributions[0].skip is skip
    if skip:
        finding = found(plan, FindingKind(skip))
        assert (finding.customer, finding.company, finding.money) == ("c1", 1, 15)


def test_no_agreement_chosen_is_a_finding():
    plan = world(line(), customers=[replace(customer("c1"), shares=())]).plan()
    assert FindingKind.NO_AGREEMENT in kinds(plan)


# --- ended things ---------------------------------------------------------------------------------

ENDED = [
    pytest.param(
        billing(agreements=[agreement(10, state=state, since=date(2026, 11, 3))]),
        FindingKind.AGREEMENT_NOT_STARTED if state is AgreementState.NOT_STARTED else FindingKind.AGREEMENT_ENDED,
        10,
        date(2026, 11, 3),
        id=f"agreement {state}",
    )
    for state in ENDED_STATES
] + [
    pytest.param(billing(without=[10]), FindingKind.AGREEMENT_GONE, 10, None, id="agreement gone"),
    pytest.param(billing(without=[1]), FindingKind.COMPANY_GONE, None, None, id="company gone"),
    pytest.param(
        billing(companies=[replace(billing().companies[1], active=False)]),
        FindingKind.COMPANY_INACTIVE,
        None,
        None,
        id="company inactive",
    ),
]


@pytest.mark.parametrize(("psa", "kind", "where", "since"), ENDED)
def test_what_has_ended_stops_the_writes_of_its_customer_only_and_is_a_finding(psa, kind, where, since):
    plan = world(line("c1", unit_price=3), line("c2"), psa=psa).plan()
    assert told(plan) == [("create", THERE, 0, 5)]
    finding = found(plan, kind)
    assert (finding.customer, finding.company, finding.agreement) == ("c1", 1, where)
    assert (finding.money, finding.since) == (15, since)


def test_a_gone_customer_is_a_finding_whether_it_is_used_or_not():
    plan = world(read=usage(line("c2"), customers=[])).plan()
    gone = {finding.customer for finding in plan.findings if finding.kind is FindingKind.CUSTOMER_GONE}
    assert gone == set(AGREEMENTS)


@pytest.mark.parametrize("different", [{"off": ["c1"]}, {"customers": []}], ids=["off", "not mapped"])
def test_a_customer_that_is_not_synchronised_is_a_finding(different):
    kind = FindingKind.CUSTOMER_OFF if "off" in different else FindingKind.CUSTOMER_NOT_MAPPED
    assert found(world(line(unit_price=2), **different).plan(), kind).money == 10
