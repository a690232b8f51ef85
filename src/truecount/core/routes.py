"""Where a (customer, vendor product) leads under today's mappings and switches; what was counted is not here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from truecount.core.model import (
    Agreement,
    AgreementState,
    Billing,
    BillingType,
    ByRule,
    Configuration,
    Customer,
    CustomerMapping,
    Override,
    Pair,
    ProductMapping,
    Share,
    Skip,
    Slot,
)

_NO_SHARES: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A customer's agreements, or why there are none. A customer switched off keeps its shares."""

    skip: Skip | None = None
    shares: tuple[Share, ...] = _NO_SHARES
    company: int | None = None
    closed: Mapping[int, Skip] = field(default_factory=dict)
    """Agreements among the shares that can't be written, and why; the other parts go on."""
    agreement: int | None = None
    """The first agreement that can't be written."""
    since: date | None = None
    """The day from which it can't be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A vendor product's mappings, and why they are not to be followed."""

    skip: Skip | None = None
    mappings: tuple[ProductMapping, ...] = ()
    item: int | None = None


class Routes:
    """The ways of one reading: every placement and reach is worked out once."""

    def __init__(self, configuration: Configuration, billing: Billing, customers: Iterable[Customer]) -> None:
        self._configuration = configuration
        self._billing = billing
        self.customers: Mapping[str, Customer] = {customer.id: customer for customer in customers}
        self._of_company = _by_company(billing.agreements.values())
        self._placements: dict[str, Placement] = {}
        self._reaches: dict[str, Reach] = {}
        self._mappings: dict[str, list[ProductMapping]] = {}
        self._overrides = {(own.customer, own.item): own for own in configuration.overrides}
        for mapping in configuration.product_mappings:
            for code in mapping.codes:
                self._mappings.setdefault(code, []).append(mapping)

    def placement(self, customer: str) -> Placement:
        found = self._placements.get(customer)
        if found is None:
            found = self._placements[customer] = self._place(customer)
        return found

    def reach(self, code: str) -> Reach:
        found = self._reaches.get(code)
        if found is None:
            found = self._reaches[code] = self._reach(code)
        return found

    def slots(self, pair: Pair) -> tuple[Slot, ...]:
        """The slots that a pair leads to today; none where anything on the way is missing or switched off."""
        if pair.customer is None or self.billing_skip(pair.customer):
            return ()
        placement, reach = self.placement(pair.customer), self.reach(pair.code)
        if placement.skip or reach.skip:
            return ()
        open_shares = [share for share in placement.shares if share.agreement not in placement.closed]
        return tuple(Slot(share.agreement, mapping.item) for mapping in reach.mappings for share in open_shares)

    def billing_skip(self, customer: str) -> Skip | None:
        """Customers billed otherwise than by usage are left out, unless a person said "bill anyway"."""
        known = self.customers.get(customer)
        if known is None or known.billing is BillingType.USAGE:
            return None
        return None if customer in self._configuration.bill_anyway else Skip.NOT_USAGE

    def override(self, customer: str, item: int) -> Override | None:
        return self._overrides.get((customer, item))

    def writable(self, agreement: int) -> bool:
        """Whether an agreement's lines may be written at all: it is active, and so is its company."""
        known = self._billing.agreements.get(agreement)
        if known is None or _unwritable(known):
            return False
        company = self._billing.companies.get(known.company)
        return company is not None and company.active

    def agreements(self) -> dict[int, set[str]]:
        """Every agreement that a mapped customer leads to, switched on or not, with those customers."""
        found: dict[int, set[str]] = {}
        for customer in self._configuration.customer_mappings:
            for share in self.placement(customer).shares:
                found.setdefault(share.agreement, set()).add(customer)
        return found

    def _place(self, customer: str) -> Placement:
        mapping = self._configuration.customer_mappings.get(customer)
        if mapping is None:
            return Placement(skip=Skip.CUSTOMER_NOT_MAPPED)
        company = self._billing.companies.get(mapping.company)
        if company is None:
            return Placement(skip=Skip.COMPANY_GONE, company=mapping.company)
        if not company.active:
            return Placement(skip=Skip.COMPANY_INACTIVE, company=mapping.company)
        shares, skip = self._shares(mapping)
        if skip is not None:
            return Placement(skip=skip, company=mapping.company)
        off = Skip.CUSTOMER_OFF if not self._configuration.customer_sync.get(customer, True) else None
        closed = {share.agreement: ended for share in shares if (ended := self._ended(share.agreement))}
        if not closed:
            return Placement(skip=off, shares=shares, company=mapping.company)
        first = next(iter(closed))
        agreement = self._billing.agreements.get(first)
        all_closed = all(share.agreement in closed for share in shares)
        return Placement(
            skip=closed[first] if all_closed else off,
            shares=_NO_SHARES if all_closed else shares,
            company=mapping.company,
            closed=closed,
            agreement=first,
            since=agreement.since if agreement else None,
        )

    def _ended(self, agreement: int) -> Skip | None:
        known = self._billing.agreements.get(agreement)
        return Skip.AGREEMENT_GONE if known is None else _unwritable(known)

    def _shares(self, mapping: CustomerMapping) -> tuple[tuple[Share, ...], Skip | None]:
        if mapping.by_rule is None:
            return mapping.shares, None if mapping.shares else Skip.NO_AGREEMENT
        fitting = [
            agreement
            for agreement in self._of_company.get(mapping.company, ())
            if agreement.state is AgreementState.ACTIVE and fits(mapping, agreement)
        ]
        if len(fitting) == 1:
            return (Share(agreement=fitting[0].id),), None
        return (), Skip.AGREEMENT_UNCLEAR if fitting else Skip.NO_AGREEMENT

    def _reach(self, code: str) -> Reach:
        mappings = sorted(self._mappings.get(code, ()), key=lambda mapping: mapping.item)
        if not mappings:
            return Reach(skip=Skip.PRODUCT_NOT_MAPPED)
        for mapping in mappings:
            item = self._billing.items.get(mapping.item)
            if item is None:
                return Reach(skip=Skip.ITEM_GONE, mappings=tuple(mappings), item=mapping.item)
            if not item.active:
                return Reach(skip=Skip.ITEM_INACTIVE, mappings=tuple(mappings), item=mapping.item)
        off = Skip.PRODUCT_OFF if not self._configuration.product_sync.get(code, False) else None
        return Reach(skip=off, mappings=tuple(mappings), item=mappings[0].item)


def _by_company(agreements: Iterable[Agreement]) -> dict[int, list[Agreement]]:
    found: dict[int, list[Agreement]] = {}
    for agreement in agreements:
        found.setdefault(agreement.company, []).append(agreement)
    return found


def fits(mapping: CustomerMapping, agreement: Agreement) -> bool:
    """Whether the mapping's rule means this agreement, if it is an active one."""
    wanted = mapping.pattern.casefold()
    match mapping.by_rule:
        case ByRule.TYPE:
            return agreement.type.casefold() == wanted
        case ByRule.NAME:
            return wanted in agreement.name.casefold()
        case _:
            return True


def _unwritable(agreement: Agreement) -> Skip | None:
    match agreement.state:
        case AgreementState.ACTIVE:
            return None
        case AgreementState.NOT_STARTED:
            return Skip.AGREEMENT_NOT_STARTED
        case _:
            return Skip.AGREEMENT_ENDED
