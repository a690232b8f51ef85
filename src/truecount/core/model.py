"""The values that everything is computed from and into; frozen, without behaviour beyond what follows from a value.

Words are those of `docs/glossary.md`. Ids on the vendor's side are text, ids on the PSA's side are numbers.
Quantities and money are `Decimal`; billing dates are `date`; moments are aware and named `at` or `since`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from truecount.core.period import Period

ZERO = Decimal(0)


class Source(StrEnum):
    """Where usage was read: the billing report of a month, or the licences in use now."""

    INVOICE = "invoice"
    LIVE = "live"


class BillingType(StrEnum):
    """How the vendor bills a customer; only `usage` is monthly and synchronised by itself."""

    USAGE = "usage"
    TERM = "term"
    TRIAL = "trial"
    UNKNOWN = "unknown"


# --- the vendor's side ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorProduct:
    """What the vendor counts. `code` identifies it, `name` is a label that may change at any time."""

    code: str
    name: str
    group: str = ""
    firewall: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer as the vendor knows it. `active` is false for any status other than active."""

    id: str
    name: str
    billing: BillingType = BillingType.USAGE
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLine:
    """One row of the vendor's report. A quantity that was not given is None, which is not 0."""

    customer: str | None
    code: str
    billable: Decimal | None
    actual: Decimal | None = None
    name: str = ""
    group: str = ""
    order_line: str = ""
    serial: str = ""
    unit_price: Decimal | None = None
    customer_name: str = ""
    firewall: bool = False
    """The connector's own guess from code and description; a preset for a product seen for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """A firewall licence; `customer` is the one it is billed to, None while it is assigned to nobody."""

    serial: str
    model: str = ""
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One collection of usage.

    `complete` means that the whole report was read. `unread` names customers whose live count could not be
    read: what they use is unknown, which is neither 0 nor absent.
    """

    source: Source
    period: Period
    lines: tuple[UsageLine, ...]
    customers: tuple[Customer, ...]
    firewalls: tuple[Firewall, ...] = ()
    complete: bool = True
    unread: frozenset[str] = frozenset()


# --- the PSA's side -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    id: int
    identifier: str
    name: str
    active: bool = True
    """False when the company is deleted or has an inactive status: nothing may be written for it."""


class AgreementState(StrEnum):
    ACTIVE = "active"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """`next_invoice` is the date of the next invoice. `invoiced_to` is the first day that no invoice covers
    yet: `next_invoice` where billing is in advance or unknown, one cycle earlier where it is in arrears."""

    id: int
    name: str
    company: int
    type: str = ""
    state: AgreementState = AgreementState.ACTIVE
    since: date | None = None
    """The day the state began, where it can be told: start, end or cancellation date."""
    billing_starts: date | None = None
    next_invoice: date | None = None
    invoiced_to: date | None = None
    currency: str = ""
    prorates: bool = False
    parent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogItem:
    id: int
    identifier: str
    description: str
    customer_description: str = ""
    active: bool = True
    item_class: str = "NonInventory"
    price: Decimal = ZERO
    cost: Decimal = ZERO
    vendor_sku: str = ""
    part_number: str = ""
    cross_reference: str = ""
    category: str = ""
    subcategory: str = ""
    type: str = ""
    unit: str = ""
    taxable: bool = False
    recurring: bool = False
    billing_cycle: str = ""
    currency: str = ""
    updated: str = ""
    """The PSA's own mark of the last change, compared before an edit; opaque text."""

    @property
    def billable(self) -> bool:
        """Items of class Bundle can't be additions (facts: ConnectWise §7.1)."""
        return self.item_class != "Bundle"


class Bill(StrEnum):
    BILLABLE = "Billable"
    NO_CHARGE = "NoCharge"
    DO_NOT_BILL = "DoNotBill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A billed line of an agreement."""

    id: int
    agreement: int
    item: int
    quantity: Decimal
    less_included: Decimal = ZERO
    unit_price: Decimal = ZERO
    unit_cost: Decimal = ZERO
    bill: Bill = Bill.BILLABLE
    effective: date | None = None
    cancelled: date | None = None
    description: str = ""

    def standing(self, today: date) -> bool:
        """Whether the line is in force on or after `today`, the PSA's date; lines of the future are."""
        return self.cancelled is None or self.cancelled > today

    def money(self, quantity: Decimal | None = None) -> Decimal:
        """What the line bills a month, or would bill with another quantity."""
        if self.bill is not Bill.BILLABLE:
            return ZERO
        amount = (self.quantity if quantity is None else quantity) - self.less_included
        return amount * self.unit_price if amount > 0 else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """What the PSA holds, as one reading: everything a plan needs to know of it.

    `additions` has an entry for every agreement that was read, empty where it has no lines.
    """

    companies: Mapping[int, Company]
    agreements: Mapping[int, Agreement]
    items: Mapping[int, CatalogItem]
    additions: Mapping[int, tuple[Addition, ...]]


class Slot(NamedTuple):
    """(agreement, catalog item): the place of at most one managed addition."""

    agreement: int
    item: int


class Pair(NamedTuple):
    """(customer, vendor product): what is counted."""

    customer: str | None
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """An addition that this integration created or took over, as its last write left it.

    `origin` is what was counted into it; `next_invoice` is the agreement's at that write, by which a later
    run tells whether the period has been invoiced since.
    """

    addition: int
    slot: Slot
    quantity: Decimal
    source: Source
    period: Period
    next_invoice: date | None = None
    origin: tuple[Pair, ...] = ()
    firewall: bool = False
    cancelled_by_us: date | None = None
    bill_again: bool = False
    """A person decided that a line ended by somebody else may be created anew."""


# --- what a person decided ------------------------------------------------------------------------


class Combine(StrEnum):
    SUM = "sum"
    MAX = "max"
    MIN = "min"
    ALL_OF = "all-of"


class Rounding(StrEnum):
    NONE = "none"
    UP = "up"
    DOWN = "down"
    HALF_EVEN = "half-even"


class WhereNone(StrEnum):
    """What to do where no line stands: create one, or only ever take over existing ones."""

    CREATE = "create"
    ADOPT_ONLY = "adopt-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The quantity rule of a product mapping, applied per customer in the order of the fields."""

    combine: Combine = Combine.SUM
    multiply: Decimal = Decimal(1)
    included: Decimal = ZERO
    rounding: Rounding = Rounding.NONE
    step: Decimal = Decimal(1)
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One customer's exception to one product mapping."""

    customer: str
    item: int
    exclude: bool = False
    fixed: Decimal | None = None
    minimum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductMapping:
    """One or more vendor products → one catalog item."""

    item: int
    codes: tuple[str, ...]
    rule: Rule = Rule()
    where_none: WhereNone = WhereNone.CREATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An agreement's part: a percentage, or the first `first` units, or (neither) the rest."""

    agreement: int
    percent: Decimal | None = None
    first: Decimal | None = None


class ByRule(StrEnum):
    """How an agreement is found where nobody names it."""

    ONLY_ACTIVE = "only-active"
    TYPE = "type"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMapping:
    """Customer → company and agreement(s): by hand in `shares`, or by a rule on the company's agreements."""

    customer: str
    company: int
    shares: tuple[Share, ...] = ()
    by_rule: ByRule | None = None
    pattern: str = ""


class Mode(StrEnum):
    OBSERVE = "observe"
    REVIEW = "review"
    AUTOMATIC = "automatic"


class Vanish(StrEnum):
    """What happens to a managed line whose usage is absent from a complete report."""

    ZERO = "zero"
    CANCEL = "cancel"
    HOLD = "hold"


class QuantityField(StrEnum):
    BILLABLE = "billable"
    ACTUAL = "actual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The numbers of the guards; fractions, not percent, except where money is named."""

    usage_drop: Decimal = Decimal("0.5")
    going_down: Decimal = Decimal("0.3")
    set_to_zero: Decimal = Decimal("0.3")
    money_move: Decimal = Decimal("0.25")
    least_lines: int = 10
    slot_factor: Decimal = Decimal(3)
    slot_floor: Decimal = Decimal(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an integration is set to; `settings` in `store` says the name, default and sentence of each."""

    mode: Mode = Mode.OBSERVE
    quantity: QuantityField = QuantityField.BILLABLE
    vanish: Vanish = Vanish.ZERO
    decimals: int = 2
    currency: str = ""
    guards: Guards = Guards()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All that people decided and a plan depends on."""

    products: Mapping[str, VendorProduct] = field(default_factory=dict)
    product_sync: Mapping[str, bool] = field(default_factory=dict)
    customer_sync: Mapping[str, bool] = field(default_factory=dict)
    bill_anyway: frozenset[str] = frozenset()
    product_mappings: tuple[ProductMapping, ...] = ()
    customer_mappings: Mapping[str, CustomerMapping] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """History that a plan needs: what is managed, by whom else, and what the last complete reading held."""

    managed: Mapping[int, Managed] = field(default_factory=dict)
    """By addition id; only this integration's."""
    elsewhere: Mapping[int, str] = field(default_factory=dict)
    """Addition id → slug of the other integration that manages it."""
    last_lines: int | None = None
    """Number of lines of the last complete snapshot of the same source, None where there is none."""
    last_period: Period | None = None
    """Newest period ever applied by this integration from the same source."""
    touched_agreements: frozenset[int] = frozenset()
    """Agreements that were ever written to; a first write is held in automatic mode."""
    held_slots: frozenset[Slot] = frozenset()
    """Slots that an undo left held until a person releases them."""


# --- what comes out -------------------------------------------------------------------------------


class Skip(StrEnum):
    """Why a contribution never reached a slot."""

    NO_CUSTOMER = "no_customer"
    NOT_USAGE = "not_usage"
    CUSTOMER_NOT_MAPPED = "customer_not_mapped"
    CUSTOMER_OFF = "customer_off"
    PRODUCT_NOT_MAPPED = "product_not_mapped"
    PRODUCT_OFF = "product_off"
    ITEM_GONE = "item_gone"
    ITEM_INACTIVE = "item_inactive"
    COMPANY_GONE = "company_gone"
    COMPANY_INACTIVE = "company_inactive"
    AGREEMENT_GONE = "agreement_gone"
    AGREEMENT_ENDED = "agreement_ended"
    AGREEMENT_NOT_STARTED = "agreement_not_started"
    NO_AGREEMENT = "no_agreement"
    AGREEMENT_UNCLEAR = "agreement_unclear"
    EXCLUDED = "excluded"


class FindingKind(StrEnum):
    """What a person should know; sentences in `runs/advice.py`, reference in the docs."""

    UNASSIGNED_USAGE = "unassigned_usage"
    NOT_USAGE_CHARGED = "not_usage_charged"
    CUSTOMER_NOT_MAPPED = "customer_not_mapped"
    CUSTOMER_OFF = "customer_off"
    CUSTOMER_GONE = "customer_gone"
    PRODUCT_NOT_MAPPED = "product_not_mapped"
    PRODUCT_OFF = "product_off"
    ITEM_GONE = "item_gone"
    ITEM_INACTIVE = "item_inactive"
    COMPANY_GONE = "company_gone"
    COMPANY_INACTIVE = "company_inactive"
    AGREEMENT_GONE = "agreement_gone"
    AGREEMENT_ENDED = "agreement_ended"
    AGREEMENT_NOT_STARTED = "agreement_not_started"
    NO_AGREEMENT = "no_agreement"
    AGREEMENT_UNCLEAR = "agreement_unclear"
    SLOT_WAITS = "slot_waits"
    NOT_READ = "not_read"
    FIREWALL_LIVE = "firewall_live"
    BILLED_WITHOUT_USAGE = "billed_without_usage"
    STILL_BILLED = "still_billed"
    LINE_ENDED = "line_ended"
    NO_LINE_TO_ADOPT = "no_line_to_adopt"
    DUPLICATE_LINES = "duplicate_lines"
    OLDER_PERIOD = "older_period"
    INVOICED = "invoiced"
    PRICE_ZERO = "price_zero"
    NOT_BILLABLE = "not_billable"
    RENAMED_PRODUCT = "renamed_product"
    RENAMED_COMPANY = "renamed_company"
    RENAMED_CUSTOMER = "renamed_customer"
    RENAMED_ITEM = "renamed_item"
    SYNC_TURNED_OFF = "sync_turned_off"
    INVOICE_SOON = "invoice_soon"
    MISSED_SCHEDULE = "missed_schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a person should know. `money` is a month's, in `currency`; `fields` fill its sentence.

    Two findings with the same kind, customer, product, agreement, item and `mark` are one and the same thing
    seen twice.
    """

    kind: FindingKind
    customer: str | None = None
    product: str | None = None
    company: int | None = None
    agreement: int | None = None
    item: int | None = None
    mark: str = ""
    money: Decimal | None = None
    currency: str = ""
    since: date | None = None
    fields: tuple[tuple[str, str], ...] = ()


class HoldKind(StrEnum):
    """Why a plan or a slot waits for a person."""

    USAGE_EMPTY = "usage_empty"
    USAGE_HALVED = "usage_halved"
    MANY_DOWN = "many_down"
    MANY_ZEROED = "many_zeroed"
    MONEY_MOVES = "money_moves"
    JUMP = "jump"
    DUPLICATE_LINES = "duplicate_lines"
    MANAGED_ELSEWHERE = "managed_elsewhere"
    CURRENCY = "currency"
    FIRST_WRITE = "first_write"
    ADOPTION = "adoption"
    VANISHED = "vanished"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """`slot` is None where the whole plan waits."""

    kind: HoldKind
    slot: Slot | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        where = "plan" if self.slot is None else f"{self.slot.agreement}/{self.slot.item}"
        return f"{self.kind}@{where}"


class ChangeKind(StrEnum):
    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    ZERO = "zero"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One write that a plan proposes. `ground` is the standing line it was computed from, None for Create.

    `effective` is the first day of a new line, or the cancellation date of a Cancel. `reopen` removes a
    cancellation of our own that has not been reached. A mapping that moved makes a Zero and what takes its place:
    `after_zero` are the slots that must be 0 before this one is written, `makes_room_for` those that this Zero is for;
    while one of them waits for a person, so does the Zero.
    """

    slot: Slot
    kind: ChangeKind
    before: Decimal
    after: Decimal
    effective: date | None = None
    ground: Addition | None = None
    reopen: bool = False
    after_zero: tuple[Slot, ...] = ()
    makes_room_for: tuple[Slot, ...] = ()
    unit_price: Decimal = ZERO
    money_before: Decimal = ZERO
    money_after: Decimal = ZERO
    origin: tuple[Pair, ...] = ()
    firewall: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What every run accounts for: (customer, vendor product, slot or none) and what was counted.

    `quantity` is the vendor's, before any rule; None where it is unknown. Positional, because a run has as
    many of them as the vendor has lines.
    """

    customer: str | None
    code: str
    slot: Slot | None
    quantity: Decimal | None
    skip: Skip | None = None


class Outcome(StrEnum):
    DONE = "done"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    HELD = "held"
    SKIPPED = "skipped"
    STALE = "stale"
    REFUSED = "refused"
    FAILED = "failed"
