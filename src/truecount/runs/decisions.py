"""What rules, splits and exceptions must say to make sense, for files, forms and commands alike; keeps nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import ZERO, ByRule, Override, Rounding, Rule, Share, WhereNone
from truecount.core.plan import plain
from truecount.runs.transfer_reasons import Why, clause

MOST_DIGITS = 12
"""Before the point: what the columns hold."""
PERCENT_DECIMALS, DECIMALS, RULE_DECIMALS = 4, 6, 12
LONGEST_PATTERN = 200

RULE_WORDS = ("combine", "multiply", "included", "round", "step", "minimum", "maximum", "where_none")
_RULE_NUMBERS = ("multiply", "included", "step", "minimum", "maximum")
_NONE = frozenset({"", "none", "off", "-"})
"""What takes a minimum or maximum away."""

_TYPED = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What of a decision makes no sense: the field, the reason and what fills it in. `at` is the share it is about."""

    name: str
    why: Why
    fields: Mapping[str, object] = field(default_factory=dict)
    at: int = 0


def refuse(fault: Fault | None) -> None:
    """Raise what a form or command is told; a file names its line instead."""
    if fault is not None:
        raise _refusal(fault)


def _refusal(fault: Fault) -> Misused:
    told = str(fault.fields.get("value", ""))
    return Misused(ErrorCode.BAD_VALUE, field=fault.name, value=told, reason=clause(fault.why, fault.fields))


# --- what makes no sense --------------------------------------------------------------------------


def rule_fault(rule: Rule) -> Fault | None:
    for name in _RULE_NUMBERS:
        if (found := number_fault(name, getattr(rule, name), RULE_DECIMALS)) is not None:
            return found
    if not rule.step:
        return Fault(name="step", why=Why.NOT_ABOVE_ZERO, fields={"value": "0"})
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        told = {"value": plain(rule.minimum), "most": plain(rule.maximum)}
        return Fault(name="maximum", why=Why.MINIMUM_ABOVE_MAXIMUM, fields=told)
    return None


def split_fault(shares: Sequence[Share], customer: str) -> Fault | None:
    """All by percent, which add up to 100, or first ones and at most one for the rest."""
    return next(_split_faults(shares, customer), None)


def _split_faults(shares: Sequence[Share], customer: str) -> Iterator[Fault]:
    named: set[int] = set()
    for at, share in enumerate(shares):
        if share.agreement in named:
            yield Fault(name="agreement", why=Why.NAMED_TWICE, fields={"value": share.agreement}, at=at)
        named.add(share.agreement)
        if share.percent is not None and share.first is not None:
            yield Fault(name="first", why=Why.MIXED, at=at)
        numbers = (("percent", share.percent, PERCENT_DECIMALS), ("first", share.first, DECIMALS))
        yield from (fault for one in numbers if (fault := number_fault(*one)) is not None)
    percents = [share.percent for share in shares if share.percent is not None]
    if percents and any(share.first is not None for share in shares):
        yield Fault(name="agreements", why=Why.MIXED)
    if percents and len(percents) < len(shares):
        yield Fault(name="agreements", why=Why.SOME_PERCENT)
    if percents and sum(percents) != 100:
        told = {"customer": customer, "value": plain(sum(percents, ZERO))}
        yield Fault(name="agreements", why=Why.NOT_100, fields=told)
    rests = [at for at, share in enumerate(shares) if share.percent is None and share.first is None]
    if len(rests) > 1:
        told = {"first": str(shares[rests[0]].agreement), "value": str(shares[rests[1]].agreement)}
        yield Fault(name="agreement", why=Why.BOTH_REST, fields=told, at=rests[1])


def way_fault(shares: Sequence[Share], by_rule: ByRule | None, pattern: str) -> Fault | None:
    """Agreements are named, or found by a rule: by type or name with what to look for, or the only active one."""
    if by_rule is None:
        return Fault(name="pattern", why=Why.NOT_WITH, fields={"other": "agreements"}) if pattern else None
    if shares:
        return Fault(name="by_rule", why=Why.BY_HAND_AND_BY_RULE)
    if by_rule is ByRule.ONLY_ACTIVE:
        told = {"other": f"by_rule: {by_rule}"}
        return Fault(name="pattern", why=Why.NOT_WITH, fields=told) if pattern else None
    if not pattern:
        return Fault(name="pattern", why=Why.EMPTY_TEXT)
    if len(pattern) > LONGEST_PATTERN:
        return Fault(name="pattern", why=Why.TOO_LONG, fields={"most": LONGEST_PATTERN})
    return None


def override_fault(override: Override) -> Fault | None:
    if override == Override(customer=override.customer, item=override.item):
        return Fault(name="exception", why=Why.SAYS_NOTHING)
    numbers = (("fixed", override.fixed), ("minimum", override.minimum))
    return next((fault for name, one in numbers if (fault := number_fault(name, one, DECIMALS)) is not None), None)


def number_fault(name: str, value: Decimal | None, decimals: int) -> Fault | None:
    """A quantity is not negative, and no finer or larger than what is kept."""
    if value is None:
        return None
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        return Fault(name=name, why=Why.NO_NUMBER, fields={"value": str(value)})
    told: dict[str, object] = {"value": plain(value), "most": decimals}
    if value < 0:
        return Fault(name=name, why=Why.NEGATIVE, fields=told)
    if value.adjusted() >= MOST_DIGITS:
        return Fault(name=name, why=Why.TOO_LARGE, fields=told)
    return Fault(name=name, why=Why.TOO_FINE, fields=told) if -exponent > decimals else None


# --- from the words of a form or a command --------------------------------------------------------


def number_in(text: str) -> Decimal | None:
    """`2.5`, or `2,5` as it is written in French; None where it is no number. Nothing is grouped, and no exponents."""
    told = text.strip().replace(",", ".", 1)
    return Decimal(told) if _TYPED.fullmatch(told) else None


def read_number(name: str, text: str) -> Decimal:
    found = number_in(text)
    if found is None:
        raise _refusal(Fault(name=name, why=Why.NO_NUMBER, fields={"value": text}))
    return found


def read_rule(words: Mapping[str, str], rule: Rule, where_none: WhereNone) -> tuple[Rule, WhereNone]:
    """A rule with some of `RULE_WORDS` changed: `round` is `up:5`, `none` takes a minimum or maximum away."""
    changed: dict[str, object] = {}
    for name, text in words.items():
        match name:
            case "combine":
                changed[name] = read_choice(name, text, type(rule.combine))
            case "where_none":
                where_none = read_choice(name, text, WhereNone)
            case "round":
                kind, colon, step = text.partition(":")
                changed["rounding"] = read_choice(name, kind, Rounding)
                changed["step"] = read_number(name, step) if colon else Decimal(1)
            case "minimum" | "maximum":
                changed[name] = None if text.strip().lower() in _NONE else read_number(name, text)
            case "multiply" | "included" | "step":
                changed[name] = read_number(name, text)
            case _:
                refuse(Fault(name=name, why=Why.UNKNOWN_KEY, fields={"choices": ", ".join(RULE_WORDS)}))
    made: Callable[..., Rule] = replace
    return made(rule, **changed), where_none


def read_choice(name: str, text: str, choices: type[Choice]) -> Choice:
    """`adopt_only` is as good as `adopt-only`."""
    told = text.strip().lower().replace("_", "-")
    if told not in list(choices):
        known = ", ".join(str(choice) for choice in choices)
        refuse(Fault(name=name, why=Why.NO_CHOICE, fields={"value": text, "choices": known}))
    return choices(told)
