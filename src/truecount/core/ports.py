"""What a connector promises: `UsageSource` for a vendor, `Psa` for a PSA. Contract tests hold every one to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from truecount.core.model import Addition, Agreement, CatalogItem, Company, Customer, Firewall, UsageLine
from truecount.core.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request and its answer, secrets redacted; `status` 0 where no answer came."""

    system: str
    method: str
    route: str
    status: int
    body: bytes
    at: datetime
    seconds: float
    write: bool


Recorder = Callable[[Exchange], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One permission in the PSA's own words, e.g. Finance / Agreements / Edit."""

    module: str
    function: str
    verb: str

    def __str__(self) -> str:
        return f"{self.module} / {self.function} / {self.verb}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a connection check found: who we are there, and which rights are missing or not needed."""

    identity: str
    missing: tuple[Right, ...] = ()
    excess: tuple[Right, ...] = ()
    notes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveUsage:
    """Licences in use now. `unread` are the customers whose answer could not be had; their use is unknown."""

    lines: tuple[UsageLine, ...]
    unread: frozenset[str]


class UsageSource(Protocol):
    """A vendor. Every method raises errors of `core/errors.py` and nothing else; reads are resent by itself."""

    def check(self) -> Checked: ...

    def list_customers(self) -> list[Customer]: ...

    def list_usage(self, period: Period) -> list[UsageLine]:
        """The whole billing report, or an error: `NotReady` where there is none, `Unexpected` if cut short."""

    def list_live_usage(self, customers: Iterable[str]) -> LiveUsage:
        """Licences of type usage with their current count; one customer's failure makes only it unread."""

    def list_firewalls(self) -> list[Firewall]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddition:
    """What a new line needs; price and texts come from the PSA's catalog."""

    agreement: int
    item: int
    quantity: Decimal
    effective: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditionEdit:
    """What an update sends: only what is not None; `reopen` removes the cancellation date."""

    quantity: Decimal | None = None
    cancelled: date | None = None
    reopen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A row of a setup table: id, name, and the id of the row it belongs to (a subcategory's category)."""

    id: int
    name: str
    parent: int | None = None
    active: bool = True
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupTables:
    """What a catalog item may be filled in with."""

    categories: tuple[Choice, ...]
    subcategories: tuple[Choice, ...]
    types: tuple[Choice, ...]
    units: tuple[Choice, ...]
    billing_cycles: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEdit:
    """Fields of a catalog item to create or change; None leaves a field alone. References are setup-table ids."""

    identifier: str | None = None
    description: str | None = None
    customer_description: str | None = None
    category: int | None = None
    subcategory: int | None = None
    type: int | None = None
    item_class: str | None = None
    unit: int | None = None
    price: Decimal | None = None
    cost: Decimal | None = None
    taxable: bool | None = None
    recurring: bool | None = None
    billing_cycle: int | None = None
    vendor_sku: str | None = None


class Psa(Protocol):
    """A PSA. Reads are resent by themselves, writes never.

    A write raises `RetryLater` with `certain` telling whether it surely had no effect, and is not sent at all
    (`RetryLater`, certain) once `deadline`, a reading of `time.monotonic`, has passed.
    """

    def check(self) -> Checked: ...

    def identity(self) -> str:
        """Host and company: what an addition id is unique within."""

    def list_companies(self) -> list[Company]: ...

    def list_agreements(self) -> list[Agreement]: ...

    def list_catalog_items(self) -> list[CatalogItem]: ...

    def list_additions(self, agreements: Iterable[int]) -> dict[int, tuple[Addition, ...]]:
        """All lines, ended ones included, of each agreement; agreements that are gone (404) are left out."""

    def get_catalog_item(self, item: int) -> CatalogItem: ...

    def find_catalog_items(self, text: str) -> list[CatalogItem]:
        """Items whose identifier or description contains the text, read now; at most 50."""

    def list_setup(self) -> SetupTables: ...

    def create_addition(self, new: NewAddition, *, deadline: float) -> Addition: ...

    def update_addition(self, agreement: int, addition: int, edit: AdditionEdit, *, deadline: float) -> Addition: ...

    def create_catalog_item(self, edit: ItemEdit) -> CatalogItem: ...

    def update_catalog_item(self, item: int, edit: ItemEdit, *, seen: str) -> CatalogItem:
        """Refused with `Stale` (edited_meanwhile) when the item's `updated` is no longer `seen`."""

    def close(self) -> None: ...
