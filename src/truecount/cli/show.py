"""Runs, plans, findings and holds as tables for people and as plain values for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.table import Table

from truecount.cli.shared import out, talk
from truecount.core.plan import plain
from truecount.runs import advice
from truecount.runs.names import Names
from truecount.store.models import Finding, Hold, Integration, Plan, PlanChange, Run

_KINDS = ("create", "adopt", "update", "zero", "cancel")


def run_told(run: Run) -> dict[str, Any]:
    """A run for programs (interface: `sync --json`)."""
    plan = run.plan
    told: dict[str, Any] = {
        "run": run.pk,
        "state": run.state,
        "period": run.period,
        "source": run.source,
        "plan": {"id": plan.pk, "digest": plan.digest} | plan.counts if plan else None,
        "findings": Finding.objects.filter(integration=run.integration, closed_at=None).count(),
        "holds": plan.holds.filter(released_at=None).count() if plan else 0,
        "outcomes": run.outcomes,
        "calls": run.calls,
        "converged": run.converged,
        "seconds": {name: run.seconds.get(name) for name in ("collect", "plan", "apply", "verify", "total")},
    }
    if run.snapshot is not None:
        told["snapshot"] = {"id": run.snapshot.pk, "taken": run.snapshot.taken_at.isoformat(), "age": _age(run)}
    if run.error:
        text = advice.error_text(run.error["code"], run.error["fields"])
        told["error"] = {"code": run.error["code"], "message": text.sentence, "advice": text.advice}
    return told


def run(run: Run) -> None:
    """A run for people: its plan's summary, how it ended, and what waits."""
    if run.error:
        text = advice.error_text(run.error["code"], run.error["fields"])
        talk.print(f"[bold red]{escape(text.sentence)}[/] {escape(text.advice)}", soft_wrap=True)
    if run.snapshot is not None and run.verb == "plan":
        talk.print(f"Reading of {run.snapshot.taken_at:%Y-%m-%d %H:%M} UTC, {_age(run) / 60:.0f} minutes old.")
    if run.plan is not None:
        talk.print(f"[bold]{summary(run.plan)}[/]", soft_wrap=True)
        for line in money_lines(run.plan):
            talk.print(line)
    told = ", ".join(f"{count} {advice.outcome_text(name)}" for name, count in run.outcomes.items() if count)
    if told:
        talk.print(told, soft_wrap=True)
    state = advice.run_state_text(run.state)
    calls = run.calls
    talk.print(
        f"Run {run.pk} · {run.period} · {run.source} · {state} · "
        f"{calls['vendor']['read']} + {calls['psa']['read']} reads, {calls['psa']['write']} writes · "
        f"{run.seconds.get('total', 0):.1f} s",
        soft_wrap=True,
    )
    if run.converged:
        talk.print("[green]✓[/] Nothing is left to do." if run.plan else "")
    if run.plan is not None and (waiting := run.plan.holds.filter(released_at=None).count()):
        talk.print(f"{waiting} held: `truecount holds` lists them.")


def _age(run: Run) -> float:
    """Seconds between the reading and the run that used it."""
    assert run.snapshot is not None
    return max((run.started_at - run.snapshot.taken_at).total_seconds(), 0.0)


def summary(plan: Plan) -> str:
    """`Create 4 · Take over 2 · Update 31 · Set to 0 1 · Unchanged 402`."""
    parts = [f"{advice.change_text(kind, {}).title} {plan.counts[kind]}" for kind in _KINDS if plan.counts[kind]]
    parts.append(f"{advice.outcome_text('unchanged').capitalize()} {plan.counts['unchanged']}")
    return " · ".join(parts)


def money_lines(plan: Plan) -> list[str]:
    return [
        f"{Decimal(told['before']):,.2f} → {Decimal(told['after']):,.2f} {currency} a month"
        for currency, told in plan.money.items()
    ]


def changes_table(plan: Plan, rows: Iterable[PlanChange], *, title: str = "") -> Table:
    names = Names(plan.integration)
    table = Table(title=title or None, title_justify="left")
    for column in ("Customer", "Agreement", "ConnectWise product", "Change"):
        table.add_column(column)
    for column in ("Before", "After", "Money"):
        table.add_column(column, justify="right")
    for row in rows:
        slot = names.slot(row.agreement, row.item)
        table.add_row(
            escape(", ".join(names.customers.get(customer, customer) for customer in row.customers) or "–"),
            escape(str(slot["agreement_name"])),
            escape(str(slot["item_name"])),
            advice.change_text(row.kind, {}).title,
            plain(row.before),
            plain(row.after),
            f"{row.money_after - row.money_before:+,.2f} {row.currency}",
        )
    return table


def change_told(row: PlanChange) -> dict[str, Any]:
    return {
        "agreement": row.agreement,
        "item": row.item,
        "addition": row.addition,
        "kind": row.kind,
        "before": plain(row.before),
        "after": plain(row.after),
        "effective": row.effective.isoformat() if row.effective else None,
        "customers": row.customers,
        "products": row.codes,
        "money_before": plain(row.money_before),
        "money_after": plain(row.money_after),
        "currency": row.currency,
        "ticked": row.ticked,
        "outcome": row.outcome or None,
        "answer": row.answer,
    }


def finding_told(row: Finding, names: Names) -> dict[str, Any]:
    text = advice.finding_text(row.kind, names.fields(row))
    return {
        "kind": row.kind,
        "since": row.since.isoformat(),
        "customer": row.customer or None,
        "product": row.product or None,
        "company": row.company,
        "agreement": row.agreement,
        "item": row.item,
        "money": None if row.money is None else plain(row.money),
        "currency": row.currency,
        "message": text.sentence,
        "advice": text.advice,
    }


def findings_table(rows: Iterable[Finding], names: Names) -> Table:
    table = Table()
    table.add_column("Since", no_wrap=True)
    table.add_column("Finding")
    table.add_column("What to do")
    table.add_column("Money a month", justify="right")
    for row in rows:
        text = advice.finding_text(row.kind, names.fields(row))
        money = "" if row.money is None else f"{row.money:,.2f} {row.currency}"
        table.add_row(
            row.since.isoformat(), f"[bold]{text.title}[/]\n{escape(text.sentence)}", escape(text.advice), money
        )
    return table


def findings_by_kind(integration: Integration) -> Table:
    """How many findings of each kind, the costliest first."""
    rows = Finding.objects.filter(integration=integration, closed_at=None)
    count: Counter[str] = Counter()
    money: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        count[row.kind] += 1
        if row.money:
            sums = money.setdefault(row.kind, {})
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.money
    table = Table(title="Findings", title_justify="left")
    table.add_column("Kind")
    table.add_column("Number", justify="right")
    table.add_column("Money a month", justify="right")
    for kind in sorted(count, key=lambda kind: (-sum(money.get(kind, {}).values(), Decimal(0)), kind)):
        told = " + ".join(f"{amount:,.2f} {currency}" for currency, amount in money.get(kind, {}).items())
        table.add_row(advice.finding_text(kind, {}).title, str(count[kind]), told)
    return table


def hold_told(row: Hold, names: Names) -> dict[str, Any]:
    text = advice.hold_text(row.kind, row.fields | names.slot(row.agreement, row.item))
    return {
        "hold": row.pk,
        "plan": row.plan_id,
        "kind": row.kind,
        "agreement": row.agreement,
        "item": row.item,
        "message": text.sentence,
        "advice": text.advice,
        "released": row.released_at.isoformat() if row.released_at else None,
        "reason": row.reason or None,
    }


def print_table(table: Table) -> None:
    out.print(table)
