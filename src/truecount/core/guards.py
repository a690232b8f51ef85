"""One function per reason to hold a plan or a slot; the numbers come from the policy (product rules §7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from truecount.core.model import (
    ZERO,
    Baseline,
    Billing,
    Change,
    ChangeKind,
    Configuration,
    Guards,
    Hold,
    HoldKind,
    Mode,
    Usage,
)


def guard(
    usage: Usage,
    changes: Sequence[Change],
    lines: int,
    standing_money: dict[str, Decimal],
    *,
    billing: Billing,
    baseline: Baseline,
    configuration: Configuration,
) -> list[Hold]:
    """All holds of a plan: first those of the whole, then slot by slot. `lines` and their money are the baseline:
    all that stand in the plan's slots."""
    policy = configuration.policy
    guards = policy.guards
    found: list[Hold | None] = [usage_missing(usage, baseline, guards)]
    if lines >= guards.least_lines:
        found.append(many_going_down(changes, lines, guards))
        found.append(many_set_to_zero(changes, lines, guards))
        found.extend(money_moving(changes, standing_money, billing, guards))
    for change in changes:
        found.append(jump(change, guards))
        found.append(other_currency(change, billing, policy.currency))
        if change.slot in baseline.held_slots:
            found.append(Hold(kind=HoldKind.UNDONE, slot=change.slot))
        if policy.mode is Mode.AUTOMATIC:
            found.append(first_write(change, baseline))
    return [hold for hold in found if hold is not None]


def usage_missing(usage: Usage, baseline: Baseline, guards: Guards) -> Hold | None:
    """Nothing, or under half of the lines of the last complete reading of the same source."""
    now, last = len(usage.lines), baseline.last_lines
    if not now:
        return Hold(kind=HoldKind.USAGE_EMPTY, fields=(("last", str(last or 0)),))
    if last is not None and now < last * guards.usage_drop:
        return Hold(kind=HoldKind.USAGE_HALVED, fields=(("now", str(now)), ("last", str(last))))
    return None


def many_going_down(changes: Iterable[Change], lines: int, guards: Guards) -> Hold | None:
    down = sum(change.after < change.before for change in changes)
    if down > lines * guards.going_down:
        return Hold(kind=HoldKind.MANY_DOWN, fields=(("down", str(down)), ("lines", str(lines))))
    return None


def many_set_to_zero(changes: Iterable[Change], lines: int, guards: Guards) -> Hold | None:
    zeroed = sum(change.kind in (ChangeKind.ZERO, ChangeKind.CANCEL) for change in changes)
    if zeroed > lines * guards.set_to_zero:
        return Hold(kind=HoldKind.MANY_ZEROED, fields=(("zeroed", str(zeroed)), ("lines", str(lines))))
    return None


def money_moving(
    changes: Iterable[Change], standing: dict[str, Decimal], billing: Billing, guards: Guards
) -> list[Hold]:
    """Per currency, never across; nothing to compare with where nothing is billed yet."""
    moves: dict[str, Decimal] = {}
    for change in changes:
        agreement = billing.agreements.get(change.slot.agreement)
        currency = agreement.currency if agreement else ""
        moves[currency] = moves.get(currency, ZERO) + change.money_after - change.money_before
    return [
        Hold(
            kind=HoldKind.MONEY_MOVES,
            fields=(
                ("before", f"{before.normalize():f}"),
                ("after", f"{(before + move).normalize():f}"),
                ("currency", currency),
            ),
        )
        for currency, move in sorted(moves.items())
        if (before := standing.get(currency, ZERO)) > 0 and abs(move) > before * guards.money_move
    ]


def jump(change: Change, guards: Guards) -> Hold | None:
    """An Update or Adopt that more than triples or falls below a third, unless both numbers are small."""
    if change.kind not in (ChangeKind.UPDATE, ChangeKind.ADOPT):
        return None
    before, after = change.before, change.after
    if max(before, after) < guards.slot_floor:
        return None
    if after > before * guards.slot_factor or after * guards.slot_factor < before:
        fields = (("before", f"{before.normalize():f}"), ("after", f"{after.normalize():f}"))
        return Hold(kind=HoldKind.JUMP, slot=change.slot, fields=fields)
    return None


def other_currency(change: Change, billing: Billing, currency: str) -> Hold | None:
    """The agreement bills in another currency than the one the integration is set to."""
    agreement = billing.agreements.get(change.slot.agreement)
    if not currency or agreement is None or not agreement.currency or agreement.currency == currency:
        return None
    fields = (("currency", agreement.currency), ("expected", currency))
    return Hold(kind=HoldKind.CURRENCY, slot=change.slot, fields=fields)


def first_write(change: Change, baseline: Baseline) -> Hold | None:
    """In automatic mode a person sees every Adopt and every first write to an agreement."""
    if change.kind is ChangeKind.ADOPT:
        return Hold(kind=HoldKind.ADOPTION, slot=change.slot)
    if change.slot.agreement not in baseline.touched_agreements:
        return Hold(kind=HoldKind.FIRST_WRITE, slot=change.slot)
    return None
