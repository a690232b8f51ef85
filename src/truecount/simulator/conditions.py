"""The grammar of ConnectWise conditions: a recursive-descent parser and a compiler to a predicate.

What a name means is asked from the caller (`Lookup`), so that nothing here knows tables or schemas.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from truecount.simulator.clock import moment_text, read_moment
from truecount.simulator.contract import Kind

Row = Any
Predicate = Callable[[Row], bool]
Value = str | int | float | bool | None


class BadCondition(ValueError):
    """A text that is not in the grammar, a name that is not known, or a value that does not fit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """What a path stands for: its kind, the values of an enum, and how to read it from a row."""

    kind: Kind
    choices: tuple[str, ...] = ()
    read: Callable[[Row], Any]


Lookup = Callable[[str], Name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """Switches C-15, C-16, C-17 and C-49."""

    dates: str = "all forms"
    ignore_case: bool = True
    backslash: bool = True
    and_first: bool = True
    today: str = ""


class Op(StrEnum):
    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    CONTAINS = "contains"
    LIKE = "like"
    IN = "in"


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal:
    kind: str
    """string, number, boolean, date, null"""
    value: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    path: str
    op: Op
    negated: bool
    literals: tuple[Literal, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Join:
    """`and` or `or` over two or more parts."""

    word: str
    parts: tuple["Node", ...]


Node = Term | Join

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<op><=|>=|!=|<>|=|<|>)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<comma>,)
    | (?P<date>\[[^\[\]]*\])
    | (?P<number>[+-]?\d+(?:\.\d+)?(?![\w/.]))
    | (?P<word>[A-Za-z_][\w.]*(?:/[A-Za-z_][\w.]*)*)
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    )""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadCondition(f"Conditions string '{text}' is invalid near '{text[at : at + 20].strip()}'.")
        found.append(Token(kind=match.lastgroup, text=match.group(match.lastgroup)))
        at = match.end()
    return found


class _Parser:
    """expr := term {and|or term}; term := ( expr ) | path op literal."""

    def __init__(self, text: str, habits: Habits) -> None:
        self.text = text
        self.habits = habits
        self.tokens = tokens(text)
        self.at = 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def word(self) -> str:
        token = self.peek()
        return token.text.lower() if token is not None and token.kind == "word" else ""

    def take(self, kind: str) -> Token:
        token = self.peek()
        if token is None or token.kind != kind:
            found = "the end" if token is None else f"'{token.text}'"
            raise BadCondition(f"Conditions string '{self.text}' is invalid: {kind} expected, found {found}.")
        self.at += 1
        return token

    def expression(self) -> Node:
        return self.either() if self.habits.and_first else self.flat()

    def either(self) -> Node:
        parts = [self.both()]
        while self.word() == "or":
            self.at += 1
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Join(word="or", parts=tuple(parts))

    def both(self) -> Node:
        parts = [self.term()]
        while self.word() == "and":
            self.at += 1
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else Join(word="and", parts=tuple(parts))

    def flat(self) -> Node:
        """Left to right without precedence (C-49)."""
        node = self.term()
        while self.word() in ("and", "or"):
            word = self.word()
            self.at += 1
            node = Join(word=word, parts=(node, self.term()))
        return node

    def term(self) -> Node:
        token = self.peek()
        if token is not None and token.kind == "open":
            self.at += 1
            node = self.expression()
            self.take("close")
            return node
        path = self.take("word").text
        negated, op = self.operator()
        literals = self.listed() if op is Op.IN else (self.literal(),)
        return Term(path=path, op=op, negated=negated, literals=literals)

    def operator(self) -> tuple[bool, Op]:
        token = self.peek()
        if token is not None and token.kind == "op":
            self.at += 1
            return False, Op("!=" if token.text == "<>" else token.text)
        negated = self.word() == "not"
        if negated:
            self.at += 1
        word = self.word()
        if word not in ("contains", "like", "in"):
            raise BadCondition(f"Conditions string '{self.text}' is invalid: an operator is expected.")
        self.at += 1
        return negated, Op(word)

    def listed(self) -> tuple[Literal, ...]:
        self.take("open")
        literals = [self.literal()]
        while (token := self.peek()) is not None and token.kind == "comma":
            self.at += 1
            literals.append(self.literal())
        self.take("close")
        return tuple(literals)

    def literal(self) -> Literal:
        token = self.peek()
        if token is None:
            raise BadCondition(f"Conditions string '{self.text}' is invalid: a value is expected at the end.")
        self.at += 1
        match token.kind:
            case "string":
                return Literal(kind="string", value=self.unquoted(token.text[1:-1]))
            case "number":
                number = float(token.text) if "." in token.text else int(token.text)
                return Literal(kind="number", value=number)
            case "date":
                return Literal(kind="date", value=self.date(token.text[1:-1]))
            case "word" if token.text.lower() in ("true", "false"):
                return Literal(kind="boolean", value=token.text.lower() == "true")
            case "word" if token.text.lower() == "null":
                return Literal(kind="null", value=None)
        raise BadCondition(f"Conditions string '{self.text}' is invalid: '{token.text}' is not a value.")

    def unquoted(self, text: str) -> str:
        if "\\" in text:
            if re.search(r"\\[\"']", text) and not self.habits.backslash:
                raise BadCondition(f"Conditions string '{self.text}' is invalid: quote inside a string.")
            text = re.sub(r"\\([\"'\\])", r"\1", text)
        return text.replace("[[]", "[")

    def date(self, text: str) -> str:
        if self.habits.dates == "no times" and "T" in text.upper():
            raise BadCondition(f"'{text}' is not a valid date.")
        try:
            return moment_text(read_moment(text))
        except ValueError as error:
            raise BadCondition(f"'{text}' is not a valid date.") from error


def parse(text: str, habits: Habits | None = None) -> Node:
    parser = _Parser(text, habits or Habits())
    node = parser.expression()
    if (rest := parser.peek()) is not None:
        raise BadCondition(f"Conditions string '{text}' is invalid near '{rest.text}'.")
    return node


def paths(node: Node) -> list[str]:
    """The names that a condition uses, in order."""
    if isinstance(node, Term):
        return [node.path]
    return [path for part in node.parts for path in paths(part)]


def compiled(node: Node, lookup: Lookup, habits: Habits) -> Predicate:
    if isinstance(node, Term):
        return _term(node, lookup(node.path), habits)
    parts = [compiled(part, lookup, habits) for part in node.parts]
    if node.word == "and":
        return lambda row: all(part(row) for part in parts)
    return lambda row: any(part(row) for part in parts)


def predicate(text: str, lookup: Lookup, habits: Habits | None = None) -> Predicate:
    """Raises BadCondition."""
    held = habits or Habits()
    return compiled(parse(text, held), lookup, held)


def _term(term: Term, name: Name, habits: Habits) -> Predicate:
    if name.choices:
        _check_choice(term, name)
    fold = habits.ignore_case
    wanted = [_fitting(literal, name, fold, term) for literal in term.literals]
    read = name.read
    if term.op in (Op.LIKE, Op.CONTAINS):
        return _text_match(term, wanted[0], read, fold)
    if term.op is Op.IN:
        return _membership(term, wanted, read, fold)
    if term.literals[0].kind == "null":
        return _null_test(term.op, read)
    if habits.dates == "today empty" and term.op is Op.GE and str(wanted[0])[:10] == habits.today:
        return lambda row: False
    return _comparison(term.op, wanted[0], read, fold)


def _check_choice(term: Term, name: Name) -> None:
    known = {choice.lower() for choice in name.choices}
    given = [literal for literal in term.literals if literal.kind != "null"]
    if term.op in (Op.LIKE, Op.CONTAINS) or any(str(literal.value).lower() not in known for literal in given):
        raise BadCondition("Enum value supplied was invalid")


def _fitting(literal: Literal, name: Name, fold: bool, term: Term) -> Value:
    """The value in the form that rows hold it in."""
    value = literal.value
    if value is None:
        return None
    try:
        match name.kind:
            case Kind.DATE:
                return value if literal.kind == "date" else moment_text(read_moment(str(value)))
            case Kind.INTEGER | Kind.NUMBER:
                return value if isinstance(value, int | float) else float(str(value))
            case Kind.BOOLEAN if literal.kind != "boolean":
                raise ValueError(value)
            case Kind.BOOLEAN:
                return value
    except ValueError as error:
        raise BadCondition(f"'{value}' is not a valid value for {term.path}.") from error
    return str(value).casefold() if fold else str(value)


def _same_form(value: Any, fold: bool) -> Any:
    return value.casefold() if fold and isinstance(value, str) else value


def _null_test(op: Op, read: Callable[[Row], Any]) -> Predicate:
    if op is Op.EQ:
        return lambda row: read(row) is None
    if op is Op.NE:
        return lambda row: read(row) is not None
    return lambda row: False


def _comparison(op: Op, wanted: Any, read: Callable[[Row], Any], fold: bool) -> Predicate:
    """A null in the row satisfies no comparison, as in SQL."""
    if isinstance(wanted, str):
        wanted = _same_form(wanted, fold)
    tests: dict[Op, Callable[[Any], bool]] = {
        Op.EQ: lambda value: bool(value == wanted),
        Op.NE: lambda value: bool(value != wanted),
        Op.LT: lambda value: bool(value < wanted),
        Op.LE: lambda value: bool(value <= wanted),
        Op.GT: lambda value: bool(value > wanted),
        Op.GE: lambda value: bool(value >= wanted),
    }
    test = tests[op]

    def holds(row: Row) -> bool:
        value = read(row)
        return value is not None and test(_same_form(value, fold))

    return holds


def _membership(term: Term, wanted: list[Value], read: Callable[[Row], Any], fold: bool) -> Predicate:
    values = {_same_form(value, fold) for value in wanted if value is not None}
    negated = term.negated

    def holds(row: Row) -> bool:
        value = read(row)
        return value is not None and (_same_form(value, fold) in values) is not negated

    return holds


def like_pattern(text: str) -> str:
    """`*` and `%` stand for any text; everything else for itself."""
    return "".join(".*" if char in "*%" else re.escape(char) for char in text)


def _text_match(term: Term, wanted: Value, read: Callable[[Row], Any], fold: bool) -> Predicate:
    if wanted is None:
        return lambda row: False
    text = str(wanted)
    if term.op is Op.CONTAINS:
        text = f"*{text}*"
    flags = re.DOTALL | (re.IGNORECASE if fold else 0)
    pattern = re.compile(like_pattern(text), flags)
    negated = term.negated

    def holds(row: Row) -> bool:
        value = read(row)
        if value is None:
            return False
        return (pattern.fullmatch(_same_form(str(value), fold)) is not None) is not negated

    return holds
