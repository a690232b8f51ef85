"""The grammar of conditions: a table of texts, texts that are refused, and a comparison with a naive evaluator."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truecount.simulator.conditions import BadCondition, Habits, Name, parse, paths, predicate
from truecount.simulator.contract import Kind

KINDS = {
    "id": Kind.INTEGER,
    "name": Kind.STRING,
    "price": Kind.NUMBER,
    "flag": Kind.BOOLEAN,
    "since": Kind.DATE,
    "status": Kind.STRING,
    "company/id": Kind.INTEGER,
    "company/identifier": Kind.STRING,
}
ROWS: list[dict[str, Any]] = [
    {"id": 1, "name": "Acme*", "price": 1.5, "flag": True, "since": "2026-01-01T00:00:00Z", "status": "Active"},
    {"id": 2, "name": "béla [x]", "price": 20.0, "flag": False, "since": "2026-06-15T12:30:00Z", "status": "Expired"},
    {"id": 3, "name": 'the "best"', "flag": False, "status": "Active", "company/id": 250, "company/identifier": "X-1"},
]


def lookup(path: str) -> Name:
    if path not in KINDS:
        raise BadCondition(f"{path} is not a recognized name.")
    choices = ("Active", "Expired", "Inactive") if path == "status" else ()
    return Name(kind=KINDS[path], choices=choices, read=lambda row: row.get(path))


def ids(text: str, habits: Habits | None = None) -> list[int]:
    test = predicate(text, lookup, habits)
    return [row["id"] for row in ROWS if test(row)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("id=1", [1]),
        ("id = 1 or id = 2 and flag = false", [1, 2]),
        ("(id = 1 or id = 2) and flag = false", [2]),
        ("id != 1", [2, 3]),
        ("id <> 1", [2, 3]),
        ("id>=2 AND id<3", [2]),
        ("id in (1, 3)", [1, 3]),
        ("id not in (1,3)", [2]),
        ('name in ("ACME*","nobody")', [1]),
        ('name="acme*"', [1]),
        ("name='acme*'", [1]),
        ('name like "%e%"', [1, 3]),
        ('name like "*[[]x]"', [2]),
        ('name NOT LIKE "acme*"', [2, 3]),
        ('name contains "É"', [2]),
        ('name not contains "e"', [2]),
        (r'name="the \"best\""', [3]),
        ("name='the \"best\"'", [3]),
        ("price = 1.5", [1]),
        ("price > 1", [1, 2]),
        ("price=null", [3]),
        ("price != null", [1, 2]),
        ("price < null", []),
        ("flag=True", [1]),
        ("flag=FALSE", [2, 3]),
        ("since = [2026-01-01]", [1]),
        ("since >= [2026-06-15T12:30:00Z]", [2]),
        ("since > [2026-06-15T14:30:00+02:00]", []),
        ("since < [2026-06-16]", [1, 2]),
        ('since > "2026-01-01"', [2]),
        ("since = NULL", [3]),
        ('status="active"', [1, 3]),
        ('status != "Active"', [2]),
        ("company/id=250", [3]),
        ('company/identifier like "x-%"', [3]),
        ("company/id != 7", [3]),
        ("id = -1", []),
    ],
)
def test_what_a_condition_finds(text: str, found: list[int]) -> None:
    assert ids(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id",
        "id =",
        "= 1",
        "id = 1 and",
        "(id = 1",
        "id = 1)",
        "id in 1",
        "id in ()",
        "id ~ 1",
        'name = "open',
        "name = word",
        "since = [yesterday]",
        "flag = 1",
        "id = x",
        'id = "x"',
        "status = 5",
        'status like "Act%"',
        'status contains "Act"',
        'status = "Dead"',
        "nothing = 1",
        "id = 1 id = 2",
        "not id = 1",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(BadCondition):
        ids(text)


def test_habits() -> None:
    assert ids('name="acme*"', Habits(ignore_case=False)) == []
    assert ids("id = 1 or id = 2 and flag = false", Habits(and_first=False)) == [2]
    assert ids("since >= [2026-06-15]", Habits(dates="today empty", today="2026-06-15")) == []
    assert ids("since > [2026-06-14]", Habits(dates="today empty", today="2026-06-15")) == [2]
    with pytest.raises(BadCondition):
        ids("since > [2026-06-14T00:00:00Z]", Habits(dates="no times"))
    with pytest.raises(BadCondition):
        ids(r'name="the \"best\""', Habits(backslash=False))


def test_names_of_a_condition() -> None:
    assert paths(parse('company/id=1 and (name="x" or id in (1))')) == ["company/id", "name", "id"]


# A second evaluator, which knows the tree and not the text.

TEXTS = st.text(alphabet="abAB*%[ \"é'", max_size=4)
Tree = Any


def literal(path: str) -> st.SearchStrategy[Any]:
    match KINDS[path]:
        case Kind.INTEGER:
            return st.integers(0, 4)
        case Kind.NUMBER:
            return st.sampled_from([0, 1.5, 20.0, 3])
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.DATE:
            return st.sampled_from(["2026-01-01T00:00:00Z", "2026-06-15T12:30:00Z", "2027-01-01T00:00:00Z"])
    return TEXTS


@st.composite
def terms(draw: st.DrawFn) -> Tree:
    path = draw(st.sampled_from([path for path in KINDS if path != "status"]))
    ops = ["=", "!=", "<", "<=", ">", ">=", "in", "not in"]
    if KINDS[path] is Kind.STRING:
        ops += ["like", "not like", "contains", "not contains"]
    op = draw(st.sampled_from(ops))
    if op.endswith("in"):
        return (path, op, draw(st.lists(literal(path), min_size=1, max_size=3)))
    return (path, op, draw(st.none() | literal(path)) if op in ("=", "!=") else draw(literal(path)))


TREES = st.recursive(
    terms(),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
    max_leaves=6,
)
VALUES = st.fixed_dictionaries({}, optional={path: literal(path) for path in KINDS if path != "status"})


def written_value(path: str, value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return "(" + ", ".join(written_value(path, item) for item in value) + ")"
    if KINDS[path] is Kind.DATE:
        return f"[{value}]"
    if isinstance(value, str):
        return '"' + value.replace("[", "[[]").replace('"', '\\"') + '"'
    return str(value)


def written(tree: Tree) -> str:
    if len(tree) == 2:
        return "(" + f" {tree[0]} ".join(written(part) for part in tree[1]) + ")"
    path, op, value = tree
    return f"{path} {op} {written_value(path, value)}"


def naive(tree: Tree, row: dict[str, Any]) -> bool:
    if len(tree) == 2:
        results = [naive(part, row) for part in tree[1]]
        return False not in results if tree[0] == "and" else True in results
    path, op, wanted = tree
    held = row.get(path)
    if wanted is None:
        return bool((held is None) == (op == "="))
    if held is None:
        return False
    if isinstance(held, str):
        held = held.lower()
        wanted = [item.lower() for item in wanted] if isinstance(wanted, list) else wanted.lower()
    if op.startswith("not "):
        return not naive((path, op[4:], tree[2]), row)
    if op == "in":
        return bool(held in wanted)
    if op == "contains":
        return naive_like(held, f"*{wanted}*")
    if op == "like":
        return naive_like(held, wanted)
    compared: dict[str, bool] = {
        "=": held == wanted,
        "!=": held != wanted,
        "<": op == "<" and held < wanted,
        "<=": op == "<=" and held <= wanted,
        ">": op == ">" and held > wanted,
        ">=": op == ">=" and held >= wanted,
    }
    return compared[op]


def naive_like(text: str, pattern: str) -> bool:
    """By trying every length that a star may take."""
    if not pattern:
        return not text
    if pattern[0] in "*%":
        return any(naive_like(text[cut:], pattern[1:]) for cut in range(len(text) + 1))
    return text[:1] == pattern[0] and naive_like(text[1:], pattern[1:])


@given(tree=TREES, row=VALUES)
def test_the_same_as_a_naive_evaluator(tree: Tree, row: dict[str, Any]) -> None:
    assert predicate(written(tree), lookup)(row) is naive(tree, row)


@given(text=st.text(alphabet='id=1()andor "[]2026-,<>!likenul', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but BadCondition ever leaves the parser."""
    with suppress(BadCondition):
        ids(text)
