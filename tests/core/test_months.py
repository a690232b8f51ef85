"""Two readings beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from truecount.core.model import QuantityField, Source, Usage, UsageLine
from truecount.core.months import LARGEST, Counted, by_product, difference, units
from truecount.core.period import Period

BILLABLE = QuantityField.BILLABLE
COUNTED = st.dictionaries(
    st.tuples(st.sampled_from(["", "anna", "bert"]), st.sampled_from(["A", "B"])), st.integers(0, 9)
)


def line(customer: str | None, code: str, billable: str | None, actual: str | None = None) -> UsageLine:
    return UsageLine(
        customer=customer,
        code=code,
        billable=None if billable is None else Decimal(billable),
        actual=None if actual is None else Decimal(actual),
    )


LINES = [line("anna", "A", "2", "3"), line("anna", "A", "1.5"), line(None, "A", "4"), line("bert", "B", None, "7")]


def read(counted: Mapping[Counted, int], *, month: int = 11) -> Usage:
    lines = tuple(
        UsageLine(customer=customer or None, code=code, billable=Decimal(number), customer_name=customer.title())
        for (customer, code), number in counted.items()
    )
    return Usage(source=Source.INVOICE, period=Period(2026, month), lines=lines, customers=())


def test_units_are_added_up_and_the_unknown_is_left_out() -> None:
    counted = units(LINES, BILLABLE)
    assert counted == {("anna", "A"): Decimal("3.5"), ("", "A"): Decimal(4)}
    assert by_product(counted) == {"A": Decimal("7.5")}
    assert by_product(units(LINES, QuantityField.ACTUAL)) == {"A": Decimal(3), "B": Decimal(7)}


def test_what_moved_comes_largest_first() -> None:
    before = read({("anna", "A"): 5, ("anna", "B"): 1, ("bert", "A"): 3}, month=10)
    found = difference(before, read({("anna", "A"): 5, ("carl", "A"): 9, ("bert", "A"): 2}), BILLABLE)
    assert [(one.customer, one.product, one.before, one.after) for one in found.lines] == [
        ("carl", "A", None, Decimal(9)),
        ("bert", "A", Decimal(3), Decimal(2)),
        ("anna", "B", Decimal(1), None),
    ]
    assert [(one.product, one.move) for one in found.products] == [("A", Decimal(8)), ("B", Decimal(-1))]
    assert (found.period, found.came, found.went, found.move) == (Period(2026, 10), 1, 0, Decimal(7))
    assert [one.name for one in found.lines] == ["", "Bert", "Anna"], "as the earlier report called them"


def test_small_differences_are_counted_and_not_told() -> None:
    many = {(f"c{place:02}", "A"): place + 1 for place in range(LARGEST + 3)}
    found = difference(read({}, month=10), read(many), BILLABLE)
    assert (len(found.lines), found.all_lines, found.left_out) == (LARGEST, LARGEST + 3, 3)
    assert found.lines[0].move == LARGEST + 3
    assert found.came == LARGEST + 3


@given(COUNTED, COUNTED)
def test_the_parts_add_up(before: dict[Counted, int], after: dict[Counted, int]) -> None:
    found = difference(read(before, month=10), read(after), BILLABLE)
    assert sum((one.move for one in found.lines), Decimal(0)) == found.move
    assert sum((one.move for one in found.products), Decimal(0)) == found.move


@given(COUNTED)
def test_nothing_moved_between_equals(counted: dict[Counted, int]) -> None:
    found = difference(read(counted, month=10), read(counted), BILLABLE)
    assert (found.lines, found.products, found.came, found.went) == ((), (), 0, 0)
