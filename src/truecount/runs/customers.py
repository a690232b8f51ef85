"""All that people decided about one customer as one value: changed as a whole, never over somebody else’s change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction

from truecount.core import model
from truecount.core.errors import ErrorCode, Stale
from truecount.core.model import ByRule, Override, Share
from truecount.core.roles import Action
from truecount.core.routes import fits
from truecount.runs import configure
from truecount.runs.audit import require
from truecount.store.configurations import load_customer_mapping, load_overrides
from truecount.store.labels import agreement_from
from truecount.store.models import Agreement, Customer, Integration, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """A customer's mapping, switches and exceptions. `company` is None where it is not mapped."""

    company: int | None = None
    shares: tuple[Share, ...] = ()
    by_rule: ByRule | None = None
    pattern: str = ""
    sync: bool = True
    bill_anyway: bool = False
    overrides: tuple[Override, ...] = ()

    @property
    def mapping(self) -> tuple[int | None, tuple[Share, ...], ByRule | None, str]:
        return self.company, self.shares, self.by_rule, self.pattern

    @property
    def mark(self) -> str:
        """Another one as soon as anything differs; a form carries that of what it showed."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:20]


def decisions_about(integration: Integration, vendor_id: str) -> Decisions:
    customer = Customer.objects.get(integration=integration, vendor_id=vendor_id)
    mapping = load_customer_mapping(integration, vendor_id)
    return Decisions(
        company=mapping.company if mapping else None,
        shares=mapping.shares if mapping else (),
        by_rule=mapping.by_rule if mapping else None,
        pattern=mapping.pattern if mapping else "",
        sync=customer.sync,
        bill_anyway=customer.bill_anyway,
        overrides=load_overrides(integration, customer=vendor_id),
    )


@transaction.atomic
def decide_about(
    integration: Integration, vendor_id: str, wanted: Decisions, *, seen: str, by: User | None, now: datetime
) -> bool:
    """Keep all of it or nothing; False where it stands so already. `Stale` when it is no longer what was seen."""
    require(by, Action.MAP)
    Customer.objects.select_for_update().get(integration=integration, vendor_id=vendor_id)
    standing = decisions_about(integration, vendor_id)
    if standing == wanted:
        return False
    if standing.mark != seen:
        raise Stale(ErrorCode.EDITED_MEANWHILE, customer=vendor_id)
    if standing.mapping != wanted.mapping:
        _map(integration, vendor_id, wanted, by, now)
    configure.switch_customer(integration, vendor_id, wanted.sync, by=by, now=now)
    configure.bill_anyway(integration, vendor_id, wanted.bill_anyway, by=by, now=now)
    _override(integration, vendor_id, standing, wanted, by, now)
    return True


def _map(integration: Integration, vendor_id: str, wanted: Decisions, by: User | None, now: datetime) -> None:
    if wanted.company is None:
        configure.unmap_customer(integration, vendor_id, by=by, now=now)
        return
    configure.map_customer(
        integration,
        vendor_id,
        wanted.company,
        wanted.shares,
        by_rule=wanted.by_rule,
        pattern=wanted.pattern,
        by=by,
        now=now,
    )


def _override(
    integration: Integration, vendor_id: str, standing: Decisions, wanted: Decisions, by: User | None, now: datetime
) -> None:
    before = {one.item: one for one in standing.overrides}
    after = {one.item: one for one in wanted.overrides}
    for item in before.keys() - after.keys():
        configure.drop_override(integration, vendor_id, item, by=by, now=now)
    for item, override in after.items():
        if before.get(item) != override:
            configure.map_override(integration, override, by=by, now=now)


def found_by_rule(integration: Integration, company: int, rule: ByRule, pattern: str) -> list[Agreement]:
    """The company's active agreements that a rule means now."""
    mapping = model.CustomerMapping(customer="", company=company, by_rule=rule, pattern=pattern)
    active = Agreement.objects.filter(integration=integration, company=company, state="active", gone_since=None)
    return [row for row in active.order_by("psa_id") if fits(mapping, agreement_from(row))]


@transaction.atomic
def switch_customers(
    integration: Integration, vendor_ids: Iterable[str], on: bool, *, by: User | None, now: datetime
) -> int:
    """Usage sync of several customers at once, all or none; returns how many were switched."""
    require(by, Action.SWITCH)
    wanted = list(dict.fromkeys(vendor_ids))
    before = dict(
        Customer.objects.filter(integration=integration, vendor_id__in=wanted).values_list("vendor_id", "sync")
    )
    for vendor_id in wanted:
        configure.switch_customer(integration, vendor_id, on, by=by, now=now)
    return sum(sync != on for sync in before.values())
