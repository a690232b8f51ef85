"""Lists: runs, plans, findings, holds; and the check of the ledger."""

from __future__ import annotations

from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from truecount.cli import show
from truecount.cli.shared import command, integration_option, out, print_json, talk, the_integration
from truecount.core.errors import ErrorCode, Misused
from truecount.runs import advice
from truecount.runs.names import Names
from truecount.store.ledger import first_broken
from truecount.store.models import Finding, Hold, LedgerEvent, Plan, Run

_FIRST = 50


@click.command()
@integration_option
@command
def runs(integration: str | None, as_json: bool) -> None:
    """The newest runs and how they ended."""
    where = the_integration(integration)
    rows = Run.objects.filter(integration=where).select_related("by", "plan").order_by("-started_at")[:_FIRST]
    if as_json:
        print_json({"runs": [show.run_told(row) | {"started": row.started_at.isoformat()} for row in rows]})
        return
    table = _table("Run", "Started", "Period", "Source", "How it ended", "By")
    for row in rows:
        table.add_row(
            str(row.pk),
            f"{row.started_at:%Y-%m-%d %H:%M}",
            row.period,
            row.source,
            advice.run_state_text(row.state),
            row.by.email if row.by else row.trigger,
        )
    out.print(table)


@click.command()
@click.option("--plan", "plan_id", type=int, metavar="N", help="The changes of this plan.")
@integration_option
@command
def plans(plan_id: int | None, integration: str | None, as_json: bool) -> None:
    """The newest plans, or all changes of one."""
    where = the_integration(integration)
    if plan_id is not None:
        _one_plan(Plan.objects.filter(integration=where, pk=plan_id).first(), plan_id, as_json)
        return
    rows = list(Plan.objects.filter(integration=where).order_by("-made_at", "-pk")[:_FIRST])
    if as_json:
        print_json({"plans": [_plan_told(row) for row in rows]})
        return
    table = _table("Plan", "Made", "Period", "Source", "State", "Changes")
    for row in rows:
        table.add_row(
            str(row.pk),
            f"{row.made_at:%Y-%m-%d %H:%M}",
            row.period,
            row.source,
            advice.plan_state_text(row.state),
            show.summary(row),
        )
    out.print(table)


def _plan_told(row: Plan) -> dict[str, Any]:
    told: dict[str, Any] = {"id": row.pk, "period": row.period, "source": row.source, "state": row.state}
    return told | {"digest": row.digest, "made": row.made_at.isoformat(), **row.counts, "money": row.money}


def _one_plan(row: Plan | None, plan_id: int, as_json: bool) -> None:
    if row is None:
        raise Misused(ErrorCode.UNKNOWN_PLAN, plan=plan_id)
    changes = list(row.changes.all())
    if as_json:
        print_json(_plan_told(row) | {"changes": [show.change_told(change) for change in changes]})
        return
    out.print(f"[bold]{show.summary(row)}[/]")
    for line in show.money_lines(row):
        out.print(line)
    out.print(show.changes_table(row, changes))
    out.print(f"{advice.plan_state_text(row.state)} · {row.digest}")


@click.command()
@integration_option
@command
def findings(integration: str | None, as_json: bool) -> None:
    """What a person should know, the costliest first."""
    where = the_integration(integration)
    names = Names(where)
    rows = list(Finding.objects.filter(integration=where, closed_at=None))
    rows.sort(key=lambda row: (-(row.money or 0), row.kind, row.pk))
    if as_json:
        print_json({"findings": [show.finding_told(row, names) for row in rows]})
    elif rows:
        out.print(show.findings_table(rows, names))
    else:
        talk.print("There are no findings.")


@click.command()
@click.option("--plan", "plan_id", type=int, metavar="N", help="Default: the newest plan.")
@integration_option
@command
def holds(plan_id: int | None, integration: str | None, as_json: bool) -> None:
    """What of a plan waits for a person, and why."""
    where = the_integration(integration)
    names = Names(where)
    plan = Plan.objects.filter(integration=where).order_by("-made_at", "-pk")
    chosen = plan.filter(pk=plan_id).first() if plan_id is not None else plan.first()
    if plan_id is not None and chosen is None:
        raise Misused(ErrorCode.UNKNOWN_PLAN, plan=plan_id)
    rows = list(Hold.objects.filter(plan=chosen)) if chosen else []
    if as_json:
        print_json({"holds": [show.hold_told(row, names) for row in rows]})
        return
    if not rows:
        talk.print("Nothing is held.")
        return
    table = _table("Hold", "Plan", "Why", "What to do", "Released")
    for row in rows:
        told = show.hold_told(row, names)
        table.add_row(
            str(row.pk), str(row.plan_id), escape(told["message"]), escape(told["advice"]), escape(row.reason)
        )
    out.print(table)


@click.group()
def ledger() -> None:
    """The ledger of all writes."""


@ledger.command()
@integration_option
@command
def verify(integration: str | None, as_json: bool) -> int:
    """Recompute the hash chain of the ledger."""
    where = the_integration(integration)
    count = LedgerEvent.objects.filter(integration=where).count()
    broken = first_broken(where)
    if as_json:
        print_json({"events": count, "ok": broken is None, "first_broken": broken})
    elif broken is None:
        talk.print(f"[green]✓[/] The ledger is whole: {count} events.")
    else:
        talk.print(f"[bold red]The ledger is broken at event {broken} of {count}.[/]")
    return 0 if broken is None else 1


def _table(*columns: str) -> Table:
    table = Table()
    for column in columns:
        table.add_column(column)
    return table
