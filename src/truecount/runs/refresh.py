"""Refresh customer details: the vendor's customers and the PSA's companies and agreements read anew, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from django.db import transaction

from truecount.core.errors import Trouble
from truecount.core.model import Billing
from truecount.core.roles import Action
from truecount.runs import labels
from truecount.runs.audit import record, require
from truecount.runs.collect import Progress, watch
from truecount.runs.remote import Tape, hasty, psa_of, source_of
from truecount.store.models import Agreement, Company, Customer, Integration, Run, User

ACT = "refresh_customers"


def refresh_customers(run: Run, *, tape: Tape, now: datetime, progress: Progress) -> dict[str, int]:
    """Bring the labels up to date, all or none; what was found goes into the audit trail and is returned."""
    integration = run.integration
    with (
        source_of(integration, tape) as vendor,
        psa_of(integration, tape) as psa,
        ThreadPoolExecutor(max_workers=3, thread_name_prefix="refresh") as pool,
    ):
        customers = pool.submit(vendor.list_customers)
        companies, agreements = pool.submit(psa.list_companies), pool.submit(psa.list_agreements)
        watch([customers, companies, agreements], tape, progress)
    billing = Billing(
        companies={company.id: company for company in companies.result()},
        agreements={agreement.id: agreement for agreement in agreements.result()},
        items={},
        additions={},
    )
    with transaction.atomic():
        before = _customers(integration)
        labels.refresh_customers(integration, customers.result(), now)
        labels.refresh_companies(integration, billing, now)
        after = _customers(integration)
        found = {
            "customers": len(after),
            "new": len(after - before),
            "gone": len(before - after),
            "companies": Company.objects.filter(integration=integration, gone_since=None).count(),
            "agreements": Agreement.objects.filter(integration=integration, gone_since=None).count(),
        }
        record("refresh_customers", integration.slug, by=run.by, now=now, integration=integration, after=found)
    return found


def know_agreements(
    integration: Integration, company: int, agreements: Iterable[int], *, by: User | None, now: datetime
) -> None:
    """Read the PSA's companies and agreements where the local copy lacks one of these. Where they can't be had,
    whoever needs them will say so."""
    require(by, Action.MAP)
    wanted = set(agreements)
    known = Agreement.objects.filter(integration=integration, psa_id__in=wanted, gone_since=None).count()
    if known == len(wanted) and Company.objects.filter(integration=integration, psa_id=company, gone_since=None):
        return
    with suppress(Trouble), psa_of(integration, Tape(), hasty) as psa:
        billing = Billing(
            companies={one.id: one for one in psa.list_companies()},
            agreements={one.id: one for one in psa.list_agreements()},
            items={},
            additions={},
        )
        with transaction.atomic():
            labels.refresh_companies(integration, billing, now)


def _customers(integration: Integration) -> set[str]:
    rows = Customer.objects.filter(integration=integration, gone_since=None)
    return set(rows.values_list("vendor_id", flat=True))
