"""Usage + mappings → desired quantity per slot, every contribution, and findings; never looks at what stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from truecount.core import rules
from truecount.core.model import (
    ZERO,
    Configuration,
    Contribution,
    Finding,
    FindingKind,
    Override,
    Pair,
    Policy,
    ProductMapping,
    QuantityField,
    Share,
    Skip,
    Slot,
    Source,
    Usage,
    UsageLine,
)
from truecount.core.routes import Placement, Reach, Routes

NOT_READ, CUSTOMER_OFF, PRODUCT_OFF = "not_read", "customer_off", "product_off"
SWITCHED_OFF = frozenset({CUSTOMER_OFF, PRODUCT_OFF})
"""Reasons to leave a slot that are a person's decision."""


class Counted:
    """What the vendor counted for one pair: the sum of its lines. Unknown as soon as one line's number is."""

    __slots__ = ("cost", "firewall", "quantity")

    def __init__(self) -> None:
        self.quantity: Decimal | None = ZERO
        self.cost: Decimal | None = None
        """None where no line carries a price, which is not 0."""
        self.firewall = False


Counts = dict[str, Counted]
"""By vendor product, for one customer."""


class Desired:
    """What a slot should hold. `waits` names a part of it that is not known or not free."""

    __slots__ = ("firewall", "parts", "quantity", "waits")

    def __init__(self) -> None:
        self.quantity = ZERO
        self.parts: list[Contribution] = []
        self.firewall = False
        self.waits: tuple[str, str] | None = None
        """(reason, what it is about); of several the first by name, so that the order of a report does not count."""

    def origin(self) -> tuple[Pair, ...]:
        return tuple(Pair(part.customer, part.code) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    contributions: list[Contribution]
    desired: dict[Slot, Desired]
    waits: dict[Slot, tuple[str, str]]
    """Slots that must be left as they stand whatever is desired there: not read, or switched off."""
    findings: list[Finding]
    all_wait: tuple[str, str] | None = None
    """Why every slot must be left: the report was not read to its end."""


def count(usage: Usage, configuration: Configuration) -> dict[str | None, Counts]:
    """Lines added up by customer and vendor product."""
    serials = {firewall.serial for firewall in usage.firewalls}
    marked = {code for code, product in configuration.products.items() if product.firewall}
    actual = configuration.policy.quantity is QuantityField.ACTUAL
    counted: dict[str | None, Counts] = {}
    for line in usage.lines:
        codes = counted.setdefault(line.customer, {})
        pile = codes.get(line.code)
        if pile is None:
            pile = codes[line.code] = Counted()
        amount = line.actual if actual else line.billable
        if amount is None or pile.quantity is None:
            pile.quantity = None
        else:
            pile.quantity += amount
        if line.unit_price is not None and line.billable is not None:
            pile.cost = (pile.cost or ZERO) + line.unit_price * line.billable
        if line.code in marked or (line.serial and line.serial in serials):
            pile.firewall = True
    return counted


def map_usage(usage: Usage, configuration: Configuration, routes: Routes) -> Mapped:
    """The whole of it, for one reading."""
    counted = count(usage, configuration)
    loose = [line for line in usage.lines if line.customer is None]
    work = _Work(usage, configuration, routes)
    for customer, codes in counted.items():
        if customer is None:
            work.leave_out(None, codes, Skip.NO_CUSTOMER)
        else:
            work.place(customer, codes)
    work.mark_unread()
    work.quantise()
    findings = _unassigned(loose, configuration) + work.findings()
    return Mapped(
        contributions=work.contributions,
        desired=work.desired,
        waits=work.waits,
        findings=findings,
        all_wait=None if usage.complete else (NOT_READ, ""),
    )


def step_of_split(mapping: ProductMapping, policy: Policy) -> Decimal:
    """Parts are multiples of the rule's step, but never finer than the integration's decimals; without rounding,
    whole units where the quantity is whole."""
    return max(mapping.rule.step, Decimal(1).scaleb(-policy.decimals))


class Used(NamedTuple):
    """What one customer uses and where it leads, before any one product mapping is looked at."""

    customer: str
    codes: Counts
    skip: Skip | None
    """Why nothing of this customer is counted."""
    placement: Placement
    off: dict[str, Skip]
    """Products that lead nowhere, and why."""
    mappings: list[ProductMapping]


class Verdict(NamedTuple):
    """What becomes of one customer's usage on one product mapping: counted, unless `skip` or `waits` says why not."""

    used: list[str]
    """The mapping's products that the report mentions."""
    free: list[str]
    """Those among them that lead somewhere."""
    override: Override | None
    skip: Skip | None
    waits: tuple[str, str] | None
    """(reason, what it is about); also where products that lead nowhere are the skip, for the slots they would feed"""


class Judge:
    """Decides for one customer and one product mapping, for the plan and for its explanation alike."""

    def __init__(self, usage: Usage, configuration: Configuration, routes: Routes) -> None:
        self._routes = routes
        self._policy = configuration.policy
        self._plain = {mapping.item for mapping in configuration.product_mappings if mapping.rule == rules.PLAIN}
        self.firewall_codes = {code for code, product in configuration.products.items() if product.firewall}
        self._unseen = self.firewall_codes if usage.source is Source.LIVE else set()

    def used(self, customer: str, codes: Counts) -> Used:
        placement = self._routes.placement(customer)
        skip = self._routes.billing_skip(customer) or placement.skip
        touched: dict[int, ProductMapping] = {}
        off: dict[str, Skip] = {}
        for code in codes:
            reach = self._routes.reach(code)
            if reach.skip is not None:
                off[code] = reach.skip
            for mapping in reach.mappings:
                touched[mapping.item] = mapping
        return Used(customer, codes, skip, placement, off, list(touched.values()))

    def verdict(self, by: Used, mapping: ProductMapping) -> Verdict:
        used = [code for code in mapping.codes if code in by.codes]
        free = [code for code in used if code not in by.off] if by.off else used
        override = self._routes.override(by.customer, mapping.item)
        excluded = override is not None and override.exclude
        if by.skip is not None:
            return Verdict(used, free, override, by.skip, None)
        if not free:
            waits = None if excluded else (PRODUCT_OFF, ", ".join(used))
            return Verdict(used, free, override, by.off[used[0]], waits)
        if excluded:
            return Verdict(used, free, override, Skip.EXCLUDED, None)
        return Verdict(used, free, override, None, self._waits(by, mapping, used))

    def _waits(self, by: Used, mapping: ProductMapping, used: Sequence[str]) -> tuple[str, str] | None:
        """Why one customer's part of a slot is not known or not free, and what that is about."""
        if by.off and (blocked := [code for code in used if code in by.off]):
            return PRODUCT_OFF, ", ".join(blocked)
        if (unusable := unusable_quantity(by.codes, used)) is not None:
            return unusable
        if self._unseen and (unseen := [code for code in mapping.codes if code in self._unseen]):
            return "firewall_live", ", ".join(sorted(unseen))
        return None

    def quantity(self, by: Used, mapping: ProductMapping, override: Override | None) -> Decimal:
        amounts = _amounts(by, mapping)
        if len(amounts) == 1 and override is None and mapping.item in self._plain and amounts[0] is not None:
            return amounts[0]
        return rules.quantity(mapping.rule, amounts, override)

    def steps(self, by: Used, mapping: ProductMapping, override: Override | None) -> list[rules.Step]:
        """How `quantity` comes about; the last step's result is the same number."""
        return rules.explain(mapping.rule, _amounts(by, mapping), override)

    def parts(self, amount: Decimal, mapping: ProductMapping, shares: Sequence[Share]) -> Sequence[Decimal]:
        """One per share."""
        if len(shares) == 1:
            return (amount,)
        return rules.split(amount, shares, step_of_split(mapping, self._policy))


def unusable_quantity(codes: Counts, used: Iterable[str]) -> tuple[str, str] | None:
    """The first product whose quantity can't be worked with, after the reason."""
    for code in used:
        quantity = codes[code].quantity
        if quantity is None:
            return "unknown_quantity", code
        if quantity < 0:
            return "negative_quantity", code
    return None


def _amounts(by: Used, mapping: ProductMapping) -> list[Decimal | None]:
    return [by.codes[code].quantity if code in by.codes else None for code in mapping.codes]


class _Work:
    """The piles of one mapping, while it is made."""

    def __init__(self, usage: Usage, configuration: Configuration, routes: Routes) -> None:
        self.usage = usage
        self.configuration = configuration
        self.routes = routes
        self.contributions: list[Contribution] = []
        self.desired: dict[Slot, Desired] = {}
        self.waits: dict[Slot, tuple[str, str]] = {}
        self._lost: dict[tuple[Skip, str | None, str | None], _Lost] = {}
        self._parted: set[tuple[str, str, Skip]] = set()
        self._judge = Judge(usage, configuration, routes)
        self._any_firewall = bool(usage.firewalls or self._judge.firewall_codes)
        self._step = Decimal(1).scaleb(-configuration.policy.decimals)

    def leave_out(self, customer: str | None, codes: Counts, skip: Skip) -> None:
        for code, counted in codes.items():
            self._skip(customer, code, counted, skip)

    def place(self, customer: str, codes: Counts) -> None:
        by = self._judge.used(customer, codes)
        if by.skip is not None:
            self.leave_out(customer, codes, by.skip)
            if by.skip is Skip.CUSTOMER_OFF:
                self._wait_where_shared(by)
            return
        for code, skip in by.off.items():
            self._skip(customer, code, codes[code], skip)
        for mapping in by.mappings:
            self._fill(by, mapping)

    def _fill(self, by: Used, mapping: ProductMapping) -> None:
        customer, codes, placement = by.customer, by.codes, by.placement
        used, free, override, skip, waits = self._judge.verdict(by, mapping)
        if skip is not None:
            for code in free:
                self._skip_part(customer, code, codes[code], skip)
            if waits is not None:
                self._wait(placement, mapping, waits)
            return
        amount = ZERO if waits else self._judge.quantity(by, mapping, override)
        parts = self._judge.parts(amount, mapping, placement.shares)
        firewall = self._any_firewall and any(codes[code].firewall for code in used)
        for share, part in zip(placement.shares, parts, strict=True):
            if (closed := placement.closed.get(share.agreement)) is not None:
                for code in free:
                    self._skip_part(customer, code, codes[code], closed, part / amount if amount else ZERO)
                continue
            slot = Slot(share.agreement, mapping.item)
            desired = self.desired.get(slot)
            if desired is None:
                desired = self.desired[slot] = Desired()
            desired.quantity += part
            desired.firewall = desired.firewall or firewall
            if waits is not None:
                desired.waits = min(waits, desired.waits or waits)
            for code in free:
                contribution = Contribution(customer, code, slot, codes[code].quantity)
                desired.parts.append(contribution)
                self.contributions.append(contribution)

    def _wait_where_shared(self, by: Used) -> None:
        """A customer switched off keeps the slots that it shares with others from being written."""
        for mapping in by.mappings:
            self._wait(by.placement, mapping, (CUSTOMER_OFF, by.customer))

    def mark_unread(self) -> None:
        """What an unread customer uses is unknown: every slot that it might feed stays as it stands."""
        for customer in sorted(self.usage.unread):
            if self.routes.billing_skip(customer):
                continue
            for mapping in self.configuration.product_mappings:
                self._wait(self.routes.placement(customer), mapping, (NOT_READ, customer))

    def _wait(self, placement: Placement, mapping: ProductMapping, why: tuple[str, str]) -> None:
        for share in placement.shares:
            slot = Slot(share.agreement, mapping.item)
            self.waits[slot] = min(why, self.waits.get(slot, why))

    def quantise(self) -> None:
        finest = -self.configuration.policy.decimals
        for desired in self.desired.values():
            if desired.quantity.as_tuple().exponent < finest:  # type: ignore[operator]  # finite, so a number
                desired.quantity = desired.quantity.quantize(self._step, rounding=ROUND_HALF_EVEN)

    def _skip(self, customer: str | None, code: str, counted: Counted, skip: Skip) -> None:
        self.contributions.append(Contribution(customer, code, None, counted.quantity, skip))
        self._lose(customer, code, counted, skip, Decimal(1))

    def _skip_part(self, customer: str, code: str, counted: Counted, skip: Skip, part: Decimal = ZERO) -> None:
        """What reaches no slot of one item or agreement, while others go on: one contribution for all of them."""
        if (customer, code, skip) not in self._parted:
            self._parted.add((customer, code, skip))
            self.contributions.append(Contribution(customer, code, None, counted.quantity, skip))
        self._lose(customer, code, counted, skip, part)

    def _lose(self, customer: str | None, code: str, counted: Counted, skip: Skip, part: Decimal) -> None:
        by_code = skip in _BY_PRODUCT
        key = (skip, None if by_code else customer, code if by_code else None)
        lost = self._lost.get(key)
        if lost is None:
            lost = self._lost[key] = _Lost()
        if counted.cost is not None:
            lost.cost = (lost.cost or ZERO) + counted.cost * part
        if counted.quantity is None:
            lost.unknown = True
        else:
            lost.quantity += counted.quantity * part
        lost.pairs += 1

    def findings(self) -> list[Finding]:
        found = [
            finding
            for (skip, customer, code), lost in self._lost.items()
            if (finding := self._lost_finding(skip, customer, code, lost)) is not None
        ]
        found += self._unread_findings()
        found += self._gone_customers()
        return found

    def _lost_finding(self, skip: Skip, customer: str | None, code: str | None, lost: _Lost) -> Finding | None:
        kind = _FINDING_OF_SKIP.get(skip)
        if kind is None or not (lost.quantity or lost.unknown):
            return None
        if skip is Skip.NOT_USAGE and lost.cost is not None and not lost.cost:
            return None
        placement = self.routes.placement(customer) if customer else Placement()
        reach = self.routes.reach(code) if code else Reach()
        return Finding(
            kind=kind,
            customer=customer,
            product=code,
            company=placement.company,
            agreement=placement.agreement,
            item=reach.item,
            money=lost.cost,
            currency=self.configuration.policy.currency,
            since=placement.since,
            fields=(("quantity", f"{lost.quantity.normalize():f}"), ("pairs", str(lost.pairs))),
        )

    def _unread_findings(self) -> list[Finding]:
        return [Finding(kind=FindingKind.NOT_READ, customer=customer) for customer in sorted(self.usage.unread)]

    def _gone_customers(self) -> list[Finding]:
        mapped = self.configuration.customer_mappings
        return [
            Finding(kind=FindingKind.CUSTOMER_GONE, customer=customer, company=mapped[customer].company)
            for customer in sorted(mapped)
            if customer not in self.routes.customers
        ]


class _Lost:
    """What one skip leaves unbilled: the vendor's cost where it is known, units, and whether some are unknown."""

    __slots__ = ("cost", "pairs", "quantity", "unknown")

    def __init__(self) -> None:
        self.cost: Decimal | None = None
        self.quantity = ZERO
        self.unknown = False
        self.pairs = 0


_BY_PRODUCT = frozenset({Skip.PRODUCT_NOT_MAPPED, Skip.PRODUCT_OFF, Skip.ITEM_GONE, Skip.ITEM_INACTIVE})

_FINDING_OF_SKIP = {
    Skip.NOT_USAGE: FindingKind.NOT_USAGE_CHARGED,
    Skip.CUSTOMER_NOT_MAPPED: FindingKind.CUSTOMER_NOT_MAPPED,
    Skip.CUSTOMER_OFF: FindingKind.CUSTOMER_OFF,
    Skip.PRODUCT_NOT_MAPPED: FindingKind.PRODUCT_NOT_MAPPED,
    Skip.PRODUCT_OFF: FindingKind.PRODUCT_OFF,
    Skip.ITEM_GONE: FindingKind.ITEM_GONE,
    Skip.ITEM_INACTIVE: FindingKind.ITEM_INACTIVE,
    Skip.COMPANY_GONE: FindingKind.COMPANY_GONE,
    Skip.COMPANY_INACTIVE: FindingKind.COMPANY_INACTIVE,
    Skip.AGREEMENT_GONE: FindingKind.AGREEMENT_GONE,
    Skip.AGREEMENT_ENDED: FindingKind.AGREEMENT_ENDED,
    Skip.AGREEMENT_NOT_STARTED: FindingKind.AGREEMENT_NOT_STARTED,
    Skip.NO_AGREEMENT: FindingKind.NO_AGREEMENT,
    Skip.AGREEMENT_UNCLEAR: FindingKind.AGREEMENT_UNCLEAR,
}


def _unassigned(lines: Iterable[UsageLine], configuration: Configuration) -> list[Finding]:
    """One finding per line that belongs to nobody, named by its serial number (product rules §3)."""
    return [
        Finding(
            kind=FindingKind.UNASSIGNED_USAGE,
            product=line.code,
            mark=line.serial or line.order_line,
            money=None if line.billable is None or line.unit_price is None else line.unit_price * line.billable,
            currency=configuration.policy.currency,
            fields=(("serial", line.serial), ("name", line.name)),
        )
        for line in lines
    ]
