"""One month's usage beside another's: sums of units, and what moved between two readings. No money here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from truecount.core.model import ZERO, QuantityField, UsageLine

Counted = tuple[str, str]
"""Customer and vendor product; the customer is empty where the vendor names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Units of a product, of one customer or of all where it is empty. None: not counted at all in that reading."""

    customer: str
    product: str
    before: Decimal | None
    after: Decimal | None

    @property
    def move(self) -> Decimal:
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What moved, the largest first. `came` and `went` are customers with usage in only one of the readings."""

    before: Decimal
    after: Decimal
    products: tuple[Moved, ...]
    lines: tuple[Moved, ...]
    came: frozenset[str]
    went: frozenset[str]

    @property
    def move(self) -> Decimal:
        return self.after - self.before


def quantity(line: UsageLine, field: QuantityField) -> Decimal | None:
    return line.billable if field is QuantityField.BILLABLE else line.actual


def total(lines: Iterable[UsageLine], field: QuantityField) -> Decimal:
    """Of the quantities that are known; an unknown one is not 0, it is left out."""
    return sum((known for line in lines if (known := quantity(line, field)) is not None), ZERO)


def units(lines: Iterable[UsageLine], field: QuantityField) -> dict[Counted, Decimal]:
    """Lines of one customer and product added up."""
    found: dict[Counted, Decimal] = {}
    for line in lines:
        known = quantity(line, field)
        if known is not None:
            key = (line.customer or "", line.code)
            found[key] = found.get(key, ZERO) + known
    return found


def difference(before: Mapping[Counted, Decimal], after: Mapping[Counted, Decimal]) -> Difference:
    """Only what is not the same in both."""
    customers = [{customer for customer, _ in counted if customer} for counted in (before, after)]
    return Difference(
        before=sum(before.values(), ZERO),
        after=sum(after.values(), ZERO),
        products=_moved(_by_product(before), _by_product(after)),
        lines=_moved(before, after),
        came=frozenset(customers[1] - customers[0]),
        went=frozenset(customers[0] - customers[1]),
    )


def _by_product(counted: Mapping[Counted, Decimal]) -> dict[Counted, Decimal]:
    found: dict[Counted, Decimal] = {}
    for (_customer, product), number in counted.items():
        found["", product] = found.get(("", product), ZERO) + number
    return found


def _moved(before: Mapping[Counted, Decimal], after: Mapping[Counted, Decimal]) -> tuple[Moved, ...]:
    moved = [
        Moved(customer=key[0], product=key[1], before=before.get(key), after=after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    ]
    return tuple(sorted(moved, key=lambda one: (-abs(one.move), one.product, one.customer)))
