"""Two readings beside each other."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from truecount.core.model import QuantityField, UsageLine
from truecount.core.months import Counted, difference, total, units

BILLABLE = QuantityField.BILLABLE
COUNTED = st.dictionaries(
    st.tuples(st.sampled_from(["", "anna", "bert"]), st.sampled_from(["A", "B"])), st.integers(0, 9).map(Decimal)
)


def line(customer: str | None, code: str, billable: str | None, actual: str | None = None) -> UsageLine:
    return UsageLine(
        customer=customer,
        code=code,
        billable=None if billable is None else Decimal(billable),
        actual=None if actual is None else Decimal(actual),
    )


LINES = [line("anna", "A", "2", "3"), line("anna", "A", "1.5"), line(None, "A", "4"), line("bert", "B", None, "7")]


def test_units_are_added_up_and_the_unknown_is_left_out() -> None:
    assert units(LINES, BILLABLE) == {("anna", "A"): Decimal("3.5"), ("", "A"): Decimal(4)}
    assert total(LINES, BILLABLE) == Decimal("7.5")
    assert total(LINES, QuantityField.ACTUAL) == Decimal(10)


def test_what_moved_comes_largest_first() -> None:
    before = {("anna", "A"): Decimal(5), ("anna", "B"): Decimal(1), ("bert", "A"): Decimal(3)}
    after = {("anna", "A"): Decimal(5), ("carl", "A"): Decimal(9), ("bert", "A"): Decimal(2)}
    found = difference(before, after)
    assert [(one.customer, one.product, one.before, one.after) for one in found.lines] == [
        ("carl", "A", None, Decimal(9)),
        ("bert", "A", Decimal(3), Decimal(2)),
        ("anna", "B", Decimal(1), None),
    ]
    assert [(one.product, one.move) for one in found.products] == [("A", Decimal(8)), ("B", Decimal(-1))]
    assert (found.came, found.went) == ({"carl"}, frozenset())
    assert found.move == Decimal(7)


@given(COUNTED, COUNTED)
def test_the_parts_add_up(before: dict[Counted, Decimal], after: dict[Counted, Decimal]) -> None:
    found = difference(before, after)
    assert sum((one.move for one in found.lines), Decimal(0)) == found.move
    assert sum((one.move for one in found.products), Decimal(0)) == found.move


@given(COUNTED)
def test_nothing_moved_between_equals(counted: dict[Counted, Decimal]) -> None:
    found = difference(counted, dict(counted))
    assert (found.lines, found.products, found.came, found.went) == ((), (), frozenset(), frozenset())
