"""Reading both systems into one snapshot; the only verb that asks the vendor anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any

from django.db import transaction

from truecount.core.model import Billing, BillingType, Configuration, Source, Usage
from truecount.core.period import Period
from truecount.core.ports import Psa, UsageSource
from truecount.core.routes import Routes
from truecount.runs import labels
from truecount.runs.remote import Tape, connection_of, psa_of, source_of
from truecount.store.configurations import load_configuration
from truecount.store.models import Integration, Managed, Run, Snapshot
from truecount.store.snapshots import save_snapshot

Progress = Callable[[str, int, int], None]


def collect(run: Run, *, source: Source, period: Period, tape: Tape, now: datetime, progress: Progress) -> Snapshot:
    """One snapshot, or an error and nothing. Both systems are read at the same time."""
    integration = run.integration
    configuration = load_configuration(integration)
    managed = _managed_agreements(integration)
    with (
        source_of(integration, tape) as vendor,
        psa_of(integration, tape) as psa,
        ThreadPoolExecutor(max_workers=2, thread_name_prefix="collect") as pool,
    ):
        usage = pool.submit(read_usage, vendor, source, period, configuration)
        billing = pool.submit(read_billing, psa, configuration, managed)
        watch([usage, billing], tape, progress)
    return _save(integration, usage.result(), billing.result(), now)


def read_usage(vendor: UsageSource, source: Source, period: Period, configuration: Configuration) -> Usage:
    """The invoice is complete or an error; live readings are complete customer by customer."""
    customers = tuple(vendor.list_customers())
    if source is Source.INVOICE:
        return Usage(
            source=source,
            period=period,
            lines=tuple(vendor.list_usage(period)),
            customers=customers,
            firewalls=tuple(vendor.list_firewalls()),
        )
    billed = [c.id for c in customers if c.billing is BillingType.USAGE or c.id in configuration.bill_anyway]
    live = vendor.list_live_usage(billed)
    return Usage(source=source, period=period, lines=live.lines, customers=customers, unread=live.unread)


def read_billing(psa: Psa, configuration: Configuration, managed: frozenset[int]) -> Billing:
    """Companies, agreements and items in bulk; additions of the mapped agreements and of those with our lines."""
    companies = {company.id: company for company in psa.list_companies()}
    agreements = {agreement.id: agreement for agreement in psa.list_agreements()}
    items = {item.id: item for item in psa.list_catalog_items()}
    bare = Billing(companies=companies, agreements=agreements, items=items, additions={})
    mapped = Routes(configuration, bare, ()).agreements().keys()
    wanted = sorted(mapped | (managed & agreements.keys()))
    return Billing(companies=companies, agreements=agreements, items=items, additions=psa.list_additions(wanted))


def _managed_agreements(integration: Integration) -> frozenset[int]:
    identity = connection_of(integration, "psa").identity
    rows = Managed.objects.filter(integration=integration, identity=identity)
    return frozenset(rows.values_list("agreement", flat=True))


def watch(futures: Sequence[Future[Any]], tape: Tape, progress: Progress) -> None:
    """Tell how far it is until both are read; the first error ends it."""
    while True:
        done, pending = wait(futures, timeout=0.3, return_when=FIRST_EXCEPTION)
        progress("collect", sum(tape.reads.values()), 0)
        for future in done:
            future.result()
        if not pending:
            return


def _save(integration: Integration, usage: Usage, billing: Billing, now: datetime) -> Snapshot:
    with transaction.atomic():
        noticed = labels.refresh(integration, usage, billing, now)
        return save_snapshot(integration, usage, billing, now, noticed)
