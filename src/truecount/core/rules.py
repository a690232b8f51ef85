"""The quantity rule of a product mapping, step by step, with its explanation; what is counted comes in ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from truecount.core.model import ZERO, Combine, Override, Rounding, Rule, Share

_ROUNDINGS = {Rounding.UP: ROUND_CEILING, Rounding.DOWN: ROUND_FLOOR, Rounding.HALF_EVEN: ROUND_HALF_EVEN}
PLAIN = Rule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a rule: its name, the number it was set to, and the quantity after it."""

    name: str
    setting: str
    result: Decimal


def quantity(rule: Rule, used: Sequence[Decimal | None], override: Override | None = None) -> Decimal:
    """The billed quantity of one customer, before split. `used` has one entry per vendor product of the
    mapping, None where the product is absent from the report."""
    if override is None and rule == PLAIN:
        return _combined(rule.combine, used)
    return _worked_out(rule, used, override, _untold)


def explain(rule: Rule, used: Sequence[Decimal | None], override: Override | None = None) -> list[Step]:
    """Every step that applies, in the order of product rules: combine, multiply, included, round, minimum,
    maximum, then the customer's override. A minimum of the customer's own stands in for the rule's."""
    steps: list[Step] = []

    def told(name: str, setting: object, result: Decimal) -> Decimal:
        shown = " ".join(map(str, setting)) if isinstance(setting, tuple) else str(setting)
        steps.append(Step(name=name, setting=shown, result=result))
        return result

    _worked_out(rule, used, override, told)
    return steps


def _untold(_name: str, _setting: object, result: Decimal) -> Decimal:
    return result


def _worked_out(
    rule: Rule,
    used: Sequence[Decimal | None],
    override: Override | None,
    took: Callable[[str, object, Decimal], Decimal],
) -> Decimal:
    """The last step's result; `took` hears of every step: its name, its setting, its result."""
    amount = took("combine", rule.combine, _combined(rule.combine, used))
    present = any(part is not None and part > 0 for part in used)
    if rule.multiply != 1:
        amount = took("multiply", rule.multiply, amount * rule.multiply)
    if rule.included:
        amount = took("included", rule.included, max(amount - rule.included, ZERO))
    if rule.rounding is not Rounding.NONE:
        setting = (rule.rounding, rule.step)
        amount = took("round", setting, _rounded(amount, rule.rounding, rule.step))
    own_minimum = override is not None and override.minimum is not None
    if rule.minimum is not None and not own_minimum and present and amount < rule.minimum:
        amount = took("minimum", rule.minimum, rule.minimum)
    if rule.maximum is not None and amount > rule.maximum:
        amount = took("maximum", rule.maximum, rule.maximum)
    if override is not None and (own := _overridden(override, amount, present)):
        amount = took(*own)
    return amount


def _overridden(override: Override, amount: Decimal, present: bool) -> tuple[str, object, Decimal] | None:
    if override.exclude:
        return "excluded", "", ZERO
    if override.fixed is not None:
        return "fixed", override.fixed, override.fixed
    if override.minimum is not None and present and amount < override.minimum:
        return "own minimum", override.minimum, override.minimum
    return None


def _combined(combine: Combine, used: Sequence[Decimal | None]) -> Decimal:
    present = [amount for amount in used if amount is not None]
    match combine:
        case Combine.SUM:
            return sum(present, ZERO)
        case Combine.MAX:
            return max(present, default=ZERO)
        case Combine.MIN:
            return min(present, default=ZERO)
        case Combine.ALL_OF:
            return ZERO if len(present) < len(used) else min(present, default=ZERO)


def _rounded(amount: Decimal, rounding: Rounding, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value(rounding=_ROUNDINGS[rounding]) * step


def split(amount: Decimal, shares: Sequence[Share], step: Decimal) -> list[Decimal]:
    """One part per share; parts are multiples of `step` and add up to `amount` exactly.

    Percentages: largest remainder, ties by agreement id, what does not fill a step goes with the largest
    remainder. First-N shares are filled in their order; shares without either take the rest.
    """
    if len(shares) == 1:
        return [amount]
    if any(share.percent is not None for share in shares):
        return _by_percent(amount, shares, step)
    return _by_order(amount, shares)


def _by_percent(amount: Decimal, shares: Sequence[Share], step: Decimal) -> list[Decimal]:
    exact = [amount * (share.percent or ZERO) / 100 for share in shares]
    parts = [(part / step).to_integral_value(rounding=ROUND_FLOOR) * step for part in exact]
    left = amount - sum(parts, ZERO)
    order = sorted(range(len(shares)), key=lambda i: (parts[i] - exact[i], shares[i].agreement))
    for i in order:
        given = min(step, left)
        parts[i] += given
        left -= given
    parts[order[0]] += left
    return parts


def _by_order(amount: Decimal, shares: Sequence[Share]) -> list[Decimal]:
    parts = [ZERO] * len(shares)
    left = amount
    for i, share in enumerate(shares):
        if share.first is not None:
            parts[i] = min(share.first, left)
            left -= parts[i]
    rest = [i for i, share in enumerate(shares) if share.first is None]
    parts[rest[0] if rest else len(shares) - 1] += left
    return parts
