"""The verbs on the command line: collect, plan, approve, apply, sync, release."""

from __future__ import annotations

from typing import Any

import click

from truecount.cli import show
from truecount.cli.shared import (
    command,
    integration_option,
    print_json,
    talk,
    the_integration,
    the_user,
    told_progress,
    user_option,
)
from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Source
from truecount.core.period import Period
from truecount.runs import approve as people
from truecount.runs import clock
from truecount.runs.flow import begin, execute, exit_status
from truecount.store.models import Hold, Integration, Plan

_period = click.option("--period", metavar="YYYY-MM", help="The month; default: see the schedule.")
_source = click.option("--source", type=click.Choice(["invoice", "live"]), help="Default: as the schedule says.")
_plan = click.option("--plan", "plan_id", type=int, metavar="N", help="Default: the newest plan.")


def _run(
    verb: str,
    integration: str | None,
    user: str | None,
    as_json: bool,
    *,
    period: str | None = None,
    source: str | None = None,
    plan: Plan | None = None,
) -> int:
    where = plan.integration if plan is not None else the_integration(integration)
    run = begin(
        where,
        verb,
        by=the_user(user, where),
        period=Period.parse(period) if period else None,
        source=Source(source) if source else None,
        plan=plan,
    )
    with told_progress() as tell:
        execute(run, tell)
    if as_json:
        print_json(show.run_told(run))
    else:
        show.run(run)
    return exit_status(run)


def _plan_of(where: Integration, plan_id: int | None, period: str | None = None, source: str | None = None) -> Plan:
    """The plan that is named, else the newest one of that period and source."""
    plans = Plan.objects.filter(integration=where)
    if plan_id is not None:
        plans = plans.filter(pk=plan_id)
    if period is not None:
        plans = plans.filter(period=str(Period.parse(period)))
    if source is not None:
        plans = plans.filter(source=source)
    found = plans.order_by("-made_at", "-pk").first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_PLAN, plan=plan_id or "–")
    return found


@click.command()
@_period
@_source
@integration_option
@user_option
@command
def collect(**given: Any) -> int:
    """Read both systems and keep the reading. Nothing is compared or written."""
    return _run("collect", **given)


@click.command()
@_period
@_source
@integration_option
@user_option
@command
def plan(**given: Any) -> int:
    """Make a plan from the newest reading of that period and source. Nothing is written."""
    return _run("plan", **given)


@click.command()
@_period
@_source
@integration_option
@user_option
@command
def sync(**given: Any) -> int:
    """Collect and plan; in automatic mode also approve and apply what is not held."""
    return _run("sync", **given)


@click.command()
@_plan
@_period
@_source
@integration_option
@user_option
@command
def approve(
    plan_id: int | None,
    integration: str | None,
    user: str | None,
    as_json: bool,
    period: str | None,
    source: str | None,
) -> int:
    """Approve a plan; `apply` then writes it."""
    where = the_integration(integration)
    plan = _plan_of(where, plan_id, period, source)
    people.approve(plan, by=the_user(user, where), now=clock.now())
    if as_json:
        print_json({"plan": plan.pk, "digest": plan.digest, "state": "approved"})
    else:
        talk.print(f"Plan {plan.pk} is approved. `truecount apply` writes it.")
    return 0


@click.command()
@_plan
@_period
@_source
@integration_option
@user_option
@command
def apply(
    plan_id: int | None,
    integration: str | None,
    user: str | None,
    as_json: bool,
    period: str | None,
    source: str | None,
) -> int:
    """Write an approved plan to the PSA, each line once, and read back what stands."""
    where = the_integration(integration)
    return _run("apply", integration, user, as_json, plan=_plan_of(where, plan_id, period, source))


@click.command()
@_plan
@click.option("--hold", "hold_id", type=int, required=True, metavar="H")
@click.option("--reason", required=True, help="Why it may go on; it stays with the hold.")
@integration_option
@user_option
@command
def release(
    plan_id: int | None, hold_id: int, reason: str, integration: str | None, user: str | None, as_json: bool
) -> int:
    """Let go of a hold."""
    where = the_integration(integration)
    plan = _plan_of(where, plan_id)
    hold = Hold.objects.filter(plan=plan, pk=hold_id).first()
    if hold is None:
        raise Misused(ErrorCode.UNKNOWN_HOLD, hold=hold_id, plan=plan.pk)
    people.release(hold, reason=reason, by=the_user(user, where), now=clock.now())
    if as_json:
        print_json({"plan": plan.pk, "hold": hold.pk, "released": True})
    else:
        talk.print(f"Hold {hold.pk} is released.")
    return 0
