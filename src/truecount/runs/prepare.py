"""Turning a snapshot into a plan; and making the same plan again, to see whether it still would be the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from truecount.core.errors import ErrorCode, Misused
from truecount.core.figures import figures
from truecount.core.model import Addition, Baseline, Billing, Change, ChangeKind, Slot, Source, Usage
from truecount.core.months import difference
from truecount.core.period import Period
from truecount.core.plan import Plan as CorePlan
from truecount.core.plan import agreed, make_plan
from truecount.runs.remote import connection_of
from truecount.store.baselines import load_baseline, save_agreed
from truecount.store.configurations import load_configuration
from truecount.store.documents import PlanInputs, unpack
from truecount.store.models import Integration, Plan, PlanChange, Run, Snapshot
from truecount.store.plans import noticed_in, save_figures, save_findings, save_plan, save_since
from truecount.store.snapshots import load_usage_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan as core value, with the reading it was made from."""

    plan: CorePlan
    usage: Usage
    billing: Billing
    baseline: Baseline


def newest_snapshot(integration: Integration, source: Source, period: Period) -> Snapshot:
    """The newest complete reading of that source and period; a live one may lack single customers."""
    rows = Snapshot.objects.filter(integration=integration, source=str(source), period=str(period))
    found = rows.order_by("-taken_at", "-pk").first()
    if found is None:
        raise Misused(ErrorCode.NO_SNAPSHOT, source=str(source), period=str(period))
    return found


def prepare(run: Run, snapshot: Snapshot, now: datetime) -> tuple[Plan, CorePlan]:
    """Plan from the stored snapshot and today's decisions, and store it. Reads no remote system."""
    integration = run.integration
    usage, billing = unpack(snapshot.usage, Usage), unpack(snapshot.billing, Billing)
    identity, today = connection_of(integration, "psa").identity, snapshot.taken_at.date()
    inputs = PlanInputs(
        configuration=load_configuration(integration),
        baseline=load_baseline(integration, identity, snapshot),
    )
    plan = make_plan(integration.slug, usage, billing, inputs.baseline, inputs.configuration, today)
    earlier = load_usage_before(snapshot)
    with transaction.atomic():
        row = save_plan(integration, snapshot, plan, inputs, billing, by=run.by, now=now)
        if earlier is not None:
            save_since(row, difference(earlier, usage, inputs.configuration.policy.quantity))
        if row.state == "empty":
            save_agreed(integration, identity, agreed(plan, inputs.baseline.managed.values(), billing, today))
        save_findings(integration, row, [*plan.findings, *noticed_in(snapshot)], now)
        save_figures(row, figures(plan, billing, row.today))
    return row, plan


def prepare_again(row: Plan) -> Prepared:
    """The plan that the same snapshot gives with today's mappings, switches, policy and managed set.

    What this very plan has written already counts as it stood before, so that a plan that was cut off can go on.
    """
    integration = row.integration
    usage, billing = unpack(row.snapshot.usage, Usage), unpack(row.snapshot.billing, Billing)
    today = load_baseline(integration, connection_of(integration, "psa").identity, row.snapshot)
    baseline = _before_this_plan(row, today, unpack(row.inputs, PlanInputs).baseline)
    plan = make_plan(integration.slug, usage, billing, baseline, load_configuration(integration), row.today)
    return Prepared(plan=plan, usage=usage, billing=billing, baseline=baseline)


def _before_this_plan(row: Plan, today: Baseline, then: Baseline) -> Baseline:
    rows = PlanChange.objects.filter(plan=row, outcome="done")
    written = {Slot(agreement, item) for agreement, item in rows.values_list("agreement", "item")}
    if not written:
        return today
    managed = {ident: line for ident, line in today.managed.items() if line.slot not in written}
    managed |= {ident: line for ident, line in then.managed.items() if line.slot in written}
    periods = [line.period for line in managed.values() if line.source == row.source]
    return replace(
        today,
        managed=managed,
        last_period=max(periods, default=None),
        touched_agreements=then.touched_agreements,
    )


def with_additions(billing: Billing, fresh: dict[int, tuple[Addition, ...]]) -> Billing:
    """The same reading with some agreements' lines read again."""
    return replace(billing, additions={**billing.additions, **fresh})


def sends_nothing(change: Change) -> bool:
    """Taking over a line whose quantity is right already is only noted, not sent."""
    return change.kind is ChangeKind.ADOPT and change.before == change.after
