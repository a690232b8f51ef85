"""The quantity rule and the split, step by step (product rules §4 and §5)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tests.core.builders import first, override, percent, product, rest
from truecount.core import rules
from truecount.core.model import Override


def quantity(codes: str, used: Sequence[Any], own: Override | None = None, **rule: Any) -> Decimal:
    amounts = [None if amount is None else Decimal(amount) for amount in used]
    return rules.quantity(product(codes, **rule).rule, amounts, own)


@pytest.mark.parametrize(
    ("combine", "used", "expected"),
    [
        ("sum", [5, 3, None], 8),
        ("sum", [None, None, None], 0),
        ("max", [5, 3, None], 5),
        ("max", [None, None, 0], 0),
        ("min", [5, 3, None], 3),
        ("min", [5, 0, None], 0),
        ("min", [5, None, None], 5),
        ("all-of", [5, 3, 4], 3),
        ("all-of", [5, 3, None], 0),
        ("all-of", [5, 3, 0], 0),
    ],
)
def test_combine(combine, used, expected):
    assert quantity("ABC", used, combine=combine) == expected


STEPS = [
    pytest.param({}, 7, "7", id="plain"),
    pytest.param({"multiply": "1.5"}, 7, "10.5", id="multiply"),
    pytest.param({"multiply": 0}, 7, "0", id="multiply by 0"),
    pytest.param({"included": 3}, 7, "4", id="included"),
    pytest.param({"included": 9}, 7, "0", id="included, not below 0"),
    pytest.param({"rounding": "up", "step": 5}, 7, "10", id="up"),
    pytest.param({"rounding": "up", "step": 5}, 10, "10", id="up, exact"),
    pytest.param({"rounding": "down", "step": 5}, 7, "5", id="down"),
    pytest.param({"rounding": "half-even", "step": 5}, "7.5", "10", id="half-even to an even step up"),
    pytest.param({"rounding": "half-even", "step": 5}, "12.5", "10", id="half-even to an even step down"),
    pytest.param({"rounding": "half-even", "step": 5}, "7.6", "10", id="half-even, above half"),
    pytest.param({"rounding": "up", "step": "0.25"}, "7.1", "7.25", id="up to a quarter"),
    pytest.param({"minimum": 10}, 7, "10", id="minimum"),
    pytest.param({"minimum": 10}, 10, "10", id="minimum reached"),
    pytest.param({"minimum": 10}, 11, "11", id="minimum passed"),
    pytest.param({"minimum": 10}, 0, "0", id="minimum only where there is usage"),
    pytest.param({"minimum": 10, "included": 7}, 7, "10", id="usage that is included is usage"),
    pytest.param({"maximum": 5}, 7, "5", id="maximum"),
    pytest.param({"maximum": 7}, 7, "7", id="maximum reached"),
    pytest.param({"minimum": 10, "maximum": 5}, 7, "5", id="maximum after minimum"),
    pytest.param({"multiply": 2, "included": 4}, 7, "10", id="included after multiply"),
    pytest.param({"included": 3, "rounding": "up", "step": 5}, 7, "5", id="round after included"),
    pytest.param({"rounding": "down", "step": 5, "minimum": 6}, 7, "6", id="minimum after round"),
    pytest.param({"rounding": "up", "step": 5, "maximum": 8}, 7, "8", id="maximum after round"),
    pytest.param(
        {"multiply": 3, "included": 1, "rounding": "up", "step": 7, "minimum": 20, "maximum": 27}, 7, "21", id="all"
    ),
]


@pytest.mark.parametrize(("rule", "used", "expected"), STEPS)
def test_the_steps_in_their_order(rule, used, expected):
    assert quantity("A", [used], **rule) == Decimal(expected)


OVERRIDES = [
    pytest.param({"exclude": True}, {}, 7, 0, id="exclude"),
    pytest.param({"exclude": True, "fixed": 9}, {}, 7, 0, id="exclude before fixed"),
    pytest.param({"fixed": 9}, {}, 7, 9, id="fixed"),
    pytest.param({"fixed": 0}, {}, 7, 0, id="fixed at 0"),
    pytest.param({"fixed": 9}, {"maximum": 5}, 7, 9, id="fixed after maximum"),
    pytest.param({"minimum": 10}, {}, 7, 10, id="own minimum"),
    pytest.param({"minimum": 10}, {}, 0, 0, id="own minimum only where there is usage"),
    pytest.param({"minimum": 10}, {"maximum": 5}, 7, 10, id="own minimum after maximum"),
    pytest.param({"minimum": 10}, {"minimum": 8}, 7, 10, id="own minimum above the rule's"),
    pytest.param({"minimum": 2}, {"minimum": 10}, 1, 2, id="own minimum below the rule's"),
    pytest.param({"minimum": 0}, {"minimum": 10}, 1, 1, id="own minimum 0 lifts the rule's"),
]


@pytest.mark.parametrize(("own", "rule", "used", "expected"), OVERRIDES)
def test_the_customers_override_comes_last(own, rule, used, expected):
    assert quantity("A", [used], override(**own), **rule) == expected


def test_every_step_is_explained():
    rule = product("AB", multiply=2, included=1, rounding="up", step=5, minimum=30, maximum=25).rule
    steps = rules.explain(rule, [Decimal(4), Decimal(3)], override(fixed=12))
    assert [(step.name, step.setting, int(step.result)) for step in steps] == [
        ("combine", "sum", 7),
        ("multiply", "2", 14),
        ("included", "1", 13),
        ("round", "up 5", 15),
        ("minimum", "30", 30),
        ("maximum", "25", 25),
        ("fixed", "12", 12),
    ]


def test_steps_that_change_nothing_are_left_out():
    steps = rules.explain(product("A", minimum=3, maximum=9).rule, [Decimal(5)])
    assert [step.name for step in steps] == ["combine"]


# --- split ----------------------------------------------------------------------------------------

SPLITS = [
    pytest.param("10", [rest(10)], "1", ["10"], id="one agreement"),
    pytest.param("10", [percent(10, 60), percent(20, 40)], "1", ["6", "4"], id="even"),
    pytest.param("11", [percent(10, 60), percent(20, 40)], "1", ["7", "4"], id="largest remainder first"),
    pytest.param("12", [percent(10, 60), percent(20, 40)], "1", ["7", "5"], id="largest remainder second"),
    pytest.param("1", [percent(10, 50), percent(20, 50)], "1", ["1", "0"], id="tie by agreement id"),
    pytest.param("1", [percent(20, 50), percent(10, 50)], "1", ["0", "1"], id="tie, whatever the order of shares"),
    pytest.param("2", [percent(9, "33.3"), percent(10, "33.3"), percent(11, "33.4")], "1", ["1", "0", "1"], id="three"),
    pytest.param(
        "5", [percent(10, 50), percent(20, 25), percent(30, 25)], "1", ["3", "1", "1"], id="half and quarters"
    ),
    pytest.param("15", [percent(10, 50), percent(20, 50)], "5", ["10", "5"], id="multiples of the step"),
    pytest.param("2.5", [percent(10, 50), percent(20, 50)], "0.5", ["1.5", "1.0"], id="halves"),
    pytest.param("2.5", [percent(10, 50), percent(20, 50)], "1", ["1.5", "1"], id="what does not fill a step"),
    pytest.param("0", [percent(10, 50), percent(20, 50)], "1", ["0", "0"], id="nothing"),
    pytest.param("7", [percent(10, 100), percent(20, 0)], "1", ["7", "0"], id="all to one"),
    pytest.param("10", [first(10, 4), rest(20)], "1", ["4", "6"], id="first N here, the rest there"),
    pytest.param("3", [first(10, 4), rest(20)], "1", ["3", "0"], id="fewer than N"),
    pytest.param("4", [first(10, 4), rest(20)], "1", ["4", "0"], id="exactly N"),
    pytest.param("10", [rest(20), first(10, 4)], "1", ["6", "4"], id="the rest named first"),
    pytest.param("10", [first(10, 4), first(20, 3), rest(30)], "1", ["4", "3", "3"], id="two firsts and the rest"),
    pytest.param("5", [first(10, 4), first(20, 3), rest(30)], "1", ["4", "1", "0"], id="two firsts, not filled"),
    pytest.param("10", [first(10, 4), first(20, 3)], "1", ["4", "6"], id="nobody for the rest"),
]


@pytest.mark.parametrize(("amount", "shares", "step", "expected"), SPLITS)
def test_split(amount, shares, step, expected):
    parts = rules.split(Decimal(amount), shares, Decimal(step))
    assert parts == [Decimal(part) for part in expected]
    assert sum(parts) == Decimal(amount)


@pytest.mark.parametrize("total", [90, 100, 110])
def test_parts_add_up_even_where_the_percentages_do_not(total):
    shares = [percent(10, total - 40), percent(20, 40)]
    assert sum(rules.split(Decimal(37), shares, Decimal(1))) == 37
