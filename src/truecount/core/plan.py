"""The plan: everything one comparison proposes, and its digest; nothing is written from here."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from truecount.core.compare import compare
from truecount.core.guards import guard
from truecount.core.mapping import Mapped, map_usage
from truecount.core.model import (
    ZERO,
    Baseline,
    Billing,
    Change,
    ChangeKind,
    Configuration,
    Contribution,
    Finding,
    FindingKind,
    Hold,
    Managed,
    Outcome,
    Pair,
    Slot,
    Source,
    Usage,
)
from truecount.core.period import Period
from truecount.core.routes import Routes

_SOON_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would change and why not more. `left` says why a slot that may be due a change has none."""

    integration: str
    source: Source
    period: Period
    changes: tuple[Change, ...]
    unchanged: int
    contributions: tuple[Contribution, ...]
    left: dict[Slot, str]
    findings: tuple[Finding, ...]
    holds: tuple[Hold, ...]
    standing_money: dict[str, Decimal]
    digest: str

    def counts(self) -> dict[str, int]:
        """How many changes of each kind, and how many lines are unchanged."""
        found = {str(kind): 0 for kind in ChangeKind}
        for change in self.changes:
            found[change.kind] += 1
        return found | {"unchanged": self.unchanged}


class WorkedOut(NamedTuple):
    """A plan, and what led to it."""

    plan: Plan
    routes: Routes
    mapped: Mapped


def make_plan(
    integration: str,
    usage: Usage,
    billing: Billing,
    baseline: Baseline,
    configuration: Configuration,
    today: date,
) -> Plan:
    """A pure function of its arguments: the same inputs give the same plan and digest, on any machine."""
    return work_out(integration, usage, billing, baseline, configuration, today).plan


def work_out(
    integration: str,
    usage: Usage,
    billing: Billing,
    baseline: Baseline,
    configuration: Configuration,
    today: date,
) -> WorkedOut:
    """The same plan with what led to it, for those who explain it."""
    with _no_search_for_cycles():
        routes = Routes(configuration, billing, usage.customers)
        mapped = map_usage(usage, configuration, routes)
        compared = compare(
            mapped,
            billing=billing,
            baseline=baseline,
            configuration=configuration,
            routes=routes,
            source=usage.source,
            period=usage.period,
            today=today,
        )
        guarded = guard(
            usage,
            compared.changes,
            compared.lines,
            compared.standing_money,
            billing=billing,
            baseline=baseline,
            configuration=configuration,
        )
        gone = _with_money([one for one in mapped.findings if _is_gone(one)], billing, baseline, today)
        findings = [one for one in mapped.findings if not _is_gone(one)] + gone
        findings += compared.findings + _invoiced_soon(compared.changes, billing, today)
        plan = Plan(
            integration=integration,
            source=usage.source,
            period=usage.period,
            changes=tuple(compared.changes),
            unchanged=compared.unchanged,
            contributions=tuple(mapped.contributions),
            left=compared.left,
            findings=tuple(findings),
            holds=tuple(guarded + compared.holds),
            standing_money=compared.standing_money,
            digest=digest(integration, usage.period, usage.source, compared.changes),
        )
    return WorkedOut(plan, routes, mapped)


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """A plan makes hundreds of thousands of values, none of which refers to itself: Python's search for such
    circles took half of the time and found nothing."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def digest(integration: str, period: Period, source: Source, changes: Iterable[Change]) -> str:
    """SHA-256 over integration, period, source and the ordered changes; labels, findings and holds don't count."""
    told = hashlib.sha256(f"truecount-plan-1\n{integration}\n{period}\n{source}\n".encode())
    for change in sorted(changes, key=lambda change: change.slot):
        told.update(canonical(change).encode())
    return told.hexdigest()


def canonical(change: Change) -> str:
    """One line per change: slot, kind, before, after, effective date."""
    effective = change.effective.isoformat() if change.effective else "-"
    return (
        f"{change.slot.agreement}/{change.slot.item} {change.kind} "
        f"{plain(change.before)} {plain(change.after)} {effective}\n"
    )


def plain(number: Decimal) -> str:
    """Plain notation without trailing zeros: 10, 0.5, never 1E+1 or -0."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _is_gone(finding: Finding) -> bool:
    return finding.kind is FindingKind.CUSTOMER_GONE


def _with_money(gone: Sequence[Finding], billing: Billing, baseline: Baseline, today: date) -> list[Finding]:
    """What our lines of a customer that is gone bill a month: those into which nobody else is counted."""
    if not gone:
        return []
    standing = {line.id: line for lines in billing.additions.values() for line in lines if line.standing(today)}
    money: dict[str, dict[str, Decimal]] = {}
    for mine in baseline.managed.values():
        agreement, customers = billing.agreements.get(mine.slot.agreement), {pair.customer for pair in mine.origin}
        customer = customers.pop() if len(customers) == 1 else None
        if customer is not None and agreement is not None and mine.addition in standing:
            sums = money.setdefault(customer, {})
            amount = standing[mine.addition].money()
            sums[agreement.currency] = sums.get(agreement.currency, ZERO) + amount
    return [
        replace(finding, money=amount, currency=currency, mark=currency if number else "")
        for finding in gone
        for number, (currency, amount) in enumerate(money.get(finding.customer or "", {"": None}).items())
    ]


def _invoiced_soon(changes: Sequence[Change], billing: Billing, today: date) -> list[Finding]:
    """Agreements invoiced within three days while something on them is still to be written."""
    found: dict[int, Finding] = {}
    for change in changes:
        agreement = billing.agreements.get(change.slot.agreement)
        if agreement is None or agreement.next_invoice is None or agreement.id in found:
            continue
        if 0 <= (agreement.next_invoice - today).days <= _SOON_DAYS:
            found[agreement.id] = Finding(
                kind=FindingKind.INVOICE_SOON,
                company=agreement.company,
                agreement=agreement.id,
                mark=agreement.next_invoice.isoformat(),
                fields=(("date", agreement.next_invoice.isoformat()),),
            )
    return list(found.values())


def waits_with(changes: Iterable[Change], of_slot: Mapping[Slot, Outcome]) -> dict[Slot, Outcome]:
    """The lines that must not be set to 0 because what takes their place waits for a person, with its outcome."""
    waiting = (Outcome.HELD, Outcome.WAITING)
    found = {}
    for change in changes:
        ends = {of_slot.get(slot) for slot in change.makes_room_for}
        if change.slot not in of_slot and (outcome := next((end for end in waiting if end in ends), None)):
            found[change.slot] = outcome
    return found


def agreed(plan: Plan, managed: Iterable[Managed], billing: Billing, today: date) -> list[Managed]:
    """Managed lines that already stand as this plan's usage says, as they are to be remembered: the period counts as
    written although nothing was sent, or a correction after its invoice would be a silent edit (product rules §9)."""
    moving = plan.left.keys() | {change.slot for change in plan.changes}
    lines = [line for line in managed if line.slot not in moving and line.period <= plan.period]
    origins: dict[Slot, list[Pair]] = {line.slot: [] for line in lines}
    for part in plan.contributions:
        if part.slot is not None and part.slot in origins:
            origins[part.slot].append(Pair(part.customer, part.code))
    found = []
    for line in lines:
        origin = tuple(origins[line.slot]) or line.origin
        there = billing.additions.get(line.slot.agreement, ())
        if line.period == plan.period and line.origin == origin:
            continue
        if any(one.id == line.addition and one.standing(today) for one in there):
            found.append(_remembered(line, plan, origin, billing))
    return found


def _remembered(line: Managed, plan: Plan, origin: tuple[Pair, ...], billing: Billing) -> Managed:
    """Within one period the invoice date stays: it says when the period is invoiced."""
    if line.period == plan.period:
        return replace(line, origin=origin)
    due = billing.agreements[line.slot.agreement].next_invoice
    return replace(line, origin=origin, period=plan.period, source=plan.source, next_invoice=due)


def outcomes(plan: Plan, of_slot: dict[Slot, Outcome], managed: Iterable[Slot]) -> list[tuple[Contribution, Outcome]]:
    """One outcome per contribution. `of_slot` has the outcome of every change; a managed line that nothing is
    counted into any more stands for itself."""
    found = []
    seen: set[Slot] = set()
    for contribution in plan.contributions:
        if contribution.slot is None:
            found.append((contribution, Outcome.SKIPPED))
            continue
        seen.add(contribution.slot)
        found.append((contribution, _outcome(plan, contribution.slot, of_slot)))
    alone = sorted(set(managed) - seen)
    return found + [(Contribution(None, "", slot, None), _outcome(plan, slot, of_slot)) for slot in alone]


_HELD = frozenset(
    {
        "duplicate_lines",
        "managed_elsewhere",
        "product_off",
        "customer_off",
        "unknown_quantity",
        "negative_quantity",
        "not_read",
    }
)
"""Reasons to leave a slot that a person must clear; the others are findings that need no release."""


def _outcome(plan: Plan, slot: Slot, of_slot: dict[Slot, Outcome]) -> Outcome:
    if (known := of_slot.get(slot)) is not None:
        return known
    reason = plan.left.get(slot)
    if reason is None:
        return Outcome.UNCHANGED
    return Outcome.HELD if reason in _HELD else Outcome.SKIPPED
