"""How a plan stands for a person, and what can be done with it now: worked out from rows, shown by the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

from truecount.core.model import ChangeKind, Mode
from truecount.store.models import Hold, Integration, Plan
from truecount.store.settings import policy_of
from truecount.web.words import CHANGES, PLAN_STATES, UNCHANGED, Mark, Words

_PENDING = ("open", "approved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    kind: str
    word: Words
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A currency's monthly money before and after, and the difference."""

    currency: str
    before: Decimal
    after: Decimal

    @property
    def move(self) -> Decimal:
        return self.after - self.before


def mode_of(integration: Integration) -> Mode:
    return policy_of(integration.policy).mode


def plan_mark(plan: Plan, *, held: bool, mode: Mode, now: datetime) -> Mark:
    """A plan without changes is open only where something in it is held."""
    if is_expired(plan, now):
        return PLAN_STATES["expired"]
    if plan.state != "open":
        return PLAN_STATES[plan.state]
    if held or not changes_in(plan):
        return PLAN_STATES["held"]
    return PLAN_STATES["observed" if mode is Mode.OBSERVE else "open"]


def is_expired(plan: Plan, now: datetime) -> bool:
    """Said so, or too old to be applied."""
    return plan.state == "expired" or (plan.state in _PENDING and now > plan.expires_at)


def changes_in(plan: Plan) -> int:
    return sum(plan.counts.get(kind, 0) for kind in ChangeKind)


def counts_of(plan: Plan) -> list[Count]:
    """`Create 4 · Take over 2 · …`: always all but Cancel, which only some policies know."""
    found = [
        Count(kind=str(kind), word=CHANGES[kind].word, number=plan.counts.get(kind, 0))
        for kind in ChangeKind
        if kind is not ChangeKind.CANCEL or plan.counts.get(kind)
    ]
    return [*found, Count(kind="unchanged", word=UNCHANGED, number=plan.counts.get("unchanged", 0))]


def sums_of(plan: Plan) -> list[Sum]:
    """The currency with the most money first."""
    sums = [
        Sum(currency=currency, before=Decimal(told["before"]), after=Decimal(told["after"]))
        for currency, told in plan.money.items()
    ]
    return sorted(sums, key=lambda told: (-max(told.before, told.after), told.currency))


def plans_held(plans: Iterable[Plan]) -> set[int]:
    """Those that wait as a whole."""
    unreleased = Hold.objects.filter(plan__in=list(plans), agreement=None, released_at=None)
    return set(unreleased.values_list("plan", flat=True))


def pending(plan: Plan, now: datetime) -> bool:
    """Whether people can still decide about it."""
    return plan.state in _PENDING and now <= plan.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of the bar below a summary, in thousandths of its width."""

    kind: str
    start: int
    length: int


def pieces_of(counts: list[Count]) -> list[Piece]:
    """Each kind's part; the smallest can still be seen, the largest makes room for it."""
    total = sum(count.number for count in counts)
    lengths = {count.kind: max(8, 1000 * count.number // total) for count in counts if count.number}
    if lengths:
        largest = max(lengths, key=lambda kind: lengths[kind])
        lengths[largest] += 1000 - sum(lengths.values())
    starts = accumulate(lengths.values(), initial=0)
    return [
        Piece(kind=kind, start=start, length=length)
        for (kind, length), start in zip(lengths.items(), starts, strict=False)
    ]
