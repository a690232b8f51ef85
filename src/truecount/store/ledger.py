"""Appending to the ledger, its hash chain, and the open intents: events sent whose fate is not known."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Now

from truecount.core.model import Slot
from truecount.store.models import Integration, LedgerEvent, Run

_FIRST = "0" * 64


def save_event(run: Run, kind: str, write: uuid.UUID, slot: Slot, told: Mapping[str, Any], at: datetime) -> LedgerEvent:
    """Append one event. Must run inside a transaction: writers of one integration take turns in it."""
    lock_integration(run.integration_id)
    last = LedgerEvent.objects.filter(integration_id=run.integration_id).order_by("-number").first()
    event = LedgerEvent(
        integration_id=run.integration_id,
        number=last.number + 1 if last else 1,
        kind=kind,
        write=write,
        run=run,
        agreement=slot.agreement,
        item=slot.item,
        told=dict(told),
        at=at,
        previous=last.hash if last else _FIRST,
    )
    event.hash = hash_of(event)
    event.save(force_insert=True)
    return event


def lock_integration(ident: int) -> Integration:
    """The integration's row, kept by this transaction: writers take turns, references to it are not in the way."""
    return Integration.objects.select_for_update(no_key=True).get(pk=ident)


def hash_of(event: LedgerEvent) -> str:
    """SHA-256 over everything the event says and the hash of the one before it."""
    said = [
        event.integration_id,
        event.number,
        event.kind,
        str(event.write),
        event.run_id,
        event.agreement,
        event.item,
        event.told,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.previous,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken(integration: Integration) -> int | None:
    """The number of the first event whose hash or link is wrong; None where the chain holds."""
    previous, expected = _FIRST, 1
    for event in LedgerEvent.objects.filter(integration=integration).order_by("number").iterator():
        if event.number != expected or event.previous != previous or event.hash != hash_of(event):
            return expected
        previous, expected = event.hash, expected + 1
    return None


def seconds_since(events: QuerySet[LedgerEvent]) -> float | None:
    """How long ago the newest of them was recorded, by the database's clock; None where there are none."""
    newest = events.aggregate(age=Now() - Max("recorded_at"))["age"]
    return None if newest is None else float(newest.total_seconds())


def open_intents(integration: Integration) -> QuerySet[LedgerEvent]:
    """Intents without an answer and not found out about since."""
    settled = LedgerEvent.objects.filter(integration=integration, write=OuterRef("write"), kind__in=("answer", "found"))
    intents = LedgerEvent.objects.filter(integration=integration, kind="intent")
    return intents.filter(~Exists(settled)).order_by("number")
