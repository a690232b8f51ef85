"""A rule looked at before it is saved: what it would bill, and that a saved rule then bills just that."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.core.builders import (
    TODAY,
    World,
    addition,
    agreement,
    billing,
    customer,
    line,
    override,
    percent,
    product,
    world,
)
from tests.core.strategies import examples, worlds
from truecount.core.mapping import map_usage
from truecount.core.model import ProductMapping, Skip
from truecount.core.preview import Preview, preview
from truecount.core.routes import Routes


def looked(start: World, wanted: ProductMapping) -> Preview:
    return preview(start.usage, start.billing, start.configuration, wanted, start.today)


def short(one: Preview) -> list[Any]:
    return [(row.customer, row.before, row.after) for row in one.rows]


def test_it_works() -> None:
    one = looked(world(line(), line("c2", billable=12)), product("A", included=2, rounding="up", step=5))
    assert short(one) == [("c1", 5, 5), ("c2", 12, 10)]
    assert (one.before, one.after) == (17, 15)
    assert [(sums.currency, sums.before, sums.after) for sums in one.money] == [("EUR", 34, 30)]
    assert [step.name for step in one.rows[1].steps] == ["combine", "included", "round"]


def test_a_bundle_that_does_not_stand_yet() -> None:
    start = world(line(), line(code="B", billable=7), products=[product("B")])
    one = looked(start, product("AB", 100, combine="max"))
    assert short(one) == [("c1", None, 7)]
    assert [(code, quantity) for code, quantity in one.rows[0].used] == [("A", 5), ("B", 7)]
    assert [(sums.before, sums.after) for sums in one.money] == [(0, 14)]


def test_money_is_that_of_the_lines_with_what_they_include_else_of_the_catalog() -> None:
    line_there = addition(5, unit_price=3, less_included=1)
    one = looked(world(line(), line("c2"), additions=[line_there]), product("A", multiply=2))
    assert [(sums.before, sums.after) for sums in one.money] == [(4 * 3 + 5 * 2, 9 * 3 + 10 * 2)]


def test_exceptions_splits_and_shared_agreements_are_in_play() -> None:
    start = world(
        line(),
        line("c2"),
        customers=[customer("c1", percent(10, 60), percent(11, 40)), customer("c2", 10)],
        psa=billing(addition(1, less_included=4), agreements=[agreement(11, company=1, currency="CHF")]),
        overrides=[override("c2", fixed=1)],
    )
    one = looked(start, product("A", multiply=2))
    assert short(one) == [("c1", 5, 10), ("c2", 1, 1)]
    assert [(sums.currency, sums.before, sums.after) for sums in one.money] == [("CHF", 4, 8), ("EUR", 0, 6)]


@pytest.mark.parametrize(
    ("decided", "skip"),
    [
        ({"off": ["c1"]}, Skip.CUSTOMER_OFF),
        ({"customers": [customer("c2")]}, Skip.CUSTOMER_NOT_MAPPED),
        ({"psa": billing(agreements=[agreement(state="expired")])}, Skip.AGREEMENT_ENDED),
    ],
)
def test_customers_that_are_not_billed_are_shown_and_not_summed(decided: dict[str, Any], skip: Skip) -> None:
    one = looked(world(line(), line("c2"), **decided), product("A", multiply=2))
    assert (one.rows[0].skip, one.before, one.after) == (skip, 5, 10)


@pytest.mark.parametrize("billable", [None, -1])
def test_a_number_that_is_missing_is_none_and_not_0(billable: int | None) -> None:
    one = looked(world(line(billable=billable), line("c2")), product("A"))
    assert short(one) == [("c1", None, None), ("c2", 5, 5)]


def test_a_product_that_is_switched_off_can_be_looked_at() -> None:
    assert looked(world(line(), off=["A"]), product("A", multiply=3)).after == 15


@examples(100)
@given(worlds())
def test_what_was_shown_is_what_a_saved_rule_bills(start: World) -> None:
    """Compared where nothing waits: the preview knows no switches of products and no live firewalls."""
    rule = product("AB", 100, combine="max", multiply=2, minimum=3)
    saved = replace(
        start.configuration,
        product_mappings=(rule,),
        product_sync=dict.fromkeys(start.configuration.product_sync, True),
    )
    one = preview(start.usage, start.billing, start.configuration, rule, TODAY)
    mapped = map_usage(start.usage, saved, Routes(saved, start.billing, start.usage.customers))
    wanted = {slot: desired for slot, desired in mapped.desired.items() if slot.item == 100}
    if any(desired.waits for desired in wanted.values()) or 100 not in start.billing.items:
        return
    if not start.billing.items[100].active:
        return
    excluded = {own.customer for own in start.configuration.overrides if own.exclude and own.item == 100}
    rows = [row for row in one.rows if row.skip is None and row.customer not in excluded]
    closed = {
        row.customer
        for row in rows
        if Routes(saved, start.billing, start.usage.customers).placement(row.customer).closed
    }
    if not closed:
        total = sum((desired.quantity for desired in wanted.values()), Decimal(0))
        told = sum((row.after or Decimal(0) for row in rows), Decimal(0))
        assert abs(total - told) <= len(wanted) * Decimal(1).scaleb(-start.configuration.policy.decimals) / 2
