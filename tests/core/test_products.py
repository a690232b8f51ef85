"""Mapping products: bundles, several items, rules and overrides as a plan shows them (product rules §4)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.core.builders import (
    HERE,
    addition,
    applied,
    billing,
    customer,
    kinds,
    line,
    ours,
    override,
    product,
    told,
    world,
)
from truecount.core.model import Contribution, FindingKind, Pair, Skip, Slot, WhereNone

BUNDLE = [line(code="A", billable=5), line(code="B", billable=3)]


@pytest.mark.parametrize(("combine", "expected"), [("sum", 8), ("max", 5), ("min", 3), ("all-of", 0)])
def test_several_vendor_products_lead_to_one_item(combine, expected):
    plan = world(*BUNDLE, products=[product("ABC", 100, combine=combine)]).plan()
    assert told(plan) == ([("create", HERE, 0, expected)] if expected else [])
    assert plan.contributions == (
        Contribution("c1", "A", HERE, Decimal(5)),
        Contribution("c1", "B", HERE, Decimal(3)),
    )


def test_the_rule_is_applied_customer_by_customer_before_the_slot_is_summed():
    plan = world(
        line("c1", "A", 2),
        line("c2", "A", 2),
        customers=[customer("c1", 10), customer("c2", 10)],
        products=[product("A", included=1, rounding="up", step=5)],
    ).plan()
    assert told(plan) == [("create", HERE, 0, 10)]


def test_one_vendor_product_feeds_several_items():
    fee = product("A", 200, multiply="0.5", rounding="up")
    plan = world(line(billable=5), products=[product("A", 100), fee]).plan()
    assert told(plan) == [("create", HERE, 0, 5), ("create", Slot(10, 200), 0, 3)]
    assert len(plan.contributions) == 2


def test_one_item_of_several_waits_alone():
    plan = world(line(code="A"), line(code="B", billable=None), products=[product("A", 200), product("AB", 100)]).plan()
    assert told(plan) == [("create", Slot(10, 200), 0, 5)]
    assert plan.left == {HERE: "unknown_quantity"}


def test_an_override_is_of_one_customer_and_one_item():
    plan = world(
        line("c1"),
        line("c2"),
        products=[product("A", 100), product("A", 200)],
        overrides=[override("c1", 100, fixed=9)],
    ).plan()
    quantities = {change.slot: change.after for change in plan.changes}
    assert quantities == {HERE: 9, Slot(10, 200): 5, Slot(20, 100): 5, Slot(20, 200): 5}


def test_an_excluded_customer_takes_its_part_off_a_shared_line():
    shared = addition(8)
    plan = world(
        line("c1", "A", 5),
        line("c2", "A", 3),
        additions=[shared],
        managed=[ours(shared, ("c1", "A"), ("c2", "A"))],
        customers=[customer("c1", 10), customer("c2", 10)],
        overrides=[override("c2", exclude=True)],
    ).plan()
    assert told(plan) == [("update", HERE, 8, 5)]
    assert plan.contributions[1] == Contribution("c2", "A", None, Decimal(3), Skip.EXCLUDED)


def test_an_override_bills_nothing_where_nothing_is_counted():
    plan = world(line("c2"), overrides=[override("c1", fixed=9)], products=[product("A")]).plan()
    assert told(plan) == [("create", Slot(20, 100), 0, 5)]


def test_a_product_excluded_from_two_items_is_one_contribution_that_reaches_no_slot():
    plan = world(
        line(),
        products=[product("A", 100), product("A", 200), product("A", 300)],
        overrides=[override(item=200, exclude=True), override(item=300, exclude=True)],
    ).plan()
    assert [one.slot for one in plan.contributions] == [HERE, None]


def test_an_excluded_customer_with_an_unknown_quantity_keeps_nothing_waiting():
    plan = world(
        line("c1"),
        line("c2", "A", None),
        customers=[customer("c1", 10), customer("c2", 10)],
        overrides=[override("c2", exclude=True)],
    ).plan()
    assert told(plan) == [("create", HERE, 0, 5)]


@pytest.mark.parametrize(
    ("decimals", "quantity", "expected"),
    [
        (2, "1.005", "1.00"),
        (2, "1.015", "1.02"),
        (2, "1.0151", "1.02"),
        (0, "2.5", "2"),
        (0, "3.5", "4"),
        (4, "1.00005", "1.0000"),
        (2, "0.004", None),
    ],
)
def test_a_slot_is_quantised_to_the_integrations_decimals(decimals, quantity, expected):
    plan = world(line(billable=quantity), policy={"decimals": decimals}).plan()
    assert told(plan) == ([] if expected is None else [("create", HERE, 0, Decimal(expected))])


def test_a_slot_is_summed_before_it_is_quantised():
    plan = world(
        line("c1", "A", "0.334"),
        line("c2", "A", "0.334"),
        line("c3", "A", "0.334"),
        customers=[customer("c1", 10), customer("c2", 10), customer("c3", 10)],
    ).plan()
    assert told(plan) == [("create", HERE, 0, Decimal("1.00"))]


def test_a_quantity_above_0_that_is_quantised_to_0_sets_a_managed_line_to_0():
    standing = addition(1)
    assert told(world(line(billable="0.001"), additions=[standing], managed=[ours(standing)]).plan()) == [
        ("zero", HERE, 1, 0)
    ]


def test_a_product_switched_off_is_a_finding_and_no_change():
    plan = world(line(), off=["A"]).plan()
    assert plan.changes == ()
    assert FindingKind.PRODUCT_OFF in kinds(plan)


@pytest.mark.parametrize("items", [(100, 200), (200, 100)])
def test_a_finding_of_a_product_of_several_items_names_the_same_one_whatever_their_order(items):
    plan = world(line(), products=[product("A", item) for item in items], off=["A"]).plan()
    assert [finding.item for finding in plan.findings if finding.kind is FindingKind.PRODUCT_OFF] == [100]


def test_an_unmapped_product_cannot_be_switched_on():
    assert world(line(code="NEW")).plan().changes == ()


def test_a_product_that_nobody_switched_on_is_off():
    start = world(line())
    silent = start.but(configuration=replace(start.configuration, product_sync={}))
    assert silent.plan().changes == ()
    assert silent.plan().contributions == (Contribution("c1", "A", None, Decimal(5), Skip.PRODUCT_OFF),)


def test_a_customer_that_nobody_switched_off_is_on():
    start = world(line())
    silent = start.but(configuration=replace(start.configuration, customer_sync={}))
    assert told(silent.plan()) == [("create", HERE, 0, 5)]


def test_where_none_stands_is_a_choice_per_mapping():
    both = [product("A", where_none=WhereNone.ADOPT_ONLY), product("B")]
    plan = world(line(code="A"), line(code="B"), products=both).plan()
    assert told(plan) == [("create", Slot(10, 200), 0, 5)]


def test_a_new_line_takes_the_catalog_price_and_an_update_leaves_the_price_alone():
    dear = addition(5, id=7, slot=Slot(20, 100), unit_price=9)
    plan = world(line("c1"), line("c2", billable=6), additions=[dear], managed=[ours(dear, ("c2", "A"))]).plan()
    assert [(int(change.unit_price), int(change.money_after)) for change in plan.changes] == [(2, 10), (9, 54)]


def test_origin_names_every_pair_that_was_counted():
    plan = world(
        *BUNDLE,
        line("c2", "A"),
        customers=[customer("c1", 10), customer("c2", 10)],
        products=[product("AB", 100)],
    ).plan()
    assert plan.changes[0].origin == (Pair("c1", "A"), Pair("c1", "B"), Pair("c2", "A"))


def test_usage_back_after_the_vanish_is_an_update():
    standing = addition(5)
    gone = applied(world(line("c2", "B", 0), additions=[standing], managed=[ours(standing)]))
    back = gone.but(usage=world(line(billable=4)).usage)
    assert told(back.plan()) == [("update", HERE, 0, 4)]


def test_one_mapping_among_gone_items_is_told_by_its_item():
    plan = world(line(), psa=billing(without=[100])).plan()
    assert [finding.item for finding in plan.findings if finding.kind is FindingKind.ITEM_GONE] == [100]
