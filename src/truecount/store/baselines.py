"""The history that a plan needs, from rows to the core's Baseline."""

from __future__ import annotations

from collections.abc import Iterable

from truecount.core import model
from truecount.core.period import Period
from truecount.store.models import Integration, Managed, Snapshot


def load_baseline(integration: Integration, identity: str, snapshot: Snapshot) -> model.Baseline:
    """What is managed by whom, and the number of lines of the complete snapshot before this one."""
    mine = Managed.objects.filter(integration=integration, identity=identity)
    others = Managed.objects.filter(identity=identity).exclude(integration=integration).select_related("integration")
    last = (
        Snapshot.objects.filter(
            integration=integration, source=snapshot.source, complete=True, lines__gt=0, taken_at__lt=snapshot.taken_at
        )
        .order_by("-taken_at")
        .first()
    )
    managed = {row.addition: managed_from(row) for row in mine}
    periods = [line.period for line in managed.values() if line.source == snapshot.source]
    return model.Baseline(
        managed=managed,
        elsewhere={row.addition: row.integration.slug for row in others},
        last_lines=last.lines if last else None,
        last_period=max(periods, default=None),
        touched_agreements=frozenset(line.slot.agreement for line in managed.values()),
    )


def save_agreed(integration: Integration, identity: str, lines: Iterable[model.Managed]) -> None:
    """Keep period, source, invoice date and origin of lines that needed no write."""
    agreed = {line.addition: line for line in lines}
    rows = list(Managed.objects.filter(integration=integration, identity=identity, addition__in=agreed))
    for row in rows:
        line = agreed[row.addition]
        row.period, row.source, row.next_invoice = str(line.period), str(line.source), line.next_invoice
        row.origin = [list(pair) for pair in line.origin]
    Managed.objects.bulk_update(rows, ["period", "source", "next_invoice", "origin"], batch_size=1000)


def managed_from(row: Managed) -> model.Managed:
    return model.Managed(
        addition=row.addition,
        slot=model.Slot(row.agreement, row.item),
        quantity=row.quantity,
        source=model.Source(row.source),
        period=Period.parse(row.period),
        next_invoice=row.next_invoice,
        origin=tuple(model.Pair(customer, code) for customer, code in row.origin),
        firewall=row.firewall,
        cancelled_by_us=row.cancelled_by_us,
        bill_again=row.bill_again,
    )
