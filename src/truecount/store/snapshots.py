"""Usage snapshots to and from rows: what both systems told, and its units by vendor product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from truecount.core import months
from truecount.core.model import Billing, Finding, QuantityField, Source, Usage
from truecount.core.period import Period
from truecount.core.plan import plain
from truecount.store.documents import pack, unpack
from truecount.store.models import Integration, Snapshot


def save_snapshot(
    integration: Integration, usage: Usage, billing: Billing, now: datetime, noticed: Iterable[Finding] = ()
) -> Snapshot:
    """`noticed` are findings of the reading itself, such as a new name."""
    return Snapshot.objects.create(
        integration=integration,
        source=str(usage.source),
        period=str(usage.period),
        complete=usage.complete and not usage.unread,
        lines=len(usage.lines),
        units={str(field): _units(usage, field) for field in QuantityField},
        taken_at=now,
        usage=pack(usage),
        billing=pack(billing),
        noticed=msgspec.to_builtins(list(noticed), builtin_types=()),
    )


def save_read_again(before: Snapshot, billing: Billing, now: datetime) -> Snapshot:
    """The same usage over lines that were read once more."""
    return Snapshot.objects.create(
        integration=before.integration,
        source=before.source,
        period=before.period,
        complete=before.complete,
        lines=before.lines,
        units=before.units,
        taken_at=now,
        usage=before.usage,
        billing=pack(billing),
    )


def load_usage_before(snapshot: Snapshot) -> Usage | None:
    """The newest complete reading of the month before, from the same source; None where there is none."""
    earlier = str(Period.parse(snapshot.period).plus(-1))
    rows = Snapshot.objects.filter(
        integration=snapshot.integration_id, source=snapshot.source, period=earlier, complete=True
    )
    last = rows.order_by("-taken_at", "-pk").values_list("usage", flat=True).first()
    return None if last is None else unpack(last, Usage)


def load_units(integration: Integration, source: Source, field: QuantityField) -> dict[str, Mapping[str, Decimal]]:
    """By month and vendor product, from the newest complete reading of each month. What was not counted is missing."""
    rows = Snapshot.objects.filter(integration=integration, source=str(source), complete=True)
    newest = rows.order_by("period", "-taken_at", "-pk").distinct("period").values_list("period", "units")
    return {period: {code: Decimal(number) for code, number in told.get(field, {}).items()} for period, told in newest}


def _units(usage: Usage, field: QuantityField) -> dict[str, str]:
    counted = months.by_product(months.units(usage.lines, field))
    return {code: plain(number) for code, number in counted.items()}
