"""Exactly once without the PSA's help: intents, their answers, and finding out about those left open.

Before anything is sent, an intent is committed. An intent without an answer may or may not have been carried out: it
is read back once it has settled, and only then does anything else happen in its slot (product rules §6).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from truecount.core.errors import Busy, ErrorCode
from truecount.core.model import Addition, Change, ChangeKind, Slot
from truecount.core.plan import plain
from truecount.runs import clock
from truecount.store import ledger
from truecount.store.models import LedgerEvent, Managed, Plan, PlanChange, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A change on its way: what was said in its intent. `seen` are the lines that stood in the slot before."""

    ident: uuid.UUID
    slot: Slot
    kind: ChangeKind
    before: Decimal
    after: Decimal
    effective: date | None
    addition: int | None
    reopen: bool
    seen: frozenset[int]
    plan: int
    keep: Mapping[str, Any]
    """What the managed line will know of this write."""

    def told(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "before": plain(self.before),
            "after": plain(self.after),
            "effective": self.effective.isoformat() if self.effective else None,
            "addition": self.addition,
            "reopen": self.reopen,
            "seen": sorted(self.seen),
            "plan": self.plan,
            "keep": dict(self.keep),
        }

    @classmethod
    def of(cls, event: LedgerEvent) -> Write:
        told = event.told
        return cls(
            ident=event.write,
            slot=Slot(event.agreement, event.item),
            kind=ChangeKind(told["kind"]),
            before=Decimal(told["before"]),
            after=Decimal(told["after"]),
            effective=date.fromisoformat(told["effective"]) if told["effective"] else None,
            addition=told["addition"],
            reopen=told["reopen"],
            seen=frozenset(told["seen"]),
            plan=told["plan"],
            keep=told["keep"],
        )


def write_of(change: Change, plan: Plan, seen: frozenset[int], next_invoice: date | None, identity: str) -> Write:
    """A new write of a change; every attempt is one of its own."""
    return Write(
        ident=uuid.uuid4(),
        slot=change.slot,
        kind=change.kind,
        before=change.before,
        after=change.after,
        effective=change.effective,
        addition=change.ground.id if change.ground else None,
        reopen=change.reopen,
        seen=seen,
        plan=plan.pk,
        keep={
            "identity": identity,
            "source": plan.source,
            "period": plan.period,
            "next_invoice": next_invoice.isoformat() if next_invoice else None,
            "origin": [list(pair) for pair in change.origin],
            "firewall": change.firewall,
        },
    )


def _must_hold(run: Run) -> None:
    """Whoever took the integration over settles what this run left open; a run that lost it records nothing more."""
    holder = ledger.lock_integration(run.integration_id)
    if holder.holder_id != run.pk:
        raise Busy(ErrorCode.BUSY, integration=holder.slug, run=holder.holder_id or "?", who="?", since="?", where="?")


@transaction.atomic
def intend(run: Run, write: Write) -> None:
    """Commit what is about to be sent, if the run still holds the integration."""
    _must_hold(run)
    ledger.save_event(run, "intent", write.ident, write.slot, write.told(), clock.now())


@transaction.atomic
def answer(run: Run, write: Write, addition: Addition) -> None:
    """The PSA did it: record its answer, and the line as ours."""
    _must_hold(run)
    ledger.save_event(run, "answer", write.ident, write.slot, {"done": True} | _seen(addition), clock.now())
    _settle(run, write, addition)


@transaction.atomic
def not_done(run: Run, write: Write, kind: str, why: Mapping[str, Any]) -> None:
    """The write surely had no effect: `kind` is answer, or found where it had to be read back."""
    _must_hold(run)
    ledger.save_event(run, kind, write.ident, write.slot, {"done": False, **why}, clock.now())


@transaction.atomic
def found(run: Run, write: Write, addition: Addition) -> None:
    """Read back: it had been done after all."""
    _must_hold(run)
    ledger.save_event(run, "found", write.ident, write.slot, {"done": True} | _seen(addition), clock.now())
    _settle(run, write, addition)


@transaction.atomic
def take_over(run: Run, write: Write, addition: Addition) -> None:
    """A line whose quantity is right already becomes ours; nothing is sent."""
    _must_hold(run)
    ledger.save_event(run, "intent", write.ident, write.slot, write.told(), clock.now())
    ledger.save_event(
        run, "answer", write.ident, write.slot, {"done": True, "sent": False} | _seen(addition), clock.now()
    )
    _settle(run, write, addition)


def effect_of(write: Write, standing: list[Addition]) -> Addition | None:
    """The line that shows that the write was carried out, among those now standing in its slot."""
    if write.kind is ChangeKind.CREATE:
        return next((line for line in standing if line.id not in write.seen), None)
    line = next((line for line in standing if line.id == write.addition), None)
    if line is None:
        return None
    if write.kind is ChangeKind.CANCEL:
        return line if line.cancelled == write.effective else None
    done = line.quantity == write.after and not (write.reopen and line.cancelled is not None)
    return line if done else None


def _seen(addition: Addition) -> dict[str, Any]:
    return {
        "addition": addition.id,
        "quantity": plain(addition.quantity),
        "cancelled": addition.cancelled.isoformat() if addition.cancelled else None,
    }


def _settle(run: Run, write: Write, addition: Addition) -> None:
    """The line is managed as this write left it; in its slot nothing older is."""
    keep = write.keep
    mine = Managed.objects.filter(integration_id=run.integration_id, identity=keep["identity"])
    mine.filter(agreement=write.slot.agreement, item=write.slot.item).exclude(addition=addition.id).delete()
    Managed.objects.update_or_create(
        identity=keep["identity"],
        addition=addition.id,
        defaults={
            "integration_id": run.integration_id,
            "agreement": write.slot.agreement,
            "item": write.slot.item,
            "quantity": addition.quantity,
            "source": keep["source"],
            "period": keep["period"],
            "next_invoice": date.fromisoformat(keep["next_invoice"]) if keep["next_invoice"] else None,
            "origin": keep["origin"],
            "firewall": keep["firewall"],
            "cancelled_by_us": write.effective if write.kind is ChangeKind.CANCEL else None,
            "bill_again": False,
            "written_at": clock.now(),
        },
    )
    PlanChange.objects.filter(plan_id=write.plan, agreement=write.slot.agreement, item=write.slot.item).update(
        outcome="done", answer=None
    )
