"""Putting runs on the queue, for the pages and the schedule; the worker does them."""

from __future__ import annotations

from django.db import transaction
from procrastinate import exceptions

from truecount.core.errors import Busy, ErrorCode
from truecount.core.model import Source
from truecount.core.period import Period
from truecount.runs import tasks
from truecount.runs.flow import begin
from truecount.store.models import Integration, Plan, Run, User


def begin_sync(
    integration: Integration,
    *,
    by: User | None,
    trigger: str = "person",
    period: Period | None = None,
    source: Source | None = None,
) -> Run:
    """A sync, queued; `Busy` when one is queued already."""
    with transaction.atomic():
        run = begin(integration, "sync", by=by, trigger=trigger, period=period, source=source, state="queued")
        _defer(run)
    return run


def begin_reading_labels(integration: Integration, side: str) -> None:
    """Reading what a system just connected has to map to, queued; reading twice does no harm."""
    tasks.read_labels.defer(integration=integration.pk, side=side)


def begin_apply(plan: Plan, *, by: User | None) -> Run:
    """Applying an approved plan, queued."""
    with transaction.atomic():
        run = begin(plan.integration, "apply", by=by, plan=plan, state="queued")
        _defer(run)
    return run


def begin_refresh(integration: Integration, *, by: User | None) -> Run:
    """Reading the vendor's customers, and the PSA's companies and agreements; queued."""
    with transaction.atomic():
        run = begin(integration, "refresh", by=by, state="queued")
        _defer(run)
    return run


def _defer(run: Run) -> None:
    queueing_lock = f"integration-{run.integration_id}"
    try:
        tasks.execute_run.configure(queueing_lock=queueing_lock).defer(run=run.pk)
    except exceptions.AlreadyEnqueued:
        raise Busy(ErrorCode.BUSY, integration=run.integration.slug, run="?", who="?", since="?", where="?") from None
