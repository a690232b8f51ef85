"""JSON ↔ values: exact numbers, plain notation, careful fields."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truecount.connectors.values import (
    Json,
    Puzzling,
    Row,
    day,
    flag,
    inner,
    needed_text,
    needed_whole,
    number,
    objects,
    parse,
    plain,
    rows,
    text,
    understood,
    whole,
    write,
)
from truecount.core.errors import ErrorCode, Unexpected


def test_it_works() -> None:
    value = parse(b'{"quantity": 0.1, "id": 7, "name": "caf\\u00e9", "flags": [true, null]}')
    assert value == {"quantity": Decimal("0.1"), "id": 7, "name": "café", "flags": [True, None]}
    assert write({"quantity": Decimal("10.0"), "id": 7}) == '{"quantity":10,"id":7}'


@pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", "[-Infinity]", "[1", "", "<html>", "[" * 100_000])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("10.0", "10"),
        ("1E+2", "100"),
        ("0.10", "0.1"),
        ("1E-7", "0.0000001"),
        ("-0.0", "0"),
        ("0E+5", "0"),
        ("-2.50", "-2.5"),
        ("1234567890123456789012345678901234567890.5", "1234567890123456789012345678901234567890.5"),
    ],
)
def test_plain_notation(value: str, shown: str) -> None:
    assert plain(Decimal(value)) == shown


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_only_numbers_are_written(value: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        write(Decimal(value))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_a_decimal_comes_back_as_it_was(value: Decimal) -> None:
    sent = write({"quantity": value})
    assert "E" not in sent
    assert number(_row(parse(sent)), "quantity") == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
    )
)
def test_what_is_written_is_json(value: Json) -> None:
    assert json.loads(write(value)) == value


@pytest.mark.parametrize("given", [12, "+12", " 12 ", Decimal("12.0"), "1.2e1"])
def test_numbers_in_any_clothes(given: Json) -> None:
    assert number({"n": given}, "n") == 12
    assert whole({"n": given}, "n") == 12


@pytest.mark.parametrize(
    "given", ["twelve", "", "1,5", "0x10", "NaN", "1e9999", True, [], {}, Decimal("1E+900000"), Decimal("1E-31"), "٣"]
)
def test_no_number_at_all(given: Json) -> None:
    with pytest.raises(Puzzling) as caught:
        number({"n": given}, "n")
    assert caught.value.field == "n"


def test_absent_is_not_zero() -> None:
    assert number({}, "n") is None
    assert number({"n": None}, "n") is None
    assert whole({}, "n") is None


def test_a_half_is_no_whole_number() -> None:
    with pytest.raises(Puzzling):
        whole({"id": Decimal("1.5")}, "id")


def test_texts() -> None:
    row: Row = {"name": "Acme", "number": 7, "nothing": None, "list": []}
    assert (text(row, "name"), text(row, "number"), text(row, "nothing", "-"), text(row, "x")) == ("Acme", "7", "-", "")
    with pytest.raises(Puzzling):
        text(row, "list")
    with pytest.raises(Puzzling):
        needed_text(row, "nothing")


def test_days() -> None:
    row: Row = {"moment": "2026-12-01T00:00:00Z", "day": "2026-12-01", "none": "", "impossible": "2021-04-31"}
    assert day(row, "moment") == day(row, "day") == date(2026, 12, 1)
    assert day(row, "none") is day(row, "absent") is None
    with pytest.raises(Puzzling):
        day(row, "impossible")


def test_flags_and_inner_objects() -> None:
    row: Row = {"yes": True, "null": None, "text": "true", "object": {"id": 1}, "list": [{"id": 1}], "mixed": [{}, 1]}
    assert flag(row, "yes")
    assert not flag(row, "null")
    assert needed_whole(inner(row, "object"), "id") == 1
    assert inner(row, "null") == {}
    assert rows(row, "list") == [{"id": 1}]
    assert rows(row, "null") == []
    for puzzle in (flag, inner, rows):
        with pytest.raises(Puzzling):
            puzzle(row, "text")
    with pytest.raises(Puzzling):
        objects(row["mixed"], "mixed")


def test_the_first_row_that_puzzles_is_named() -> None:
    found: list[Row] = [{"line": "A", "q": 1}, {"line": "B", "q": "many"}, {"q": "more"}]
    with pytest.raises(Unexpected) as caught:
        understood(found, lambda row: number(row, "q"), name="line", system="S", route="GET /x")
    assert caught.value.code is ErrorCode.NOT_UNDERSTOOD
    assert caught.value.fields == {"system": "S", "route": "GET /x", "what": "q", "line": "B", "excerpt": "many"}
    with pytest.raises(Unexpected) as caught:
        understood(found[2:], lambda row: number(row, "q"), name="line", system="S", route="GET /x")
    assert caught.value.fields["line"] == "1"


def _row(value: object) -> Row:
    assert isinstance(value, dict)
    return value
