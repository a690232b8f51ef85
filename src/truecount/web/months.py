"""Months beside each other, as they are stored: units of readings, money of plans, what changed since the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from truecount.core.model import ZERO, Source
from truecount.core.months import Difference, Moved
from truecount.store.models import Integration, Plan
from truecount.store.plans import load_since
from truecount.store.settings import policy_of
from truecount.store.snapshots import load_units
from truecount.web.labels import Labels, labels_of

_MONTHS = 12

SETTLED = ("applied", "empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """`money` is billed a month by currency, as the month's plan leaves it; `planned`: that plan is not applied."""

    period: str
    units: Decimal | None
    money: Mapping[str, Decimal]
    planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A difference by the names of what it is about; the customer is empty for all together."""

    product: str
    customer: str
    moved: Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What moved since the month before, as it was when the plan was made."""

    found: Difference
    products: list[Row]
    lines: list[Row]

    @property
    def period(self) -> str:
        return str(self.found.period)


def months_of(integration: Integration, source: str) -> list[Month]:
    """The last twelve months that were read or planned with this source, the oldest first."""
    units = load_units(integration, Source(source), policy_of(integration.policy).quantity)
    money, planned = _money(integration, source)
    return [
        Month(
            period=period,
            units=sum(units[period].values(), ZERO) if period in units else None,
            money=money.get(period, {}),
            planned=period in planned,
        )
        for period in sorted(units.keys() | money.keys())[-_MONTHS:]
    ]


def _money(integration: Integration, source: str) -> tuple[dict[str, dict[str, Decimal]], set[str]]:
    """By month; the last plan that was settled counts, else the last of all.

    A plan for a month that was past already tells of the lines of its own day, not of that month's: it is left out.
    """
    rows = Plan.objects.filter(integration=integration, source=source).order_by("made_at", "pk")
    chosen: dict[str, tuple[str, dict[str, Decimal]]] = {}
    newest = ""
    for period, state, told in rows.values_list("period", "state", "money"):
        newest = max(newest, period)
        if period < newest or (state not in SETTLED and chosen.get(period, ("",))[0] in SETTLED):
            continue
        chosen[period] = (state, {currency: Decimal(sums["after"]) for currency, sums in told.items()})
    money = {period: sums for period, (_state, sums) in chosen.items()}
    return money, {period for period, (state, _sums) in chosen.items() if state not in SETTLED}


def since_last_month(plan: Plan) -> Since | None:
    """None where the month before had not been read when the plan was made."""
    found = load_since(plan)
    if found is None:
        return None
    labels = labels_of(
        plan.integration,
        customers={one.customer for one in found.lines},
        products={one.product for one in (*found.products, *found.lines)},
    )
    return Since(
        found=found,
        products=[_row(one, labels) for one in found.products],
        lines=[_row(one, labels) for one in found.lines],
    )


def _row(one: Moved, labels: Labels) -> Row:
    """A customer that is gone is called as it was in the report."""
    customer = labels.customers.get(one.customer) or one.name or one.customer
    return Row(product=labels.product(one.product), customer=customer, moved=one)
