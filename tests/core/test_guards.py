"""Guards: every limit exactly at, just below and just above its number (product rules §7)."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.core.builders import (
    HERE,
    World,
    addition,
    agreement,
    baseline,
    billing,
    company,
    customer,
    held,
    item,
    line,
    ours,
    product,
    usage,
    world,
)
from truecount.core.model import Bill, ChangeKind, Guards, HoldKind, Mode, Slot, Source, UsageLine, Vanish
from truecount.core.plan import Plan


def lines(count: int, code: str = "NEW") -> list[UsageLine]:
    return [line(None, code, 1, serial=str(number)) for number in range(count)]


def many(counted: Sequence[tuple[int | None, int]], *, price: int = 1, code: str = "A", **decided) -> World:
    """One agreement and customer for each (desired, standing quantity); None is absent from the report."""
    numbers = range(1, len(counted) + 1)
    names = [f"k{number}" for number in numbers]
    used = [line(name, "A", want) for name, (want, _) in zip(names, counted, strict=True) if want is not None]
    standing = [
        addition(quantity, id=number, slot=Slot(number * 10, 100), unit_price=price)
        for number, (_, quantity) in zip(numbers, counted, strict=True)
    ]
    return World(
        usage=usage(*used, line(None, "NEW", 1), customers=()),
        billing=billing(
            *standing,
            companies=[company(number) for number in numbers],
            agreements=[agreement(number * 10) for number in numbers],
        ),
        baseline=baseline(
            *[ours(one, (name, "A")) for name, one in zip(names, standing, strict=True)],
            touched_agreements=frozenset(number * 10 for number in numbers),
        ),
        configuration=world(
            customers=[
                replace(customer("c1"), customer=name, company=number, shares=customer("c1", number * 10).shares)
                for name, number in zip(names, numbers, strict=True)
            ],
            **decided,
        ).configuration,
    )


def whole(plan: Plan) -> set[HoldKind]:
    return {hold.kind for hold in plan.holds if hold.slot is None}


def of_slots(plan: Plan) -> dict[Slot, set[HoldKind]]:
    found: dict[Slot, set[HoldKind]] = {}
    for hold in plan.holds:
        if hold.slot is not None:
            found.setdefault(hold.slot, set()).add(hold.kind)
    return found


# --- usage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "last", "expected"),
    [
        (0, None, {HoldKind.USAGE_EMPTY}),
        (0, 0, {HoldKind.USAGE_EMPTY}),
        (0, 100, {HoldKind.USAGE_EMPTY}),
        (1, None, set()),
        (1, 0, set()),
        (49, 100, {HoldKind.USAGE_HALVED}),
        (50, 100, set()),
        (51, 100, set()),
        (50, 101, {HoldKind.USAGE_HALVED}),
        (1, 2, set()),
        (1, 3, {HoldKind.USAGE_HALVED}),
    ],
)
def test_usage_that_is_empty_or_under_half_of_the_last_is_held(now, last, expected):
    assert whole(world(*lines(now), before=baseline(last_lines=last)).plan()) == expected


def test_the_hold_of_missing_usage_needs_no_lines_that_stand():
    plan = world(*lines(1), before=baseline(last_lines=9), additions=[]).plan()
    assert whole(plan) == {HoldKind.USAGE_HALVED}


# --- many going down, many set to 0 ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("down", "of", "expected"),
    [
        (2, 10, set()),
        (3, 10, set()),
        (4, 10, {HoldKind.MANY_DOWN}),
        (30, 100, set()),
        (31, 100, {HoldKind.MANY_DOWN}),
        (9, 9, set()),
        (3, 9, set()),
        (10, 10, {HoldKind.MANY_DOWN}),
    ],
)
def test_more_than_30_percent_going_down_is_held_from_10_lines_on(down, of, expected):
    plan = many([(99, 100)] * down + [(100, 100)] * (of - down)).plan()
    assert len(plan.changes) == down
    assert whole(plan) == expected


@pytest.mark.parametrize("vanish", [Vanish.ZERO, Vanish.CANCEL, Vanish.HOLD])
@pytest.mark.parametrize(
    ("gone", "of", "expected"), [(2, 10, False), (3, 10, False), (4, 10, True), (9, 9, False), (10, 10, True)]
)
def test_more_than_30_percent_set_to_0_or_cancelled_is_held_from_10_lines_on(gone, of, expected, vanish):
    """What vanishes is also going down; the money is left out by a price of 0."""
    plan = many([(None, 5)] * gone + [(5, 5)] * (of - gone), price=0, policy={"vanish": vanish}).plan()
    assert len(plan.changes) == gone
    assert whole(plan) == ({HoldKind.MANY_ZEROED, HoldKind.MANY_DOWN} if expected else set())


def test_going_up_is_not_going_down():
    assert whole(many([(101, 100)] * 10).plan()) == set()


def test_lines_set_to_0_have_a_limit_of_their_own():
    strict = Guards(set_to_zero=Decimal("0.1"))
    plan = many([(None, 5)] * 2 + [(5, 5)] * 8, price=0, policy={"guards": strict}).plan()
    assert whole(plan) == {HoldKind.MANY_ZEROED}


# --- money ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("want", "expected"),
    [(25, set()), (26, {HoldKind.MONEY_MOVES}), (24, set()), (-25, set()), (-26, {HoldKind.MONEY_MOVES})],
)
def test_the_monthly_money_moving_by_more_than_25_percent_is_held(want, expected):
    """100 a month in 10 lines; one of them moves by so much."""
    plan = many([(30 + want, 30)] + [(5, 5)] * 2 + [(10, 10)] * 6 + [(0, 0)]).plan()
    assert sum(plan.standing_money.values()) == 100
    assert whole(plan) == expected


def test_money_needs_10_lines():
    assert whole(many([(11, 1)] + [(10, 10)] * 8).plan()) == set()
    assert whole(many([(101, 1)] + [(10, 10)] * 9).plan()) == {HoldKind.MONEY_MOVES}


def test_money_is_not_compared_where_nothing_is_billed():
    assert whole(many([(5, 1)] * 10, price=0).plan()) == set()
    free = many([(5, 0)] * 10)
    assert whole(free.plan()) == set()


def test_money_is_compared_per_currency_and_never_across():
    start = many([(15, 10)] + [(10, 10)] * 9)
    agreements = {
        **start.billing.agreements,
        10: replace(start.billing.agreements[10], currency="USD"),
    }
    dollars = start.but(billing=replace(start.billing, agreements=agreements))
    assert whole(start.plan()) == set()
    (hold,) = dollars.plan().holds
    assert (hold.kind, dict(hold.fields)) == (
        HoldKind.MONEY_MOVES,
        {"currency": "USD", "before": "10", "after": "15"},
    )


def test_lines_that_are_not_billable_and_included_units_are_no_money():
    start = many([(100, 10)] + [(10, 10)] * 9)
    (first,) = start.billing.additions[10]
    for quiet in (replace(first, bill=Bill.NO_CHARGE), replace(first, less_included=Decimal(500))):
        psa = replace(start.billing, additions={**start.billing.additions, 10: (quiet,)})
        plan = start.but(billing=psa).plan()
        assert sum(plan.standing_money.values()) == 90
        assert whole(plan) == set()


# --- what the baseline is -------------------------------------------------------------------------


def test_lines_to_adopt_are_in_the_baseline():
    start = many([(99, 100)] * 3 + [(100, 100)] * 7)
    unmanaged = start.but(baseline=replace(start.baseline, managed={}))
    assert len(unmanaged.plan().changes) == 10
    assert sum(unmanaged.plan().standing_money.values()) == 1000
    assert whole(unmanaged.plan()) == set()


def test_lines_that_wait_or_are_held_are_in_the_baseline():
    """3 of 10 lines go down; the others wait, are twins, or are managed by another integration."""
    start = many([(99, 100)] * 3 + [(100, 100)] * 7)
    waiting = [line("k10", "A", None) if one.customer == "k10" else one for one in start.usage.lines]
    twins = (*start.billing.additions[90], addition(1, id=900, slot=Slot(90, 100)))
    plan = start.but(
        usage=usage(*waiting, customers=()),
        billing=replace(start.billing, additions={**start.billing.additions, 90: twins}),
        baseline=replace(
            start.baseline,
            managed={key: one for key, one in start.baseline.managed.items() if key != 8},
            elsewhere={8: "other"},
        ),
    ).plan()
    assert len(plan.changes) == 3
    assert len(plan.left) == 3
    assert whole(plan) == set()
    assert sum(plan.standing_money.values()) == 1002


def test_lines_that_wait_bring_the_guards_into_force():
    start = many([(99, 100)] * 5 + [(None, 100)] * 5, off=["k10"])
    assert whole(start.plan()) == {HoldKind.MANY_DOWN, HoldKind.MANY_ZEROED, HoldKind.MONEY_MOVES}
    waiting = [*[one for one in start.usage.lines if one.customer], *[line(f"k{n}", "A", None) for n in range(6, 11)]]
    assert whole(start.but(usage=usage(*waiting, customers=())).plan()) == {HoldKind.MANY_DOWN}


def test_lines_outside_the_plans_slots_are_not_in_the_baseline():
    start = many([(99, 100)] * 9)
    strangers = [addition(1, id=500 + number, slot=Slot(10, 900 + number)) for number in range(20)]
    psa = replace(start.billing, additions={**start.billing.additions, 10: (*start.billing.additions[10], *strangers)})
    assert whole(start.but(billing=psa).plan()) == set()
    assert sum(start.but(billing=psa).plan().standing_money.values()) == 900


def test_new_lines_are_not_in_the_baseline():
    start = many([(99, 100)] * 9)
    more = many([(99, 100)] * 9 + [(100, 0)])
    without = replace(more.billing, additions={**more.billing.additions, 100: ()})
    assert whole(start.plan()) == whole(more.but(billing=without).plan()) == set()


# --- a slot that jumps ----------------------------------------------------------------------------


@pytest.mark.parametrize("managed", [True, False], ids=["update", "adopt"])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (2, 6, False),
        (2, "6.01", True),
        (2, "5.99", False),
        (1, 4, False),
        (1, "4.99", False),
        (1, 5, True),
        (0, "4.99", False),
        (0, 5, True),
        (6, 2, False),
        (6, "1.99", True),
        (6, "2.01", False),
        (4, 1, False),
        ("4.99", 1, False),
        (5, 1, True),
        (100, 300, False),
        (100, 301, True),
        (300, 100, False),
        (301, 100, True),
        (5, 5, False),
    ],
)
def test_an_update_or_adopt_that_more_than_triples_or_falls_below_a_third_is_held(before, after, expected, managed):
    standing = addition(before)
    plan = world(line(billable=after), additions=[standing], managed=[ours(standing)] if managed else []).plan()
    assert of_slots(plan) == ({HERE: {HoldKind.JUMP}} if expected else {})


def test_a_create_a_zero_and_a_cancel_are_no_jumps():
    standing = addition(500)
    assert of_slots(world(line(billable=500)).plan()) == {}
    for vanish in (Vanish.ZERO, Vanish.CANCEL):
        gone = world(line("c2", "B", 0), additions=[standing], managed=[ours(standing)], policy={"vanish": vanish})
        assert gone.plan().changes
        assert of_slots(gone.plan()) == {}


def test_the_numbers_of_a_jump_are_settings():
    wide = Guards(slot_factor=Decimal(10), slot_floor=Decimal(100))
    standing = addition(10)
    for after, expected in ((99, False), (100, False), (101, True)):
        plan = world(
            line(billable=after), additions=[standing], managed=[ours(standing)], policy={"guards": wide}
        ).plan()
        assert (HoldKind.JUMP in held(plan)) is expected


# --- currency -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agreed", "expected", "holds"),
    [("EUR", "EUR", set()), ("USD", "EUR", {HoldKind.CURRENCY}), ("", "EUR", set()), ("USD", "", set())],
)
def test_another_currency_is_held(agreed, expected, holds):
    plan = world(line(), psa=billing(agreements=[agreement(10, currency=agreed)]), policy={"currency": expected}).plan()
    assert held(plan) == holds
    assert of_slots(plan) == ({HERE: holds} if holds else {})


# --- automatic ------------------------------------------------------------------------------------

FIRST = [
    pytest.param([], None, frozenset(), {HoldKind.FIRST_WRITE}, id="create, first write"),
    pytest.param([], None, frozenset({20}), {HoldKind.FIRST_WRITE}, id="create, another agreement was written"),
    pytest.param([], None, frozenset({10}), set(), id="create, written before"),
    pytest.param([addition(5)], False, frozenset(), {HoldKind.ADOPTION}, id="adopt, first write"),
    pytest.param([addition(5)], False, frozenset({10}), {HoldKind.ADOPTION}, id="adopt, written before"),
    pytest.param([addition(4)], True, frozenset(), {HoldKind.FIRST_WRITE}, id="update, first write"),
    pytest.param([addition(4)], True, frozenset({10}), set(), id="update, written before"),
]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(("standing", "managed", "touched", "holds"), FIRST)
def test_in_automatic_every_first_write_to_an_agreement_and_every_adopt_is_held(
    standing, managed, touched, holds, mode
):
    before = baseline(*[ours(one) for one in standing if managed], touched_agreements=touched)
    plan = world(line(), additions=standing, before=before, policy={"mode": mode}).plan()
    assert held(plan) == (holds if mode is Mode.AUTOMATIC else set())


# --- undone ---------------------------------------------------------------------------------------


def test_a_slot_that_an_undo_left_is_held_until_released():
    plan = world(line("c1"), line("c2"), before=baseline(held_slots=frozenset({HERE, Slot(30, 100)}))).plan()
    assert of_slots(plan) == {HERE: {HoldKind.UNDONE}}


# --- keys -----------------------------------------------------------------------------------------


def test_a_hold_is_named_by_kind_and_place():
    standing = addition(5)
    plan = world(line(billable=50), additions=[standing], before=baseline(ours(standing), last_lines=10)).plan()
    assert sorted(hold.key for hold in plan.holds) == ["jump@10/100", "usage_halved@plan"]


def test_guards_do_not_change_what_a_plan_proposes():
    start = many([(None, 5)] * 10)
    assert whole(start.plan())
    assert {change.kind for change in start.plan().changes} == {ChangeKind.ZERO}


def test_live_readings_are_guarded_alike():
    start = many([(99, 100)] * 4 + [(100, 100)] * 6)
    live = start.but(usage=replace(start.usage, source=Source.LIVE))
    assert whole(live.plan()) == whole(start.plan()) == {HoldKind.MANY_DOWN}


def test_an_item_without_a_price_moves_no_money():
    plan = world(line(billable=10), psa=billing(items=[item(100, price=0)]), products=[product("A")]).plan()
    assert plan.changes[0].money_after == 0
