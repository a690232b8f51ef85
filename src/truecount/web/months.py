"""Months beside each other, from what is stored: units of readings, money of plans, what changed since the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from truecount.core import months
from truecount.core.model import QuantityField, Usage, UsageLine
from truecount.core.months import Difference, Moved
from truecount.core.period import Period
from truecount.store.documents import unpack
from truecount.store.models import Integration, Plan, Snapshot
from truecount.store.settings import policy_of
from truecount.web.labels import Labels, labels_of

_MONTHS = 12
_LINES = 10
_KEPT = 200
"""Lines of a comparison that are kept in memory; a page shows fewer."""

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
    """What moved since the month before. `all_lines` counts those that are not shown, too."""

    period: str
    found: Difference
    products: list[Row]
    lines: list[Row]
    all_lines: int

    @property
    def left_out(self) -> int:
        return self.all_lines - len(self.lines)


def months_of(integration: Integration, source: str) -> list[Month]:
    """The last twelve months that were read or planned with this source, the oldest first."""
    field = policy_of(integration.policy).quantity
    read = Snapshot.objects.filter(integration=integration, source=source, complete=True)
    units = {
        period: Decimal(told[field]) if field in told else None
        for period, told in read.order_by("period", "-taken_at").distinct("period").values_list("period", "units")
    }
    money, planned = _money(integration, source)
    return [
        Month(period=period, units=units.get(period), money=money.get(period, {}), planned=period in planned)
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
    """Against the newest complete reading of the month before, from the same source; None where there is none."""
    earlier = str(Period.parse(plan.period).plus(-1))
    rows = Snapshot.objects.filter(
        integration=plan.integration_id, source=plan.source, period=earlier, complete=True
    ).order_by("-taken_at", "-pk")
    last = rows.values_list("pk", "taken_at").first()
    if last is None:
        return None
    now = Snapshot.objects.filter(pk=plan.snapshot_id).values_list("pk", "taken_at").get()
    integration = plan.integration
    found, lines, names = _difference(last, now, policy_of(integration.policy).quantity)
    shown = found.lines[:_LINES]
    labels = labels_of(
        integration,
        customers={one.customer for one in shown},
        products={one.product for one in (*found.products, *shown)},
    )
    return Since(
        period=earlier,
        found=found,
        products=[_row(one, labels, names) for one in found.products],
        lines=[_row(one, labels, names) for one in shown],
        all_lines=lines,
    )


def _row(one: Moved, labels: Labels, names: Mapping[str, str]) -> Row:
    """A customer that is gone is called as it was in the report."""
    customer = labels.customers.get(one.customer) or names.get(one.customer) or one.customer
    return Row(product=labels.product(one.product), customer=customer, moved=one)


@lru_cache(maxsize=32)
def _difference(
    before: tuple[int, datetime], after: tuple[int, datetime], field: QuantityField
) -> tuple[Difference, int, Mapping[str, str]]:
    """Snapshots are never changed, so their comparison is made once for each process.

    With the number of all lines that moved, and the names that the older report gives to the customers in it.
    """
    earlier, later = _lines(before[0]), _lines(after[0])
    found = months.difference(months.units(earlier, field), months.units(later, field))
    kept = found.lines[:_KEPT]
    shown = {one.customer for one in kept}
    names = {line.customer: line.customer_name for line in earlier if line.customer in shown and line.customer_name}
    return replace(found, lines=kept), len(found.lines), names


def _lines(snapshot: int) -> tuple[UsageLine, ...]:
    return unpack(Snapshot.objects.values_list("usage", flat=True).get(pk=snapshot), Usage).lines
