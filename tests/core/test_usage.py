"""What counts as usage: the rules of product rules §3, one after the other."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.core.builders import (
    HERE,
    addition,
    baseline,
    billing,
    customer,
    found,
    held,
    kinds,
    line,
    ours,
    product,
    told,
    usage,
    world,
)
from truecount.core.model import (
    AgreementState,
    BillingType,
    Contribution,
    Customer,
    FindingKind,
    Firewall,
    HoldKind,
    QuantityField,
    Skip,
    Slot,
    Source,
)

STANDING = addition(5)
ABSENT = line("c2", "B", 0)


# --- complete, unknown, absent --------------------------------------------------------------------


@pytest.mark.parametrize("standing", ["nothing", "unmanaged", "managed"])
@pytest.mark.parametrize("reported", [True, False])
def test_an_incomplete_report_writes_nothing_of_what_it_says_or_does_not_say(reported, standing):
    read = usage(line(billable=9) if reported else ABSENT, complete=False)
    additions = [] if standing == "nothing" else [STANDING]
    managed = [ours(STANDING)] if standing == "managed" else []
    plan = world(read=read, additions=additions, managed=managed).plan()
    assert plan.changes == ()
    if reported or managed:
        assert plan.left[HERE] == "not_read"


def test_an_incomplete_report_moves_nothing():
    plan = world(
        read=usage(line(), complete=False), additions=[STANDING], managed=[ours(STANDING)], products=[product("A", 200)]
    ).plan()
    assert plan.changes == ()


@pytest.mark.parametrize("billable", [None, 0, 5, 7])
def test_unknown_zero_and_counted_are_different(billable):
    plan = world(line(billable=billable), additions=[STANDING], managed=[ours(STANDING)]).plan()
    expected = {None: [], 0: [("zero", HERE, 5, 0)], 5: [], 7: [("update", HERE, 5, 7)]}
    assert told(plan) == expected[billable]
    assert plan.left == ({HERE: "unknown_quantity"} if billable is None else {})
    assert plan.contributions == (Contribution("c1", "A", HERE, None if billable is None else Decimal(billable)),)


def test_absent_is_not_unknown():
    plan = world(ABSENT, additions=[STANDING], managed=[ours(STANDING)]).plan()
    assert told(plan) == [("zero", HERE, 5, 0)]


@pytest.mark.parametrize("order", [1, -1])
def test_one_unknown_line_makes_the_sum_unknown(order):
    lines = [line(billable=5), line(billable=None)][::order]
    plan = world(*lines).plan()
    assert plan.changes == ()
    assert plan.contributions == (Contribution("c1", "A", HERE, None),)


def test_live_is_complete_customer_by_customer():
    read = usage(line("c2", "A", 3), source=Source.LIVE, unread=frozenset({"c1"}))
    lines = [STANDING, addition(4, id=2, slot=Slot(20, 100)), addition(4, id=3, slot=Slot(30, 100))]
    managed = [ours(lines[0]), ours(lines[1], ("c2", "A")), ours(lines[2], ("c3", "A"))]
    plan = world(read=read, additions=lines, managed=managed).plan()
    assert told(plan) == [("update", Slot(20, 100), 4, 3), ("zero", Slot(30, 100), 4, 0)]
    assert plan.left == {HERE: "not_read"}


# --- sources --------------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", ["nothing", "unmanaged", "managed"])
@pytest.mark.parametrize("reported", [True, False])
@pytest.mark.parametrize("before", [True, False])
def test_live_leaves_a_slot_of_a_product_marked_as_a_firewall_as_it_stands(reported, standing, before):
    bundle = [product("AB", 100), product("C")]
    lines = [line("c2", "C", 0), *([line(code="A", billable=9)] if reported else [])]
    additions = [] if standing == "nothing" else [STANDING]
    managed = [ours(STANDING, firewall=before)] if standing == "managed" else []
    plan = world(
        read=usage(*lines, source=Source.LIVE), additions=additions, managed=managed, products=bundle, firewalls=["B"]
    ).plan()
    assert plan.changes == ()
    if reported or managed:
        assert plan.left == {HERE: "firewall_live"}
        assert found(plan, FindingKind.FIREWALL_LIVE).agreement == 10


@pytest.mark.parametrize("reported", [True, False])
def test_live_leaves_a_slot_into_which_a_firewall_was_counted_by_its_serial_number(reported):
    lines = [line("c2", "C", 0), *([line(code="A", billable=9)] if reported else [])]
    managed = [ours(STANDING, ("c1", "A"), ("c1", "B"), firewall=True)]
    plan = world(
        read=usage(*lines, source=Source.LIVE), additions=[STANDING], managed=managed, products=[product("AB", 100)]
    ).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "firewall_live"}
    assert found(plan, FindingKind.FIREWALL_LIVE).item == 100


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_reasons_to_wait_the_same_is_told_in_every_order(turned):
    lines = [line("c1", billable=None), line("c2", billable=3)]
    plan = world(
        read=usage(*(reversed(lines) if turned else lines), source=Source.LIVE),
        customers=[customer("c1"), customer("c2", 10)],
        firewalls=["A"],
    ).plan()
    assert plan.left == {HERE: "firewall_live"}, "and not unknown_quantity"


def test_live_writes_everything_else():
    plan = world(
        read=usage(line(code="A"), source=Source.LIVE), products=[product("A"), product("B")], firewalls=["B"]
    ).plan()
    assert told(plan) == [("create", HERE, 0, 5)]


def test_the_invoice_speaks_for_firewalls():
    plan = world(
        line(code="A", billable=9), additions=[STANDING], managed=[ours(STANDING, firewall=True)], firewalls=["A"]
    ).plan()
    assert told(plan) == [("update", HERE, 5, 9)]
    assert plan.changes[0].firewall


@pytest.mark.parametrize(
    ("serial", "marked", "expected"),
    [
        ("S1", False, True),
        ("S2", False, False),
        ("", False, False),
        ("", True, True),
        ("S2", True, True),
    ],
    ids=["serial of a firewall", "other serial", "no serial", "marked", "marked, other serial"],
)
def test_a_line_is_a_firewalls_by_its_serial_number_or_by_the_mark_of_its_product(serial, marked, expected):
    read = usage(line(serial=serial, group="Device"), firewalls=(Firewall(serial="S1"), Firewall(serial="")))
    plan = world(read=read, firewalls=["A"] if marked else []).plan()
    assert plan.changes[0].firewall is expected


# --- quantity field, lines added up ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "expected"), [(QuantityField.BILLABLE, 5), (QuantityField.ACTUAL, 8)], ids=["billable", "actual"]
)
def test_the_quantity_field_is_a_choice(which, expected):
    plan = world(line(billable=5, actual=8), policy={"quantity": which}).plan()
    assert told(plan) == [("create", HERE, 0, expected)]


def test_an_actual_quantity_that_is_missing_is_not_the_billable_one():
    plan = world(line(billable=5), policy={"quantity": QuantityField.ACTUAL}).plan()
    assert plan.left == {HERE: "unknown_quantity"}


def test_lines_of_one_customer_and_code_are_added_up():
    plan = world(line(billable=5), line(billable="2.5"), line(billable=-1), line("c2", "A", 100)).plan()
    assert told(plan) == [("create", HERE, 0, Decimal("6.5")), ("create", Slot(20, 100), 0, 100)]
    assert len(plan.contributions) == 2


# --- lines that belong to nobody ------------------------------------------------------------------


def test_lines_without_a_customer_are_findings_with_the_serial_number():
    lines = [
        line(None, "A", 1, serial="S1", unit_price=30, name="XGS 87"),
        line(None, "A", 2, serial="S2"),
        line(None, "A", None, order_line="L3", unit_price=30),
    ]
    plan = world(*lines).plan()
    findings = {one.mark: one for one in plan.findings if one.kind is FindingKind.UNASSIGNED_USAGE}
    assert plan.changes == ()
    assert {mark: one.money for mark, one in findings.items()} == {"S1": 30, "S2": None, "L3": None}
    assert dict(findings["S1"].fields) == {"serial": "S1", "name": "XGS 87"}
    assert plan.contributions == (Contribution(None, "A", None, None, Skip.NO_CUSTOMER),)


# --- billing types --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [BillingType.TERM, BillingType.TRIAL, BillingType.UNKNOWN])
def test_customers_that_are_not_billed_by_usage_are_left_out(kind):
    read = usage(line(unit_price=3), customers=[Customer(id="c1", name="C1", billing=kind)])
    plan = world(read=read).plan()
    finding = found(plan, FindingKind.NOT_USAGE_CHARGED)
    assert plan.changes == ()
    assert (finding.customer, finding.money) == ("c1", 15)
    assert plan.contributions == (Contribution("c1", "A", None, Decimal(5), Skip.NOT_USAGE),)

    anyway = world(read=read, bill_anyway=["c1"]).plan()
    assert told(anyway) == [("create", HERE, 0, 5)]
    assert FindingKind.NOT_USAGE_CHARGED not in kinds(anyway)


def test_charges_without_a_price_are_a_finding_whose_money_is_unknown():
    read = usage(line(), customers=[Customer(id="c1", name="C1", billing=BillingType.TERM)])
    finding = found(world(read=read).plan(), FindingKind.NOT_USAGE_CHARGED)
    assert finding.money is None
    assert dict(finding.fields)["quantity"] == "5"


@pytest.mark.parametrize(("quantity", "price"), [(0, 3), (5, 0), (0, None)])
def test_customers_left_out_without_a_charge_are_no_finding(quantity, price):
    read = usage(
        line(billable=quantity, unit_price=price), customers=[Customer(id="c1", name="C1", billing=BillingType.TERM)]
    )
    assert FindingKind.NOT_USAGE_CHARGED not in kinds(world(read=read).plan())


def test_a_managed_line_of_a_customer_that_is_no_longer_billed_by_usage_stays():
    read = usage(line(billable=9), customers=[Customer(id="c1", name="C1", billing=BillingType.TERM)])
    plan = world(read=read, additions=[STANDING], managed=[ours(STANDING)]).plan()
    assert plan.changes == ()
    assert found(plan, FindingKind.STILL_BILLED).money == 10


def test_a_customer_left_out_keeps_nobody_elses_slot_waiting():
    read = usage(
        line("c1"),
        line("c2", "A", None),
        customers=[Customer(id="c1", name=""), Customer(id="c2", name="", billing=BillingType.TERM)],
    )
    plan = world(read=read, customers=[customer("c1"), customer("c2", 10)]).plan()
    assert told(plan) == [("create", HERE, 0, 5)]


def test_a_customer_left_out_need_not_be_read():
    read = usage(
        line("c1"),
        customers=[Customer(id="c1", name=""), Customer(id="c2", name="", billing=BillingType.TERM)],
        source=Source.LIVE,
        unread=frozenset({"c2"}),
    )
    plan = world(read=read, customers=[customer("c1"), customer("c2", 10)]).plan()
    assert told(plan) == [("create", HERE, 0, 5)]


# --- nothing that can't be billed is silent -------------------------------------------------------

LOST = [
    pytest.param({"customers": []}, Skip.CUSTOMER_NOT_MAPPED, FindingKind.CUSTOMER_NOT_MAPPED, id="customer unmapped"),
    pytest.param({"off": ["c1"]}, Skip.CUSTOMER_OFF, FindingKind.CUSTOMER_OFF, id="customer off"),
    pytest.param({"products": []}, Skip.PRODUCT_NOT_MAPPED, FindingKind.PRODUCT_NOT_MAPPED, id="product unmapped"),
    pytest.param({"off": ["A"]}, Skip.PRODUCT_OFF, FindingKind.PRODUCT_OFF, id="product off"),
    pytest.param({"psa": billing(without=[100])}, Skip.ITEM_GONE, FindingKind.ITEM_GONE, id="item gone"),
    pytest.param(
        {"psa": billing(items=[replace(billing().items[100], active=False)])},
        Skip.ITEM_INACTIVE,
        FindingKind.ITEM_INACTIVE,
        id="item inactive",
    ),
    pytest.param({"psa": billing(without=[1])}, Skip.COMPANY_GONE, FindingKind.COMPANY_GONE, id="company gone"),
    pytest.param(
        {"psa": billing(companies=[replace(billing().companies[1], active=False)])},
        Skip.COMPANY_INACTIVE,
        FindingKind.COMPANY_INACTIVE,
        id="company inactive",
    ),
    pytest.param({"psa": billing(without=[10])}, Skip.AGREEMENT_GONE, FindingKind.AGREEMENT_GONE, id="agreement gone"),
]


@pytest.mark.parametrize(("different", "skip", "kind"), LOST)
@pytest.mark.parametrize(
    ("price", "quantity", "money"),
    [(3, 5, 15), (None, 5, None), (3, None, None)],
    ids=["priced", "without price", "unknown quantity"],
)
def test_usage_that_cannot_be_billed_is_a_finding_with_its_money(different, skip, kind, price, quantity, money):
    plan = world(line(billable=quantity, unit_price=price), **different).plan()
    assert plan.changes == ()
    assert found(plan, kind).money == money
    counted = None if quantity is None else Decimal(quantity)
    assert plan.contributions == (Contribution("c1", "A", None, counted, skip),)


@pytest.mark.parametrize(("different", "skip", "kind"), LOST)
def test_no_usage_that_cannot_be_billed_is_no_finding(different, skip, kind):
    assert kind not in kinds(world(line(billable=0), **different).plan())


def test_usage_of_an_unknown_product_is_one_finding_over_all_customers():
    plan = world(line("c1", "NEW", 2, unit_price=3), line("c2", "NEW", 5, unit_price=3)).plan()
    finding = found(plan, FindingKind.PRODUCT_NOT_MAPPED)
    assert (finding.product, finding.customer, finding.money) == ("NEW", None, 21)
    assert dict(finding.fields) == {"quantity": "7", "pairs": "2"}


def test_cost_is_in_the_currency_set_on_the_integration():
    plan = world(line("c1", "NEW", 2, unit_price=3), policy={"currency": "EUR"}).plan()
    assert found(plan, FindingKind.PRODUCT_NOT_MAPPED).currency == "EUR"


# --- customers gone -------------------------------------------------------------------------------


def test_a_gone_customers_lines_in_the_report_are_still_billed():
    read = usage(line("c1", "A", 7), customers=[])
    plan = world(read=read, additions=[STANDING], managed=[ours(STANDING)], customers=[customer("c1")]).plan()
    assert told(plan) == [("update", HERE, 5, 7)]
    assert found(plan, FindingKind.CUSTOMER_GONE).customer == "c1"


def test_a_gone_customer_absent_from_a_complete_report_follows_the_vanish_policy():
    read = usage(ABSENT, customers=[Customer(id="c2", name="")])
    plan = world(read=read, additions=[STANDING], managed=[ours(STANDING)]).plan()
    assert told(plan) == [("zero", HERE, 5, 0)]


# --- an empty answer ------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [None, 0, 1, 500])
def test_an_empty_answer_is_held(last):
    plan = world(
        additions=[STANDING], before=baseline(ours(STANDING), last_lines=last, touched_agreements=frozenset({10}))
    ).plan()
    assert held(plan) == {HoldKind.USAGE_EMPTY}


def test_since_when_an_agreement_has_ended_is_told():
    ended = replace(billing().agreements[10], state=AgreementState.EXPIRED, since=date(2026, 10, 31))
    plan = world(line(), psa=billing(agreements=[ended])).plan()
    finding = found(plan, FindingKind.AGREEMENT_ENDED)
    assert (finding.since, finding.agreement, finding.company, finding.customer) == (date(2026, 10, 31), 10, 1, "c1")
