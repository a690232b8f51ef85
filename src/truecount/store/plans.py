"""Plans to and from rows: the plan itself, its changes, holds and findings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from truecount.core import model
from truecount.core.figures import Figure
from truecount.core.model import ZERO
from truecount.core.months import Difference
from truecount.core.plan import Plan as CorePlan
from truecount.core.plan import plain
from truecount.store.documents import PlanInputs, pack, unpack
from truecount.store.models import CustomerFigure, Finding, Hold, Integration, Plan, PlanChange, Snapshot, User

LASTS = timedelta(days=7)


def save_plan(
    integration: Integration,
    snapshot: Snapshot,
    plan: CorePlan,
    inputs: PlanInputs,
    billing: model.Billing,
    *,
    by: User | None,
    now: datetime,
) -> Plan:
    """Store a plan with its changes and holds; older ones that were not applied are superseded."""
    Plan.objects.filter(integration=integration, state__in=("open", "approved")).update(state="superseded")
    row = Plan.objects.create(
        integration=integration,
        snapshot=snapshot,
        source=str(plan.source),
        period=str(plan.period),
        digest=plan.digest,
        state="open" if plan.changes or plan.holds else "empty",
        today=snapshot.taken_at.date(),
        inputs=pack(inputs),
        counts=plan.counts(),
        money=_money(plan, billing),
        contributions=len(plan.contributions),
        made_by=by,
        made_at=now,
        expires_at=now + LASTS,
    )
    changes = [_change_row(row, change, billing) for change in plan.changes]
    PlanChange.objects.bulk_create(changes, batch_size=1000)
    Hold.objects.bulk_create(_hold_row(row, hold) for hold in plan.holds)
    return row


def save_since(row: Plan, found: Difference) -> None:
    """What moved since the month before, told with the plan as it was then."""
    row.since = pack(found)
    row.save(update_fields=["since"])


def load_since(row: Plan) -> Difference | None:
    return None if row.since is None else unpack(row.since, Difference)


def save_figures(plan: Plan, found: Iterable[Figure]) -> None:
    """In place of those of the plan before: only the last one's are shown."""
    CustomerFigure.objects.filter(integration=plan.integration_id).delete()
    CustomerFigure.objects.bulk_create((_figure_row(plan, figure) for figure in found), batch_size=2000)


def _figure_row(plan: Plan, figure: Figure) -> CustomerFigure:
    currency = max(figure.money, key=lambda one: (figure.money[one], one), default="")
    return CustomerFigure(
        integration_id=plan.integration_id,
        plan=plan,
        customer=figure.customer,
        units=figure.units,
        money=figure.money.get(currency),
        currency=currency,
        others={name: plain(amount) for name, amount in figure.money.items() if name != currency},
    )


def _change_row(plan: Plan, change: model.Change, billing: model.Billing) -> PlanChange:
    return PlanChange(
        plan=plan,
        agreement=change.slot.agreement,
        item=change.slot.item,
        kind=str(change.kind),
        before=change.before,
        after=change.after,
        effective=change.effective,
        addition=change.ground.id if change.ground else None,
        customers=sorted({pair.customer for pair in change.origin if pair.customer is not None}),
        codes=sorted({pair.code for pair in change.origin}),
        money_before=change.money_before,
        money_after=change.money_after,
        currency=billing.agreements[change.slot.agreement].currency,
    )


def _hold_row(plan: Plan, hold: model.Hold) -> Hold:
    return Hold(
        plan=plan,
        kind=str(hold.kind),
        agreement=hold.slot.agreement if hold.slot else None,
        item=hold.slot.item if hold.slot else None,
        fields=dict(hold.fields),
    )


def _money(plan: CorePlan, billing: model.Billing) -> dict[str, dict[str, str]]:
    moves: dict[str, Decimal] = {}
    for change in plan.changes:
        currency = billing.agreements[change.slot.agreement].currency
        moves[currency] = moves.get(currency, ZERO) + change.money_after - change.money_before
    return {
        currency: {
            "before": plain(plan.standing_money.get(currency, ZERO)),
            "after": plain(plan.standing_money.get(currency, ZERO) + moves.get(currency, ZERO)),
        }
        for currency in sorted(plan.standing_money.keys() | moves.keys())
    }


def noticed_in(snapshot: Snapshot) -> list[model.Finding]:
    return msgspec.convert(snapshot.noticed, list[model.Finding], strict=False)


def save_findings(integration: Integration, plan: Plan, found: Iterable[model.Finding], now: datetime) -> int:
    """Keep `since` of what was there before, close what is no longer found; returns how many there are."""
    standing = {_row_key(row): row for row in Finding.objects.filter(integration=integration, closed_at=None)}
    seen: set[tuple[Any, ...]] = set()
    new, kept = [], []
    for finding in found:
        key = _key(finding)
        if key in seen:
            continue
        seen.add(key)
        row = standing.get(key)
        if row is None:
            new.append(_finding_row(integration, plan, finding, now))
            continue
        row.plan, row.money, row.currency = plan, finding.money, finding.currency
        row.fields, row.seen_at = dict(finding.fields), now
        kept.append(row)
    Finding.objects.bulk_create(new, batch_size=1000)
    Finding.objects.bulk_update(kept, ["plan", "money", "currency", "fields", "seen_at"], batch_size=500)
    over = [row.pk for key, row in standing.items() if key not in seen]
    Finding.objects.filter(pk__in=over).update(closed_at=now)
    return len(seen)


def _key(finding: model.Finding) -> tuple[Any, ...]:
    return (
        str(finding.kind),
        finding.customer or "",
        finding.product or "",
        finding.company,
        finding.agreement,
        finding.item,
        finding.mark[:200],
    )


def _row_key(row: Finding) -> tuple[Any, ...]:
    return (row.kind, row.customer, row.product, row.company, row.agreement, row.item, row.mark)


def _finding_row(integration: Integration, plan: Plan, finding: model.Finding, now: datetime) -> Finding:
    return Finding(
        integration=integration,
        plan=plan,
        kind=str(finding.kind),
        customer=finding.customer or "",
        product=finding.product or "",
        company=finding.company,
        agreement=finding.agreement,
        item=finding.item,
        mark=finding.mark[:200],
        money=finding.money,
        currency=finding.currency,
        fields=dict(finding.fields),
        since=finding.since or now.date(),
        seen_at=now,
    )
