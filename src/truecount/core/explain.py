"""How a slot came to its number: usage lines → rule, step by step → split → sum → change; all worked out again from
the stored inputs of a plan. Sentences, names and ledger are not here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from truecount.core import rules
from truecount.core.mapping import Counts, Judge, Used, Verdict, count, step_of_split, unusable_quantity
from truecount.core.model import (
    ZERO,
    Addition,
    Baseline,
    Billing,
    Change,
    Configuration,
    CustomerMapping,
    Finding,
    Hold,
    Managed,
    Override,
    Pair,
    ProductMapping,
    Rule,
    Share,
    Skip,
    Slot,
    Source,
    Usage,
    UsageLine,
)
from truecount.core.period import Period
from truecount.core.plan import work_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A usage line and its place in the reading, counted from 0."""

    place: int
    line: UsageLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What the vendor counted of one product: its lines, and their sum, None where one of them has no number."""

    code: str
    lines: tuple[Told, ...]
    quantity: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one agreement gets of a customer's quantity; `closed` where nothing may be written there."""

    share: Share
    quantity: Decimal
    closed: Skip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One customer's way into a slot. `amounts` has only what the report mentions; `absent` names the other products
    of the mapping.

    Either it is counted, or `skip` or `waits` says why not; without a known quantity there are no steps.
    """

    customer: str
    amounts: tuple[Amount, ...]
    absent: tuple[str, ...]
    override: Override | None = None
    steps: tuple[rules.Step, ...] = ()
    split_step: Decimal | None = None
    """What parts are multiples of; None where there is only one agreement."""
    parts: tuple[Part, ...] = ()
    quantity: Decimal | None = None
    """The part of this slot, whether it was counted or not."""
    skip: Skip | None = None
    waits: tuple[str, str] | None = None

    @property
    def counted(self) -> bool:
        return self.skip is None and self.waits is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What was counted into our line at its last write and no longer is; `ways` are the slots it leads to now."""

    pair: Pair
    ways: tuple[Slot, ...]
    present: bool
    """Whether the report still mentions it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`total` is the sum of the counted pieces, `wanted` the same at the integration's decimals, None where nothing is
    counted or the slot `waits`. `number` is what the line holds once the plan is applied."""

    slot: Slot
    source: Source
    period: Period
    codes: tuple[str, ...]
    rule: Rule
    decimals: int
    pieces: tuple[Piece, ...]
    total: Decimal
    wanted: Decimal | None
    waits: tuple[str, str] | None
    former: tuple[Former, ...]
    standing: tuple[Addition, ...]
    managed: tuple[Managed, ...]
    change: Change | None
    left: str | None
    holds: tuple[Hold, ...]
    findings: tuple[Finding, ...]

    @property
    def number(self) -> Decimal | None:
        """None where several lines stand, or none and none is made."""
        if self.change is not None:
            return self.change.after
        return self.standing[0].quantity if len(self.standing) == 1 else None


class Explainer:
    """Every slot of one plan, from the plan's own inputs: the plan is made again once, a slot costs little then."""

    def __init__(
        self,
        integration: str,
        usage: Usage,
        billing: Billing,
        baseline: Baseline,
        configuration: Configuration,
        today: date,
    ) -> None:
        self._usage, self._billing, self._baseline = usage, billing, baseline
        self._configuration, self._today = configuration, today
        self.plan, self._routes, self._mapped = work_out(integration, usage, billing, baseline, configuration, today)
        self._counted = count(usage, configuration)
        self._judge = Judge(usage, configuration, self._routes)
        self._mappings = {mapping.item: mapping for mapping in configuration.product_mappings}
        self._changes = {change.slot: change for change in self.plan.changes}
        self._lines: dict[Pair, list[Told]] = {}
        for place, line in enumerate(usage.lines):
            if line.customer is not None:
                self._lines.setdefault(Pair(line.customer, line.code), []).append(Told(place=place, line=line))

    def slots(self) -> list[Slot]:
        """Every slot that usage leads to, that has a managed line, or of which the plan says anything."""
        told = {line.slot for line in self._baseline.managed.values()} | self._mapped.desired.keys()
        return sorted(told | self._changes.keys() | self.plan.left.keys())

    def explain(self, slot: Slot) -> Explanation:
        mapping, desired = self._mappings.get(slot.item), self._mapped.desired.get(slot)
        pieces = tuple(self._pieces(slot, mapping)) if mapping is not None else ()
        waits = (desired.waits if desired else None) or self._mapped.waits.get(slot, self._mapped.all_wait)
        mine = tuple(line for line in self._baseline.managed.values() if line.slot == slot)
        return Explanation(
            slot=slot,
            source=self._usage.source,
            period=self._usage.period,
            codes=mapping.codes if mapping else (),
            rule=mapping.rule if mapping else rules.PLAIN,
            decimals=self._configuration.policy.decimals,
            pieces=pieces,
            total=sum((piece.quantity or ZERO for piece in pieces if piece.counted), ZERO),
            wanted=desired.quantity if desired is not None and waits is None else None,
            waits=waits,
            former=tuple(self._former(mine, pieces)),
            standing=self._standing(slot),
            managed=mine,
            change=self._changes.get(slot),
            left=self.plan.left.get(slot),
            holds=tuple(hold for hold in self.plan.holds if hold.slot in (None, slot)),
            findings=tuple(one for one in self.plan.findings if (one.agreement, one.item) == slot),
        )

    # --- one customer -----------------------------------------------------------------------------

    def _pieces(self, slot: Slot, mapping: ProductMapping) -> Iterator[Piece]:
        """Every customer that leads to the agreement, or would, and uses one of the mapping's products."""
        for customer, leading in sorted(self._configuration.customer_mappings.items()):
            if self._leads(slot, leading):
                codes = self._counted.get(customer, {})
                if any(code in codes for code in mapping.codes):
                    yield self._piece(slot, mapping, customer, codes)

    def _leads(self, slot: Slot, leading: CustomerMapping) -> bool:
        if any(share.agreement == slot.agreement for share in leading.shares):
            return True
        if leading.by_rule is None:
            return False
        shares = self._routes.placement(leading.customer).shares
        if shares:
            return any(share.agreement == slot.agreement for share in shares)
        agreement = self._billing.agreements.get(slot.agreement)
        return agreement is not None and agreement.company == leading.company

    def _piece(self, slot: Slot, mapping: ProductMapping, customer: str, codes: Counts) -> Piece:
        by = self._judge.used(customer, codes)
        verdict = self._judge.verdict(by, mapping)
        steps, parts = self._worked_out(by, mapping, verdict)
        mine = next((part for part in parts if part.share.agreement == slot.agreement), None)
        waits = verdict.waits if verdict.skip is None else None
        return Piece(
            customer=customer,
            amounts=tuple(
                Amount(code=code, lines=tuple(self._lines[Pair(customer, code)]), quantity=codes[code].quantity)
                for code in verdict.used
            ),
            absent=tuple(code for code in mapping.codes if code not in codes),
            override=verdict.override,
            steps=tuple(steps),
            split_step=step_of_split(mapping, self._configuration.policy) if len(parts) > 1 else None,
            parts=tuple(parts),
            quantity=mine.quantity if mine else None,
            skip=verdict.skip or (mine.closed if mine and not waits else None),
            waits=waits,
        )

    def _worked_out(self, by: Used, mapping: ProductMapping, verdict: Verdict) -> tuple[list[rules.Step], list[Part]]:
        """The steps of the rule and what each agreement gets, or would get where it is skipped or waits; nothing
        where a quantity is unknown or negative."""
        if unusable_quantity(by.codes, verdict.used) is not None:
            return [], []
        steps, placement = self._judge.steps(by, mapping, verdict.override), by.placement
        if not placement.shares:
            return steps, []
        cut = self._judge.parts(steps[-1].result, mapping, placement.shares)
        return steps, [
            Part(share=share, quantity=part, closed=placement.closed.get(share.agreement))
            for share, part in zip(placement.shares, cut, strict=True)
        ]

    # --- what stands ------------------------------------------------------------------------------

    def _standing(self, slot: Slot) -> tuple[Addition, ...]:
        lines = self._billing.additions.get(slot.agreement, ())
        return tuple(line for line in lines if line.item == slot.item and line.standing(self._today))

    def _former(self, managed: Iterable[Managed], pieces: Iterable[Piece]) -> Iterator[Former]:
        now = {(piece.customer, amount.code) for piece in pieces for amount in piece.amounts}
        for pair in dict.fromkeys(pair for line in managed for pair in line.origin):
            if pair not in now:
                ways = self._routes.slots(pair)
                yield Former(pair=pair, ways=ways, present=pair.code in self._counted.get(pair.customer, {}))
