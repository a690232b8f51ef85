"""Every number's explanation: its steps lead to it again, worked out here without the core's own arithmetic."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.core.builders import (
    HERE,
    World,
    addition,
    agreement,
    billing,
    customer,
    line,
    ours,
    override,
    percent,
    product,
    rest,
    world,
)
from tests.core.strategies import examples, worlds
from truecount.core.explain import Explainer, Explanation, Piece
from truecount.core.mapping import map_usage
from truecount.core.model import Pair, Skip, Slot
from truecount.core.routes import Routes
from truecount.core.rules import Step

ROUND = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "half-even": ROUND_HALF_EVEN}


def explainer(start: World) -> Explainer:
    return Explainer("demo", start.usage, start.billing, start.baseline, start.configuration, start.today)


def explained(start: World, slot: Slot = HERE) -> Explanation:
    return explainer(start).explain(slot)


def only(explanation: Explanation) -> Piece:
    assert len(explanation.pieces) == 1
    return explanation.pieces[0]


def walked(piece: Piece) -> Decimal:
    """The last step's number, found by doing what the steps say one after the other."""
    amounts = [amount.quantity for amount in piece.amounts if amount.quantity is not None]
    number = Decimal(0)
    for step in piece.steps:
        number = did(step, number, amounts, bool(piece.absent))
        assert number == step.result, step
    return number


def did(step: Step, number: Decimal, amounts: list[Decimal], some_absent: bool) -> Decimal:
    match step.name:
        case "combine":
            least = Decimal(0) if some_absent else min(amounts)
            chosen: Decimal = {"sum": sum(amounts, Decimal(0)), "max": max(amounts), "min": min(amounts)}.get(
                step.setting, least
            )
            return chosen
        case "multiply":
            return number * Decimal(step.setting)
        case "included":
            return max(number - Decimal(step.setting), Decimal(0))
        case "round":
            kind, unit = step.setting.split()
            return (number / Decimal(unit)).quantize(Decimal(1), ROUND[kind]) * Decimal(unit)
        case "excluded":
            return Decimal(0)
        case _:
            return Decimal(step.setting)


# --- one piece ------------------------------------------------------------------------------------


def test_it_works() -> None:
    told = explained(world(line(billable=5, order_line="L-1"), additions=[addition(3)], managed=[ours(addition(3))]))
    piece = only(told)
    assert [(one.place, one.line.order_line) for one in piece.amounts[0].lines] == [(0, "L-1")]
    assert piece.steps == (Step(name="combine", setting="sum", result=Decimal(5)),)
    assert (told.total, told.wanted, told.number) == (5, 5, 5)
    assert told.change is not None
    assert [one.id for one in told.standing] == [1]


def test_every_step_of_a_rule_the_override_and_the_split_are_told() -> None:
    rule: dict[str, Any] = {"combine": "max", "multiply": 3, "included": 4, "rounding": "up", "step": 5, "minimum": 30}
    told = explained(
        world(
            line(code="A", billable=4),
            line(code="B", billable=7),
            products=[product("AB", 100, **rule)],
            customers=[customer("c1", percent(10, 60), percent(11, 40))],
            psa=billing(agreements=[agreement(11, company=1)]),
            overrides=[override(fixed=50)],
        )
    )
    piece = only(told)
    assert [(step.name, step.result) for step in piece.steps] == [
        ("combine", 7),
        ("multiply", 21),
        ("included", 17),
        ("round", 20),
        ("minimum", 30),
        ("fixed", 50),
    ]
    assert piece.split_step == 5
    assert [(part.share.agreement, part.quantity) for part in piece.parts] == [(10, 30), (11, 20)]
    assert (piece.quantity, told.number) == (30, 30)


def test_several_customers_add_up_and_the_last_rounding_is_told() -> None:
    told = explained(
        world(
            line("c1", billable="1.005"),
            line("c2", billable="2.001"),
            customers=[customer("c1"), customer("c2", 10)],
        )
    )
    assert [piece.customer for piece in told.pieces] == ["c1", "c2"]
    assert (told.total, told.wanted, told.number) == (Decimal("3.006"), Decimal("3.01"), Decimal("3.01"))


REFUSED: list[tuple[dict[str, Any], Skip]] = [
    ({"off": ["c1"]}, Skip.CUSTOMER_OFF),
    ({"off": ["A"]}, Skip.PRODUCT_OFF),
    ({"overrides": [override(exclude=True)]}, Skip.EXCLUDED),
    ({"psa": billing(agreements=[agreement(state="expired")])}, Skip.AGREEMENT_ENDED),
    ({"psa": billing(without=[1])}, Skip.COMPANY_GONE),
    ({"customers": [customer("c1", by_rule="name", pattern="none such")]}, Skip.NO_AGREEMENT),
]


@pytest.mark.parametrize(("decided", "skip"), REFUSED)
def test_what_does_not_reach_the_slot_is_told_with_its_reason(decided: dict[str, Any], skip: Skip) -> None:
    told = explained(world(line(), **decided))
    piece = only(told)
    assert (piece.skip, piece.counted, told.wanted) == (skip, False, None)
    assert piece.amounts[0].quantity == 5


@pytest.mark.parametrize(("billable", "reason"), [(None, "unknown_quantity"), (-1, "negative_quantity")])
def test_one_unknown_part_makes_the_slot_wait(billable: int | None, reason: str) -> None:
    told = explained(world(line(billable=billable), line("c2"), customers=[customer("c1"), customer("c2", 10)]))
    assert [piece.waits for piece in told.pieces] == [(reason, "A"), None]
    assert (told.pieces[0].steps, told.waits, told.wanted, told.left) == ((), (reason, "A"), None, reason)


def test_what_was_counted_before_is_told_with_where_it_leads_now() -> None:
    before = addition(5)
    told = explained(world(line("c2"), customers=[customer("c1", 20)], additions=[before], managed=[ours(before)]))
    assert [(one.pair, one.ways, one.present) for one in told.former] == [(Pair("c1", "A"), (Slot(20, 100),), False)]
    assert (told.pieces, told.number) == ((), 0)


def test_one_of_several_parts_may_lead_nowhere() -> None:
    closed = billing(agreements=[agreement(11, company=1, state="cancelled")])
    start = world(line(), customers=[customer("c1", percent(10, 60), percent(11, 40))], psa=closed)
    assert explained(start).number == 3
    lost = only(explained(start, Slot(11, 100)))
    assert (lost.quantity, lost.skip) == (2, Skip.AGREEMENT_ENDED)


def test_a_first_and_a_rest() -> None:
    wider = billing(agreements=[agreement(11, company=1)])
    start = world(line(), customers=[customer("c1", rest(10), percent(11, 0))], psa=wider)
    assert sum((explained(start, Slot(one, 100)).total for one in (10, 11)), Decimal(0)) == 5


# --- every slot of any world ----------------------------------------------------------------------


@examples(150)
@given(worlds())
def test_the_steps_of_every_slot_lead_to_the_number_of_the_plan(start: World) -> None:
    whole = explainer(start)
    plan = start.plan()
    assert whole.plan.digest == plan.digest
    mapped = map_usage(
        start.usage, start.configuration, Routes(start.configuration, start.billing, start.usage.customers)
    )
    contributions = {(one.customer, one.code, one.slot) for one in plan.contributions if one.slot is not None}
    told_of = set()
    for slot in whole.slots():
        told = whole.explain(slot)
        total = Decimal(0)
        for piece in told.pieces:
            for amount in piece.amounts:
                check_lines(start, piece.customer, amount)
            assert not piece.steps or sum((part.quantity for part in piece.parts), Decimal(0)) in (0, walked(piece))
            if piece.counted:
                assert piece.quantity is not None
                total += piece.quantity
                assert sum((part.quantity for part in piece.parts), Decimal(0)) == walked(piece)
            if piece.counted or piece.waits:
                told_of |= {(piece.customer, amount.code, slot) for amount in piece.amounts}
        assert told.total == total
        if told.wanted is not None:
            assert told.wanted == total.quantize(Decimal(1).scaleb(-told.decimals), ROUND_HALF_EVEN)
            assert told.wanted == mapped.desired[slot].quantity
        if told.change is not None:
            assert told.change.after in (told.wanted, 0)
            assert told.change in plan.changes
    assert contributions <= told_of
    assert {change.slot for change in plan.changes} <= set(whole.slots())


def check_lines(start: World, name: str, amount: Any) -> None:
    """The lines are the report's own, all of them, and their numbers make the amount."""
    field = str(start.configuration.policy.quantity)
    there = [
        (place, one) for place, one in enumerate(start.usage.lines) if (one.customer, one.code) == (name, amount.code)
    ]
    assert [(one.place, one.line) for one in amount.lines] == there
    numbers = [getattr(one, field) for _, one in there]
    assert amount.quantity == (None if None in numbers else sum(numbers, Decimal(0)))
