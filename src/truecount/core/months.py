"""One month's usage beside another's: sums of units, and what moved between two readings. No money here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from truecount.core.model import ZERO, QuantityField, Usage, UsageLine
from truecount.core.period import Period

LARGEST = 10
"""Lines of a difference that are told one by one."""

Counted = tuple[str, str]
"""Customer and vendor product; the customer is empty where the vendor names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Units of a product, of one customer or of all where it is empty. None: not counted at all in that reading.

    `name` is what the earlier report called the customer, who may be gone since.
    """

    customer: str
    product: str
    before: Decimal | None
    after: Decimal | None
    name: str = ""

    @property
    def move(self) -> Decimal:
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What moved since `period`, the largest first. `all_lines` counts those that are not among `lines`, too.

    `came` and `went` count the customers with usage in only one of the readings.
    """

    period: Period
    before: Decimal
    after: Decimal
    products: tuple[Moved, ...]
    lines: tuple[Moved, ...]
    all_lines: int
    came: int
    went: int

    @property
    def move(self) -> Decimal:
        return self.after - self.before

    @property
    def left_out(self) -> int:
        return self.all_lines - len(self.lines)


def quantity(line: UsageLine, field: QuantityField) -> Decimal | None:
    return line.billable if field is QuantityField.BILLABLE else line.actual


def units(lines: Iterable[UsageLine], field: QuantityField) -> dict[Counted, Decimal]:
    """Lines of one customer and product added up; what is unknown is left out: it is not 0."""
    found: dict[Counted, Decimal] = {}
    for line in lines:
        known = quantity(line, field)
        if known is not None:
            key = (line.customer or "", line.code)
            found[key] = found.get(key, ZERO) + known
    return found


def by_product(counted: Mapping[Counted, Decimal]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for (_customer, product), number in counted.items():
        found[product] = found.get(product, ZERO) + number
    return found


def difference(earlier: Usage, later: Usage, field: QuantityField) -> Difference:
    """Only what is not the same in both."""
    before, after = units(earlier.lines, field), units(later.lines, field)
    customers = [{customer for customer, _ in counted if customer} for counted in (before, after)]
    lines = _moved(before, after)
    return Difference(
        period=earlier.period,
        before=sum(before.values(), ZERO),
        after=sum(after.values(), ZERO),
        products=tuple(_moved(_of_all(before), _of_all(after))),
        lines=_named(lines[:LARGEST], earlier),
        all_lines=len(lines),
        came=len(customers[1] - customers[0]),
        went=len(customers[0] - customers[1]),
    )


def _of_all(counted: Mapping[Counted, Decimal]) -> dict[Counted, Decimal]:
    return {("", product): number for product, number in by_product(counted).items()}


def _moved(before: Mapping[Counted, Decimal], after: Mapping[Counted, Decimal]) -> list[Moved]:
    moved = [
        Moved(customer=key[0], product=key[1], before=before.get(key), after=after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    ]
    return sorted(moved, key=lambda one: (-abs(one.move), one.product, one.customer))


def _named(moved: Sequence[Moved], earlier: Usage) -> tuple[Moved, ...]:
    shown = {one.customer for one in moved}
    names = {line.customer: line.customer_name for line in earlier.lines if line.customer in shown}
    return tuple(
        Moved(
            customer=one.customer,
            product=one.product,
            before=one.before,
            after=one.after,
            name=names.get(one.customer) or "",
        )
        for one in moved
    )
