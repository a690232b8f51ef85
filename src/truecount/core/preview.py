"""What a quantity rule would bill, before it is saved, beside what today's rule bills; writes and plans nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from truecount.core import rules
from truecount.core.mapping import Counted, count, step_of_split
from truecount.core.model import (
    ZERO,
    Addition,
    Billing,
    Configuration,
    Policy,
    ProductMapping,
    Skip,
    Slot,
    Source,
    Usage,
)
from truecount.core.period import Period
from truecount.core.routes import Routes


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """One customer: what was used of each product, and what is billed for it today and with the new rule; None where
    a number is missing, or where no rule stands today. `skip` says why a customer is not billed at all."""

    customer: str
    used: tuple[tuple[str, Decimal | None], ...]
    before: Decimal | None
    after: Decimal | None
    steps: tuple[rules.Step, ...]
    skip: Skip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What the agreements of one currency bill a month, at the prices of their lines, else at that of the catalog."""

    currency: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One reading. Sums and money are those of the customers that are billed."""

    period: Period
    source: Source
    rows: tuple[Previewed, ...]
    before: Decimal
    after: Decimal
    money: tuple[Money, ...]


def preview(
    usage: Usage, billing: Billing, configuration: Configuration, wanted: ProductMapping, today: date
) -> Preview:
    """The mapping as it would be on one reading; product switches count as on, because a rule is what is looked at."""
    standing = next((one for one in configuration.product_mappings if one.item == wanted.item), None)
    codes = set(wanted.codes) | set(standing.codes if standing else ())
    usage = replace(usage, lines=tuple(line for line in usage.lines if line.code in codes and line.customer))
    routes = Routes(configuration, billing, usage.customers)
    work = _Work(configuration.policy, routes)
    for customer, counted in sorted(count(usage, configuration).items(), key=lambda one: one[0] or ""):
        if customer is not None:
            work.look_at(customer, counted, standing, wanted)
    lines = _lines(billing, wanted.item, today)
    return Preview(
        period=usage.period,
        source=usage.source,
        rows=tuple(work.rows),
        before=_sum(work.rows, "before"),
        after=_sum(work.rows, "after"),
        money=tuple(_money(work.slots, lines, billing, configuration.policy)),
    )


class _Work:
    """The rows of one preview while they are made, and what they put into each slot."""

    def __init__(self, policy: Policy, routes: Routes) -> None:
        self._policy = policy
        self._routes = routes
        self.rows: list[Previewed] = []
        self.slots: dict[Slot, list[Decimal]] = {}
        """[before, after]"""

    def look_at(
        self, customer: str, counted: Mapping[str, Counted], standing: ProductMapping | None, wanted: ProductMapping
    ) -> None:
        placement = self._routes.placement(customer)
        before = self._steps(customer, counted, standing) if standing else []
        after = self._steps(customer, counted, wanted)
        self.rows.append(
            Previewed(
                customer=customer,
                used=tuple((code, counted[code].quantity) for code in sorted(counted)),
                before=before[-1].result if before else None,
                after=after[-1].result if after else None,
                steps=tuple(after),
                skip=self._routes.billing_skip(customer) or placement.skip,
            )
        )
        if self.rows[-1].skip is None:
            for at, (mapping, steps) in enumerate(((standing, before), (wanted, after))):
                if mapping is not None and steps:
                    self._split(customer, mapping, steps[-1].result, at)

    def _steps(self, customer: str, counted: Mapping[str, Counted], mapping: ProductMapping) -> list[rules.Step]:
        """None where a number is missing or negative; nothing used of a mapping's products is no quantity of 0."""
        amounts = [counted[code].quantity if code in counted else None for code in mapping.codes]
        known = [counted[code].quantity for code in mapping.codes if code in counted]
        if not known or any(amount is None or amount < 0 for amount in known):
            return []
        return rules.explain(mapping.rule, amounts, self._routes.override(customer, mapping.item))

    def _split(self, customer: str, mapping: ProductMapping, amount: Decimal, at: int) -> None:
        placement = self._routes.placement(customer)
        parts = rules.split(amount, placement.shares, step_of_split(mapping, self._policy))
        for share, part in zip(placement.shares, parts, strict=True):
            if share.agreement not in placement.closed:
                self.slots.setdefault(Slot(share.agreement, mapping.item), [ZERO, ZERO])[at] += part


def _lines(billing: Billing, item: int, today: date) -> dict[int, Addition]:
    """By agreement, the line that stands for the item."""
    return {
        agreement: line
        for agreement, lines in billing.additions.items()
        for line in lines
        if line.item == item and line.standing(today)
    }


def _money(
    slots: Mapping[Slot, Sequence[Decimal]], lines: Mapping[int, Addition], billing: Billing, policy: Policy
) -> list[Money]:
    sums: dict[str, list[Decimal]] = {}
    for slot, quantities in slots.items():
        item, agreement = billing.items.get(slot.item), billing.agreements.get(slot.agreement)
        line = lines.get(slot.agreement)
        pile = sums.setdefault(agreement.currency if agreement else policy.currency, [ZERO, ZERO])
        for at, quantity in enumerate(quantities):
            rounded = quantity.quantize(Decimal(1).scaleb(-policy.decimals), rounding=ROUND_HALF_EVEN)
            pile[at] += line.money(rounded) if line else rounded * (item.price if item else ZERO)
    return [Money(currency=name, before=before, after=after) for name, (before, after) in sorted(sums.items())]


def _sum(rows: Sequence[Previewed], name: str) -> Decimal:
    return sum((getattr(row, name) or ZERO for row in rows if row.skip is None), ZERO)
