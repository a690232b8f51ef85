"""What people say to a plan: untick customers, release holds, approve. Nothing is written to the PSA here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Mode
from truecount.core.roles import Action
from truecount.runs.audit import record, require
from truecount.store.models import AuditEvent, Hold, Plan, PlanChange, User
from truecount.store.settings import policy_of, value_of


@transaction.atomic
def approve(plan: Plan, *, by: User | None, now: datetime) -> None:
    """Approve the plan as it stands. Held slots wait for their release; a plan held whole can't be approved."""
    require(by, Action.APPROVE)
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.state == "approved":
        return
    _must_be_open(plan, now)
    if policy_of(plan.integration.policy).mode is Mode.OBSERVE:
        raise Misused(ErrorCode.PLAN_NOT_OPEN, plan=plan.pk, state="observe")
    if (hold := plan.holds.filter(agreement=None, released_at=None).first()) is not None:
        raise Misused(ErrorCode.PLAN_HELD, plan=plan.pk, hold=hold.pk, kind=hold.kind)
    _check_four_eyes(plan, by)
    plan.state, plan.approved_by, plan.approved_at = "approved", by, now
    plan.save(update_fields=["state", "approved_by", "approved_at"])
    record("approve", f"plan {plan.pk}", by=by, now=now, integration=plan.integration, after={"digest": plan.digest})


@transaction.atomic
def release(hold: Hold, *, reason: str, by: User | None, now: datetime) -> None:
    """Let go of a hold; the reason stays."""
    require(by, Action.RELEASE)
    if not reason.strip():
        raise Misused(ErrorCode.REASON_NEEDED, hold=hold.pk)
    hold = Hold.objects.select_for_update().select_related("plan__integration").get(pk=hold.pk)
    if hold.released_at is not None:
        return
    _must_be_open(hold.plan, now)
    hold.released_by, hold.released_at, hold.reason = by, now, reason.strip()
    hold.save(update_fields=["released_by", "released_at", "reason"])
    record(
        "release",
        f"hold {hold.pk} ({hold.kind}) of plan {hold.plan_id}",
        by=by,
        now=now,
        integration=hold.plan.integration,
        after={"reason": hold.reason},
    )


@transaction.atomic
def tick(plan: Plan, customers: Iterable[str], ticked: bool, *, by: User | None, now: datetime) -> int:
    """Leave customers out of a plan, or take them in again; returns how many changes that touched."""
    require(by, Action.APPROVE)
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    _must_be_open(plan, now)
    wanted = set(customers)
    rows = [row for row in plan.changes.all() if wanted.intersection(row.customers) and row.ticked != ticked]
    PlanChange.objects.filter(pk__in=[row.pk for row in rows]).update(ticked=ticked)
    if rows:
        record(
            "tick" if ticked else "untick",
            f"plan {plan.pk}",
            by=by,
            now=now,
            integration=plan.integration,
            after={"customers": sorted(wanted)},
        )
    return len(rows)


def _must_be_open(plan: Plan, now: datetime) -> None:
    if plan.state not in ("open", "approved"):
        raise Misused(ErrorCode.PLAN_NOT_OPEN, plan=plan.pk, state=plan.state)
    if now > plan.expires_at:
        Plan.objects.filter(pk=plan.pk).update(state="expired")
        raise Misused(ErrorCode.PLAN_EXPIRED, plan=plan.pk)


_OF_MAPPING = Q(action__startswith="map_") | Q(action="bill_anyway")


def _check_four_eyes(plan: Plan, by: User | None) -> None:
    """Above the amount, the approver made neither the plan nor the newest mapping change."""
    limit = value_of(plan.integration.policy, "four_eyes_above")
    if limit is None or by is None:
        return
    moved = sum(abs(row.money_after - row.money_before) for row in plan.changes.all())
    if moved <= limit:  # type: ignore[operator]  # a number, since it is not None
        return
    acts = AuditEvent.objects.filter(integration=plan.integration, at__lte=plan.made_at)
    mappers = acts.filter(_OF_MAPPING).values_list("by", flat=True)
    if by.pk in {plan.made_by_id, mappers.first()}:
        raise Misused(ErrorCode.FOUR_EYES, plan=plan.pk, limit=str(limit), user=by.email)
