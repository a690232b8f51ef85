"""What one plan counts and bills for each customer; the numbers beside its name, nothing that is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from truecount.core.model import ZERO, Billing, Pair, Slot
from truecount.core.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`units` as the vendor counted them, unknown ones left out; `money` by currency, what the customer's lines bill
    a month once the plan is applied. No money where nothing of it reaches a line."""

    customer: str
    units: Decimal
    money: dict[str, Decimal]


def figures(plan: Plan, billing: Billing, today: date) -> list[Figure]:
    """One per customer in the reading. A line that several customers share is divided by what each of them uses."""
    units: dict[str, dict[Pair, Decimal]] = defaultdict(dict)
    parts: dict[Slot, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in plan.contributions:
        if one.customer is not None:
            units[one.customer][Pair(one.customer, one.code)] = one.quantity or ZERO
            if one.slot is not None:
                parts[one.slot][one.customer] += one.quantity or ZERO
    money: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    after = {change.slot: change.money_after for change in plan.changes}
    for slot, used in parts.items():
        agreement = billing.agreements.get(slot.agreement)
        amount = after[slot] if slot in after else _standing(slot, billing, today)
        for customer, part in _divided(amount, used):
            money[customer][agreement.currency if agreement else ""] += part
    return [
        Figure(customer=customer, units=sum(counted.values(), ZERO), money=dict(money.get(customer, {})))
        for customer, counted in units.items()
    ]


def _standing(slot: Slot, billing: Billing, today: date) -> Decimal:
    lines = billing.additions.get(slot.agreement, ())
    return sum((line.money() for line in lines if line.item == slot.item and line.standing(today)), ZERO)


def _divided(amount: Decimal, used: dict[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """Parts to the cent that add up; the last one takes what rounding leaves."""
    total, left = sum(used.values(), ZERO), amount
    for place, (customer, units) in enumerate(used.items(), start=1):
        share = units / total if total else Decimal(1) / len(used)
        part = left if place == len(used) else (amount * share).quantize(Decimal("0.01"))
        left -= part
        yield customer, part
