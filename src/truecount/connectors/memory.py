"""A vendor and a PSA in memory, for tests of whatever uses the ports; they keep the same contract as the real ones.

What they hold is open to tests, which may change it between two calls as a person would. A failure that was asked
for strikes the next call of its side, once:

    psa = MemoryPsa()
    psa.fail_next("uncertain-done")
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from threading import RLock
from typing import Any

from truecount.core.errors import ErrorCode, NotReady, Refused, RetryLater, Stale, Trouble, Unexpected
from truecount.core.model import (
    Addition,
    Agreement,
    AgreementState,
    BillingType,
    CatalogItem,
    Company,
    Customer,
    Firewall,
    UsageLine,
)
from truecount.core.period import Period
from truecount.core.ports import (
    AdditionEdit,
    Checked,
    Choice,
    ItemEdit,
    LiveUsage,
    NewAddition,
    Right,
    SetupTables,
)


class Failure(StrEnum):
    """What the next call meets. The uncertain ones are the same to the caller and differ in what was done."""

    REFUSED = "refused"
    WRONG_CREDENTIALS = "wrong-credentials"
    MISSING_RIGHT = "missing-right"
    CERTAIN = "certain"
    UNREACHABLE = "unreachable"
    UNCERTAIN_NOT_DONE = "uncertain-not-done"
    UNCERTAIN_DONE = "uncertain-done"
    MALFORMED = "malformed"
    """For a read: not understood. For a write: done, and the answer not understood."""
    CUT_SHORT = "cut-short"


class Failures:
    """The failures that wait for their turn."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._waiting: deque[Failure] = deque()

    def add(self, failure: Failure | str, times: int = 1) -> None:
        self._waiting.extend([Failure(failure)] * times)

    def take(self) -> Failure | None:
        return self._waiting.popleft() if self._waiting else None

    def clear(self) -> None:
        self._waiting.clear()

    def of_read(self, failure: Failure) -> Trouble:
        match failure:
            case Failure.MALFORMED:
                return Unexpected(ErrorCode.NOT_UNDERSTOOD, system=self._system, what="JSON")
            case Failure.CUT_SHORT:
                return Unexpected(ErrorCode.CUT_SHORT, system=self._system)
            case Failure.UNCERTAIN_DONE | Failure.UNCERTAIN_NOT_DONE:
                return RetryLater(ErrorCode.TIMED_OUT, certain=True, system=self._system)
            case _:
                return self._of_both(failure)

    def of_write(self, failure: Failure) -> Trouble:
        match failure:
            case Failure.WRONG_CREDENTIALS:
                return RetryLater(ErrorCode.WRONG_CREDENTIALS, certain=True, system=self._system, status=401)
            case Failure.MALFORMED | Failure.CUT_SHORT:
                return RetryLater(ErrorCode.NOT_UNDERSTOOD, certain=False, system=self._system)
            case Failure.UNCERTAIN_DONE | Failure.UNCERTAIN_NOT_DONE:
                return RetryLater(ErrorCode.TIMED_OUT, certain=False, system=self._system)
            case _:
                return self._of_both(failure)

    def _of_both(self, failure: Failure) -> Trouble:
        match failure:
            case Failure.CERTAIN:
                return RetryLater(ErrorCode.RATE_LIMITED, after=1.0, certain=True, system=self._system)
            case Failure.UNREACHABLE:
                return RetryLater(ErrorCode.UNREACHABLE, certain=True, system=self._system)
            case Failure.WRONG_CREDENTIALS:
                return Refused(ErrorCode.WRONG_CREDENTIALS, system=self._system, status=401)
            case Failure.MISSING_RIGHT:
                return Refused(ErrorCode.MISSING_RIGHT, system=self._system, status=403)
            case _:
                return _refused(self._system, "refused as asked", {})


DONE = frozenset({Failure.UNCERTAIN_DONE, Failure.MALFORMED, Failure.CUT_SHORT})
"""Failures of a write that was carried out."""


def _refused(system: str, message: str, errors: dict[str, str]) -> Refused:
    return Refused(ErrorCode.INVALID, system=system, status=400, message=message, errors=errors)


def _not_found(system: str, what: str, id: object) -> Refused:
    return Refused(ErrorCode.NOT_FOUND, system=system, status=404, message=f"{what} {id} not found")


# --- a vendor -------------------------------------------------------------------------------------


class MemorySource:
    """A `UsageSource`. A month that is not in `reports` is not ready; `live` has the licences by customer."""

    system = "Memory vendor"

    def __init__(
        self,
        *,
        customers: Iterable[Customer] = (),
        reports: dict[Period, list[UsageLine]] | None = None,
        live: dict[str, list[UsageLine]] | None = None,
        firewalls: Iterable[Firewall] = (),
    ) -> None:
        self.customers = {one.id: one for one in customers}
        self.reports = reports or {}
        self.live = live or {}
        self.firewalls = {one.serial: one for one in firewalls}
        self.unread: set[str] = set()
        """Customers whose licences can't be had."""
        self.missing: tuple[Right, ...] = ()
        self.reads = 0
        self._failures = Failures(self.system)
        self._lock = RLock()

    def fail_next(self, failure: Failure | str, times: int = 1) -> None:
        self._failures.add(failure, times)

    def works_again(self) -> None:
        """Forget failures that have not struck yet."""
        self._failures.clear()

    def add_customer(self, id: str, name: str = "", billing: BillingType = BillingType.USAGE) -> Customer:
        made = Customer(id=id, name=name or id, billing=billing)
        self.customers[id] = made
        return made

    def check(self) -> Checked:
        with self._read():
            return Checked(identity="memory", missing=self.missing)

    def list_customers(self) -> list[Customer]:
        with self._read():
            return list(self.customers.values())

    def list_usage(self, period: Period) -> list[UsageLine]:
        with self._read():
            if period not in self.reports:
                raise NotReady(ErrorCode.NOT_READY, system=self.system, period=period)
            return list(self.reports[period])

    def list_live_usage(self, customers: Iterable[str]) -> LiveUsage:
        with self._read():
            asked = list(dict.fromkeys(customers))
            read = [one for one in asked if one not in self.unread]
            return LiveUsage(
                lines=tuple(line for one in read for line in self.live.get(one, [])),
                unread=frozenset(asked) - frozenset(read),
            )

    def list_firewalls(self) -> list[Firewall]:
        with self._read():
            return list(self.firewalls.values())

    def close(self) -> None:
        pass

    @contextmanager
    def _read(self) -> Iterator[None]:
        with self._lock:
            self.reads += 1
            failure = self._failures.take()
            if failure is not None:
                raise self._failures.of_read(failure)
            yield


# --- a PSA ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write that was carried out, whether or not its caller learned of it."""

    method: str
    addition: int | None = None
    item: int | None = None


class MemoryPsa:
    """A `Psa`. `written` has every write that was carried out, `attempts` counts those that were sent."""

    system = "Memory PSA"

    def __init__(self, *, name: str = "memory/test", now: Callable[[], float] = time.monotonic) -> None:
        self.companies: dict[int, Company] = {}
        self.agreements: dict[int, Agreement] = {}
        self.items: dict[int, CatalogItem] = {}
        self.additions: dict[int, Addition] = {}
        self.setup = SetupTables(
            categories=(Choice(id=1, name="Software", default=True),),
            subcategories=(Choice(id=1, name="Security", parent=1, default=True),),
            types=(Choice(id=1, name="Non-inventory", default=True),),
            units=(Choice(id=1, name="Each", default=True),),
            billing_cycles=(Choice(id=2, name="Monthly", default=True),),
        )
        self.missing: tuple[Right, ...] = ()
        self.excess: tuple[Right, ...] = ()
        self.written: list[Written] = []
        self.attempts = 0
        self.reads = 0
        self._name = name
        self._now = now
        self._changes = 0
        self._last_id = 0
        self._failures = Failures(self.system)
        self._write_failures = Failures(self.system)
        self._lock = RLock()

    # --- what a test does -------------------------------------------------------------------------

    @property
    def writes(self) -> int:
        return len(self.written)

    def fail_next(self, failure: Failure | str, times: int = 1) -> None:
        """The next write fails."""
        self._write_failures.add(failure, times)

    def fail_next_read(self, failure: Failure | str, times: int = 1) -> None:
        self._failures.add(failure, times)

    def works_again(self) -> None:
        """Forget failures that have not struck yet."""
        self._failures.clear()
        self._write_failures.clear()

    def add_company(self, name: str = "", *, active: bool = True) -> Company:
        id = self._next_id()
        name = name or f"Company {id}"
        self.companies[id] = Company(id=id, identifier=f"C{id}", name=name, active=active)
        return self.companies[id]

    def add_agreement(
        self, company: int, name: str = "Managed services", *, next_invoice: date | None = None, currency: str = ""
    ) -> Agreement:
        id = self._next_id()
        self.agreements[id] = Agreement(
            id=id,
            name=name,
            company=company,
            next_invoice=next_invoice,
            invoiced_to=next_invoice,
            currency=currency,
        )
        return self.agreements[id]

    def add_item(self, identifier: str = "", **fields: Any) -> CatalogItem:
        id = self._next_id()
        identifier = identifier or f"ITEM-{id}"
        made = CatalogItem(id=id, identifier=identifier, description=identifier, updated=self._mark())
        self.items[id] = replace(made, **fields)
        return self.items[id]

    def add_line(self, agreement: int, item: int, **fields: Any) -> Addition:
        """A line that somebody entered by hand; not counted as a write."""
        made = Addition(id=self._next_id(), agreement=agreement, item=item, quantity=Decimal(1))
        self.additions[made.id] = replace(made, **fields)
        return self.additions[made.id]

    def edit_line(self, addition: int, **fields: Any) -> Addition:
        """A change by hand; not counted as a write."""
        line = self.additions[addition]
        self.additions[addition] = replace(line, **fields)
        return self.additions[addition]

    # --- the port ---------------------------------------------------------------------------------

    def check(self) -> Checked:
        with self._read():
            return Checked(identity=self._name, missing=self.missing, excess=self.excess)

    def identity(self) -> str:
        return self._name

    def list_companies(self) -> list[Company]:
        with self._read():
            return list(self.companies.values())

    def list_agreements(self) -> list[Agreement]:
        with self._read():
            return list(self.agreements.values())

    def list_catalog_items(self) -> list[CatalogItem]:
        with self._read():
            return list(self.items.values())

    def list_additions(self, agreements: Iterable[int]) -> dict[int, tuple[Addition, ...]]:
        with self._read():
            known = [one for one in dict.fromkeys(agreements) if one in self.agreements]
            lines: dict[int, list[Addition]] = {one: [] for one in known}
            for line in self.additions.values():
                if line.agreement in lines:
                    lines[line.agreement].append(line)
            return {one: tuple(found) for one, found in lines.items()}

    def get_catalog_item(self, item: int) -> CatalogItem:
        with self._read():
            return self._item(item)

    def find_catalog_items(self, text: str) -> list[CatalogItem]:
        with self._read():
            sought = text.strip().lower()
            fit = (
                one
                for one in self.items.values()
                if sought and (sought in one.identifier.lower() or sought in one.description.lower())
            )
            return sorted(fit, key=lambda one: one.identifier)[:50]

    def list_setup(self) -> SetupTables:
        with self._read():
            return self.setup

    def create_addition(self, new: NewAddition, *, deadline: float) -> Addition:
        with self._lock:
            failure = self._begin(deadline)
            agreement, item = self._writable(new.agreement), self._sellable(new.item)
            if agreement.billing_starts is not None and new.effective < agreement.billing_starts:
                message = "effectiveDate cannot be less than the agreement billing start date"
                raise _refused(self.system, "addition object is invalid", {"effective": message})
            made = Addition(
                id=self._next_id(),
                agreement=new.agreement,
                item=new.item,
                quantity=new.quantity,
                unit_price=item.price,
                unit_cost=item.cost,
                effective=new.effective,
                description=item.description,
            )
            self._check_quantity(made)
            return self._carry_out("POST", made, failure)

    def update_addition(self, agreement: int, addition: int, edit: AdditionEdit, *, deadline: float) -> Addition:
        with self._lock:
            failure = self._begin(deadline)
            self._writable(agreement)
            line = self.additions.get(addition)
            if line is None or line.agreement != agreement:
                raise _not_found(self.system, "Addition", addition)
            quantity = line.quantity if edit.quantity is None else edit.quantity
            cancelled = None if edit.reopen else line.cancelled
            edited = replace(line, quantity=quantity, cancelled=edit.cancelled or cancelled)
            self._check_quantity(edited)
            return self._carry_out("PATCH", edited, failure)

    def create_catalog_item(self, edit: ItemEdit) -> CatalogItem:
        with self._lock:
            failure = self._begin(None)
            self._check_item(edit, new=True)
            blank = CatalogItem(id=self._next_id(), identifier="", description="")
            return self._carry_out_item("POST", self._filled(blank, edit), failure)

    def update_catalog_item(self, item: int, edit: ItemEdit, *, seen: str) -> CatalogItem:
        with self._lock:
            fresh = self._item(item)
            if fresh.updated != seen:
                raise Stale(ErrorCode.EDITED_MEANWHILE, system=self.system, item=item, seen=seen, found=fresh.updated)
            failure = self._begin(None)
            self._check_item(edit, new=False, own=item)
            return self._carry_out_item("PATCH", self._filled(fresh, edit), failure)

    def close(self) -> None:
        pass

    # --- how --------------------------------------------------------------------------------------

    @contextmanager
    def _read(self) -> Iterator[None]:
        with self._lock:
            self.reads += 1
            failure = self._failures.take()
            if failure is not None:
                raise self._failures.of_read(failure)
            yield

    def _begin(self, deadline: float | None) -> Failure | None:
        """A failure that leaves the write undone is raised here, one that does not is returned."""
        if deadline is not None and self._now() >= deadline:
            raise RetryLater(ErrorCode.TIMED_OUT, certain=True, system=self.system)
        self.attempts += 1
        failure = self._write_failures.take()
        if failure is None or failure in DONE:
            return failure
        raise self._write_failures.of_write(failure)

    def _carry_out(self, method: str, line: Addition, failure: Failure | None) -> Addition:
        self.additions[line.id] = line
        self.written.append(Written(method=method, addition=line.id))
        if failure is not None:
            raise self._write_failures.of_write(failure)
        return line

    def _carry_out_item(self, method: str, item: CatalogItem, failure: Failure | None) -> CatalogItem:
        self.items[item.id] = item
        self.written.append(Written(method=method, item=item.id))
        if failure is not None:
            raise self._write_failures.of_write(failure)
        return item

    def _item(self, item: int) -> CatalogItem:
        if item not in self.items:
            raise _not_found(self.system, "CatalogItem", item)
        return self.items[item]

    def _writable(self, agreement: int) -> Agreement:
        """Ended agreements take no lines (facts: ConnectWise §13, C-30)."""
        found = self.agreements.get(agreement)
        if found is None:
            raise _not_found(self.system, "Agreement", agreement)
        if found.state in (AgreementState.CANCELLED, AgreementState.EXPIRED):
            raise _refused(self.system, f"Agreement is {found.state}", {"agreement": f"is {found.state}"})
        return found

    def _sellable(self, item: int) -> CatalogItem:
        """Bundles and inactive items can't be lines (facts: ConnectWise §7.1, C-29)."""
        found = self.items.get(item)
        if found is None:
            raise _refused(self.system, "addition object is invalid", {"item": f"Product {item} not found"})
        if not found.billable or not found.active:
            raise _refused(self.system, "addition object is invalid", {"item": f"{found.identifier} can't be used"})
        return found

    def _check_quantity(self, line: Addition) -> None:
        if line.quantity < 0:
            raise _refused(self.system, "addition object is invalid", {"quantity": "must not be negative"})

    def _check_item(self, edit: ItemEdit, *, new: bool, own: int | None = None) -> None:
        needed = ("identifier", "description", "subcategory", "type") if new else ()
        errors = {name: f"{name} is required." for name in needed if getattr(edit, name) is None}
        if edit.identifier and any(
            one.identifier.lower() == edit.identifier.lower() and one.id != own for one in self.items.values()
        ):
            errors["identifier"] = "Product ID already in use."
        if edit.identifier and len(edit.identifier) > 75:
            errors["identifier"] = "must be a string with a maximum length of 75."
        if errors:
            raise _refused(self.system, "catalogItem object is invalid", errors)

    def _filled(self, item: CatalogItem, edit: ItemEdit) -> CatalogItem:
        setup = self.setup
        given = {
            "identifier": edit.identifier,
            "description": edit.description,
            "customer_description": edit.customer_description,
            "category": _name(setup.categories, edit.category),
            "subcategory": _name(setup.subcategories, edit.subcategory),
            "type": _name(setup.types, edit.type),
            "item_class": edit.item_class,
            "unit": _name(setup.units, edit.unit),
            "price": edit.price,
            "cost": edit.cost,
            "taxable": edit.taxable,
            "recurring": edit.recurring,
            "billing_cycle": _name(setup.billing_cycles, edit.billing_cycle),
            "vendor_sku": edit.vendor_sku,
        }
        fields: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if not item.customer_description:
            fields.setdefault("customer_description", edit.description or "")
        return replace(item, **fields, updated=self._mark())

    def _next_id(self) -> int:
        """Ids of deleted records don't come back, whoever put them there."""
        known = (max(records, default=0) for records in (self.companies, self.agreements, self.items, self.additions))
        self._last_id = max(self._last_id, *known) + 1
        return self._last_id

    def _mark(self) -> str:
        self._changes += 1
        return str(date(2026, 1, 1) + timedelta(days=self._changes))


def _name(choices: Iterable[Choice], id: int | None) -> str | None:
    return next((one.name for one in choices if one.id == id), None)
