"""What the demonstration does once the simulators answer: connect, map, run, and show what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from truecount.cli import demo_examples, show
from truecount.cli.setup import bring_up_to_date
from truecount.cli.shared import out, talk, the_integration, told_progress
from truecount.core.model import Source
from truecount.core.period import Period
from truecount.core.roles import Role
from truecount.core.schedule import default_period
from truecount.runs import advice, clock, configure, found
from truecount.runs import suggest as suggestions
from truecount.runs.approve import approve, release
from truecount.runs.flow import begin, execute, schedule_of
from truecount.store.models import Run, User
from truecount.store.seals import check_key

_CLIENT_ID = "00000000-0000-4000-8000-000000000001"
_SURE = 90
_EXAMPLES = {
    "bundle": "a bundle",
    "split": "a split",
    "included": "an included amount",
    "minimum": "a minimum",
    "shared": "a shared agreement",
}


def prepare(addresses: dict[str, str], people: Sequence[str], password: str) -> dict[str, Any]:
    """Tables, partner, users, integration in review mode, connections and sure mappings."""
    bring_up_to_date()
    now = clock.now()
    check_key(now)
    partner = found.create_partner("demo", name="Demo", time_zone="Europe/Paris", by=None, now=now)
    emails = [f"{name}@demo.example" for name in people]
    for name, email in zip(people, emails, strict=True):
        found.create_user(partner, email, password, Role[name.upper()], by=None, now=now)
    where = found.create_integration(partner, "demo", by=None, now=now)
    configure.set_policy(where, {"mode": "review", "currency": "EUR", "vendor_rates": "off"}, by=None, now=now)
    where.refresh_from_db()
    sophos = {"auth_url": addresses["sophos"], "api_url": addresses["sophos"], "client_id": "sim"}
    found.connect(where, "sophos", sophos, "secret", by=None, now=now)
    connectwise = {
        "url": addresses["connectwise"],
        "company": "sim",
        "public_key": "pub",
        "client_id": _CLIENT_ID,
    }
    found.connect(where, "connectwise", connectwise, "priv", by=None, now=now)
    return {"users": dict.fromkeys(emails, password), "partner": "demo", "integration": "demo"}


def run_once() -> None:
    """Collect the last months to see what there is to map, map what is sure, then the whole run and a second plan."""
    where = the_integration("demo")
    admin = User.objects.get(email="admin@demo.example")
    now = default_period(Source.INVOICE, clock.now(), schedule_of(where).zone)
    for months in (-2, -1, 0):
        _go("collect", admin, now.plus(months))
    accepted = suggestions.accept(where, suggestions.suggest(where), _SURE, by=admin, now=clock.now())
    talk.print(f"Mapped {accepted[0]} Sophos products and {accepted[1]} customers by suggestion.")
    demo_examples.decide(where, admin)

    first = _go("sync", admin)
    plan = first.plan
    assert plan is not None
    out.print(f"\n[bold]{show.summary(plan)}[/]")
    for line in show.money_lines(plan):
        out.print(line)
    out.print(show.changes_table(plan, plan.changes.all()[:12], title="First changes"))
    out.print(show.findings_by_kind(where))
    approver = User.objects.get(email="approver@demo.example")
    for hold in plan.holds.filter(released_at=None):
        release(hold, reason="Looked at in the demonstration", by=approver, now=clock.now())
    if plan.changes.exists():
        approve(plan, by=approver, now=clock.now())
        applied = _go("apply", approver)
        show.run(applied)

    second = _go("sync", admin)
    assert second.plan is not None
    changes = second.plan.changes.count()
    out.print(f"\nSecond plan: [bold]{show.summary(second.plan)}[/]")
    if changes:
        raise click.ClickException(f"The second plan is not empty: {changes} changes are left.")
    out.print("[green]✓[/] The second plan is empty: what is billed is what was counted.")
    for name, slot in demo_examples.examples(second.plan).items():
        words = f"truecount explain --agreement {slot.agreement} --item {slot.item} --period {second.plan.period}"
        out.print(f"  {_EXAMPLES[name]:20} {words}")


def _go(verb: str, user: User, period: Period | None = None) -> Run:
    where = the_integration("demo")
    plan = where.plans.order_by("-pk").first() if verb == "apply" else None
    run = begin(where, verb, by=user, source=Source.INVOICE, period=period, plan=plan)
    with told_progress() as tell:
        execute(run, tell)
    if run.error:
        text = advice.error_text(run.error["code"], run.error["fields"])
        raise click.ClickException(f"{text.sentence} {text.advice}")
    return run


def say_where(web: str, people: Sequence[str], password: str, home: Path) -> None:
    """Where to look, and as whom."""
    out.print(f"\nPages: [bold]{web}[/]  sign in as {', '.join(people)} @demo.example, password {password}")
    out.print(f"Commands: TRUECOUNT_HOME={home} truecount sync", soft_wrap=True)
